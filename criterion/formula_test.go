package criterion_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// population is a dictionary with variables of each type that a formula knows,
// and a definition over some.
func population(t testing.TB) *criterion.Dict {
	t.Helper()
	d, err := criterion.New(map[string]criterion.Type{
		"p.birth": criterion.Date, "p.since": criterion.Date, "p.city": criterion.String, "p.kind": criterion.String,
		"p.months": criterion.Int, "p.homes": criterion.Int, "p.ratio": criterion.Double, "p.area": criterion.Double,
		"p.alive": criterion.Bool, "p.owner": criterion.Bool, "p.any": criterion.Any, "p.list": criterion.List,
	}).Define("score", "(p.months >= 12 ? 10 : 0) + (age(p.birth) < 30 ? 20 - p.homes : p.homes / 2)")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestFormula holds single formulas to their nodes.
func TestFormula(t *testing.T) {
	day := func(s string) criterion.Day {
		d, err := workday.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return criterion.Day{Value: d}
	}
	birth, months, homes := criterion.Var{Name: "p.birth", Type: criterion.Date}, criterion.Var{Name: "p.months", Type: criterion.Int}, criterion.Var{Name: "p.homes", Type: criterion.Int}
	ratio := criterion.Var{Name: "p.ratio", Type: criterion.Double}
	city := func(op string, values ...string) criterion.Text {
		return criterion.Text{Var: "p.city", Op: op, Values: values}
	}
	cmpOf := func(l criterion.Number, op string, r criterion.Number) criterion.Compare {
		return criterion.Compare{Op: op, Left: l, Right: r}
	}
	for _, tt := range []struct {
		rule string
		want criterion.Formula
	}{
		{`true`, criterion.Const{Value: true}},
		{`p.alive && p.owner && !has(p.city)`, criterion.And{Parts: []criterion.Formula{criterion.Is{Var: "p.alive"}, criterion.Is{Var: "p.owner"}, criterion.Not{Part: criterion.Known{Var: "p.city"}}}}},
		{`p.alive || (p.owner || false)`, criterion.Or{Parts: []criterion.Formula{criterion.Is{Var: "p.alive"}, criterion.Is{Var: "p.owner"}, criterion.Const{}}}},
		{`p.alive == true`, criterion.Is{Var: "p.alive"}},
		{`false != p.alive`, criterion.Is{Var: "p.alive"}},
		{`p.alive == false`, criterion.Not{Part: criterion.Is{Var: "p.alive"}}},
		{`p.alive == p.owner`, criterion.Choose{If: criterion.Is{Var: "p.alive"}, Then: criterion.Is{Var: "p.owner"}, Else: criterion.Not{Part: criterion.Is{Var: "p.owner"}}}},
		{`p.alive != p.owner`, criterion.Choose{If: criterion.Is{Var: "p.alive"}, Then: criterion.Not{Part: criterion.Is{Var: "p.owner"}}, Else: criterion.Is{Var: "p.owner"}}},
		{`p.alive ? p.owner : true`, criterion.Choose{If: criterion.Is{Var: "p.alive"}, Then: criterion.Is{Var: "p.owner"}, Else: criterion.Const{Value: true}}},
		{`p.city == "上海"`, city("==", "上海")},
		{`"m" < p.city`, city(">", "m")},
		{`p.city in ["a", "b"]`, city("in", "a", "b")},
		{`p.city.startsWith("上")`, city("startsWith", "上")},
		{`"ab".contains("b")`, criterion.Const{Value: true}},
		{`age(p.birth) >= 65`, cmpOf(criterion.Age{From: birth, To: criterion.Today{}}, ">=", criterion.Int64{Value: 65})},
		{`p.birth <= date("1961-03-01")`, cmpOf(birth, "<=", day("1961-03-01"))},
		{`days("2026-01-01", today()) > -5`, cmpOf(criterion.Days{From: day("2026-01-01"), To: criterion.Today{}}, ">", criterion.Int64{Value: -5})},
		{`p.ratio > 0.8`, cmpOf(ratio, ">", criterion.Float64{Value: 0.8})},
		{`1 <= p.ratio`, cmpOf(ratio, ">=", criterion.Float64{Value: 1})},
		{`p.months >= 3.0`, cmpOf(months, ">=", criterion.Int64{Value: 3})},
		{`p.months in [1, 2]`, criterion.Or{Parts: []criterion.Formula{cmpOf(months, "==", criterion.Int64{Value: 1}), cmpOf(months, "==", criterion.Int64{Value: 2})}}},
		{`p.birth in [date("2000-01-01")]`, cmpOf(birth, "==", day("2000-01-01"))},
		{`min(p.months, p.homes) - 1 > 0`, cmpOf(criterion.Sub{Left: criterion.Cond{If: cmpOf(months, "<=", homes), Then: months, Else: homes}, Right: criterion.Int64{Value: 1}}, ">", criterion.Int64{})},
		{`-p.months < (p.alive ? 1 : 2) * 3`, cmpOf(criterion.Sub{Left: criterion.Int64{}, Right: months}, "<",
			criterion.Mul{Left: criterion.Cond{If: criterion.Is{Var: "p.alive"}, Then: criterion.Int64{Value: 1}, Else: criterion.Int64{Value: 2}}, Right: criterion.Int64{Value: 3}})},
		{`has(today)`, criterion.Const{Value: true}},
	} {
		rule, err := criterion.Compile(tt.rule, population(t))
		if err != nil {
			t.Fatalf("%s: %v", tt.rule, err)
		}
		got, err := rule.Formula()
		if err != nil {
			t.Errorf("%s: %v", tt.rule, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(criterion.Text{}, "Holds"), cmp.Comparer(func(a, b workday.Date) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.rule, diff)
		}
	}
}

// TestFormulaRefuses holds what cannot run over a population to its place.
func TestFormulaRefuses(t *testing.T) {
	for _, tt := range []struct {
		rule string
		col  int
		word string
	}{
		{`p.alive && p.list.exists(x, x == 1)`, 25, "Lists and loops"},
		{`p.alive && size(p.list) > 1`, 16, "size cannot run over everybody"},
		{`p.ratio * 2.0 > 1.0`, 15, "variable with decimals"},
		{`p.ratio > p.area`, 9, "variable with decimals"},
		{`p.months > 1.5`, 12, "whole number"},
		{`p.city == p.kind`, 11, "only be compared with texts"},
		{`p.city + "x" == "ax"`, 8, "only be compared with texts"},
		{`size(p.city) == 2`, 5, "size cannot"},
		{`p.city in [p.kind]`, 12, "only be compared with texts"},
		{`p.city in []`, 11, "Write out the values"},
		{`p.months in [1, p.homes]`, 17, "Write out the values"},
		{`p.city.matches("(")`, 16, "The pattern has a mistake"},
		{`p.any == 3`, 7, "The type is not known"},
		{`p.any.deep`, 1, "The type is not known"},
		{`p.months % 2 == 0`, 10, "% cannot"},
		{`p.birth.getFullYear() == 2000`, 20, "getFullYear cannot"},
		{`date(p.city) < today()`, 6, "only be compared with texts"},
		{`age("2000-02-30") > 3`, 5, `"2000-02-30" is not a date`},
		{`p.birth + duration("24h") > today()`, 19, "duration cannot"},
		{`int(p.ratio) > 3`, 4, "int cannot"},
		{`p.alive < p.owner`, 9, "< cannot"},
		{`(p.alive ? p.ratio : 1.0) > 0.5`, 27, "variable with decimals"},
		{`p.months`, 1, "The type is not known here or cannot"},
	} {
		rule, err := criterion.Compile(tt.rule, population(t))
		if err != nil {
			t.Fatalf("%s: %v", tt.rule, err)
		}
		_, err = rule.Formula()
		var e *criterion.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an *Error", tt.rule, err)
			continue
		}
		if e.Pos != (criterion.Pos{Line: 1, Col: tt.col}) || !strings.Contains(e.Message.EN, tt.word) || e.Message.ZH == e.Message.EN {
			t.Errorf("%s: got %v %q, want column %d, %q and a Chinese text", tt.rule, e.Pos, e.Message.EN, tt.col, tt.word)
		}
	}
	large := "p.months"
	for range 20 {
		large = "max(" + large + ", p.homes)"
	}
	rule, err := criterion.Compile(large+" > 1", population(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rule.Formula(); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("20 nested max: got %v, want it refused", err)
	}
	for src, word := range map[string]string{"p.alive": "whole number", "p.homes / p.ratio": "", "size(p.city)": "size cannot", large: "too large"} {
		rule, err := criterion.Compile(src, population(t))
		if err != nil {
			continue // types that do not go together
		}
		if _, err := rule.Number(); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("Number of %s: got %v, want %q", src[:min(len(src), 30)], err, word)
		}
	}
}

// naive decides a formula by the words of its nodes' comments and nothing else.
type naive struct {
	facts map[string]any // int64, float64, string, bool, workday.Date
	today workday.Date
}

func (n naive) truth(f criterion.Formula) criterion.Verdict {
	yes := map[bool]criterion.Verdict{true: criterion.Yes, false: criterion.No}
	switch f := f.(type) {
	case criterion.Const:
		return yes[f.Value]
	case criterion.And:
		worst := criterion.Yes
		for _, p := range f.Parts {
			switch n.truth(p) {
			case criterion.No:
				return criterion.No
			case criterion.Unknown:
				worst = criterion.Unknown
			}
		}
		return worst
	case criterion.Or:
		var not []criterion.Formula
		for _, p := range f.Parts {
			not = append(not, criterion.Not{Part: p})
		}
		return n.truth(criterion.Not{Part: criterion.And{Parts: not}})
	case criterion.Not:
		return map[criterion.Verdict]criterion.Verdict{criterion.Yes: criterion.No, criterion.No: criterion.Yes}[n.truth(f.Part)]
	case criterion.Choose:
		switch n.truth(f.If) {
		case criterion.Yes:
			return n.truth(f.Then)
		case criterion.No:
			return n.truth(f.Else)
		}
		return criterion.Unknown
	case criterion.Known:
		return yes[n.facts[f.Var] != nil]
	case criterion.Is:
		if b, ok := n.facts[f.Var].(bool); ok {
			return yes[b]
		}
	case criterion.Text:
		if s, ok := n.facts[f.Var].(string); ok {
			return yes[f.Holds(s)]
		}
	case criterion.Compare:
		a, b := n.value(f.Left), n.value(f.Right)
		if a == nil || b == nil {
			return criterion.Unknown
		}
		less, same := false, a == b
		switch a := a.(type) {
		case int64:
			less = a < b.(int64)
		case float64:
			less = a < b.(float64)
		case workday.Date:
			less = a.Before(b.(workday.Date))
		}
		return yes[map[string]bool{"==": same, "!=": !same, "<": less, "<=": less || same, ">": !less && !same, ">=": !less}[f.Op]]
	}
	return criterion.Unknown
}

// value is the value of a number, nil where it is unknown.
func (n naive) value(f criterion.Number) any {
	switch f := f.(type) {
	case criterion.Int64:
		return f.Value
	case criterion.Float64:
		return f.Value
	case criterion.Var:
		return n.facts[f.Name]
	case criterion.Day:
		return f.Value
	case criterion.Today:
		return n.today
	case criterion.Age:
		if m, ok := n.value(criterion.Months(f)).(int64); ok {
			return m / 12
		}
	case criterion.Months:
		from, ok := n.value(f.From).(workday.Date)
		to, known := n.value(f.To).(workday.Date)
		if ok && known {
			return months(from, to)
		}
	case criterion.Days:
		from, ok := n.value(f.From).(workday.Date)
		to, known := n.value(f.To).(workday.Date)
		if ok && known {
			return int64(to.Sub(from))
		}
	case criterion.Add:
		return n.whole(f.Left, f.Right, func(a, b int64) (int64, bool) { return a + b, a > 0 == (a+b > b) || a == 0 })
	case criterion.Sub:
		return n.whole(f.Left, f.Right, func(a, b int64) (int64, bool) { return a - b, b > 0 == (a-b < a) || b == 0 })
	case criterion.Mul:
		return n.whole(f.Left, f.Right, func(a, b int64) (int64, bool) {
			return a * b, b == 0 || a*b/b == a && !(b == -1 && a == math.MinInt64)
		})
	case criterion.Div:
		return n.whole(f.Left, f.Right, func(a, b int64) (int64, bool) {
			if b == 0 || b == -1 && a == math.MinInt64 {
				return 0, false
			}
			return a / b, true
		})
	case criterion.Cond:
		switch n.truth(f.If) {
		case criterion.Yes:
			return n.value(f.Then)
		case criterion.No:
			return n.value(f.Else)
		}
	}
	return nil
}

func (n naive) whole(l, r criterion.Number, do func(a, b int64) (int64, bool)) any {
	a, ok := n.value(l).(int64)
	b, known := n.value(r).(int64)
	if !ok || !known {
		return nil
	}
	if c, fits := do(a, b); fits {
		return c
	}
	return nil
}

// months counts by adding months of the calendar one by one.
func months(from, to workday.Date) int64 {
	if to.Before(from) {
		return -months(to, from)
	}
	y, m, d := from.Date()
	count := int64(0)
	for {
		m++
		if m > 12 {
			y, m = y+1, 1
		}
		// A month is over on the day of the same number, or, where there is none, on
		// the first day after.
		end := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		if end.Day() != d {
			end = time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
		}
		ey, em, ed := to.Date()
		if end.After(time.Date(ey, em, ed, 0, 0, 0, 0, time.UTC)) {
			return count
		}
		count++
	}
}
