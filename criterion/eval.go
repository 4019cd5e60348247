package criterion

import (
	"errors"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/tongban/tongban/internal/i18n"
)

// Verdict is what a rule says.
type Verdict int

// The verdicts. Unknown is the zero value.
const (
	Unknown Verdict = iota
	No
	Yes
)

// String is the verdict in lower case.
func (v Verdict) String() string { return [...]string{"unknown", "no", "yes"}[v] }

// Result is the answer of a rule.
type Result struct {
	Verdict Verdict
	Missing []string // where Unknown for want of them: the absent variables, sorted
	Value   any      // the value where it is known, as Rule.Value gives it
	Err     error    // where Unknown because the rule failed: an *Error
}

// Eval decides the rule over vars, which it does not change. A rule that fails
// (a text compared with a number, a list too long) is Unknown with Err set, and
// so is one whose value is not a boolean.
func (r *Rule) Eval(vars map[string]any) Result {
	out, missing, err := r.run(vars)
	switch {
	case err != nil:
		return Result{Err: err}
	case missing != nil:
		return Result{Missing: missing}
	}
	b, ok := out.(types.Bool)
	if !ok {
		value := native(out)
		return Result{Value: value, Err: &Error{Message: i18n.M("criterion.eval.notBoolean", "rule", r.source)}}
	}
	if b {
		return Result{Verdict: Yes, Value: true}
	}
	return Result{Verdict: No, Value: false}
}

// Value is the value of any expression: bool, int64, float64, string, a date as
// "2006-01-02", []any, map[string]any or nil. It fails with an *Error where a
// variable that it needs is absent.
func (r *Rule) Value(vars map[string]any) (any, error) {
	out, missing, err := r.run(vars)
	if err != nil {
		return nil, err
	}
	if missing != nil {
		return nil, &Error{Message: i18n.M("criterion.eval.missing", "names", strings.Join(missing, ", "))}
	}
	return native(out), nil
}

// run evaluates the program; missing is not nil where the value is unknown.
func (r *Rule) run(vars map[string]any) (out ref.Val, missing []string, err error) {
	out, _, err = r.program.Eval(r.activate(vars))
	if unknown, ok := out.(*types.Unknown); ok {
		return nil, r.names(unknown), nil
	}
	if err != nil {
		return nil, nil, &Error{Message: r.failure(err)}
	}
	return out, nil, nil
}

// names lists the variables behind an unknown value.
func (r *Rule) names(unknown *types.Unknown) []string {
	names := []string{}
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, trail := range trails {
			names = append(names, trail.Variable())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// failure says in both languages why the rule could not be run.
func (r *Rule) failure(err error) i18n.Text {
	var cost interpreter.EvalCancelledError
	if errors.As(err, &cost) {
		return i18n.M("criterion.eval.cost", "rule", r.source)
	}
	return i18n.M("criterion.eval.failed", "rule", r.source, "detail", err.Error())
}

// activate makes vars readable by the rule's programs.
func (r *Rule) activate(vars map[string]any) *activation {
	a := &activation{rule: r, vars: vars}
	for i := range r.vars {
		if v := &r.vars[i]; !v.has && lookup(vars, v.path) == nil {
			a.unknown = append(a.unknown, v.pattern)
		}
	}
	return a
}

// activation shows the variables to the interpreter under their dotted names.
type activation struct {
	rule    *Rule
	vars    map[string]any
	unknown []*interpreter.AttributePattern
}

// ResolveName implements interpreter.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	for i := range a.rule.vars {
		v := &a.rule.vars[i]
		if v.name != name {
			continue
		}
		value := lookup(a.vars, v.path)
		if v.has {
			return types.Bool(value != nil), true
		}
		if value == nil {
			return nil, false
		}
		return adapt(value, v.kind), true
	}
	return nil, false
}

// Parent implements interpreter.Activation.
func (a *activation) Parent() interpreter.Activation { return nil }

// UnknownAttributePatterns implements interpreter.PartialActivation.
func (a *activation) UnknownAttributePatterns() []*interpreter.AttributePattern { return a.unknown }

// AsPartialActivation tells the interpreter that some variables may be unknown.
func (a *activation) AsPartialActivation() (interpreter.PartialActivation, bool) {
	return a, len(a.unknown) > 0
}

// lookup follows the path through nested maps; nil where it ends early.
func lookup(vars map[string]any, path []string) any {
	for i, key := range path {
		value := vars[key]
		if i == len(path)-1 {
			return value
		}
		switch next := value.(type) {
		case map[string]any:
			vars = next
		case map[string]string:
			if s, ok := next[path[i+1]]; ok && i+2 == len(path) {
				return s
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}
