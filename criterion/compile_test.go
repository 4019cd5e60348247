package criterion_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
)

// dictionary is a closed one, with a variable of each type.
func dictionary() *criterion.Dict {
	return criterion.New(map[string]criterion.Type{
		"applicant.birth": criterion.Date,
		"applicant.name":  criterion.String,
		"scenario.kind":   criterion.String,
		"income":          criterion.Double,
		"members":         criterion.Int,
		"hukou":           criterion.Bool,
		"children":        criterion.List,
		"fact":            criterion.Map,
		"other":           criterion.Any,
	})
}

// TestCompileRefuses is what a rule's author sees: place and message.
func TestCompileRefuses(t *testing.T) {
	tests := []struct {
		rule      string
		line, col int
		word      string
	}{
		{"", 1, 1, "empty"},
		{"  \n ", 1, 1, "empty"},
		{"income >", 1, 9, "cannot be read"},
		{"income > 3 &&\n  (hukou", 2, 9, "cannot be read"},
		{"incom > 3.0", 1, 1, "Did you mean income?"},
		{"hukou &&\n scenario.knd == 'new'", 2, 2, "Did you mean scenario.kind?"},
		{"applicant == 1", 1, 1, "no variable applicant"},
		{"weather == 'fine'", 1, 1, "There is no variable weather. Check"},
		{"has(applicant.brith)", 1, 5, "Did you mean applicant.birth?"},
		{"agee(applicant.birth) > 3", 1, 5, "Did you mean age?"},
		{"frobnicate(income)", 1, 11, "There is no function frobnicate"},
		{"applicant.name.shout()", 1, 21, "There is no function shout"},
		{"income > 'x'", 1, 8, "> cannot be used on these types: double, string"},
		{"applicant.birth > '1960-01-01'", 1, 17, "date, string"},
		{"age(members) > 3", 1, 4, "age cannot be used"},
		{"hukou + 1", 1, 7, "+ cannot be used"},
		{"applicant.name.length > 3", 1, 15, "mistake"},
		{"members > 3 ? 1 : 'x'", 1, 13, "cannot be used"},
		{"has(1)", 1, 5, "has() takes the name"},
		{"children.all(1, true)", 1, 14, "cannot be read"},
		{strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500), 1, 1, "cannot be read"},
		{strings.Repeat("hukou && ", 2_000) + "hukou", 1, 1, "cannot be read"},
		{"hukou && 中文", 1, 10, "cannot be read"},
		{"Msg{a: 1}", 1, 4, "Msg"},
	}
	for _, tt := range tests {
		t.Run(tt.rule[:min(len(tt.rule), 40)], func(t *testing.T) {
			_, err := criterion.Compile(tt.rule, dictionary())
			var e *criterion.Error
			if !errors.As(err, &e) || !fault.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want an *Error", err)
			}
			want := criterion.Pos{Line: tt.line, Col: tt.col}
			if e.Pos != want || !strings.Contains(e.Message.EN, tt.word) {
				t.Errorf("got %+v %q\nwant %+v %q", e.Pos, e.Message.EN, want, tt.word)
			}
			if e.Message.ZH == "" || e.Message.ZH == e.Message.EN {
				t.Errorf("no Chinese message: %q", e.Message.ZH)
			}
		})
	}
}

