package criterion_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// grammar makes random rules that can run over a population.
type grammar struct{ t *rapid.T }

func (g grammar) pick(all ...string) string { return rapid.SampledFrom(all).Draw(g.t, "pick") }

func (g grammar) boolean(depth int) string {
	kinds := []string{"is", "has", "text", "list", "decimal", "compare", "dates", "literal"}
	if depth > 0 {
		kinds = append(kinds, "and", "or", "not", "if", "same", "and", "or", "compare", "score")
	}
	a, b := func() string { return g.boolean(depth - 1) }, func() string { return g.whole(depth - 1) }
	switch g.pick(kinds...) {
	case "and":
		return fmt.Sprintf(g.pick("%s && %s", "(%s) && (%s)", "(%s && %s)"), g.bracket(a()), g.bracket(a()))
	case "or":
		return fmt.Sprintf(g.pick("%s || %s", "(%s || // or\n %s)"), g.bracket(a()), g.bracket(a()))
	case "not":
		return "!(" + a() + ")"
	case "if":
		return fmt.Sprintf("(%s ? %s : %s)", g.bracket(a()), g.bracket(a()), g.bracket(a()))
	case "same":
		return fmt.Sprintf("(%s) %s (%s)", a(), g.pick("==", "!="), a())
	case "has":
		return "has(" + g.pick("p.birth", "p.city", "p.months", "p.ratio", "p.alive") + ")"
	case "text":
		return fmt.Sprintf(g.pick("%s == '%s'", "%s != \"%s\"", "%s < '%s'", "%s.startsWith('%s')", "%s.contains('%s')", "%s.matches('^%s?$')"),
			g.pick("p.city", "p.kind"), g.pick("a", "b", "中"))
	case "list":
		return g.pick("p.city in ['a', '中']", "p.months in [-1, 0, 3]", "p.ratio in [0.5]", "p.since in [date('2000-02-29')]")
	case "decimal":
		return fmt.Sprintf("%s %s %s", g.pick("p.ratio", "p.area"), g.relation(), g.pick("0.5", "-1.25", "3.0"))
	case "compare":
		return fmt.Sprintf("%s %s %s", b(), g.relation(), b())
	case "dates":
		return fmt.Sprintf("%s %s %s", g.date(depth-1), g.relation(), g.date(depth-1))
	case "score":
		return "score() >= " + g.pick("0", "10", "15")
	case "literal":
		return g.pick("true", "false")
	}
	return g.pick("p.alive", "p.owner")
}

// bracket puts what binds less than && in brackets, most of the time alike.
func (g grammar) bracket(s string) string { return g.pick("(", "( ") + s + ")" }

func (g grammar) relation() string { return g.pick("==", "!=", "<", "<=", ">", ">=") }

func (g grammar) whole(depth int) string {
	kinds := []string{"var", "literal", "var"}
	if depth > 0 {
		kinds = append(kinds, "sum", "if", "two", "dates", "dates", "minus")
	}
	switch a := func() string { return g.whole(depth - 1) }; g.pick(kinds...) {
	case "sum":
		return fmt.Sprintf("(%s %s %s)", a(), g.pick("+", "-", "*", "/"), a())
	case "minus":
		return "-(" + a() + ")"
	case "if":
		return fmt.Sprintf("((%s) ? %s : %s)", g.boolean(depth-1), a(), a())
	case "two":
		return fmt.Sprintf("%s(%s, %s)", g.pick("min", "max"), a(), a())
	case "dates":
		if g.pick("age of one", "of two") == "age of one" {
			return "age(" + g.date(depth-1) + ")"
		}
		return fmt.Sprintf("%s(%s, %s)", g.pick("age", "months", "days"), g.date(depth-1), g.date(depth-1))
	case "literal":
		return g.pick("0", "3", "-1", "12", "9223372036854775807", "-9223372036854775808")
	}
	return g.pick("p.months", "p.homes")
}

func (g grammar) date(depth int) string {
	kinds := []string{"p.birth", "p.since", "p.birth", "today()", "date('2000-02-29')", "date('1999-12-31')"}
	if depth > 0 {
		kinds = append(kinds, "if")
	}
	kind := g.pick(kinds...)
	if kind == "if" {
		return fmt.Sprintf("(%s ? %s : %s)", g.bracket(g.boolean(depth-1)), g.date(depth-1), g.date(depth-1))
	}
	return kind
}

// facts draws values for the variables, about a third of them unknown. Values
// are as formulas have them.
func (g grammar) facts() map[string]any {
	all := map[string]any{}
	draw := func(name string, gen *rapid.Generator[any]) {
		if rapid.IntRange(0, 2).Draw(g.t, "known "+name) > 0 {
			all[name] = gen.Draw(g.t, name)
		}
	}
	dates := rapid.Custom(func(t *rapid.T) any {
		base, _ := workday.ParseDate("1999-12-25")
		return base.AddDays(rapid.OneOf(rapid.IntRange(0, 70), rapid.IntRange(-30_000, 10_000)).Draw(t, "day"))
	})
	wholes := rapid.Map(rapid.OneOf(rapid.Int64Range(-3, 14), rapid.Int64()), func(n int64) any { return n })
	decimals := rapid.Map(rapid.IntRange(-8, 16), func(n int) any { return float64(n) / 4 })
	texts := rapid.Map(rapid.SampledFrom([]string{"a", "b", "ab", "中", ""}), func(s string) any { return s })
	bools := rapid.Map(rapid.Bool(), func(b bool) any { return b })
	draw("p.birth", dates)
	draw("p.since", dates)
	draw("p.months", wholes)
	draw("p.homes", wholes)
	draw("p.ratio", decimals)
	draw("p.area", decimals)
	draw("p.city", texts)
	draw("p.kind", texts)
	draw("p.alive", bools)
	draw("p.owner", bools)
	return all
}

