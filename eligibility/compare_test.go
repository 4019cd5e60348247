package eligibility

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/workday"
)

// town is a small city with attributes of every type.
func town() *catalog.City {
	attribute := func(id string, kind criterion.Type) catalog.Attribute {
		return catalog.Attribute{ID: id, Audience: "resident", Type: kind, Decimals: 2}
	}
	city := &catalog.City{Attributes: []catalog.Attribute{
		attribute("person.birth", criterion.Date), attribute("person.area", criterion.String), attribute("person.married", criterion.Bool),
		attribute("pay.income", criterion.Double), attribute("pay.months", criterion.Int), attribute("pay.children", criterion.Int),
		attribute("health.grade", criterion.String),
	}}
	city.Attributes[6].Sensitive = true
	return city
}

func day(s string) workday.Date {
	d, err := workday.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// townPeople is n synthetic people.
func townPeople(city *catalog.City, n int) *people {
	w := &world{schema: NewSchema(city.Attributes, "resident"), day: day("2026-03-01"), words: map[string][]string{
		"person.area": {"310101", "310104", "310115"}, "health.grade": {"1", "2"},
	}}
	p, r := w.people(1, 0, 1), rand.New(rand.NewPCG(8, 9))
	for i := range n {
		facts := w.facts(r, 60)
		if _, ok := facts["person.birth"]; ok {
			facts["person.birth"] = w.day.AddDays(-r.IntN(38_000))
		}
		p.order = append(p.order, personID(i))
		p.facts[personID(i)] = facts
	}
	return p
}

func townPolicy(id, per string, tables []catalog.Table, limit int64, rules ...string) *catalog.Policy {
	p := &catalog.Policy{ID: id, Audience: "resident", Effective: day("2020-01-01")}
	for i, rule := range rules {
		p.Conditions = append(p.Conditions, catalog.PolicyCondition{ID: fmt.Sprintf("c%d", i), When: rule})
	}
	if tables != nil {
		p.Amount = &catalog.Amount{Per: per, Tables: tables, Cap: limit}
	}
	return p
}

func rows(pick string, rows ...string) catalog.Table {
	t := catalog.Table{ID: "t", Pick: pick}
	for i := 0; i < len(rows); i += 2 {
		t.Rows = append(t.Rows, catalog.TableRow{When: rows[i], Value: rows[i+1]})
	}
	return t
}

// TestCompare holds what-ifs against one decision by CEL for each person.
func TestCompare(t *testing.T) {
	city := town()
	p := townPeople(city, 5000)
	population := p.open(t, snapshotPath(t))
	young, old := "age(person.birth) >= 65", "age(person.birth) >= 60 && person.area != '310101'"
	bands := rows("first", "age(person.birth) >= 80", "300", "age(person.birth) >= 70", "150", "", "75")
	tests := map[string]struct{ before, after *catalog.Policy }{
		"wider":        {townPolicy("a", "month", []catalog.Table{bands}, 0, young), townPolicy("a", "month", []catalog.Table{bands}, 0, old)},
		"new":          {nil, townPolicy("a", "year", []catalog.Table{bands}, 100, young, "person.married")},
		"gone":         {townPolicy("a", "once", nil, 0, young), nil},
		"not in force": {townPolicy("a", "once", nil, 0, young), &catalog.Policy{ID: "a", Audience: "resident", Effective: day("2030-01-01"), Conditions: []catalog.PolicyCondition{{ID: "c", When: "true"}}}},
		"expressions": {townPolicy("a", "once", []catalog.Table{rows("", "", "pay.months * 100 + pay.children"), bands}, 5000, "pay.income < 0.3"),
			townPolicy("a", "month", []catalog.Table{rows("max", "pay.children > 3", "pay.children * pay.children", "person.married", "7"), rows("sum", "pay.months > 0", "1", "", "2")}, 0, "pay.months * 2 > pay.children", "has(person.area)")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := naiveDifference(t, city, p, tt.before, tt.after)
			got, err := population.Compare(context.Background(), city, tt.before, tt.after, p.w.day, CompareOptions{Area: "person.area", Birth: "person.birth"})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
			if name != "gone" && name != "not in force" && got.After.Known == 0 {
				t.Error("nobody's amount is known")
			}
		})
	}
}

func naiveDifference(t *testing.T, city *catalog.City, p *people, before, after *catalog.Policy) Difference {
	t.Helper()
	with := *city
	for _, policy := range []*catalog.Policy{before, after} {
		if policy != nil {
			with.Policies = append(with.Policies, policy)
		}
	}
	book, err := NewBook(&with)
	if err != nil {
		t.Fatal(err)
	}
	d := Difference{Subjects: len(p.facts), Before: Cost{Without: before == nil || before.Amount == nil}, After: Cost{Without: after == nil || after.Amount == nil}}
	for _, area := range append(p.w.words["person.area"], "") {
		d.Areas = append(d.Areas, AreaShift{Area: area})
	}
	for _, b := range bands() {
		d.Ages = append(d.Ages, AgeShift{From: b.from, To: b.to})
	}
	for _, facts := range p.facts {
		entitled := func(policy *catalog.Policy, cost *Cost) int {
			if policy == nil {
				return 0
			}
			decision := book.Decide(policy, facts, p.w.day)
			if decision.Verdict != criterion.Yes {
				return 0
			}
			if decision.Amount != nil {
				cost.Known++
				switch policy.Amount.Per {
				case "month":
					cost.Year += 12 * *decision.Amount
				case "year":
					cost.Year += *decision.Amount
				case "once":
					cost.Once += *decision.Amount
				}
			}
			return 1
		}
		was, is := entitled(before, &d.Before), entitled(after, &d.After)
		area, _ := facts["person.area"].(string)
		for i := range d.Areas {
			if d.Areas[i].Area == area {
				d.Areas[i].add(was, is)
			}
		}
		d.Shift.add(was, is)
		d.Ages[len(d.Ages)-1].add(0, 0)
		if birth, ok := facts["person.birth"].(workday.Date); ok {
			d.Ages[min(max(birth.YearsUntil(p.w.day), 0)/10, 10)].add(was, is)
		} else {
			d.Ages[len(d.Ages)-1].add(was, is)
		}
	}
	return d
}

