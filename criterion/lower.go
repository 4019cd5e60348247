package criterion

import (
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// maxNodes bounds a formula, counted as a tree.
const maxNodes = 20_000

// Formula is the rule as a tree that can run over a whole population. The error
// is an *Error at the place of the first thing that cannot: a list, map or loop;
// a double in anything but a comparison with a number written out; a text in
// anything but a question about texts written out; a variable of type Any.
func (r *Rule) Formula() (Formula, error) {
	l := &lowerer{rule: r}
	root := r.checked.NativeRep().Expr()
	f, err := l.boolean(root)
	if err != nil {
		return nil, err
	}
	if size(f, maxNodes) < 0 {
		return nil, l.refuse(root, i18n.M("criterion.formula.large"))
	}
	return f, nil
}

// Number is the rule's whole number as a tree, with errors as Formula has them;
// a rule of another type is refused too.
func (r *Rule) Number() (Number, error) {
	l := &lowerer{rule: r}
	root := r.checked.NativeRep().Expr()
	if r.kind != Int {
		return nil, l.refuse(root, i18n.M("criterion.formula.whole"))
	}
	n, err := l.number(root)
	if err != nil {
		return nil, err
	}
	if sizeOf(n, maxNodes) < 0 {
		return nil, l.refuse(root, i18n.M("criterion.formula.large"))
	}
	return n, nil
}

// lowerer turns the checked tree of a rule into a Formula.
type lowerer struct{ rule *Rule }

func (l *lowerer) refuse(e ast.Expr, message i18n.Text) error {
	return &Error{Pos: l.rule.start(e), Message: message}
}

// start is where e begins, or where its operator stands. A dotted name that the
// checker made one identifier has the place of its last dot.
func (r *Rule) start(e ast.Expr) Pos {
	e = first(e)
	pos := at(r.checked.NativeRep().SourceInfo().GetStartLocation(e.ID()))
	if e.Kind() != ast.IdentKind {
		return pos
	}
	dot := strings.LastIndexByte(e.AsIdent(), '.')
	line := []rune(strings.Split(r.source, "\n")[pos.Line-1])
	from := pos.Col - 1 - dot
	if dot > 0 && from >= 0 && from+dot <= len(line) && string(line[from:from+dot]) == e.AsIdent()[:dot] {
		pos.Col -= dot
	}
	return pos
}

// cannot refuses a call or whatever else e is, by name.
func (l *lowerer) cannot(e ast.Expr) error {
	switch e.Kind() {
	case ast.CallKind:
		return l.refuse(e, i18n.M("criterion.formula.call", "name", operator(strings.TrimPrefix(e.AsCall().FunctionName(), "@"))))
	case ast.ListKind, ast.MapKind, ast.StructKind, ast.ComprehensionKind:
		return l.refuse(e, i18n.M("criterion.formula.loop"))
	}
	return l.refuse(e, i18n.M("criterion.formula.type"))
}

func (l *lowerer) typeOf(e ast.Expr) Type {
	t := l.rule.checked.NativeRep().GetType(e.ID())
	if t.Kind() == cel.UintKind {
		return Any
	}
	return typeOf(t)
}

func (l *lowerer) boolean(e ast.Expr) (Formula, error) {
	switch e.Kind() {
	case ast.LiteralKind:
		if b, ok := e.AsLiteral().(types.Bool); ok {
			return Const{Value: bool(b)}, nil
		}
	case ast.IdentKind:
		name, has := strings.CutPrefix(e.AsIdent(), hasPrefix)
		switch {
		case has && name == todayName:
			return Const{Value: true}, nil
		case has:
			return Known{Var: name}, nil
		case l.typeOf(e) == Bool:
			return Is{Var: name}, nil
		}
	case ast.CallKind:
		return l.call(e, e.AsCall())
	}
	return nil, l.cannot(e)
}

func (l *lowerer) call(e ast.Expr, call ast.CallExpr) (Formula, error) {
	args := call.Args()
	switch op := call.FunctionName(); op {
	case operators.LogicalAnd, operators.LogicalOr:
		var parts []Formula
		for _, arg := range flat(e, op) {
			f, err := l.boolean(arg)
			if err != nil {
				return nil, err
			}
			parts = append(parts, f)
		}
		if op == operators.LogicalAnd {
			return And{Parts: parts}, nil
		}
		return Or{Parts: parts}, nil
	case operators.LogicalNot:
		part, err := l.boolean(args[0])
		return Not{Part: part}, err
	case operators.Conditional:
		return l.choose(args)
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return l.compare(e, operator(op), args[0], args[1])
	case operators.In:
		return l.in(e, args[0], args[1])
	case "startsWith", "endsWith", "contains", "matches":
		if call.IsMemberFunction() && len(args) == 1 {
			return l.text(e, op, call.Target(), args)
		}
	}
	return nil, l.cannot(e)
}

// flat is a chain of one logical operator as the list of what it joins.
func flat(e ast.Expr, op string) []ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != op {
		return []ast.Expr{e}
	}
	var all []ast.Expr
	for _, arg := range e.AsCall().Args() {
		all = append(all, flat(arg, op)...)
	}
	return all
}

