package criterion

import (
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/interpreter"

	"github.com/tongban/tongban/internal/i18n"
)

// Bounds of one rule. maxCost is in CEL's own units, about one for each step.
const (
	maxSource = 8_192 // code points
	maxDepth  = 100   // nesting
	maxCost   = 200_000
)

// Rule is a compiled expression. It is read-only and safe for concurrent use.
type Rule struct {
	source  string
	kind    Type
	checked *cel.Ast
	defs    []*definition // those of the dictionary
	program cel.Program
	trace   func() (cel.Program, error) // looks at every part; made when it is first asked for
	vars    []variable
}

// variable is one variable that the rule reads.
type variable struct {
	name    string // "scenario.kind", or "has:scenario.kind"
	path    []string
	kind    Type
	has     bool
	pos     Pos // where it is read first
	pattern *interpreter.AttributePattern
}

// Compile parses and checks a rule. The error is an *Error with the place of
// the first mistake.
func Compile(src string, dict *Dict) (*Rule, error) {
	if strings.TrimSpace(src) == "" {
		return nil, &Error{Pos: Pos{1, 1}, Message: i18n.M("criterion.compile.empty")}
	}
	env, err := dict.env()
	if err != nil {
		return nil, &Error{Pos: Pos{1, 1}, Message: i18n.M("criterion.compile.internal", "detail", err.Error())}
	}
	parsed, issues := env.Parse(src)
	if issues.Err() != nil {
		return nil, syntaxError(issues)
	}
	vars, err := declare(parsed, dict)
	if err != nil {
		return nil, err
	}
	if env, err = env.Extend(declarations(vars)...); err != nil {
		return nil, &Error{Pos: Pos{1, 1}, Message: i18n.M("criterion.compile.internal", "detail", err.Error())}
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, checkError(issues, env, dict)
	}
	program, err := env.Program(checked, programOptions(checked)...)
	if err != nil {
		return nil, &Error{Pos: Pos{1, 1}, Message: i18n.M("criterion.compile.syntax", "detail", err.Error())}
	}
	r := &Rule{source: src, kind: typeOf(checked.OutputType()), checked: checked, defs: dict.defs, program: program, vars: vars}
	r.trace = sync.OnceValues(r.tracing(env))
	return r, nil
}

// declare finds the variables of the rule in the dictionary.
func declare(parsed *cel.Ast, dict *Dict) ([]variable, error) {
	var vars []variable
	for _, u := range uses(parsed.NativeRep().Expr()) {
		name, kind, ok := dict.find(u.chain)
		if !ok {
			return nil, unknownName(parsed, u, dict)
		}
		if u.has {
			name, kind = hasPrefix+u.chain, Bool
		}
		if slices.ContainsFunc(vars, func(v variable) bool { return v.name == name }) {
			continue
		}
		place := at(parsed.NativeRep().SourceInfo().GetStartLocation(u.id))
		v := variable{name: name, kind: kind, has: u.has, pos: place, path: strings.Split(strings.TrimPrefix(name, hasPrefix), ".")}
		v.pattern = cel.AttributePattern(name)
		vars = append(vars, v)
	}
	return vars, nil
}

func declarations(vars []variable) []cel.EnvOption {
	options := make([]cel.EnvOption, len(vars))
	for i, v := range vars {
		options[i] = cel.Variable(v.name, v.kind.cel())
	}
	return options
}

// programOptions bounds the cost of rules that loop. The rest cost no more than
// their own length allows, and are spared the counting.
func programOptions(checked *cel.Ast) []cel.ProgramOption {
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptPartialEval)}
	loops := false
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		loops = loops || e.Kind() == ast.ComprehensionKind
	}))
	if loops {
		options = append(options, cel.CostLimit(maxCost))
	}
	return options
}

// Source is the text of the rule.
func (r *Rule) Source() string { return r.source }

// Type is the type of the rule's value; Any where it is known only at run time.
func (r *Rule) Type() Type { return r.kind }

// Variables lists the variables that the rule reads, sorted, those that it only
// asks has() about among them.
func (r *Rule) Variables() []string {
	var names []string
	for _, v := range r.vars {
		names = append(names, strings.TrimPrefix(v.name, hasPrefix))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Place is where the rule first reads a variable, or asks whether it is there;
// the zero Pos where it does neither.
func (r *Rule) Place(name string) Pos {
	for _, v := range r.vars {
		if strings.TrimPrefix(v.name, hasPrefix) == name {
			return v.pos
		}
	}
	return Pos{}
}
