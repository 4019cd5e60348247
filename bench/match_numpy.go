package bench

import (
	"fmt"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/workday"
)

// numpyWriter writes rules as NumPy expressions over arrays of a chunk of
// residents: v["x"] the values and k["x"] where they are known. What is unknown
// is neither so nor not so, so each rule is written as the array of those of whom
// it certainly holds, with Not pushed down to the comparisons. Comparisons that
// policies share are written once, in atoms, and stand as a[i] in the rules.
type numpyWriter struct {
	traits map[string]crowd.Column
	today  workday.Date
	atoms  []string
	index  map[string]int
}

func newNumpyWriter(traits map[string]crowd.Column, today workday.Date) *numpyWriter {
	return &numpyWriter{traits: traits, today: today, index: map[string]int{}}
}

// policy is where every condition holds.
func (w *numpyWriter) policy(conditions []criterion.Formula) string {
	return w.all(conditions, true, " & ")
}

// all joins the arrays of where parts are so.
func (w *numpyWriter) all(parts []criterion.Formula, so bool, with string) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = w.text(p, so)
	}
	return "(" + strings.Join(texts, with) + ")"
}

// text is the array of where f certainly is so.
func (w *numpyWriter) text(f criterion.Formula, so bool) string {
	switch f := f.(type) {
	case criterion.Const:
		if f.Value == so {
			return "every"
		}
		return "nobody"
	case criterion.And:
		if so {
			return w.all(f.Parts, true, " & ")
		}
		return w.all(f.Parts, false, " | ")
	case criterion.Or:
		if so {
			return w.all(f.Parts, true, " | ")
		}
		return w.all(f.Parts, false, " & ")
	case criterion.Not:
		return w.text(f.Part, !so)
	case criterion.Choose:
		return "((" + w.text(f.If, true) + " & " + w.text(f.Then, so) + ") | (" + w.text(f.If, false) + " & " + w.text(f.Else, so) + "))"
	case criterion.Known:
		if so {
			return w.atom(known(f.Var))
		}
		return w.atom("~" + known(f.Var))
	case criterion.Is:
		if so {
			return w.atom(value(f.Var) + " == 1")
		}
		return w.atom(value(f.Var) + " == 0")
	case criterion.Text:
		return w.words(f, so)
	case criterion.Compare:
		return w.compare(f, so)
	}
	panic(fmt.Sprintf("bench: no NumPy for %T", f))
}

func value(name string) string { return `v["` + name + `"]` }
func known(name string) string { return `k["` + name + `"]` }

func (w *numpyWriter) atom(text string) string {
	i, ok := w.index[text]
	if !ok {
		i = len(w.atoms)
		w.index[text] = i
		w.atoms = append(w.atoms, text)
	}
	return fmt.Sprintf("a[%d]", i)
}

// words compares the numbers of the words, of which the unknown has one of its
// own.
func (w *numpyWriter) words(f criterion.Text, so bool) string {
	var tests []string
	for i, word := range w.traits[f.Var].Words {
		if f.Holds(word) == so {
			tests = append(tests, fmt.Sprintf("(%s == %d)", value(f.Var), i))
		}
	}
	switch {
	case len(tests) == 0:
		return "nobody"
	case len(tests) > 3:
		var members []string
		for i, word := range w.traits[f.Var].Words {
			if f.Holds(word) == so {
				members = append(members, fmt.Sprint(i))
			}
		}
		return w.atom(fmt.Sprintf("member((%s,))[%s]", strings.Join(members, ","), value(f.Var)))
	}
	return w.atom(strings.Join(tests, " | "))
}

func (w *numpyWriter) compare(c criterion.Compare, so bool) string {
	op := c.Op
	if !so {
		op = turned(op)
	}
	c.Op = op
	if s, ok := spanOf(c, w.today); ok {
		return w.atom(w.span(s))
	}
	if v, ok := c.Left.(criterion.Var); ok && v.Type == criterion.Double {
		op, n, never := scaled(op, c.Right.(criterion.Float64).Value, w.traits[v.Name].Decimals)
		switch {
		case never && op == "==":
			return "nobody"
		case never:
			return w.atom(known(v.Name))
		}
		return w.atom(fmt.Sprintf("(%s %s %d) & %s", value(v.Name), op, n, known(v.Name)))
	}
	left, leftKnown := w.number(c.Left, false)
	right, rightKnown := w.number(c.Right, false)
	return w.atom(both(fmt.Sprintf("(%s %s %s)", left, op, right), leftKnown, rightKnown))
}

// both joins what is not empty.
func both(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, " & ")
}

func (w *numpyWriter) span(s span) string {
	var text string
	switch v := value(s.name); {
	case s.from > s.to:
		text = fmt.Sprintf("(%s != %[1]s)", v)
	case s.from <= 1 && s.to >= lastDay:
		text = fmt.Sprintf("(%s == %[1]s)", v)
	case s.from <= 1:
		text = fmt.Sprintf("(%s <= %d)", v, s.to)
	case s.to >= lastDay:
		text = fmt.Sprintf("(%s >= %d)", v, s.from)
	default:
		text = fmt.Sprintf("((%s >= %d) & (%[1]s <= %[3]d))", v, s.from, s.to)
	}
	if s.outside {
		text = "~" + text
	}
	return both(text, known(s.name))
}

// number is a number's array, and where it is known ("" for everywhere). One
// that is reckoned with is widened first.
func (w *numpyWriter) number(n criterion.Number, wide bool) (text, where string) {
	pair := func(format string, left, right criterion.Number) (string, string) {
		a, ka := w.number(left, true)
		b, kb := w.number(right, true)
		return fmt.Sprintf(format, a, b), both(ka, kb)
	}
	switch n := n.(type) {
	case criterion.Int64:
		return fmt.Sprint(n.Value), ""
	case criterion.Day:
		return fmt.Sprint(crowd.DayOf(n.Value)), ""
	case criterion.Today:
		return fmt.Sprint(crowd.DayOf(w.today)), ""
	case criterion.Var:
		if wide {
			return value(n.Name) + ".astype(np.int32)", known(n.Name)
		}
		return value(n.Name), known(n.Name)
	case criterion.Add:
		return pair("(%s + %s)", n.Left, n.Right)
	case criterion.Sub:
		return pair("(%s - %s)", n.Left, n.Right)
	case criterion.Mul:
		return pair("(%s * %s)", n.Left, n.Right)
	case criterion.Div:
		text, where = pair("over(%s, %s)", n.Left, n.Right)
		divisor, _ := w.number(n.Right, true)
		if _, fixed := n.Right.(criterion.Int64); !fixed {
			where = both(where, "("+divisor+" != 0)")
		}
		return text, where
	case criterion.Days:
		return pair("(%[2]s - %[1]s)", n.From, n.To)
	case criterion.Months:
		return pair("months(%s, %s)", n.From, n.To)
	case criterion.Age:
		return pair("over(months(%s, %s), 12)", n.From, n.To)
	case criterion.Cond:
		yes, no := w.text(n.If, true), w.text(n.If, false)
		a, ka := w.number(n.Then, wide)
		b, kb := w.number(n.Else, wide)
		return fmt.Sprintf("np.where(%s, %s, %s)", yes, a, b), "((" + both(yes, ka) + ") | (" + both(no, kb) + "))"
	}
	panic(fmt.Sprintf("bench: no NumPy for %T", n))
}