func (l *lowerer) choose(args []ast.Expr) (Formula, error) {
	var parts [3]Formula
	for i, arg := range args {
		f, err := l.boolean(arg)
		if err != nil {
			return nil, err
		}
		parts[i] = f
	}
	return Choose{If: parts[0], Then: parts[1], Else: parts[2]}, nil
}

// turned is an operator with its sides changed.
func turned(op string) string {
	return strings.NewReplacer("<", ">", ">", "<").Replace(op)
}

func (l *lowerer) compare(e ast.Expr, op string, left, right ast.Expr) (Formula, error) {
	a, b := l.typeOf(left), l.typeOf(right)
	switch {
	case a == Bool && b == Bool:
		return l.same(e, op, left, right)
	case a == String && b == String:
		if left.Kind() == ast.LiteralKind && right.Kind() != ast.LiteralKind {
			return l.text(e, turned(op), right, []ast.Expr{left})
		}
		return l.text(e, op, left, []ast.Expr{right})
	case a == Double || b == Double:
		if left.Kind() == ast.LiteralKind && right.Kind() != ast.LiteralKind {
			return l.decimal(e, turned(op), right, left)
		}
		return l.decimal(e, op, left, right)
	case a == b && (a == Int || a == Date):
		x, err := l.number(left)
		if err != nil {
			return nil, err
		}
		y, err := l.number(right)
		return Compare{Op: op, Left: x, Right: y}, err
	case a == Any || b == Any:
		return nil, l.refuse(e, i18n.M("criterion.formula.type"))
	}
	return nil, l.cannot(e)
}

// same compares two booleans.
func (l *lowerer) same(e ast.Expr, op string, left, right ast.Expr) (Formula, error) {
	a, err := l.boolean(left)
	if err != nil {
		return nil, err
	}
	b, err := l.boolean(right)
	if err != nil {
		return nil, err
	}
	if c, ok := a.(Const); ok {
		a, b = b, c
	}
	c, literal := b.(Const)
	switch {
	case op != "==" && op != "!=":
		return nil, l.cannot(e)
	case literal && c.Value == (op == "=="):
		return a, nil
	case literal:
		return Not{Part: a}, nil
	case op == "==":
		return Choose{If: a, Then: b, Else: Not{Part: b}}, nil
	}
	return Choose{If: a, Then: Not{Part: b}, Else: b}, nil
}

// decimal compares a variable with a number written out, at least one of them
// a double.
func (l *lowerer) decimal(e ast.Expr, op string, left, right ast.Expr) (Formula, error) {
	if left.Kind() != ast.IdentKind || right.Kind() != ast.LiteralKind {
		return nil, l.refuse(e, i18n.M("criterion.formula.decimal"))
	}
	v := Var{Name: left.AsIdent(), Type: l.typeOf(left)}
	f, ok := float(right)
	switch {
	case v.Type == Double && ok:
		return Compare{Op: op, Left: v, Right: Float64{Value: f}}, nil
	case v.Type == Int && ok && f == math.Trunc(f) && math.Abs(f) <= 1<<53:
		return Compare{Op: op, Left: v, Right: Int64{Value: int64(f)}}, nil
	}
	return nil, l.refuse(right, i18n.M("criterion.formula.literal"))
}

func float(e ast.Expr) (float64, bool) {
	switch v := e.AsLiteral().(type) {
	case types.Int:
		return float64(v), -1<<53 <= v && v <= 1<<53
	case types.Double:
		return float64(v), !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
	}
	return 0, false
}