// TestTyped holds rules over a closed dictionary, and values that do not fit
// their types.
func TestTyped(t *testing.T) {
	all := vars{
		"today":     "2026-03-01",
		"applicant": vars{"birth": "1961-03-01", "name": "𠮷田"},
		"scenario":  vars{"kind": "new"},
		"income":    30000.0, "members": 3.0, "hukou": true,
		"children": []any{vars{"age": 2.0}}, "fact": vars{"size": vars{"m2": 40.0}}, "other": json.Number("7"),
	}
	tests := []struct {
		rule string
		over vars
		want criterion.Verdict
		fail bool
	}{
		{rule: `age(applicant.birth) == 65 && hukou`, want: criterion.Yes},
		{rule: `income / 12.0 / double(members) < 900.0`, want: criterion.Yes},
		{rule: `income > 1 && members == 3`, want: criterion.Yes},
		{rule: `fact.size.m2 / members < 15`, want: criterion.Yes},
		{rule: `has(fact.size) && !has(fact.colour) && has(fact)`, want: criterion.Yes},
		{rule: `fact["size"]["m2"] == 40`, want: criterion.Yes},
		{rule: `applicant.birth <= date("1961-03-01") && applicant.birth.getFullYear() == 1961`, want: criterion.Yes},
		{rule: `size(applicant.name) == 2 && applicant.name.startsWith("𠮷")`, want: criterion.Yes},
		{rule: `other == 7 && scenario.kind in ["new", "lost"]`, want: criterion.Yes},
		{rule: `children.exists(c, c.age < 3)`, want: criterion.Yes},
		{rule: `income > 1`, over: vars{"income": "much"}, fail: true},
		{rule: `members > 1`, over: vars{"members": 2.5}, fail: true},
		{rule: `applicant.birth < today()`, over: vars{"applicant": vars{"birth": "1961-02-30"}}, fail: true},
		{rule: `applicant.birth < today()`, over: vars{"applicant": vars{"birth": 1961}}, fail: true},
		{rule: `hukou`, over: vars{"hukou": "yes"}, fail: true},
		{rule: `size(children) > 0`, over: vars{"children": vars{}}, fail: true},
		{rule: `other.deep == 1`, over: vars{"other": deep(40)}, fail: false, want: criterion.Unknown},
		{rule: `other == 1`, over: vars{"other": deep(40)}, fail: true},
		{rule: `other == 1`, over: vars{"other": json.Number("x")}, fail: true},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			rule, err := criterion.Compile(tt.rule, dictionary())
			if err != nil {
				t.Fatalf("Compile: %v", err)
			}
			given := vars{}
			for _, m := range []vars{all, tt.over} {
				for k, v := range m {
					given[k] = v
				}
			}
			got := rule.Eval(given)
			if got.Verdict != tt.want || (got.Err != nil) != tt.fail {
				t.Errorf("got %v, %v; want %v, failure %v", got.Verdict, got.Err, tt.want, tt.fail)
			}
		})
	}
}

func deep(n int) any {
	var v any = 1
	for range n {
		v = []any{v}
	}
	return v
}

// TestValue holds the Go values of rules that are not yes or no.
func TestValue(t *testing.T) {
	all := vars{"birth": "1961-03-01", "name": "陈", "today": "2026-03-01", "rate": 1.5, "list": []any{1.0, "x"}, "m": vars{"a": 1.0}}
	tests := []struct {
		rule string
		want any
	}{
		{`1 + 2`, int64(3)},
		{`rate * 2.0`, 3.0},
		{`"No. " + name`, "No. 陈"},
		{`date(birth)`, "1961-03-01"},
		{`today()`, "2026-03-01"},
		{`age(birth) >= 65 ? 75 : 0`, int64(75)},
		{`list`, []any{int64(1), "x"}}, // names of types are names like others
		{`m`, map[string]any{"a": int64(1)}},
		{`{"a": list, "b": null}`, map[string]any{"a": []any{int64(1), "x"}, "b": nil}},
		{`list.map(x, x == "x")`, []any{false, true}},
		{`2u`, int64(2)},
		{`string(duration("90s"))`, "90s"},
	}
	for _, tt := range tests {
		rule, err := criterion.Compile(tt.rule, criterion.Open())
		if err != nil {
			t.Fatalf("Compile(%s): %v", tt.rule, err)
		}
		got, err := rule.Value(all)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.rule, err, diff)
		}
	}
	rule, _ := criterion.Compile(`surname + given`, criterion.Open())
	if _, err := rule.Value(vars{"given": "x"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "surname") {
		t.Errorf("got %v, want it to name surname", err)
	}
}

// TestRule holds what a rule tells about itself.
func TestRule(t *testing.T) {
	const src = `age(b) > 3 && has(a.c) && list.all(x, x.y > z) && a.b`
	rule, err := criterion.Compile(src, criterion.Open())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.b", "a.c", "b", "list", "today", "z"}, rule.Variables()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if rule.Source() != src || rule.Type() != criterion.Bool {
		t.Errorf("got %q of type %v", rule.Source(), rule.Type())
	}
	for src, want := range map[string]criterion.Type{`1`: criterion.Int, `x`: criterion.Any, `today()`: criterion.Date, `"a"`: criterion.String, `1.5`: criterion.Double, `[1]`: criterion.List, `{1: 2}`: criterion.Map} {
		if rule, err := criterion.Compile(src, criterion.Open()); err != nil || rule.Type() != want {
			t.Errorf("%s: got %v, %v, want %v", src, rule.Type(), err, want)
		}
	}
}
