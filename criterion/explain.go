package criterion

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// Trace is why a rule says what it says: the clause as it is written, its
// verdict, and for &&, ||, ! and ?: the same of each part.
type Trace struct {
	Text    string
	Op      string // "&&", "||", "!" or "?:"; empty for a clause without parts
	Verdict Verdict
	Reads   []Reading // of a clause without parts: what it reads, in the order of the text
	Parts   []Trace
}

// Reading is one variable, or one definition as "name()", with the value that
// it had. Value is of the kinds that Rule.Value gives, and nil where it is
// unknown.
type Reading struct {
	Name  string
	Value any
}

// Explain decides the rule over vars and says of each clause what it came to.
// The verdict is that of Eval; unlike Eval it looks at every clause, those that
// do not matter among them.
func (r *Rule) Explain(vars map[string]any) Trace {
	x := &explainer{rule: r, vars: vars, state: r.states(vars), text: scan(r.source)}
	return x.explain(r.checked.NativeRep().Expr(), 0, len(x.text.runes))
}

// tracing is the program that goes through every part of a rule.
func (r *Rule) tracing(env *cel.Env) func() (cel.Program, error) {
	return func() (cel.Program, error) {
		return env.Program(r.checked, append(programOptions(r.checked), cel.EvalOptions(cel.OptExhaustiveEval, cel.OptPartialEval))...)
	}
}

// states is the value of each part of the rule by its expression's id; a part
// that could not be reached has none.
func (r *Rule) states(vars map[string]any) interpreter.EvalState {
	program, err := r.trace()
	if err != nil {
		return interpreter.NewEvalState()
	}
	out, details, _ := program.Eval(r.activate(vars))
	state := details.State()
	if out != nil {
		state.SetValue(r.checked.NativeRep().Expr().ID(), out)
	}
	return state
}

type explainer struct {
	rule  *Rule
	vars  map[string]any
	state interpreter.EvalState
	text  *text
}

// verdict is what a boolean part came to.
func verdict(state interpreter.EvalState, e ast.Expr) Verdict {
	var v ref.Val
	if e.Kind() == ast.LiteralKind {
		v = e.AsLiteral()
	} else {
		v, _ = state.Value(e.ID())
	}
	switch v {
	case types.True:
		return Yes
	case types.False:
		return No
	}
	return Unknown
}

// explain is the trace of e, which stands between two places of the source.
func (x *explainer) explain(e ast.Expr, from, to int) Trace {
	from, to = x.text.trim(from, to)
	inner, end := x.text.unwrap(from, to)
	t := Trace{Text: string(x.text.runes[from:to]), Verdict: verdict(x.state, e)}
	if e.Kind() == ast.CallKind {
		switch op := e.AsCall().FunctionName(); op {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional:
			t.Op, t.Parts = x.parts(e, inner, end)
		}
	}
	if t.Parts == nil {
		t.Op, t.Reads = "", x.reads(e, t.Text)
	}
	return t
}

// parts are the traces of what an operator joins; nil where the source does not
// show them, because a definition stands in their place.
func (x *explainer) parts(e ast.Expr, from, to int) (op string, parts []Trace) {
	call := e.AsCall()
	offset, ok := x.rule.checked.NativeRep().SourceInfo().GetOffsetRange(e.ID())
	at := int(offset.Start)
	if !ok || at < from || at >= to {
		return "", nil
	}
	switch call.FunctionName() {
	case operators.LogicalNot:
		if at == from && x.text.shows(at, "!") {
			return "!", []Trace{x.explain(call.Args()[0], at+1, to)}
		}
	case operators.Conditional:
		colon := x.text.colon(at+1, to)
		if colon > 0 && x.text.shows(at, "?") && x.text.balanced(from, at) && x.text.balanced(at+1, colon) && x.text.balanced(colon+1, to) {
			args := call.Args()
			return "?:", []Trace{x.explain(args[0], from, at), x.explain(args[1], at+1, colon), x.explain(args[2], colon+1, to)}
		}
	default:
		op = operator(call.FunctionName())
		if !x.text.shows(at, op) || !x.text.balanced(from, at) || !x.text.balanced(at+2, to) {
			return "", nil
		}
		for i, span := range [][2]int{{from, at}, {at + 2, to}} {
			part := x.explain(call.Args()[i], span[0], span[1])
			if a, b := x.text.trim(span[0], span[1]); part.Op == op && [2]int{a, b} == x.text.bare(a, b) {
				parts = append(parts, part.Parts...)
				continue
			}
			parts = append(parts, part)
		}
		return op, parts
	}
	return "", nil
}

// reads lists the variables below e and the definitions that the text names.
func (x *explainer) reads(e ast.Expr, text string) []Reading {
	var all []Reading
	note := func(name string, value any) {
		if !slices.ContainsFunc(all, func(r Reading) bool { return r.Name == name }) {
			all = append(all, Reading{Name: name, Value: value})
		}
	}
	for _, d := range x.rule.defs {
		if calls(text, d.name) {
			value, err := d.rule.Value(x.vars)
			if err != nil {
				value = nil
			}
			note(d.name+"()", value)
		}
	}
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.IdentKind {
			return
		}
		name := strings.TrimPrefix(e.AsIdent(), hasPrefix)
		for i := range x.rule.vars {
			if v := &x.rule.vars[i]; strings.TrimPrefix(v.name, hasPrefix) == name {
				note(name, known(lookup(x.vars, v.path), v))
			}
		}
	}))
	return all
}

// known is a variable's value as Rule.Value would give it, nil where it has none
// or does not fit the variable's type.
func known(value any, v *variable) any {
	if value == nil {
		return nil
	}
	kind := v.kind
	if v.has {
		kind = Any
	}
	adapted := adapt(value, kind)
	if types.IsError(adapted) {
		return nil
	}
	return native(adapted)
}
