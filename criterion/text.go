package criterion

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/tongban/tongban/internal/i18n"
)

// text lowers a question about one text variable.
func (l *lowerer) text(e ast.Expr, op string, subject ast.Expr, operands []ast.Expr) (Formula, error) {
	var values []string
	for _, operand := range operands {
		s, ok := literalText(operand)
		if !ok {
			return nil, l.refuse(operand, i18n.M("criterion.formula.text"))
		}
		values = append(values, s)
	}
	holds, err := holding(op, values)
	if err != nil {
		return nil, l.refuse(operands[0], i18n.M("criterion.formula.pattern", "detail", err.Error()))
	}
	if fixed, ok := literalText(subject); ok {
		return Const{Value: holds(fixed)}, nil
	}
	if subject.Kind() != ast.IdentKind || l.typeOf(subject) != String {
		return nil, l.refuse(subject, i18n.M("criterion.formula.text"))
	}
	return Text{Var: subject.AsIdent(), Op: op, Values: values, Holds: holds}, nil
}

func literalText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// holding is the predicate of an operator over its texts. Texts are in the
// order of their bytes, as CEL has them.
func holding(op string, values []string) (func(string) bool, error) {
	v := values[0]
	ordered := func(is func(int) bool) func(string) bool {
		return func(s string) bool { return is(cmp.Compare(s, v)) }
	}
	switch op {
	case "==":
		return func(s string) bool { return s == v }, nil
	case "!=":
		return func(s string) bool { return s != v }, nil
	case "<":
		return ordered(func(n int) bool { return n < 0 }), nil
	case "<=":
		return ordered(func(n int) bool { return n <= 0 }), nil
	case ">":
		return ordered(func(n int) bool { return n > 0 }), nil
	case ">=":
		return ordered(func(n int) bool { return n >= 0 }), nil
	case "startsWith":
		return func(s string) bool { return strings.HasPrefix(s, v) }, nil
	case "endsWith":
		return func(s string) bool { return strings.HasSuffix(s, v) }, nil
	case "contains":
		return func(s string) bool { return strings.Contains(s, v) }, nil
	case "matches":
		pattern, err := regexp.Compile(v)
		if err != nil {
			return nil, err
		}
		return pattern.MatchString, nil
	}
	return func(s string) bool { return slices.Contains(values, s) }, nil // in
}

// Word is a text that a rule compares a text variable with.
type Word struct {
	Var   string
	Value string
	Pos   Pos
}

// Words lists the texts that the rule compares text variables with by ==, !=
// and in, in the order of the source.
func (r *Rule) Words() []Word {
	info := r.checked.NativeRep().SourceInfo()
	var all []Word
	note := func(subject, operand ast.Expr) {
		value, ok := literalText(operand)
		if ok && subject.Kind() == ast.IdentKind {
			all = append(all, Word{Var: subject.AsIdent(), Value: value, Pos: at(info.GetStartLocation(operand.ID()))})
		}
	}
	ast.PostOrderVisit(r.checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		args := e.AsCall().Args()
		switch e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
			note(args[0], args[1])
			note(args[1], args[0])
		case operators.In:
			if args[1].Kind() == ast.ListKind {
				for _, item := range args[1].AsList().Elements() {
					note(args[0], item)
				}
			}
		}
	}))
	return all
}
