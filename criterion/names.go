package criterion

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// use is one place where a rule reads a variable.
type use struct {
	chain string // as written, dots and all
	has   bool   // asks only whether it is there
	id    int64  // of the first name, for its position
}

// uses finds every variable that the tree reads, leaving out the loop variables
// of all(), exists() and their like. On its way it turns has(a.b) over a
// variable into the identifier "has:a.b", and has(x) over a loop variable into
// true.
func uses(root ast.Expr) []use {
	w := &walker{factory: ast.NewExprFactory()}
	w.walk(root, nil)
	return w.found
}

type walker struct {
	factory ast.ExprFactory
	found   []use
}

func (w *walker) walk(e ast.Expr, local []string) {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		w.name(e, local)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			w.walk(call.Target(), local)
		}
		w.all(call.Args(), local)
	case ast.ListKind:
		w.all(e.AsList().Elements(), local)
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			w.walk(entry.AsMapEntry().Key(), local)
			w.walk(entry.AsMapEntry().Value(), local)
		}
	case ast.StructKind:
		for _, field := range e.AsStruct().Fields() {
			w.walk(field.AsStructField().Value(), local)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		w.walk(c.IterRange(), local)
		w.walk(c.AccuInit(), local)
		inner := append(slices.Clone(local), c.IterVar(), c.IterVar2(), c.AccuVar())
		w.all([]ast.Expr{c.LoopCondition(), c.LoopStep(), c.Result()}, inner)
	}
}

func (w *walker) all(exprs []ast.Expr, local []string) {
	for _, e := range exprs {
		w.walk(e, local)
	}
}

// name handles an identifier, or a selection that may be a dotted name.
func (w *walker) name(e ast.Expr, local []string) {
	chain, root, has := chainOf(e)
	if root == "" { // a field of something that is no variable: f(x).y
		w.walk(e.AsSelect().Operand(), local)
		return
	}
	if slices.Contains(local, root) {
		if has && e.Kind() == ast.IdentKind {
			e.SetKindCase(w.factory.NewLiteral(e.ID(), types.True))
		}
		return
	}
	start := first(e).ID()
	if has {
		e.SetKindCase(w.factory.NewIdent(e.ID(), hasPrefix+chain))
	}
	w.found = append(w.found, use{chain: chain, has: has, id: start})
}

// first is the expression with which a chain of selections begins.
func first(e ast.Expr) ast.Expr {
	for e.Kind() == ast.SelectKind {
		e = e.AsSelect().Operand()
	}
	return e
}

// chainOf reads a.b.c as a dotted name with its first part; root is empty where
// the expression is something else.
func chainOf(e ast.Expr) (chain, root string, has bool) {
	switch e.Kind() {
	case ast.IdentKind:
		name, has := strings.CutPrefix(strings.TrimPrefix(e.AsIdent(), "."), hasPrefix)
		return name, name, has
	case ast.SelectKind:
		s := e.AsSelect()
		chain, root, inner := chainOf(s.Operand())
		if root == "" || inner {
			return "", "", false
		}
		return chain + "." + s.FieldName(), root, s.IsTestOnly()
	}
	return "", "", false
}