func (s *Shift) add(was, is int) {
	s.Before += was
	s.After += is
	s.Gain += is &^ was
	s.Lose += was &^ is
}

func TestCompareRefuses(t *testing.T) {
	city := town()
	population := townPeople(city, 3).open(t, snapshotPath(t))
	good := townPolicy("a", "once", nil, 0, "true")
	for name, tt := range map[string]struct {
		after *catalog.Policy
		o     CompareOptions
		want  fault.Kind
	}{
		"rule":      {townPolicy("a", "once", nil, 0, "person.brith > 3"), CompareOptions{}, fault.Invalid},
		"amount":    {townPolicy("a", "once", []catalog.Table{rows("", "", "x")}, 0, "true"), CompareOptions{}, fault.Invalid},
		"area":      {good, CompareOptions{Area: "person.ara"}, fault.NotFound},
		"area type": {good, CompareOptions{Area: "person.birth"}, fault.NotFound},
		"birth":     {good, CompareOptions{Birth: "person.area"}, fault.NotFound},
		"kernel":    {good, CompareOptions{Kernel: "abacus"}, fault.Unsupported},
	} {
		if _, err := population.Compare(context.Background(), city, nil, tt.after, day("2026-03-01"), tt.o); !fault.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

// TestCohort holds the counts and what is hidden.
func TestCohort(t *testing.T) {
	city := town()
	p := townPeople(city, 2000)
	population := p.open(t, snapshotPath(t))
	for _, by := range []string{"person.area", "person.married", "person.birth"} {
		got, err := population.Cohort(context.Background(), city, "pay.months > 0 && pay.children < 0", by, p.w.day)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		total := 0
		for _, facts := range p.facts {
			months, ok1 := facts["pay.months"].(int64)
			children, ok2 := facts["pay.children"].(int64)
			if !ok1 || !ok2 || months <= 0 || children >= 0 {
				continue
			}
			total++
			switch v := facts[by].(type) {
			case nil:
				want[""]++
			case workday.Date:
				age := v.YearsUntil(p.w.day) / 10 * 10
				if age >= 100 {
					want["100-"]++
				} else {
					want[fmt.Sprintf("%d-%d", age, age+9)]++
				}
			default:
				want[fmt.Sprint(v)]++
			}
		}
		if got.Total != total || got.Hidden || total < 200 {
			t.Errorf("by %s: got a total of %d (hidden %v), want %d", by, got.Total, got.Hidden, total)
		}
		hidden, people := 0, 0
		for _, g := range got.Groups {
			switch {
			case g.Hidden:
				hidden, people = hidden+1, people+want[g.Value]
				if g.Count != 0 {
					t.Errorf("by %s: %+v is hidden and shown", by, g)
				}
			case g.Count != want[g.Value] || g.Count < LeastCohort:
				t.Errorf("by %s: got %+v, want %d", by, g, want[g.Value])
			}
		}
		if people > 0 && (people < LeastCohort || hidden < 2) {
			t.Errorf("by %s: %d people in %d hidden groups can be worked out", by, people, hidden)
		}
	}
}

// TestHide is the table of what is hidden.
func TestHide(t *testing.T) {
	for _, tt := range []struct {
		counts []int
		hidden string // one letter for each group
		total  bool
	}{
		{[]int{50, 60, 70}, "...", false},
		{[]int{50, 9, 70}, "xx.", false},
		{[]int{5, 9, 70}, "xx.", false},
		{[]int{5, 4, 70}, "xxx", false},
		{[]int{5, 4, 10, 70}, "xxx.", false},
		{[]int{0, 50, 70}, "x..", false},
		{[]int{0, 3, 70, 80}, "xxx.", false},
		{[]int{3, 4}, "xx", true},
		{[]int{0, 0}, "xx", true},
		{[]int{10}, ".", false},
	} {
		c := Cohort{}
		for _, n := range tt.counts {
			c.Total += n
			c.Groups = append(c.Groups, Group{Count: n})
		}
		c.hide()
		got := ""
		for _, g := range c.Groups {
			got += map[bool]string{true: "x", false: "."}[g.Hidden]
		}
		if got != tt.hidden || c.Hidden != tt.total {
			t.Errorf("%v: got %s, total hidden %v; want %s, %v", tt.counts, got, c.Hidden, tt.hidden, tt.total)
		}
	}
}

func TestCohortRefuses(t *testing.T) {
	city := town()
	population := townPeople(city, 3).open(t, snapshotPath(t))
	for _, tt := range []struct {
		rule, by string
		want     fault.Kind
	}{
		{"person.marred", "person.area", fault.Invalid},
		{"true", "person.aria", fault.NotFound},
		{"true", "pay.months", fault.NotFound},
		{"true", "health.grade", fault.Denied},
		{"health.grade == '1'", "person.area", fault.Denied},
	} {
		if _, err := population.Cohort(context.Background(), city, tt.rule, tt.by, day("2026-03-01")); !fault.Is(err, tt.want) {
			t.Errorf("%s by %s: got %v, want %v", tt.rule, tt.by, err, tt.want)
		}
	}
}
