package form_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
)

const registration = `
type: object
required: [name, firm]
properties:
  name: {type: string, maxLength: 20, x-tongban: {label: {zh: 姓名, en: Name}, shared: applicant.name, fill: party.name}}
  firm: {type: string, x-tongban: {label: {zh: 字号, en: Firm}, shared: firm.name}}
  kind: {type: string, enum: [shop, works], x-tongban: {label: {zh: 类型, en: Kind}, choices: [{value: shop, label: {zh: 店, en: Shop}}, {value: works, label: {zh: 厂, en: Works}}]}}
  staff: {type: integer, minimum: 1, x-tongban: {label: {zh: 人数, en: Staff}, show: kind == 'works'}}
x-tongban: {steps: [{id: you, title: {zh: 您, en: You}, fields: [name]}, {id: firm, title: {zh: 公司, en: Firm}, fields: [firm, kind, staff]}]}
`

const seal = `
type: object
required: [owner, company, kind, phone]
properties:
  owner: {type: string, maxLength: 10, minLength: 2, x-tongban: {label: {zh: 法人, en: Owner}, shared: applicant.name}}
  company: {type: string, x-tongban: {label: {zh: 公司, en: Company}, shared: firm.name, show: kind == 'electronic'}}
  kind: {type: string, enum: [physical, electronic], x-tongban: {label: {zh: 印章, en: Seal}, choices: [{value: physical, label: {zh: 实物, en: Physical}}, {value: electronic, label: {zh: 电子, en: Electronic}}]}}
  phone: {type: string, x-tongban: {label: {zh: 电话, en: Phone}, widget: phone, shared: applicant.phone}}
x-tongban: {steps: [{id: you, title: {zh: 您, en: You}, fields: [owner, company]}, {id: seal, title: {zh: 章, en: Seal}, fields: [kind]}, {id: you-too, title: {zh: 联系, en: Contact}, fields: [phone]}]}
`

