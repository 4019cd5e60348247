package criterion

import (
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/tongban/tongban/internal/i18n"
)

// definition is an expression that has a name: NAME() stands for it.
type definition struct {
	name string
	rule *Rule
}

// Define is the dictionary with one definition more: name() in a rule stands
// for the expression src, which may itself use the definitions that were there
// before. A rule with name() in it answers, explains itself and runs over a
// population as if src stood there in brackets. The error is an *Error with its
// place in src.
func (d *Dict) Define(name, src string) (*Dict, error) {
	rule, err := Compile(src, d)
	if err != nil {
		return nil, err
	}
	before := d.env
	extended := &Dict{vars: d.vars, defs: append(slices.Clone(d.defs), &definition{name: name, rule: rule})}
	extended.env = sync.OnceValues(func() (*cel.Env, error) {
		env, err := before()
		if err != nil {
			return nil, err
		}
		parsed, issues := env.Parse(src)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		return env.Extend(cel.Macros(cel.GlobalMacro(name, 0,
			func(f cel.MacroExprFactory, _ ast.Expr, _ []ast.Expr) (ast.Expr, *cel.Error) {
				return f.Copy(parsed.NativeRep().Expr()), nil
			})))
	})
	if _, err := extended.env(); err != nil {
		return nil, &Error{Pos: Pos{1, 1}, Message: i18n.M("criterion.compile.internal", "detail", err.Error())}
	}
	return extended, nil
}
