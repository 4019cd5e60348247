package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/workday"
)

// sqlWriter writes rules in DuckDB's SQL over one table with a column for each
// trait, NULL where it is unknown: SQL's three values are the rules' own. A word is
// its number in the list of its trait, which DuckDB compares faster than a text
// or an ENUM.
type sqlWriter struct {
	traits map[string]crowd.Column
	today  workday.Date
}

// policy is the conjunction of conditions.
func (w sqlWriter) policy(conditions []criterion.Formula) string {
	return w.joined(conditions, " AND ")
}

func (w sqlWriter) joined(parts []criterion.Formula, with string) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = w.text(p)
	}
	return "(" + strings.Join(texts, with) + ")"
}

func (w sqlWriter) text(f criterion.Formula) string {
	switch f := f.(type) {
	case criterion.Const:
		return fmt.Sprint(f.Value)
	case criterion.And:
		return w.joined(f.Parts, " AND ")
	case criterion.Or:
		return w.joined(f.Parts, " OR ")
	case criterion.Not:
		return "(NOT " + w.text(f.Part) + ")"
	case criterion.Choose:
		return fmt.Sprintf("(CASE WHEN %[1]s THEN %[2]s WHEN NOT %[1]s THEN %[3]s END)", w.text(f.If), w.text(f.Then), w.text(f.Else))
	case criterion.Known:
		return quoted(f.Var) + " IS NOT NULL"
	case criterion.Is:
		return quoted(f.Var)
	case criterion.Text:
		return w.words(f)
	case criterion.Compare:
		return w.compare(f)
	}
	panic(fmt.Sprintf("bench: no SQL for %T", f))
}

// quoted is a column's name.
func quoted(name string) string { return `"` + name + `"` }

// words compares the number of a word in its list.
func (w sqlWriter) words(f criterion.Text) string {
	var holds, fails []string
	for i, word := range w.traits[f.Var].Words {
		if f.Holds(word) {
			holds = append(holds, fmt.Sprint(i))
		} else {
			fails = append(fails, fmt.Sprint(i))
		}
	}
	column := quoted(f.Var)
	switch {
	case len(holds) == 0:
		return column + " <> " + column
	case len(fails) == 0:
		return column + " = " + column
	case len(holds) == 1:
		return column + " = " + holds[0]
	case len(fails) == 1:
		return column + " <> " + fails[0]
	case len(holds) <= len(fails):
		return column + " IN (" + strings.Join(holds, ", ") + ")"
	}
	return column + " NOT IN (" + strings.Join(fails, ", ") + ")"
}

func (w sqlWriter) compare(c criterion.Compare) string {
	if s, ok := spanOf(c, w.today); ok {
		return w.span(s)
	}
	if v, ok := c.Left.(criterion.Var); ok && v.Type == criterion.Double {
		op, n, never := scaled(c.Op, c.Right.(criterion.Float64).Value, w.traits[v.Name].Decimals)
		if never {
			op = map[string]string{"==": "<>", "!=": "="}[op]
			return fmt.Sprintf("%s %s %[1]s", quoted(v.Name), op)
		}
		return fmt.Sprintf("%s %s %d", quoted(v.Name), sqlOp(op), n)
	}
	return fmt.Sprintf("%s %s %s", w.number(c.Left, false), sqlOp(c.Op), w.number(c.Right, false))
}

func sqlOp(op string) string {
	switch op {
	case "==":
		return "="
	case "!=":
		return "<>"
	}
	return op
}

func (w sqlWriter) span(s span) string {
	column := quoted(s.name)
	from, to := "DATE '"+crowd.DateOf(s.from).String()+"'", "DATE '"+crowd.DateOf(s.to).String()+"'"
	text := fmt.Sprintf("%s BETWEEN %s AND %s", column, from, to)
	switch {
	case s.from > s.to:
		text = column + " <> " + column
	case s.from <= 1 && s.to >= lastDay:
		text = column + " = " + column
	case s.from <= 1:
		text = column + " <= " + to
	case s.to >= lastDay:
		text = column + " >= " + from
	case s.from == s.to:
		text = column + " = " + from
	}
	if s.outside {
		return "(NOT " + text + ")"
	}
	return "(" + text + ")"
}

// number writes a number; one that is reckoned with is widened first, so that
// it cannot overflow its column's type.
func (w sqlWriter) number(n criterion.Number, wide bool) string {
	pair := func(left criterion.Number, op string, right criterion.Number) string {
		return "(" + w.number(left, true) + " " + op + " " + w.number(right, true) + ")"
	}
	switch n := n.(type) {
	case criterion.Int64:
		return fmt.Sprint(n.Value)
	case criterion.Var:
		if wide && n.Type == criterion.Int {
			return quoted(n.Name) + "::BIGINT"
		}
		return quoted(n.Name)
	case criterion.Day:
		return "DATE '" + n.Value.String() + "'"
	case criterion.Today:
		return "DATE '" + w.today.String() + "'"
	case criterion.Add:
		return pair(n.Left, "+", n.Right)
	case criterion.Sub:
		return pair(n.Left, "-", n.Right)
	case criterion.Mul:
		return pair(n.Left, "*", n.Right)
	case criterion.Div:
		return pair(n.Left, "//", n.Right)
	case criterion.Days:
		return "(" + w.number(n.To, false) + " - " + w.number(n.From, false) + ")"
	case criterion.Months:
		return w.months(n.From, n.To)
	case criterion.Age:
		return "(" + w.months(n.From, n.To) + " // 12)"
	case criterion.Cond:
		return fmt.Sprintf("(CASE WHEN %[1]s THEN %[2]s WHEN NOT %[1]s THEN %[3]s END)", w.text(n.If), w.number(n.Then, wide), w.number(n.Else, wide))
	}
	panic(fmt.Sprintf("bench: no SQL for %T", n))
}

// months is the completed months between dates whose order is not known
// beforehand.
func (w sqlWriter) months(from, to criterion.Number) string {
	a, b := w.number(from, false), w.number(to, false)
	whole := func(a, b string) string {
		return fmt.Sprintf("((year(%[2]s) - year(%[1]s)) * 12 + month(%[2]s) - month(%[1]s) - (day(%[2]s) < day(%[1]s))::INTEGER)", a, b)
	}
	return fmt.Sprintf("(CASE WHEN %s <= %s THEN %s ELSE -%s END)", a, b, whole(a, b), whole(b, a))
}

// variablesOf lists the traits that formulas read, in order of their names.
func variablesOf(formulas [][]criterion.Formula) []string {
	seen := map[string]bool{}
	for _, conditions := range formulas {
		for _, f := range conditions {
			walk(f, func(name string) { seen[name] = true })
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
