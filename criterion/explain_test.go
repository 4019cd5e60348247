package criterion_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tongban/tongban/criterion"
)

// TestExplain holds traces to their clauses as they are written.
func TestExplain(t *testing.T) {
	yes, no, unknown := criterion.Yes, criterion.No, criterion.Unknown
	given := vars{"today": "2026-03-12", "p": vars{"birth": "1961-03-12", "months": 14.0, "homes": 2, "city": "上海", "alive": true}}
	leaf := func(text string, v criterion.Verdict, reads ...criterion.Reading) criterion.Trace {
		return criterion.Trace{Text: text, Verdict: v, Reads: reads}
	}
	birth, today := criterion.Reading{Name: "p.birth", Value: "1961-03-12"}, criterion.Reading{Name: "today", Value: "2026-03-12"}
	months, owner := criterion.Reading{Name: "p.months", Value: int64(14)}, criterion.Reading{Name: "p.owner"}
	for _, tt := range []struct {
		rule string
		want criterion.Trace
	}{
		{" age(p.birth) >= 65 ", leaf("age(p.birth) >= 65", yes, birth, today)},
		{"p.alive && // in life\n  p.months > 20 && p.owner", criterion.Trace{
			Text: "p.alive && // in life\n  p.months > 20 && p.owner", Op: "&&", Verdict: no, Parts: []criterion.Trace{
				leaf("p.alive", yes, criterion.Reading{Name: "p.alive", Value: true}), leaf("p.months > 20", no, months), leaf("p.owner", unknown, owner),
			}}},
		{"p.owner || (p.months > 20 && p.city == ') && (')", criterion.Trace{
			Text: "p.owner || (p.months > 20 && p.city == ') && (')", Op: "||", Verdict: unknown, Parts: []criterion.Trace{
				leaf("p.owner", unknown, owner),
				{Text: "(p.months > 20 && p.city == ') && (')", Op: "&&", Verdict: no, Parts: []criterion.Trace{
					leaf("p.months > 20", no, months), leaf("p.city == ') && ('", no, criterion.Reading{Name: "p.city", Value: "上海"}),
				}},
			}}},
		{"!has(p.owner)", criterion.Trace{Text: "!has(p.owner)", Op: "!", Verdict: yes, Parts: []criterion.Trace{leaf("has(p.owner)", no, owner)}}},
		{"p.alive ? p.months > 20 : p.owner ? true : false", criterion.Trace{
			Text: "p.alive ? p.months > 20 : p.owner ? true : false", Op: "?:", Verdict: no, Parts: []criterion.Trace{
				leaf("p.alive", yes, criterion.Reading{Name: "p.alive", Value: true}), leaf("p.months > 20", no, months),
				{Text: "p.owner ? true : false", Op: "?:", Parts: []criterion.Trace{leaf("p.owner", unknown, owner), leaf("true", yes), leaf("false", no)}},
			}}},
		{"score() >= 12", leaf("score() >= 12", no, criterion.Reading{Name: "score()", Value: int64(11)}, months, birth, today,
			criterion.Reading{Name: "p.homes", Value: int64(2)})},
		{"p.ratio / 0.0 > 1.0", leaf("p.ratio / 0.0 > 1.0", unknown, criterion.Reading{Name: "p.ratio"})},
	} {
		rule, err := criterion.Compile(tt.rule, population(t))
		if err != nil {
			t.Fatalf("%s: %v", tt.rule, err)
		}
		if diff := cmp.Diff(tt.want, rule.Explain(given), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.rule, diff)
		}
	}
}

// A definition of a truth is one clause: what it stands for is not in the text.
func TestExplainDefinition(t *testing.T) {
	dict, err := population(t).Define("settled", "p.alive && p.months > 12")
	if err != nil {
		t.Fatal(err)
	}
	rule, err := criterion.Compile("p.owner || settled()", dict)
	if err != nil {
		t.Fatal(err)
	}
	got := rule.Explain(vars{"p": vars{"alive": true, "months": 20}})
	want := criterion.Trace{Text: "p.owner || settled()", Op: "||", Verdict: criterion.Yes, Parts: []criterion.Trace{
		{Text: "p.owner", Reads: []criterion.Reading{{Name: "p.owner"}}},
		{Text: "settled()", Verdict: criterion.Yes, Reads: []criterion.Reading{{Name: "settled()", Value: true}, {Name: "p.alive", Value: true}, {Name: "p.months", Value: int64(20)}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := dict.Define("broken", "p.alive &&"); err == nil {
		t.Error("a broken definition is taken")
	}
	if _, err := criterion.Compile("setled()", dict); err == nil || err.(*criterion.Error).Message.EN != "There is no function setled. Did you mean settled?" {
		t.Errorf("a mistyped definition: %v", err)
	}
}

func TestResidual(t *testing.T) {
	given := vars{"today": "2026-03-12", "p": vars{"birth": "1961-03-12", "months": 14, "city": "上海", "alive": true, "list": []any{1, 2}}}
	for _, tt := range []struct {
		rule, want string
		missing    []string
	}{
		{"age(p.birth) >= 65 && p.alive", "", nil},
		{"p.alive && p.owner", "p.owner", []string{"p.owner"}},
		{"p.alive && (p.owner || p.city == '北京') && p.homes < 2", "p.owner && p.homes < 2", []string{"p.homes", "p.owner"}},
		{"days(p.since, p.birth) > 3 || !p.alive", `days(p.since, date("1961-03-12")) > 3`, []string{"p.since"}},
		{"age(p.since) >= 18", "age(p.since) >= 18", []string{"p.since"}},
		{"(p.months > 12 ? 10 : p.homes) + p.homes > 12", "10 + p.homes > 12", []string{"p.homes"}},
		{"p.alive ? p.owner : p.homes > 1", "p.owner", []string{"p.owner"}},
		{"has(p.since) || p.owner", "p.owner", []string{"p.owner"}},
		{"p.list.exists(x, x > p.homes)", "p.list.exists(x, x > p.homes)", []string{"p.homes"}},
		{"p.months / 0 > 1 || p.owner", "14 / 0 > 1 || p.owner", []string{"p.owner"}},
		{"p.months", "", nil},
	} {
		rule, err := criterion.Compile(tt.rule, population(t))
		if err != nil {
			t.Fatalf("%s: %v", tt.rule, err)
		}
		text, missing := rule.Residual(given)
		if text != tt.want || !cmp.Equal(missing, tt.missing, cmpopts.EquateEmpty()) {
			t.Errorf("%s leaves %q, missing %v; want %q, %v", tt.rule, text, missing, tt.want, tt.missing)
		}
	}
}

func TestWords(t *testing.T) {
	rule, err := criterion.Compile("p.city == '上海' && ('a' != p.kind || p.kind in ['b', 'c']) && p.city < 'z'", population(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []criterion.Word{
		{Var: "p.city", Value: "上海", Pos: criterion.Pos{Line: 1, Col: 11}}, {Var: "p.kind", Value: "a", Pos: criterion.Pos{Line: 1, Col: 20}},
		{Var: "p.kind", Value: "b", Pos: criterion.Pos{Line: 1, Col: 48}}, {Var: "p.kind", Value: "c", Pos: criterion.Pos{Line: 1, Col: 53}},
	}
	if diff := cmp.Diff(want, rule.Words()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := rule.Place("p.kind"); got != (criterion.Pos{Line: 1, Col: 27}) {
		t.Errorf("p.kind is first at %v, want 1:27", got)
	}
	if got := rule.Place("p.birth"); got != (criterion.Pos{}) {
		t.Errorf("p.birth, which is not read, is at %v", got)
	}
}
