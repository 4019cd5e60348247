package form_test

import (
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
)

func resettle(t testing.TB) *form.Form {
	t.Helper()
	src, err := os.ReadFile("testdata/resettle.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := form.Parse("forms/resettle.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// uscc is a credit code with the right check character.
func uscc() string {
	for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if code := "91310115MA1K4A1B0" + string(c); identifier.CheckUSCC(code) == nil {
			return code
		}
	}
	return ""
}

// good is data that may be submitted.
func good() map[string]any {
	return map[string]any{
		"name": "𠮷田桂兰", "latin": "Jitian Guilan", "id_number": "11010519491231002X", "birth": "1949-12-31", "phone": "13800138000",
		"email": "guilan@example.com", "area": "310101", "homes": int64(1), "size": 62.5, "income": int64(430050),
		"household": int64(2), "members": []any{"spouse", "child"}, "since": "1975-05", "kind": "own", "firm": "通办面馆",
		"firm_code": uscc(), "help": false, "note": "第一行\n第二行", "agree": true,
	}
}

// with is good data with some changes; nil takes a key out.
func with(changes map[string]any) map[string]any {
	data := good()
	for key, value := range changes {
		if value == nil {
			delete(data, key)
			continue
		}
		data[key] = value
	}
	return data
}

func TestParse(t *testing.T) {
	f := resettle(t)
	if f.ID != "resettle" || len(f.Hash) != 64 || f.Title.EN != "Settling-in allowance" {
		t.Errorf("got id %q, hash %q, title %q", f.ID, f.Hash, f.Title.EN)
	}
	widgets := map[string]string{}
	for _, field := range f.Fields {
		widgets[field.Key] = field.Widget
	}
	want := map[string]string{
		"name": "text", "latin": "text", "id_number": "citizen-id", "birth": "date", "phone": "phone", "email": "email", "area": "area",
		"homes": "number", "size": "number", "income": "money", "household": "select", "members": "checkboxes", "since": "year-month",
		"kind": "radio", "firm": "text", "firm_code": "uscc", "help": "radio", "note": "textarea", "agree": "checkbox",
	}
	if diff := cmp.Diff(want, widgets); diff != "" {
		t.Errorf("widgets (-want +got):\n%s", diff)
	}
	homes, note, help := f.Field("homes"), f.Field("note"), f.Field("help")
	if *homes.Min != 0 || *homes.Max != 9 || !homes.Required || note.MaxLength != 2000 || f.Field("name").MaxLength != 12 {
		t.Errorf("bounds: homes %+v, note %+v", homes, note)
	}
	if len(help.Choices) != 2 || help.Choices[0].Value != "true" || help.Choices[0].Label.ZH != "是" {
		t.Errorf("a yes-or-no question offers %+v", help.Choices)
	}
	if f.StepOf("firm") != 2 || f.StepOf("nothing") != -1 || f.Steps[1].Hint.EN == "" {
		t.Errorf("steps are %+v", f.Steps)
	}
}

func TestValidateTakes(t *testing.T) {
	f := resettle(t)
	for name, data := range map[string]map[string]any{
		"good":                     good(),
		"out of JSON":              with(map[string]any{"homes": 1.0, "income": 430050.0, "household": 2.0, "members": []string{"spouse"}}),
		"optional ones empty":      with(map[string]any{"email": "", "latin": " ", "note": "　", "area": nil}),
		"hidden ones left out":     with(map[string]any{"household": int64(1), "members": nil, "since": nil, "homes": 0, "size": nil}),
		"hidden ones wrong":        with(map[string]any{"household": int64(1), "members": []any{"x"}, "since": "?", "homes": 0, "size": "big"}),
		"hidden by a hidden one":   with(map[string]any{"kind": "none", "firm": 3, "firm_code": 4}),
		"twelve rare characters":   with(map[string]any{"name": strings.Repeat("𠮷", 12)}),
		"landline, permanent card": with(map[string]any{"phone": "021-12345678", "id_number": "911124198108030024"[:17] + check("91112419810803002")}),
		"foreign phone":            with(map[string]any{"phone": "+4915112345678"}),
	} {
		if faults := f.Validate(data); len(faults) > 0 {
			t.Errorf("%s: %+v, want none", name, faults)
		}
	}
}

// check is the check character of 17 digits.
func check(s string) string {
	for _, c := range "0123456789X" {
		if identifier.CheckCitizenID(s+string(c)) == nil {
			return string(c)
		}
	}
	return ""
}

func TestValidateRefuses(t *testing.T) {
	f := resettle(t)
	for _, tt := range []struct {
		name    string
		changes map[string]any
		pointer string
		message string // in English
	}{
		{"required", map[string]any{"name": nil}, "/name", `Please fill in "Name".`},
		{"required but blank", map[string]any{"name": " 　"}, "/name", `Please fill in "Name".`},
		{"required choice", map[string]any{"kind": nil}, "/kind", `Please choose an answer for "Work".`},
		{"required because of another", map[string]any{"firm_code": nil}, "/firm_code", `Please fill in "Credit code".`},
		{"too long", map[string]any{"name": strings.Repeat("𠮷", 13)}, "/name", `"Name" can have at most 12 characters; it has 13.`},
		{"too short", map[string]any{"name": "李"}, "/name", `"Name" must have at least 2 characters; it has 1.`},
		{"pattern in the form's words", map[string]any{"latin": "桂兰"}, "/latin", "Use Latin letters only."},
		{"minimum", map[string]any{"homes": -1}, "/homes", `"Homes" must be 0 or more.`},
		{"maximum", map[string]any{"homes": 10}, "/homes", `"Homes" must be 9 or less.`},
		{"minimum in yuan", map[string]any{"income": 99}, "/income", `"Monthly income" must be 1 yuan or more.`},
		{"maximum in yuan", map[string]any{"income": 100000001}, "/income", `"Monthly income" must be 1000000 yuan or less.`},
		{"above", map[string]any{"size": 0.0}, "/size", `"Floor area" must be more than 0.`},
		{"below", map[string]any{"size": 1000.5}, "/size", `"Floor area" must be less than 1000.5.`},
		{"multiple", map[string]any{"size": 1.25}, "/size", `"Floor area" must be a multiple of 0.5.`},
		{"not a choice", map[string]any{"kind": "astronaut"}, "/kind", `"Work" must be one of the answers offered.`},
		{"not a choice of numbers", map[string]any{"household": 3}, "/household", `"People" must be one of the answers offered.`},
		{"not a choice of several", map[string]any{"members": []any{"cat"}}, "/members", `"Who lives with you" must be one of the answers offered.`},
		{"too many choices", map[string]any{"members": []any{"spouse", "child", "parent"}}, "/members", "Please choose at most 2."},
		{"a choice twice", map[string]any{"members": []any{"spouse", "spouse"}}, "/members", "The same answer is given twice."},
		{"not agreed", map[string]any{"agree": false}, "/agree", `Please tick "All of this is true" to go on.`},
		{"text for a number", map[string]any{"homes": "two"}, "/homes", `"Homes" must be a whole number, such as 12.`},
		{"half a home", map[string]any{"homes": 1.5}, "/homes", `"Homes" must be a whole number, such as 12.`},
		{"huge number", map[string]any{"homes": 1e300}, "/homes", `"Homes" must be a whole number, such as 12.`},
		{"number for a text", map[string]any{"name": 12}, "/name", `"Name" must be text.`},
		{"text for a decimal", map[string]any{"size": "big"}, "/size", `"Floor area" must be a number, such as 12.5.`},
		{"text for money", map[string]any{"income": "lots"}, "/income", `"Monthly income" must be an amount in yuan with at most two decimals, such as 1200.50.`},
		{"text for yes", map[string]any{"agree": "yes"}, "/agree", `Please choose from the answers offered for "All of this is true".`},
		{"map for a text", map[string]any{"name": map[string]any{"a": 1}}, "/name", `"Name" must be text.`},
		{"numbers in a list", map[string]any{"members": []any{1}}, "/members", `Please choose from the answers offered for "Who lives with you".`},
		{"control character", map[string]any{"name": "陈\x00桂"}, "/name", `"Name" contains invisible control characters. Please delete and type it again.`},
		{"line break in one line", map[string]any{"firm": "a\nb"}, "/firm", `"Firm" contains invisible control characters. Please delete and type it again.`},
		{"text turned round", map[string]any{"note": "a\u202eb"}, "/note", `"Note" contains invisible control characters. Please delete and type it again.`},
		{"no text at all", map[string]any{"note": "\xff"}, "/note", `"Note" contains invisible control characters. Please delete and type it again.`},
		{"check digit", map[string]any{"id_number": "110105194912310021"}, "/id_number", "One character of the citizen ID is wrong. Please compare with the card."},
		{"credit code", map[string]any{"firm_code": "91310115MA1K4A1B0I"}, "/firm_code", "A unified social credit code has 18 digits or capital letters, without I, O, S, V and Z."},
		{"impossible date", map[string]any{"birth": "2026-02-30"}, "/birth", "There is no such day as 2026-02-30. Please check year, month and day."},
		{"no date", map[string]any{"birth": "in spring"}, "/birth", "Please give a whole date, such as 15 March 2026."},
		{"date long ago", map[string]any{"birth": "0199-01-01"}, "/birth", "There is no such day as 0199-01-01. Please check year, month and day."},
		{"month 13", map[string]any{"since": "1975-13"}, "/since", "Please give a year and a month, such as March 2026."},
		{"phone", map[string]any{"phone": "12345"}, "/phone", "Please give an 11-digit mobile number, or a landline with area code such as 021-12345678."},
		{"e-mail", map[string]any{"email": "me@home"}, "/email", "Please give a whole e-mail address, such as name@example.com."},
		{"e-mail with a name", map[string]any{"email": "A <a@b.cn>"}, "/email", "Please give a whole e-mail address, such as name@example.com."},
		{"area", map[string]any{"area": "Pudong"}, "/area", "Please choose an area."},
		{"unknown field", map[string]any{"salary": 3}, "/salary", `The form has no field "salary".`},
		{"unknown field with strange key", map[string]any{"a/b~\x00": 3}, "/a~1b~0", `The form has no field "a/b~".`},
	} {
		faults := f.Validate(with(tt.changes))
		want := []fault.Field{{Pointer: tt.pointer, Message: i18n.Text{EN: tt.message}}}
		got := make([]fault.Field, len(faults))
		for i, field := range faults {
			got[i] = fault.Field{Pointer: field.Pointer, Message: i18n.Text{EN: field.Message.EN}}
			if field.Message.ZH == "" || field.Message.ZH == field.Message.EN {
				t.Errorf("%s: no Chinese message: %+v", tt.name, field)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestValidateOrder(t *testing.T) {
	f := resettle(t)
	var got []string
	for _, field := range f.Validate(map[string]any{"zz": 1, "aa": 1, "homes": "x"}) {
		got = append(got, field.Pointer)
	}
	want := []string{"/name", "/id_number", "/birth", "/phone", "/homes", "/income", "/household", "/kind", "/agree", "/aa", "/zz"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pointers (-want +got):\n%s", diff)
	}
	if got := f.Step(map[string]any{"homes": "x", "zz": 1}, 1); len(got) != 3 || got[0].Pointer != "/homes" {
		t.Errorf("Step 1 = %+v, want homes, income and household", got)
	}
	for _, step := range []int{-1, 3} {
		if got := f.Step(nil, step); got != nil {
			t.Errorf("Step %d = %+v, want nothing", step, got)
		}
	}
	many := map[string]any{}
	for range 100 {
		many[strings.Repeat("x", len(many)+1)] = 1
	}
	if got := f.Validate(many); len(got) != 9+20 {
		t.Errorf("100 unknown fields give %d faults, want 20 and the 9 required", len(got))
	}
}

func TestVisibleAndPrune(t *testing.T) {
	f := resettle(t)
	for _, tt := range []struct {
		name    string
		changes map[string]any
		hidden  string
	}{
		{"all shown", nil, ""},
		{"nothing known yet", map[string]any{"homes": nil, "household": nil, "kind": nil, "members": nil}, "size members since firm firm_code"},
		{"no homes, alone", map[string]any{"homes": 0, "household": 1.0}, "size members since"},
		{"no spouse", map[string]any{"members": []string{"child"}}, "since"},
		{"no work", map[string]any{"kind": "none"}, "firm firm_code"},
		{"employed", map[string]any{"kind": "employed"}, "firm_code"},
		{"a number that is none", map[string]any{"homes": "x"}, "size"},
	} {
		data := with(tt.changes)
		shown := map[string]bool{}
		for _, field := range f.Visible(data) {
			shown[field.Key] = true
		}
		var hidden []string
		for _, field := range f.Fields {
			if !shown[field.Key] {
				hidden = append(hidden, field.Key)
			}
		}
		if got := strings.Join(hidden, " "); got != tt.hidden {
			t.Errorf("%s: hidden are %q, want %q", tt.name, got, tt.hidden)
		}
		before := maps.Clone(data)
		pruned := f.Prune(data)
		for _, key := range hidden {
			if _, there := pruned[key]; there {
				t.Errorf("%s: Prune keeps %s", tt.name, key)
			}
		}
		if diff := cmp.Diff(before, data); diff != "" {
			t.Errorf("%s: Prune changes what it is given:\n%s", tt.name, diff)
		}
	}
	if got := f.Prune(map[string]any{"name": "", "stranger": 1, "homes": 2}); len(got) != 1 {
		t.Errorf("Prune = %v, want homes alone", got)
	}
}

func TestWithout(t *testing.T) {
	f := resettle(t).Without("name", "kind", "homes", "income", "household", "size", "members", "since")
	data := with(map[string]any{"firm": nil, "firm_code": nil})
	for _, key := range []string{"name", "kind", "homes", "income", "household", "size", "members", "since"} {
		delete(data, key)
	}
	if faults := f.Validate(data); len(faults) > 0 {
		t.Errorf("Validate without what is fed = %+v, want none", faults)
	}
	if len(f.Steps) != 2 || f.Field("kind") != nil {
		t.Errorf("steps are %+v; want two, the empty one left out", f.Steps)
	}
}

func BenchmarkValidate(b *testing.B) {
	f, data := resettle(b), good()
	if faults := f.Validate(data); len(faults) > 0 {
		b.Fatal(faults)
	}
	b.ReportAllocs()
	for b.Loop() {
		f.Validate(data)
	}
}
