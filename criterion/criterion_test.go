package criterion_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
)

type vars = map[string]any

// TestEval is the table of what rules say over open variables.
func TestEval(t *testing.T) {
	all := vars{
		"today":    "2026-03-01",
		"name":     "陈桂兰",
		"birth":    "1960-03-02",
		"leap":     "2008-02-29",
		"income":   float64(2400),
		"rate":     2.5,
		"nothing":  nil,
		"scenario": vars{"kind": "renew"},
		"task":     vars{"review": vars{"outcome": "approve", "outcomes": []any{"approve", "reject"}}},
		"children": []any{vars{"name": "a", "age": 3.0}, vars{"name": "b"}},
		"tags":     []string{"x", "y"},
		"type":     "firm",
		"map":      vars{"string": "7"},
		"claims":   map[string]string{"no": "17"},
		"at":       time.Date(2026, 2, 1, 23, 30, 0, 0, time.UTC),
	}
	tests := []struct {
		rule    string
		want    criterion.Verdict
		missing []string
	}{
		{rule: `true`, want: criterion.Yes},
		{rule: `name == "陈桂兰"`, want: criterion.Yes},
		{rule: `scenario.kind == "renew"`, want: criterion.Yes},
		{rule: `scenario.kind in ["new", "lost"]`, want: criterion.No},
		{rule: `task.review.outcome == "approve"`, want: criterion.Yes},
		{rule: `task.review.outcomes.all(o, o == "approve")`, want: criterion.No},
		{rule: `task.consult.outcome == "approve"`, missing: []string{"task.consult.outcome"}},
		{rule: `nothing == 1`, missing: []string{"nothing"}},
		{rule: `income == 2400 && income * 12 <= 28800`, want: criterion.Yes},
		{rule: `rate > 2`, want: criterion.Yes},
		{rule: `claims.no == "17" && !has(claims.yes)`, want: criterion.Yes},
		{rule: `tags.exists(x, x == "y") && size(tags) == 2`, want: criterion.Yes},
		{rule: `age(birth) == 65 && age(birth, date("2026-03-02")) == 66`, want: criterion.Yes},
		{rule: `age(leap) == 18 && age(leap, "2026-02-28") == 17`, want: criterion.Yes},
		{rule: `today() == date("2026-03-01") && today == today()`, want: criterion.Yes},
		{rule: `days("2026-02-28", today) == 1 && days(today, "2026-02-28") == -1`, want: criterion.Yes},
		{rule: `months(birth, "2026-03-01") == 65 * 12 + 11`, want: criterion.Yes},
		{rule: `date(at) == date("2026-02-01") && date(birth).getFullYear() == 1960`, want: criterion.Yes},
		{rule: `age(born) >= 65`, missing: []string{"born"}},
		{rule: `a && b`, missing: []string{"a", "b"}},
		{rule: `a && income < 0`, want: criterion.No},
		{rule: `income < 0 && a`, want: criterion.No},
		{rule: `a || income > 0`, want: criterion.Yes},
		{rule: `a || income < 0`, missing: []string{"a"}},
		{rule: `a ? b : c`, missing: []string{"a"}},
		{rule: `income > 0 ? b : c`, missing: []string{"b"}},
		{rule: `!a`, missing: []string{"a"}},
		{rule: `has(a)`, want: criterion.No},
		{rule: `has(nothing)`, want: criterion.No},
		{rule: `has(a.b.c) || has(scenario.kind)`, want: criterion.Yes},
		{rule: `has(a) && a > 3`, want: criterion.No},
		{rule: `children.exists(c, has(c.age) && c.age < 6)`, want: criterion.Yes},
		{rule: `children.all(c, has(c.age) && c.age < 6)`, want: criterion.No},
		{rule: `children.all(c, has(c))`, want: criterion.Yes},
		{rule: `children[0].name == "a"`, want: criterion.Yes},
		{rule: `children.exists(c, c.name == who)`, missing: []string{"who"}},
		{rule: `type(income) == type(1)`, want: criterion.Yes},
		{rule: `type == "firm" && int(map.string) == 7`, want: criterion.Yes},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			rule, err := criterion.Compile(tt.rule, criterion.Open())
			if err != nil {
				t.Fatalf("Compile: %v", err)
			}
			got := rule.Eval(all)
			if got.Err != nil || got.Verdict != tt.want {
				t.Errorf("got %v (%v), want %v", got.Verdict, got.Err, tt.want)
			}
			if diff := cmp.Diff(tt.missing, got.Missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEvalFails holds that a rule that cannot be worked out is unknown and says
// why, in both languages.
func TestEvalFails(t *testing.T) {
	tests := []struct {
		rule string
		vars vars
	}{
		{`x > 3`, vars{"x": "three"}},
		{`x`, vars{"x": "yes"}},
		{`age(x) > 3`, vars{"x": "1960-13-01", "today": "2026-01-01"}},
		{`age(x) > 3`, vars{"x": "1960-01-01", "today": "soon"}},
		{`x[3] == 1`, vars{"x": []any{1}}},
		{`x == 1`, vars{"x": struct{}{}}},
		{`x / 0 == 1`, vars{"x": 1}},
		{`x.all(a, x.all(b, x.all(c, a + b + c >= 0)))`, vars{"x": make([]any, 0)}},
	}
	many := make([]any, 200)
	for i := range many {
		many[i] = i
	}
	tests[len(tests)-1].vars["x"] = many
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			rule, err := criterion.Compile(tt.rule, criterion.Open())
			if err != nil {
				t.Fatalf("Compile: %v", err)
			}
			got := rule.Eval(tt.vars)
			if got.Verdict != criterion.Unknown || got.Err == nil || got.Missing != nil {
				t.Fatalf("got %+v, want unknown with an error", got)
			}
			if !fault.Is(got.Err, fault.Invalid) {
				t.Errorf("kind: got %v, want invalid", fault.KindOf(got.Err))
			}
			var e *criterion.Error
			if !errors.As(got.Err, &e) || e.Message.ZH == "" || e.Message.EN == "" {
				t.Errorf("got %v, want a message in both languages", got.Err)
			}
		})
	}
}
