package criterion

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	"cel.dev/cel-go/parser"
)

// Residual is what remains to be decided of a rule over vars: a rule without
// the clauses that are decided, and with what is known written in. missing are
// the absent variables in it, sorted. Where the rule is decided, or its value is
// no boolean, text is "".
//
// Over what was missing, the residual says what the rule says over everything,
// as long as nothing comes in that has() was told is not there. A clause that
// loops over a list is left as it stands, what it reads of the known included;
// so is today.
func (r *Rule) Residual(vars map[string]any) (text string, missing []string) {
	state := r.states(vars)
	root := r.checked.NativeRep().Expr()
	if verdict(state, root) != Unknown || r.kind != Bool && r.kind != Any {
		return "", nil
	}
	p := &pruner{rule: r, vars: vars, state: state, make: ast.NewExprFactory()}
	text, err := parser.Unparse(p.boolean(root), r.checked.NativeRep().SourceInfo())
	if err != nil { // a loop, whose source is not kept part by part
		text, p.left = r.source, nil
		for i := range r.vars {
			if v := &r.vars[i]; !v.has && lookup(vars, v.path) == nil {
				p.left = append(p.left, v.name)
			}
		}
	}
	slices.Sort(p.left)
	return text, slices.Compact(p.left)
}

// pruner builds the residual of a rule.
type pruner struct {
	rule  *Rule
	vars  map[string]any
	state interpreter.EvalState
	make  ast.ExprFactory
	left  []string // variables that stay and are absent
}

// boolean is what remains of e, which is not decided or stands where that does
// not matter.
func (p *pruner) boolean(e ast.Expr) ast.Expr {
	switch verdict(p.state, e) {
	case Yes:
		return p.make.NewLiteral(e.ID(), types.True)
	case No:
		return p.make.NewLiteral(e.ID(), types.False)
	}
	if e.Kind() != ast.CallKind {
		return p.value(e)
	}
	call := e.AsCall()
	switch op := call.FunctionName(); op {
	case operators.LogicalAnd, operators.LogicalOr:
		var open []ast.Expr
		for _, arg := range call.Args() {
			if verdict(p.state, arg) == Unknown {
				open = append(open, p.boolean(arg))
			}
		}
		if len(open) == 1 {
			return open[0]
		}
		return p.make.NewCall(e.ID(), op, open...)
	case operators.LogicalNot:
		return p.make.NewCall(e.ID(), op, p.boolean(call.Args()[0]))
	case operators.Conditional:
		return p.branch(e)
	}
	return p.value(e)
}

// value is e with what is known written in.
func (p *pruner) value(e ast.Expr) ast.Expr {
	if e.Kind() == ast.CallKind {
		if v, ok := p.state.Value(e.ID()); ok {
			if written, ok := p.literal(e.ID(), v); ok {
				return written
			}
		}
	}
	switch e.Kind() {
	case ast.IdentKind:
		return p.variable(e)
	case ast.SelectKind:
		s := e.AsSelect()
		if s.IsTestOnly() {
			return p.make.NewPresenceTest(e.ID(), p.value(s.Operand()), s.FieldName())
		}
		return p.make.NewSelect(e.ID(), p.value(s.Operand()), s.FieldName())
	case ast.CallKind:
		call := e.AsCall()
		if call.FunctionName() == operators.Conditional {
			return p.branch(e)
		}
		args := p.values(call.Args())
		if call.IsMemberFunction() {
			return p.make.NewMemberCall(e.ID(), call.FunctionName(), p.value(call.Target()), args...)
		}
		if call.FunctionName() == "age" && len(args) == 2 && args[1].Kind() == ast.IdentKind && args[1].AsIdent() == todayName {
			args = args[:1] // as it was written
		}
		return p.make.NewCall(e.ID(), call.FunctionName(), args...)
	case ast.ListKind:
		return p.make.NewList(e.ID(), p.values(e.AsList().Elements()), e.AsList().OptionalIndices())
	case ast.MapKind:
		var entries []ast.EntryExpr
		for _, entry := range e.AsMap().Entries() {
			m := entry.AsMapEntry()
			entries = append(entries, p.make.NewMapEntry(entry.ID(), p.value(m.Key()), p.value(m.Value()), m.IsOptional()))
		}
		return p.make.NewMap(e.ID(), entries)
	}
	return e
}

// branch is what remains of test ? then : otherwise.
func (p *pruner) branch(e ast.Expr) ast.Expr {
	args := e.AsCall().Args()
	switch verdict(p.state, args[0]) {
	case Yes:
		return p.value(args[1])
	case No:
		return p.value(args[2])
	}
	return p.make.NewCall(e.ID(), operators.Conditional, p.boolean(args[0]), p.value(args[1]), p.value(args[2]))
}

func (p *pruner) values(exprs []ast.Expr) []ast.Expr {
	all := make([]ast.Expr, len(exprs))
	for i, e := range exprs {
		all[i] = p.value(e)
	}
	return all
}

func (p *pruner) variable(e ast.Expr) ast.Expr {
	i := slices.IndexFunc(p.rule.vars, func(v variable) bool { return v.name == e.AsIdent() })
	if i < 0 {
		return e
	}
	v := &p.rule.vars[i]
	value := lookup(p.vars, v.path)
	switch {
	case v.has:
		return p.make.NewLiteral(e.ID(), types.Bool(value != nil))
	case value == nil:
		p.left = append(p.left, v.name)
		return e
	case v.name == todayName:
		return e
	}
	if written, ok := p.literal(e.ID(), adapt(value, v.kind)); ok {
		return written
	}
	return e
}

// literal writes a value into a rule; ok is false for what has no literal.
func (p *pruner) literal(id int64, v ref.Val) (e ast.Expr, ok bool) {
	switch v := v.(type) {
	case types.Bool, types.String:
		return p.make.NewLiteral(id, v), true
	case types.Int:
		if v == math.MinInt64 { // which after a minus would be read as too much
			return p.make.NewCall(id, operators.Subtract, p.make.NewLiteral(0, v+1), p.make.NewLiteral(0, types.Int(1))), true
		}
		return p.make.NewLiteral(id, v), true
	case types.Double:
		return p.make.NewLiteral(id, v), !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
	case types.Timestamp:
		day := types.String(v.Format(layout))
		return p.make.NewCall(id, "date", p.make.NewLiteral(0, day)), true
	}
	return nil, false
}
