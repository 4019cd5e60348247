package eligibility_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
)

// TestDraft types rules into the elderly allowance of the sample city.
func TestDraft(t *testing.T) {
	city := loaded(t, os.DirFS("../packs/shanghai"))
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	allowance, points := policy(t, city, "elderly-allowance"), policy(t, city, "residence-points")
	const age, hukou, first, last = "conditions.age", "conditions.hukou", "amount.band.0", "amount.band.4"
	const enough, young, study = "conditions.points", "score.age.0", "score.study.2"
	type wrong struct {
		Key  string
		At   criterion.Pos
		Said string // a part of the message
	}
	tests := []struct {
		name  string
		texts map[string]string
		want  []wrong
	}{
		{"points: nothing typed", nil, nil},
		{"points: more for the young", map[string]string{young + ".value": "40", young + ".when": "age(population.birth) <= 40", enough: "score() >= 130"}, nil},
		{"points: a number of words", map[string]string{study + ".value": "'90'"}, []wrong{{study + ".value", criterion.Pos{Line: 1, Col: 1}, "whole number"}}},
		{"points: a word that there is not", map[string]string{study + ".when": "education.degree == '学士 '"}, []wrong{{study + ".when", criterion.Pos{Line: 1, Col: 21}, "学士 "}}},
		{"points: of points", map[string]string{young + ".value": "score()"}, []wrong{{young + ".value", criterion.Pos{Line: 1, Col: 6}, "no function score"}}},
		{"points: wrong twice, in order", map[string]string{young + ".when": "nobody", enough: "score()"},
			[]wrong{{enough, criterion.Pos{Line: 1, Col: 1}, "yes or no"}, {young + ".when", criterion.Pos{Line: 1, Col: 1}, "nobody"}}},
		{"nothing typed", nil, nil},
		{"another age", map[string]string{age: " age(population.birth) >= 60\r\n"}, nil},
		{"another amount", map[string]string{last + ".value": "100", last + ".when": ""}, nil},
		{"no rule's key", map[string]string{"conditions.nobody": "nonsense("}, nil},
		{"what the city adds", map[string]string{"conditions.present": "nonsense("}, nil},
		{"empty", map[string]string{age: " "}, []wrong{{age, criterion.Pos{Line: 1, Col: 1}, "A rule is needed"}}},
		{"unknown name", map[string]string{age: "age(population.birth) >= 60 &&\n  population.shoes > 3"},
			[]wrong{{age, criterion.Pos{Line: 2, Col: 3}, "population.shoes"}}},
		{"no question", map[string]string{age: "age(population.birth)"}, []wrong{{age, criterion.Pos{Line: 1, Col: 1}, "yes or no"}}},
		{"no number", map[string]string{first + ".value": "'many'"}, []wrong{{first + ".value", criterion.Pos{Line: 1, Col: 1}, "whole number"}}},
		{"too long", map[string]string{age: strings.Repeat("true || ", 600) + "true"}, []wrong{{age, criterion.Pos{Line: 1, Col: 1}, "too long"}}},
		{"a row that hides the rest", map[string]string{first + ".when": ""}, []wrong{{first + ".when", criterion.Pos{Line: 1, Col: 1}, "last row"}}},
		{"sensitive", map[string]string{age: "age(population.birth) >= 60 || disability.grade == '一级'"},
			[]wrong{{age, criterion.Pos{Line: 1, Col: 32}, "sensitive"}}},
		{"cannot run over everybody", map[string]string{hukou: "['上海'].exists(c, c == population.hukou_city)"}, []wrong{{hukou, criterion.Pos{Line: 1, Col: 14}, "Lists and loops"}}},
		{"two at once", map[string]string{hukou: "", age: ""}, []wrong{{hukou, criterion.Pos{Line: 1, Col: 1}, ""}, {age, criterion.Pos{Line: 1, Col: 1}, ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := allowance
			if strings.HasPrefix(tt.name, "points: ") {
				p = points
			}
			before := b.RulesOf(p)
			draft, got := b.Draft(p, tt.texts)
			if diff := cmp.Diff(before, b.RulesOf(p)); diff != "" {
				t.Fatalf("the policy in force was touched: %s", diff)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %+v, want %+v", got, tt.want)
			}
			for i, w := range tt.want {
				if got[i].Key != w.Key || got[i].Pos != w.At || !strings.Contains(got[i].Message.EN, w.Said) || got[i].Message.ZH == "" {
					t.Errorf("got %+v, want %+v", got[i], w)
				}
			}
			if len(got) == 0 {
				if _, err := b.With(draft); err != nil {
					t.Errorf("a draft without mistakes does not compile: %v", err)
				}
			}
		})
	}
}

// TestDraftAnswers: a draft's examples are those of the policy, answered anew.
func TestDraftAnswers(t *testing.T) {
	city := loaded(t, os.DirFS("../packs/shanghai"))
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	p := policy(t, city, "elderly-allowance")
	draft, wrong := b.Draft(p, map[string]string{"conditions.age": "age(population.birth) >= 66", "amount.band.4.value": "80"})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	more, err := b.With(draft)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range more.Test(draft) {
		names = append(names, f.Example.Name.EN)
	}
	want := []string{"On the 65th birthday", "The last day of being 69 still gives 75"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("examples that fail: %s", diff)
	}
	graduate := policy(t, city, "residence-points")
	strict, wrong := b.Draft(graduate, map[string]string{"score.study.2.value": "89"})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if more, err = b.With(strict); err != nil {
		t.Fatal(err)
	}
	if failed := more.Test(strict); len(failed) == 0 || failed[0].Example.Name.EN != "Aged 34, bachelor: exactly 120" {
		t.Errorf("a point less: examples that fail are %v, want the bachelor who has exactly enough", failed)
	}
	rules := b.RulesOf(draft)
	if len(rules) != 3+10 || rules[1].Text != "age(population.birth) >= 66" || !rules[2].Fixed {
		t.Errorf("rules of the draft: %+v", rules)
	}
}
