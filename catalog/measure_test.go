package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
)

func TestCompare(t *testing.T) {
	c := load(t, lakeside(t))
	s, _ := c.Service("boat-registration")
	before, after := &s.Versions[0], &s.Versions[1]
	for _, tt := range []struct {
		name      string
		got, want catalog.Reductions
	}{
		{"before", before.Measure(), catalog.Reductions{Steps: 3, Days: 15, Documents: 2, Visits: 2, Cost: 5000}},
		// A motor boat asks for most: the engine's certificate and the inspection.
		{"after", after.Measure(), catalog.Reductions{Steps: 2, Days: 5, Documents: 1, Visits: 0, Cost: 3000}},
		{"reductions", catalog.Compare(before, after), catalog.Reductions{Steps: 1, Days: 10, Documents: 1, Visits: 2, Cost: 2000}},
		{"the other way", catalog.Compare(after, before), catalog.Reductions{Steps: -1, Days: -10, Documents: -1, Visits: -2, Cost: -2000}},
		{"against itself", catalog.Compare(after, after), catalog.Reductions{}},
		{"against nothing", catalog.Compare(nil, after), catalog.Reductions{Steps: -2, Days: -5, Documents: -1, Cost: -3000}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestMeasureScenarios: documents of answers that exclude each other do not add
// up; the answers that ask for most count.
func TestMeasureScenarios(t *testing.T) {
	choice := func(values ...string) []catalog.Choice {
		var all []catalog.Choice
		for _, v := range values {
			all = append(all, catalog.Choice{Value: v, Label: i18n.Same(v)})
		}
		return all
	}
	v := &catalog.ServiceVersion{
		Scenarios: []catalog.Scenario{{ID: "who", Choices: choice("self", "agent")}, {ID: "where", Choices: choice("here", "abroad")}},
		Evidence: []catalog.EvidenceRequirement{
			{ID: "always"},
			{ID: "letter", When: "scenario.who == 'agent'"},
			{ID: "self", When: "scenario.who == 'self'"},
			{ID: "abroad", When: "scenario.where == 'abroad' && scenario.who == 'agent'"},
			{ID: "grown-up", When: "age(party.birth) >= 18"}, // not known: counts
			{ID: "broken", When: "scenario.who =="},          // counts
			{ID: "optional", Optional: true},
			{ID: "held", Licence: "citizen-id"},
		},
		Fees: []catalog.Fee{{Amount: 100, When: "scenario.where == 'here'"}, {Amount: 700, When: "scenario.where == 'abroad'"}},
	}
	if got, want := v.Measure(), (catalog.Reductions{Documents: 5, Cost: 700}); got != want {
		t.Errorf("Measure = %+v, want %+v", got, want)
	}
	for range 20 { // ever more answers stay bounded
		v.Scenarios = append(v.Scenarios, catalog.Scenario{ID: "more", Choices: choice("a", "b", "c")})
	}
	if got := v.Measure().Cost; got != 700 {
		t.Errorf("with many scenarios Cost = %d, want 700", got)
	}
}

func TestHash(t *testing.T) {
	c := load(t, lakeside(t))
	s, _ := c.Service("boat-registration")
	a, b := s.Versions[0].Hash(), s.Versions[1].Hash()
	if len(a) != 64 || a == b {
		t.Errorf("hashes %q and %q; want two of 64 digits", a, b)
	}
	again, _ := load(t, lakeside(t)).Service("boat-registration")
	if got := again.Versions[0].Hash(); got != a {
		t.Errorf("the same version has hash %s and %s", a, got)
	}
	changed := s.Versions[1]
	changed.Summary.EN += "!"
	if changed.Hash() == b {
		t.Error("a changed text keeps the hash")
	}
}