// nested is facts as rules take them.
func nested(facts map[string]any, today workday.Date) vars {
	p := vars{}
	for name, value := range facts {
		p[strings.TrimPrefix(name, "p.")] = value
	}
	return vars{"p": p, "today": today}
}

// TestOneText holds the three uses of a rule to one another over random rules
// and facts: the formula, decided naively, and the trace say what Eval says; and
// what remains, compiled again and decided over the rest of the facts, says what
// the rule says over all of them.
func TestOneText(t *testing.T) {
	dict := population(t)
	rapid.Check(t, func(t *rapid.T) {
		g := grammar{t}
		src := g.boolean(4)
		rule, err := criterion.Compile(src, dict)
		if err != nil {
			t.Fatalf("Compile(%s): %v", src, err)
		}
		today, _ := workday.ParseDate(g.pick("2026-02-28", "2028-02-29", "2026-03-01"))
		facts := g.facts()
		given := nested(facts, today)
		want := rule.Eval(given)
		formula, err := rule.Formula()
		if err != nil {
			t.Fatalf("%s has no formula: %v", src, err)
		}
		if got := (naive{facts: facts, today: today}).truth(formula); got != want.Verdict {
			t.Fatalf("%s over %v: the formula says %v, Eval %v (%v)", src, facts, got, want.Verdict, want.Err)
		}
		trace := rule.Explain(given)
		if trace.Verdict != want.Verdict {
			t.Fatalf("%s over %v: the trace says %v, Eval %v", src, facts, trace.Verdict, want.Verdict)
		}
		checkTrace(t, trace)
		residue(t, dict, rule, facts, today)
	})
}

// checkTrace holds a trace to its own parts.
func checkTrace(t *rapid.T, trace criterion.Trace) {
	counts := map[criterion.Verdict]int{}
	for _, p := range trace.Parts {
		counts[p.Verdict]++
		checkTrace(t, p)
		if !strings.Contains(trace.Text, p.Text) || p.Text == "" {
			t.Fatalf("%q is no part of %q", p.Text, trace.Text)
		}
	}
	want := trace.Verdict
	switch {
	case trace.Op == "&&" && counts[criterion.No] > 0, trace.Op == "!" && counts[criterion.Yes] > 0:
		want = criterion.No
	case trace.Op == "||" && counts[criterion.Yes] > 0, trace.Op == "!" && counts[criterion.No] > 0:
		want = criterion.Yes
	case trace.Op == "&&" && counts[criterion.Unknown] == 0:
		want = criterion.Yes
	case trace.Op == "||" && counts[criterion.Unknown] == 0:
		want = criterion.No
	case trace.Op != "" && trace.Op != "?:":
		want = criterion.Unknown
	}
	if trace.Verdict != want {
		t.Fatalf("%q is %v, its parts are %v", trace.Text, trace.Verdict, counts)
	}
}

// residue gives some of the facts first, and the rest to what remains.
func residue(t *rapid.T, dict *criterion.Dict, rule *criterion.Rule, facts map[string]any, today workday.Date) {
	early, late := map[string]any{}, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		// What has() asks about is told at once or never.
		if strings.Contains(rule.Source(), "has("+name+")") || rapid.Bool().Draw(t, "early "+name) {
			early[name] = facts[name]
		} else {
			late[name] = facts[name]
		}
	}
	text, missing := rule.Residual(nested(early, today))
	first, all := rule.Eval(nested(early, today)), rule.Eval(nested(facts, today))
	if (text == "") != (first.Verdict != criterion.Unknown) {
		t.Fatalf("%s over %v is %v and leaves %q", rule.Source(), early, first.Verdict, text)
	}
	if text == "" {
		if all.Verdict != first.Verdict {
			t.Fatalf("%s: %v over %v, %v over %v", rule.Source(), first.Verdict, early, all.Verdict, facts)
		}
		return
	}
	for _, name := range missing {
		if early[name] != nil {
			t.Fatalf("%s over %v: %s is missing", rule.Source(), early, name)
		}
	}
	if !subset(first.Missing, missing) {
		t.Fatalf("%s over %v: missing %v, Eval misses %v", rule.Source(), early, missing, first.Missing)
	}
	rest, err := criterion.Compile(text, dict)
	if err != nil {
		t.Fatalf("%s over %v leaves %s: %v", rule.Source(), early, text, err)
	}
	for _, name := range rest.Variables() {
		if name != "today" && !slices.Contains(missing, name) {
			t.Fatalf("%s over %v leaves %s, which reads %s", rule.Source(), early, text, name)
		}
	}
	if got := rest.Eval(nested(late, today)); got.Verdict != all.Verdict {
		t.Fatalf("%s\nover %v leaves %s\nwhich over %v is %v, want %v", rule.Source(), early, text, late, got.Verdict, all.Verdict)
	}
}
