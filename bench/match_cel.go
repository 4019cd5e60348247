package bench

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/workday"
)

// celWriter writes rules in the CEL that cel-go runs fastest: dates are whole
// numbers of days, an age against a number a day against a day, doubles and words
// as they are. What is unknown is CEL's own unknown, and a rule that then is unknown
// or fails does not hold.
type celWriter struct {
	traits map[string]crowd.Column
	today  workday.Date
}

// plain is a variable's name without dots, which cel-go finds sooner.
func plain(name string) string { return strings.ReplaceAll(name, ".", "_") }

func (w celWriter) joined(parts []criterion.Formula, with string) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = w.text(p)
	}
	return "(" + strings.Join(texts, with) + ")"
}

func (w celWriter) text(f criterion.Formula) string {
	switch f := f.(type) {
	case criterion.Const:
		return fmt.Sprint(f.Value)
	case criterion.And:
		return w.joined(f.Parts, " && ")
	case criterion.Or:
		return w.joined(f.Parts, " || ")
	case criterion.Not:
		return "!(" + w.text(f.Part) + ")"
	case criterion.Choose:
		return "(" + w.text(f.If) + " ? " + w.text(f.Then) + " : " + w.text(f.Else) + ")"
	case criterion.Known:
		return "has_" + plain(f.Var)
	case criterion.Is:
		return plain(f.Var)
	case criterion.Text:
		var holds []string
		for _, word := range w.traits[f.Var].Words {
			if f.Holds(word) {
				holds = append(holds, "'"+word+"'")
			}
		}
		if len(holds) == 1 {
			return plain(f.Var) + " == " + holds[0]
		}
		return plain(f.Var) + " in [" + strings.Join(holds, ", ") + "]"
	case criterion.Compare:
		return w.compare(f)
	}
	panic(fmt.Sprintf("bench: no CEL for %T", f))
}

func (w celWriter) compare(c criterion.Compare) string {
	s, ok := spanOf(c, w.today)
	if !ok {
		return w.number(c.Left) + " " + c.Op + " " + w.number(c.Right)
	}
	var tests []string
	if s.from > 1 || s.from > s.to {
		tests = append(tests, fmt.Sprintf("%s >= %d", plain(s.name), s.from))
	}
	if s.to < lastDay || len(tests) == 0 {
		tests = append(tests, fmt.Sprintf("%s <= %d", plain(s.name), s.to))
	}
	text := strings.Join(tests, " && ")
	if s.outside {
		return "!(" + text + ")"
	}
	return "(" + text + ")"
}

func (w celWriter) number(n criterion.Number) string {
	pair := func(left criterion.Number, with string, right criterion.Number) string {
		return "(" + w.number(left) + with + w.number(right) + ")"
	}
	switch n := n.(type) {
	case criterion.Int64:
		return fmt.Sprint(n.Value)
	case criterion.Float64:
		text := fmt.Sprint(n.Value)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case criterion.Day:
		return fmt.Sprint(crowd.DayOf(n.Value))
	case criterion.Today:
		return fmt.Sprint(crowd.DayOf(w.today))
	case criterion.Var:
		return plain(n.Name)
	case criterion.Add:
		return pair(n.Left, " + ", n.Right)
	case criterion.Sub:
		return pair(n.Left, " - ", n.Right)
	case criterion.Mul:
		return pair(n.Left, " * ", n.Right)
	case criterion.Div:
		return pair(n.Left, " / ", n.Right)
	case criterion.Days:
		return pair(n.To, " - ", n.From)
	case criterion.Months:
		return "months" + pair(n.From, ", ", n.To)
	case criterion.Age:
		return "months" + pair(n.From, ", ", n.To) + " / 12"
	case criterion.Cond:
		return "(" + w.text(n.If) + " ? " + w.number(n.Then) + " : " + w.number(n.Else) + ")"
	}
	panic(fmt.Sprintf("bench: no CEL for %T", n))
}

// celPeer are the policies as bare cel-go programs.
type celPeer struct {
	programs []cel.Program
	columns  []crowd.Column
}

// newCelPeer compiles one program for each policy.
func newCelPeer(columns []crowd.Column, today workday.Date, policies [][]criterion.Formula) (*celPeer, error) {
	peer := &celPeer{columns: columns}
	options := []cel.EnvOption{cel.Function("months", cel.Overload("months_days", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType,
		cel.BinaryBinding(func(from, to ref.Val) ref.Val {
			return types.Int(monthsOf(int64(from.(types.Int)), int64(to.(types.Int))))
		})))}
	by := map[string]crowd.Column{}
	for _, t := range columns {
		by[t.ID] = t
		options = append(options, cel.Variable(plain(t.ID), celType(t.Type)), cel.Variable("has_"+plain(t.ID), cel.BoolType))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("bench: cel-go: %w", err)
	}
	w := celWriter{by, today}
	for _, conditions := range policies {
		ast, issues := env.Compile(w.joined(conditions, " && "))
		if issues.Err() != nil {
			return nil, fmt.Errorf("bench: cel-go: %w", issues.Err())
		}
		program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return nil, fmt.Errorf("bench: cel-go: %w", err)
		}
		peer.programs = append(peer.programs, program)
	}
	return peer, nil
}

func celType(t criterion.Type) *cel.Type {
	switch t {
	case criterion.Bool:
		return cel.BoolType
	case criterion.Double:
		return cel.DoubleType
	case criterion.String:
		return cel.StringType
	}
	return cel.IntType
}

// resident is one person as cel-go likes it: each value boxed once.
type celResident map[string]ref.Val

// ResolveName implements interpreter.Activation.
func (r celResident) ResolveName(name string) (any, bool) {
	v, ok := r[name]
	return v, ok
}

// Parent implements interpreter.Activation.
func (r celResident) Parent() interpreter.Activation { return nil }

// unknown is cheaper for cel-go than a name that it cannot find, which makes an
// error.
var unknown = types.NewUnknown(1, types.NewAttributeTrail("unknown"))

// person boxes the values of one row of a batch.
func (p *celPeer) person(b *crowd.Batch, row int) celResident {
	r := celResident{}
	for i, c := range p.columns {
		known := b.Cells[i].Known[row]
		r["has_"+plain(c.ID)] = types.Bool(known)
		if !known {
			r[plain(c.ID)] = unknown
			continue
		}
		switch value := c.Value(b.Cells[i].Values[row]).(type) {
		case bool:
			r[plain(c.ID)] = types.Bool(value)
		case float64:
			r[plain(c.ID)] = types.Double(value)
		case string:
			r[plain(c.ID)] = types.String(value)
		default: // whole numbers, dates among them
			r[plain(c.ID)] = types.Int(b.Cells[i].Values[row])
		}
	}
	return r
}

// holds are the policies that hold of a resident.
func (p *celPeer) holds(r celResident, into []bool) []bool {
	into = slices.Grow(into[:0], len(p.programs))
	for _, program := range p.programs {
		out, _, err := program.Eval(r)
		into = append(into, err == nil && out == types.True)
	}
	return into
}