func parse(t testing.TB, name, src string) *form.Form {
	t.Helper()
	f, err := form.Parse(name, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func merged(t testing.TB) (*form.Form, map[string]map[string]string) {
	t.Helper()
	f, keys, err := form.Merge("start-business", parse(t, "registration.yaml", registration), parse(t, "seal-filing.yaml", seal))
	if err != nil {
		t.Fatal(err)
	}
	return f, keys
}

func TestMerge(t *testing.T) {
	f, keys := merged(t)
	if diff := cmp.Diff(map[string]map[string]string{
		"registration": {"name": "name", "firm": "firm", "kind": "kind", "staff": "staff"},
		"seal-filing":  {"owner": "name", "company": "firm", "kind": "seal_filing_kind", "phone": "phone"},
	}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	var steps []string
	for _, step := range f.Steps {
		steps = append(steps, step.ID+": "+strings.Join(step.Fields, " "))
	}
	if diff := cmp.Diff([]string{"you: name", "firm: firm kind staff", "seal: seal_filing_kind", "you-too: phone"}, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	name := f.Field("name")
	if name.MaxLength != 10 || name.Fill != "party.name" || !name.Required || f.ID != "start-business" || len(f.Hash) != 64 || f.Source() != nil {
		t.Errorf("merged field %+v in %s %s", name, f.ID, f.Hash)
	}
}

func TestMergedValues(t *testing.T) {
	f, _ := merged(t)
	whole := func() map[string]any {
		return map[string]any{"name": "冯磊", "firm": "虹桥云", "kind": "works", "staff": int64(3), "seal_filing_kind": "electronic", "phone": "13800138000"}
	}
	for _, tt := range []struct {
		name     string
		change   func(data map[string]any)
		pointers string
	}{
		{"good", func(map[string]any) {}, ""},
		{"too long for one of them", func(d map[string]any) { d["name"] = strings.Repeat("冯", 11) }, "/name"},
		{"too short for the other", func(d map[string]any) { d["name"] = "冯" }, "/name"},
		{"missing in both, told once", func(d map[string]any) { delete(d, "name") }, "/name"},
		{"hidden in one, required in the other", func(d map[string]any) { d["seal_filing_kind"] = "physical"; delete(d, "firm") }, "/firm"},
		{"shown by its own form's field", func(d map[string]any) { d["kind"] = "shop"; d["staff"] = -1 }, ""},
		{"wrong choice of the renamed field", func(d map[string]any) { d["seal_filing_kind"] = "shop" }, "/seal_filing_kind"},
		{"a member's own key is a stranger here", func(d map[string]any) { d["owner"] = "x" }, "/owner"},
		{"empty", func(d map[string]any) { clear(d) }, "/name /firm /seal_filing_kind /phone"},
	} {
		data := whole()
		tt.change(data)
		var got []string
		for _, wrong := range f.Validate(data) {
			got = append(got, wrong.Pointer)
		}
		if s := strings.Join(got, " "); s != tt.pointers {
			t.Errorf("%s: faults at %q, want %q", tt.name, s, tt.pointers)
		}
	}
	data := whole()
	data["kind"] = "shop"
	if pruned := f.Prune(data); pruned["staff"] != nil || len(pruned) != 5 {
		t.Errorf("Prune = %v, want all but staff", pruned)
	}
	if got := f.Step(map[string]any{}, 2); len(got) != 1 || got[0].Pointer != "/seal_filing_kind" {
		t.Errorf("Step 2 = %+v, want the seal's kind", got)
	}
	read, faults := f.Read(url.Values{"seal_filing_kind": {"physical"}, "kind": {"shop"}}, 2)
	if diff := cmp.Diff(map[string]any{"seal_filing_kind": "physical"}, read); diff != "" || faults != nil {
		t.Errorf("Read of step 2: %v %s", faults, diff)
	}
}

func TestMergeOfMerged(t *testing.T) {
	inner, _ := merged(t)
	outer, keys, err := form.Merge("bundle", inner, resettle(t))
	if err != nil {
		t.Fatal(err)
	}
	if keys["start-business"]["seal_filing_kind"] != "seal_filing_kind" || keys["resettle"]["kind"] != "resettle_kind" || keys["resettle"]["name"] != "name" {
		t.Errorf("keys are %v", keys)
	}
	for key, value := range map[string]any{"name": "陈", "seal_filing_kind": "x", "staff": 0} {
		data := map[string]any{"kind": "works", key: value}
		if !refusesAt(outer.Validate(data), "/"+key) {
			t.Errorf("%s = %v is taken", key, value)
		}
	}
}

func refusesAt(faults []fault.Field, pointer string) bool {
	for _, wrong := range faults {
		if wrong.Pointer == pointer {
			return true
		}
	}
	return false
}

func TestMergeWithoutFed(t *testing.T) {
	f, _, err := form.Merge("e", parse(t, "registration.yaml", registration), parse(t, "seal-filing.yaml", seal).Without("company", "kind"))
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]any{"name": "冯磊", "firm": "虹桥云", "phone": "13800138000"}
	if faults := f.Validate(data); len(faults) > 0 {
		t.Errorf("Validate = %+v, want none", faults)
	}
	if less := f.Without("phone", "firm"); len(less.Validate(map[string]any{"name": "冯磊"})) > 0 || len(less.Steps) != 2 {
		t.Errorf("a merged form without fields: %+v, steps %+v", less.Validate(map[string]any{"name": "冯磊"}), less.Steps)
	}
}

func TestMergeRefuses(t *testing.T) {
	a := parse(t, "a.yaml", registration)
	other := strings.Replace(seal, "owner: {type: string, maxLength: 10, minLength: 2,", "owner: {type: integer,", 1)
	for name, forms := range map[string][]*form.Form{
		"the same form twice":               {a, a},
		"a shared field of another type":    {a, parse(t, "b.yaml", other)},
		"a shared field of another widget":  {a, parse(t, "b.yaml", strings.Replace(seal, "label: {zh: 法人, en: Owner}", "label: {zh: 法人, en: Owner}, widget: textarea", 1))},
		"a shared field with other choices": {a, parse(t, "b.yaml", strings.Replace(seal, "label: {zh: 法人, en: Owner}", "label: {zh: 法人, en: Owner}, choices: [{value: x, label: {zh: 一, en: X}}]", 1))},
	} {
		if _, _, err := form.Merge("e", forms...); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
}
