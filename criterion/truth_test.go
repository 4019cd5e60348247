package criterion_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/criterion"
)

// formula is a random rule with the naive way to decide it: try every value of
// the variables that are missing.
type formula struct {
	op   string // var, not, and, or, if, has
	name string
	args []*formula
}

func randomFormula(t *rapid.T, depth int) *formula {
	op := "var"
	if depth > 0 {
		op = rapid.SampledFrom([]string{"and", "or", "not", "if", "has", "var"}).Draw(t, "op")
	}
	f := &formula{op: op, name: fmt.Sprintf("a.v%d", rapid.IntRange(0, 4).Draw(t, "var"))}
	for range map[string]int{"not": 1, "and": 2, "or": 2, "if": 3}[op] {
		f.args = append(f.args, randomFormula(t, depth-1))
	}
	return f
}

func (f *formula) String() string {
	switch f.op {
	case "not":
		return "!(" + f.args[0].String() + ")"
	case "and":
		return "(" + f.args[0].String() + " && " + f.args[1].String() + ")"
	case "or":
		return "(" + f.args[0].String() + " || " + f.args[1].String() + ")"
	case "if":
		return fmt.Sprintf("(%s ? %s : %s)", f.args[0], f.args[1], f.args[2])
	case "has":
		return "has(" + f.name + ")"
	}
	return f.name
}

// eval is the value where all variables have one; present are those that were
// given.
func (f *formula) eval(values, present map[string]bool) bool {
	switch f.op {
	case "not":
		return !f.args[0].eval(values, present)
	case "and":
		return f.args[0].eval(values, present) && f.args[1].eval(values, present)
	case "or":
		return f.args[0].eval(values, present) || f.args[1].eval(values, present)
	case "if":
		if f.args[0].eval(values, present) {
			return f.args[1].eval(values, present)
		}
		return f.args[2].eval(values, present)
	case "has":
		return present[f.name]
	}
	return values[f.name]
}

// TestThreeValues holds against all completions of what is missing: a verdict
// is that of every completion; where all variables are known the verdict is
// never Unknown; and an Unknown names only variables that are missing, enough of
// them that the rule is decided once they are all known, step by step.
func TestThreeValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := randomFormula(t, 4)
		rule, err := criterion.Compile(f.String(), criterion.Open())
		if err != nil {
			t.Fatalf("Compile(%s): %v", f, err)
		}
		values, present, given := map[string]bool{}, map[string]bool{}, vars{}
		var absent []string
		for i := range 5 {
			key := fmt.Sprintf("v%d", i)
			switch rapid.IntRange(0, 2).Draw(t, key) {
			case 0:
				absent = append(absent, "a."+key)
			default:
				values["a."+key] = rapid.Bool().Draw(t, "value")
				present["a."+key], given[key] = true, values["a."+key]
			}
		}
		got := rule.Eval(vars{"a": given})
		if got.Err != nil {
			t.Fatalf("%s: %v", f, got.Err)
		}
		yes, no := false, false
		for bits := range 1 << len(absent) {
			for i, name := range absent {
				values[name] = bits>>i&1 == 1
			}
			if f.eval(values, present) {
				yes = true
			} else {
				no = true
			}
		}
		switch {
		case got.Verdict == criterion.Yes && no, got.Verdict == criterion.No && yes:
			t.Fatalf("%s over %v: got %v, and a completion says otherwise", f, given, got.Verdict)
		case got.Verdict == criterion.Unknown && (len(got.Missing) == 0 || !subset(got.Missing, absent)):
			t.Fatalf("%s over %v: missing %v, absent are %v", f, given, got.Missing, absent)
		case got.Verdict != criterion.Unknown && got.Missing != nil:
			t.Fatalf("%s: %v and missing %v", f, got.Verdict, got.Missing)
		}
		if strings.Contains(f.String(), "has(") {
			return // what is there may then decide against what was told
		}
		for round := 0; got.Verdict == criterion.Unknown; round++ {
			if round > len(absent) {
				t.Fatalf("%s: still unknown after all that was missing was given", f)
			}
			for _, name := range got.Missing {
				given[strings.TrimPrefix(name, "a.")] = rapid.Bool().Draw(t, "filled")
			}
			got = rule.Eval(vars{"a": given})
		}
	})
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}