// in asks whether a value is one of a list written out.
func (l *lowerer) in(e, value, list ast.Expr) (Formula, error) {
	if list.Kind() != ast.ListKind || list.AsList().Size() == 0 {
		return nil, l.refuse(list, i18n.M("criterion.formula.list"))
	}
	items := list.AsList().Elements()
	if l.typeOf(value) == String {
		return l.text(e, "in", value, items)
	}
	var parts []Formula
	for _, item := range items {
		if !constant(item) || l.typeOf(value) == Bool {
			return nil, l.refuse(item, i18n.M("criterion.formula.list"))
		}
		part, err := l.compare(item, "==", value, item)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return Or{Parts: parts}, nil
}

// constant reports whether e is a literal, or a date of one.
func constant(e ast.Expr) bool {
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == "date" {
		return e.AsCall().Args()[0].Kind() == ast.LiteralKind
	}
	return e.Kind() == ast.LiteralKind
}

func (l *lowerer) numbers(args []ast.Expr) ([]Number, error) {
	all := make([]Number, len(args))
	for i, arg := range args {
		n, err := l.number(arg)
		if err != nil {
			return nil, err
		}
		all[i] = n
	}
	return all, nil
}

// number lowers an expression of type Int or Date, or a literal double.
func (l *lowerer) number(e ast.Expr) (Number, error) {
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.Int:
			return Int64{Value: int64(v)}, nil
		case types.String: // where a function takes a date or its text
			return l.day(e, string(v))
		}
	case ast.IdentKind:
		switch t := l.typeOf(e); {
		case e.AsIdent() == todayName:
			return Today{}, nil
		case t == Int || t == Date:
			return Var{Name: e.AsIdent(), Type: t}, nil
		case t == Double:
			return nil, l.refuse(e, i18n.M("criterion.formula.decimal"))
		case t == String:
			return nil, l.refuse(e, i18n.M("criterion.formula.text"))
		}
	case ast.CallKind:
		return l.function(e, e.AsCall())
	}
	return nil, l.cannot(e)
}

func (l *lowerer) day(e ast.Expr, text string) (Number, error) {
	d, err := workday.ParseDate(text)
	if err != nil {
		return nil, l.refuse(e, i18n.M("criterion.formula.date", "text", text))
	}
	return Day{Value: d}, nil
}

func (l *lowerer) function(e ast.Expr, call ast.CallExpr) (Number, error) {
	name := call.FunctionName()
	switch t := l.typeOf(e); {
	case t == Double:
		return nil, l.refuse(e, i18n.M("criterion.formula.decimal"))
	case t != Int && t != Date || call.IsMemberFunction():
		return nil, l.cannot(e)
	case name == operators.Conditional:
		return l.cond(call.Args())
	case !slices.Contains([]string{"date", "age", "months", "days", "min", "max", operators.Add, operators.Subtract,
		operators.Multiply, operators.Divide, operators.Negate}, name):
		return nil, l.cannot(e)
	}
	args, err := l.numbers(call.Args())
	if err != nil {
		return nil, err
	}
	switch name {
	case "date":
		return args[0], nil
	case "age":
		return Age{From: args[0], To: args[1]}, nil
	case "months":
		return Months{From: args[0], To: args[1]}, nil
	case "days":
		return Days{From: args[0], To: args[1]}, nil
	case "min":
		return Cond{If: Compare{Op: "<=", Left: args[0], Right: args[1]}, Then: args[0], Else: args[1]}, nil
	case "max":
		return Cond{If: Compare{Op: ">=", Left: args[0], Right: args[1]}, Then: args[0], Else: args[1]}, nil
	case operators.Add:
		return Add{Left: args[0], Right: args[1]}, nil
	case operators.Subtract:
		return Sub{Left: args[0], Right: args[1]}, nil
	case operators.Multiply:
		return Mul{Left: args[0], Right: args[1]}, nil
	case operators.Divide:
		return Div{Left: args[0], Right: args[1]}, nil
	}
	return Sub{Left: Int64{}, Right: args[0]}, nil // operators.Negate
}

func (l *lowerer) cond(args []ast.Expr) (Number, error) {
	test, err := l.boolean(args[0])
	if err != nil {
		return nil, err
	}
	branches, err := l.numbers(args[1:])
	if err != nil {
		return nil, err
	}
	return Cond{If: test, Then: branches[0], Else: branches[1]}, nil
}
