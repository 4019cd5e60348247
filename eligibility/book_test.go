package eligibility_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// bookCity is the test city with the policies of testdata/book.
func bookCity(t testing.TB) *catalog.City {
	t.Helper()
	return loaded(t, packOf(t, "../catalog/testdata/lakeside", "testdata/book"))
}

func book(t testing.TB) (*eligibility.Book, *catalog.City) {
	t.Helper()
	city := bookCity(t)
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	return b, city
}

func on(t testing.TB, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func policy(t testing.TB, city *catalog.City, id string) *catalog.Policy {
	t.Helper()
	p, ok := city.Policy(id)
	if !ok {
		t.Fatalf("no policy %s", id)
	}
	return p
}

// TestElderlyAllowance holds the bands of the elderly allowance at both sides
// of every boundary, on birthdays, and for someone born on 29 February.
func TestElderlyAllowance(t *testing.T) {
	b, city := book(t)
	p := policy(t, city, "elderly-allowance")
	yes, no := criterion.Yes, criterion.No
	for _, tt := range []struct {
		birth, day string
		want       criterion.Verdict
		amount     int64
	}{
		{"1961-03-12", "2026-03-11", no, 0}, // the day before 65
		{"1961-03-12", "2026-03-12", yes, 75},
		{"1961-03-12", "2026-03-13", yes, 75},
		{"1956-03-12", "2026-03-11", yes, 75}, // 69
		{"1956-03-12", "2026-03-12", yes, 150},
		{"1946-03-12", "2026-03-11", yes, 150}, // 79
		{"1946-03-12", "2026-03-12", yes, 180},
		{"1936-03-12", "2026-03-11", yes, 180}, // 89
		{"1936-03-12", "2026-03-12", yes, 350},
		{"1926-03-12", "2026-03-11", yes, 350}, // 99
		{"1926-03-12", "2026-03-12", yes, 600},
		{"1911-03-12", "2026-03-12", yes, 600},
		{"1960-02-29", "2025-02-28", no, 0}, // a leap day's 65th year ends on 1 March
		{"1960-02-29", "2025-03-01", yes, 75},
		{"1956-02-29", "2026-02-28", yes, 75},
		{"1956-02-29", "2026-03-01", yes, 150},
		{"1948-02-29", "2028-02-28", yes, 150}, // and in a leap year on the day itself
		{"1948-02-29", "2028-02-29", yes, 180},
		{"1961-03-31", "2026-03-30", no, 0},
		{"1961-03-31", "2026-03-31", yes, 75},
		{"1951-04-30", "2016-04-30", no, -1}, // 65, before the allowance begins
		{"1951-04-30", "2016-05-01", yes, 75},
	} {
		d := b.Decide(p, eligibility.Facts{"population.birth": tt.birth, "population.hukou_city": "上海"}, on(t, tt.day))
		switch {
		case d.Verdict != tt.want:
			t.Errorf("born %s, on %s: %v, want %v", tt.birth, tt.day, d.Verdict, tt.want)
		case tt.amount < 0 && d.Amount != nil, tt.amount >= 0 && (d.Amount == nil || *d.Amount != tt.amount):
			t.Errorf("born %s, on %s: amount %v, want %d", tt.birth, tt.day, d.Amount, tt.amount)
		}
	}
}

// TestResidencePoints holds the points: 56 to 60 years give 5, 2 more for each
// year younger, at most 30; of education and skill the better; the insurance
// base of 36 months; 120 to pass.
func TestResidencePoints(t *testing.T) {
	b, city := book(t)
	p := policy(t, city, "residence-points")
	plain := eligibility.Facts{"permit.valid": true, "population.birth": "1960-01-01", "study.degree": "高中", "study.skill": 0, "insurance.months": 0, "insurance.base_ratio": 3}
	points := func(over eligibility.Facts, day string) any {
		facts := maps.Clone(plain)
		maps.Copy(facts, over)
		d := b.Decide(p, facts, on(t, day))
		c, ok := d.Condition("points")
		if !ok || len(c.Trace.Reads) == 0 || c.Trace.Reads[0].Name != "score()" {
			t.Fatalf("no points in %+v", d)
		}
		if n, ok := c.Trace.Reads[0].Value.(int64); ok && (c.Verdict == criterion.Yes) != (n >= 120) {
			t.Errorf("%v points and %v", n, c.Verdict)
		}
		return c.Trace.Reads[0].Value
	}
	age := map[int]int64{16: 30, 30: 30, 42: 30, 43: 30, 44: 29, 45: 27, 50: 17, 54: 9, 55: 7, 56: 5, 58: 5, 60: 5, 61: 0, 70: 0}
	for years, want := range age {
		birth := on(t, "2026-06-15").AddMonths(-12 * years).String()
		if got := points(eligibility.Facts{"population.birth": birth}, "2026-06-15"); got != want {
			t.Errorf("aged %d: %v points, want %d", years, got, want)
		}
		older := birth // and on the last day before the next birthday
		if got := points(eligibility.Facts{"population.birth": older}, on(t, "2027-06-14").String()); got != want {
			t.Errorf("aged %d for the last day: %v points, want %d", years, got, want)
		}
	}
	for _, tt := range []struct {
		degree string
		skill  int
		want   int64
	}{
		{"高中", 0, 0}, {"大专", 0, 50}, {"本科", 0, 60}, {"本科和学士", 0, 90}, {"硕士", 0, 100}, {"博士", 0, 110},
		{"高中", 5, 15}, {"高中", 4, 30}, {"高中", 3, 60}, {"高中", 2, 100}, {"高中", 1, 140},
		{"博士", 1, 140}, {"博士", 2, 110}, {"大专", 3, 60}, {"本科", 3, 60}, {"本科", 5, 60}, {"大专", 4, 50}, // only the better counts
	} {
		if got := points(eligibility.Facts{"study.degree": tt.degree, "study.skill": tt.skill}, "2026-06-15"); got != tt.want {
			t.Errorf("%s and skill %d: %v points, want %d", tt.degree, tt.skill, got, tt.want)
		}
	}
	for _, tt := range []struct {
		months int
		ratio  float64
		want   int64
	}{
		{36, 0.79, 0}, {36, 0.8, 25}, {36, 0.99, 25}, {36, 1, 50}, {36, 1.99, 50}, {36, 2, 100}, {48, 2.5, 100}, {35, 2.5, 0},
		{36, 0.799, 25}, // the register's share is kept to two decimals
	} {
		if got := points(eligibility.Facts{"insurance.months": tt.months, "insurance.base_ratio": tt.ratio}, "2026-06-15"); got != tt.want {
			t.Errorf("%d months at %v: %v points, want %d", tt.months, tt.ratio, got, tt.want)
		}
	}
	// A bachelor of 45 years at the average base has 90+27+0, and with 36 months 50 more.
	base := eligibility.Facts{"population.birth": "1981-01-01", "study.degree": "本科和学士", "insurance.base_ratio": 1}
	if got := points(base, "2026-06-15"); got != int64(117) {
		t.Errorf("got %v points, want 117", got)
	}
	base["insurance.months"] = 36
	if got := points(base, "2026-06-15"); got != int64(167) {
		t.Errorf("got %v points, want 167", got)
	}
	// What is unknown but does not matter leaves the points known: a first grade
	// of skill beats every degree, and nothing is asked of a base of too few months.
	if got := points(eligibility.Facts{"study.degree": nil, "study.skill": 1, "insurance.base_ratio": nil}, "2026-06-15"); got != int64(140) {
		t.Errorf("got %v points, want 140", got)
	}
	if got := points(eligibility.Facts{"study.degree": nil, "study.skill": 2}, "2026-06-15"); got != nil {
		t.Errorf("got %v points without the degree, want none", got)
	}
}

// TestDecide holds verdicts, near misses and what is missing.
func TestDecide(t *testing.T) {
	b, city := book(t)
	p := policy(t, city, "elderly-allowance")
	for _, tt := range []struct {
		name  string
		facts eligibility.Facts
		want  eligibility.Decision
	}{
		{"all", eligibility.Facts{"population.birth": "1950-01-01", "population.hukou_city": "上海"},
			eligibility.Decision{Verdict: criterion.Yes, Amount: ptr(150)}},
		{"held", eligibility.Facts{"population.birth": "1950-01-01", "population.hukou_city": "上海", "benefits.elderly": true},
			eligibility.Decision{Verdict: criterion.Yes, Held: true, Amount: ptr(150)}},
		{"one short", eligibility.Facts{"population.birth": "1950-01-01", "population.hukou_city": "北京"},
			eligibility.Decision{Verdict: criterion.No, Short: "hukou", Amount: ptr(150)}},
		{"one unknown", eligibility.Facts{"population.hukou_city": "上海"},
			eligibility.Decision{Verdict: criterion.Unknown, Short: "age", Missing: []string{"population.birth"}}},
		{"no and unknown", eligibility.Facts{"population.hukou_city": "北京"}, eligibility.Decision{Verdict: criterion.No}},
		{"two short", eligibility.Facts{"population.birth": "2000-01-01", "population.hukou_city": "北京"}, eligibility.Decision{Verdict: criterion.No, Amount: ptr(0)}},
		{"nothing known", nil, eligibility.Decision{Verdict: criterion.Unknown, Missing: []string{"population.birth", "population.hukou_city"}}},
		{"what is not of its type is unknown", eligibility.Facts{"population.birth": "long ago", "population.hukou_city": "上海", "no.such": 1},
			eligibility.Decision{Verdict: criterion.Unknown, Short: "age", Missing: []string{"population.birth"}}},
	} {
		got := b.Decide(p, tt.facts, on(t, "2026-03-12"))
		if len(got.Conditions) != 2 || got.Policy != p.ID {
			t.Errorf("%s: %d conditions of %s", tt.name, len(got.Conditions), got.Policy)
		}
		got.Conditions, got.Policy = nil, ""
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if d := b.Decide(p, eligibility.Facts{"population.birth": "1940-01-01", "population.hukou_city": "上海"}, on(t, "2016-04-30")); d.Verdict != criterion.No || d.Conditions != nil {
		t.Errorf("before the policy is in force: %+v", d)
	}
	if all := b.DecideAll("resident", nil, on(t, "2016-05-01")); len(all) != 1 || all[0].Policy != "elderly-allowance" {
		t.Errorf("in force on 2016-05-01: %+v, want the elderly allowance alone", all)
	}
}

func ptr(n int64) *int64 { return &n }

// TestDrafts holds conditions to their days, and what one policy more does.
func TestDrafts(t *testing.T) {
	b, city := book(t)
	draft := *policy(t, city, "elderly-allowance")
	if d := b.Decide(&draft, nil, on(t, "2026-01-01")); d.Verdict != criterion.Unknown || d.Conditions != nil {
		t.Errorf("a policy that is not in the book: %+v", d)
	}
	draft.Conditions = append([]catalog.PolicyCondition{}, draft.Conditions...)
	draft.Conditions[1].Until = on(t, "2026-06-30")
	more, err := b.With(&draft)
	if err != nil {
		t.Fatal(err)
	}
	young := eligibility.Facts{"population.birth": "2000-01-01", "population.hukou_city": "上海"}
	for day, want := range map[string]criterion.Verdict{"2026-06-30": criterion.No, "2026-07-01": criterion.Yes} {
		if d := more.Decide(&draft, young, on(t, day)); d.Verdict != want {
			t.Errorf("on %s: %v, want %v", day, d.Verdict, want)
		}
	}
	if d := b.Decide(&draft, young, on(t, "2026-07-01")); d.Conditions != nil {
		t.Error("the book itself has the draft")
	}
	if needs := more.Needs(&draft, on(t, "2026-07-01")); !cmp.Equal(needs, map[string][]string{"population": {"birth", "hukou_city"}, "benefits": {"elderly"}}) {
		t.Errorf("needs %v", needs)
	}
	draft.Conditions[1].When = "age(population.brith) >= 65"
	if _, err := b.With(&draft); err == nil {
		t.Error("a broken draft is taken")
	}
}

// TestShown holds what people read about a condition in both languages.
func TestShown(t *testing.T) {
	b, city := book(t)
	same := i18n.Same
	unknown := i18n.Text{ZH: "登记库里没有", EN: "not in the registers"}
	population := i18n.Text{ZH: "人口库", EN: "Population register"}
	d := b.Decide(policy(t, city, "elderly-allowance"), eligibility.Facts{"population.birth": "1961-03-12"}, on(t, "2026-03-12"))
	want := []eligibility.FactShown{{Attribute: "population.hukou_city", Label: i18n.Text{ZH: "户口所在城市", EN: "City of hukou"}, Value: unknown, Source: population}}
	if diff := cmp.Diff(want, d.Conditions[0].Facts); diff != "" {
		t.Errorf("hukou (-want +got):\n%s", diff)
	}
	want = []eligibility.FactShown{{Attribute: "population.birth", Label: i18n.Text{ZH: "出生日期", EN: "Date of birth"}, Known: true,
		Value: i18n.Text{ZH: "1961年3月12日", EN: "12 March 1961"}, Source: population}}
	if diff := cmp.Diff(want, d.Conditions[1].Facts); diff != "" {
		t.Errorf("age (-want +got):\n%s", diff)
	}
	if c := d.Conditions[0]; c.Label.EN != "Shanghai hukou" || c.Citation.ZH != "第二条" || c.Fix.EN == "" {
		t.Errorf("got %v %v %v", c.Label, c.Citation, c.Fix)
	}
	d = b.Decide(policy(t, city, "residence-points"), eligibility.Facts{"permit.valid": true, "study.skill": 2, "insurance.months": 12345, "insurance.base_ratio": 0.5,
		"population.birth": "1996-03-12", "study.degree": "高中"}, on(t, "2026-03-12"))
	got := map[string]i18n.Text{}
	for _, c := range d.Conditions {
		for _, f := range c.Facts {
			got[f.Attribute] = f.Value
		}
	}
	texts := map[string]i18n.Text{"permit.valid": {ZH: "是", EN: "yes"}, "score()": same("130"), "study.skill": {ZH: "2级", EN: "2 grade"}, "study.degree": same("高中"),
		"insurance.months": {ZH: "12,345个月", EN: "12,345 months"}, "insurance.base_ratio": same("0.5"), "population.birth": {ZH: "1996年3月12日", EN: "12 March 1996"}}
	if diff := cmp.Diff(texts, got); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	a, _ := city.Attribute("population.hukou_city")
	if got := eligibility.Written(a, "上海"); got != (i18n.Text{ZH: "上海", EN: "Shanghai"}) {
		t.Errorf("Written(上海) = %v", got)
	}
	a, _ = city.Attribute("insurance.base_ratio")
	for value, want := range map[any]i18n.Text{-1234567.5: same("-1,234,567.5"), 1500: same("1500"), "x": unknown} {
		if got := eligibility.Written(a, value); got != want {
			t.Errorf("Written(%v) = %v, want %v", value, got, want)
		}
	}
}