// FuzzCompile holds that no rule and no values make Compile or Eval panic, that
// errors have places, and that a compiled rule's answer is well formed.
func FuzzCompile(f *testing.F) {
	for _, src := range []string{
		`age(birth) >= 65 && scenario.kind == "new"`, `a.all(x, has(x.y) && x.y > 3)`, `has(a.b) ? a.b : today()`,
		`[1, 2u, 3.0, "x", null, b"x"]`, `{"a": {"b": [1]}}["a"].b[0] == 1`, `a.map(x, a.map(y, x + y))`, `-9223372036854775808 / a`,
		`"x".matches("(a+)+$")`, `type(a) == list`, `.a.b`, `months("2026-01-31", a) % 0`, `has(has(a))`, "a\n&& \tb // c", `"\u0000" + a`,
	} {
		f.Add(src, "2026-02-29", 3.5)
	}
	closed := dictionary()
	f.Fuzz(func(t *testing.T, src, text string, number float64) {
		given := vars{"a": []any{text, number, vars{"y": number}}, "birth": text, "today": text, "scenario": vars{"kind": text}, "b": number}
		for _, dict := range []*criterion.Dict{criterion.Open(), closed} {
			rule, err := criterion.Compile(src, dict)
			if err != nil {
				e, ok := err.(*criterion.Error)
				if !ok || e.Pos.Line < 1 || e.Pos.Col < 1 || e.Message.IsZero() {
					t.Fatalf("Compile(%q): %#v, want an *Error with a place", src, err)
				}
				continue
			}
			got := rule.Eval(given)
			if (got.Verdict == criterion.Unknown) == (got.Err == nil && got.Missing == nil) {
				t.Fatalf("Eval(%q): %+v", src, got)
			}
			_, _ = rule.Value(given)
			if trace := rule.Explain(given); trace.Verdict != got.Verdict {
				t.Fatalf("Explain(%q): %v, Eval: %v", src, trace.Verdict, got.Verdict)
			}
			if text, _ := rule.Residual(given); (text == "") != (got.Verdict != criterion.Unknown) && rule.Type() == criterion.Bool {
				t.Fatalf("Residual(%q): %q, Eval: %+v", src, text, got)
			}
			for _, err := range unable(rule) {
				if e, ok := err.(*criterion.Error); !ok || e.Pos.Line < 1 || e.Pos.Col < 1 || e.Message.IsZero() {
					t.Fatalf("Formula(%q): %#v, want an *Error with a place", src, err)
				}
			}
			rule.Words()
		}
	})
}

// unable is why a rule is no formula and no number.
func unable(rule *criterion.Rule) (errs []error) {
	if _, err := rule.Formula(); err != nil {
		errs = append(errs, err)
	}
	if _, err := rule.Number(); err != nil {
		errs = append(errs, err)
	}
	return errs
}

func BenchmarkCompile(b *testing.B) {
	dict := dictionary()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := criterion.Compile(`age(applicant.birth) >= 65 && hukou && income < 5000.0`, dict); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	given := vars{"today": "2026-03-01", "applicant": vars{"birth": "1950-01-01"}, "hukou": true, "income": 3000.0, "decision": "approve"}
	for _, src := range []string{`decision == "approve"`, `age(applicant.birth) >= 65 && hukou && income < 5000.0`, `missing > 3 && hukou`} {
		b.Run(src, func(b *testing.B) {
			rule, err := criterion.Compile(src, criterion.Open())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				rule.Eval(given)
			}
		})
	}
}
