package casework_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

func TestScenario(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for name, answers := range map[string]map[string]string{
		"/scenario/speed": {"speed": "maybe"}, "/scenario/colour": {"colour": "red"}, "/scenario/": {"": ""},
	} {
		w.refused(name, fault.Invalid, func() error {
			_, err := w.office.Answer(w.ctx, pr, d.ID, d.Rev, answers)
			if diff := cmp.Diff([]string{name}, pointers(err)); diff != "" {
				t.Errorf("faults (-want +got)\n%s", diff)
			}
			return err
		})
	}
	plan := func() (how map[string]casework.How) {
		p, err := w.office.Plan(w.ctx, pr, d.ID)
		w.must(err)
		how = map[string]casework.How{}
		for _, it := range p.Items {
			how[it.Requirement.ID] = it.How
		}
		return how
	}
	slow := map[string]casework.How{"address": casework.ByFact, "photo": casework.Missing, "letter": casework.Missing,
		"extra": casework.Optional, "after": casework.Later}
	fast := maps.Clone(slow)
	fast["urgent"] = casework.Missing
	for answer, want := range map[string]map[string]casework.How{"fast": fast, "slow": slow} {
		var err error
		d, err = w.office.Answer(w.ctx, pr, d.ID, d.Rev, map[string]string{"speed": answer})
		w.must(err)
		if diff := cmp.Diff(want, plan()); diff != "" {
			t.Errorf("%s: plan (-want +got)\n%s", answer, diff)
		}
	}
}

// Check says everything that stands in the way, and Submit the same.
func TestCheck(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(bo) // whose address the register does not vouch for
	d := w.draft(pr, "permit")
	// What hangs on a question that is not answered yet is asked for.
	documents := []string{"/evidence/address", "/evidence/letter", "/evidence/photo", "/evidence/urgent"}
	check := func(name string, want []string) {
		t.Helper()
		wrong, err := w.office.Check(w.ctx, pr, d.ID)
		w.must(err)
		if diff := cmp.Diff(want, pointers(fault.Fields("", wrong...))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
		w.refused(name, fault.Invalid, func() error {
			_, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
			if diff := cmp.Diff(want, pointers(err)); diff != "" {
				t.Errorf("%s, submit: (-want +got)\n%s", name, diff)
			}
			return err
		})
	}
	check("empty", append(append([]string{"/count"}, documents...), "/purpose", "/scenario/speed"))
	var err error
	d, err = w.office.Save(w.ctx, pr, d.ID, 0, 1, map[string]any{"purpose": "x", "count": int64(9), "hidden": "多"})
	w.must(err)
	check("the condition does not hold", append(append([]string{""}, documents...), "/scenario/speed"))
	d, err = w.office.Save(w.ctx, pr, d.ID, 0, 1, map[string]any{"purpose": "x", "count": int64(2), "hidden": "多"})
	w.must(err)
	w.fill(pr, d)
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	w.must(err)
	if got := w.see(r.Cases[0].ID).Form; got["hidden"] != nil || got["purpose"] != "x" {
		t.Errorf("got the form %v, want it without what is not asked", got)
	}
}

func TestPledge(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	w.refused("no pledge for it", fault.Invalid, func() error {
		_, err := w.office.Pledge(w.ctx, pr, d.ID, "photo", true)
		if diff := cmp.Diff([]string{"/evidence/photo"}, pointers(err)); diff != "" {
			t.Errorf("faults (-want +got)\n%s", diff)
		}
		return err
	})
	w.refused("no such document", fault.NotFound, func() error { _, err := w.office.Pledge(w.ctx, pr, d.ID, "none", true); return err })
	for _, agreed := range []bool{true, false, true} {
		_, err := w.office.Pledge(w.ctx, pr, d.ID, "letter", agreed)
		w.must(err)
		plan, err := w.office.Plan(w.ctx, pr, d.ID)
		w.must(err)
		it := plan.Items[slices.IndexFunc(plan.Items, func(it casework.Item) bool { return it.Requirement.ID == "letter" })]
		if (it.How == casework.ByPledge) != agreed || agreed && (it.Grade != "D" || it.At != monday.UnixMilli()) {
			t.Errorf("agreed %v: got %s of grade %q at %d", agreed, it.How, it.Grade, it.At)
		}
	}
}

// The outlook counts what a person would have to hand in, and leaves no draft.
func TestOutlook(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for who, want := range map[string][3]int{an: {5, 4, 3}, bo: {5, 5, 4}} {
		plan, err := w.office.Outlook(w.ctx, w.citizen(who), "permit")
		w.must(err)
		if got := [3]int{plan.Needed, plan.HandIn, plan.Missing}; got != want {
			t.Errorf("%s: got needed, to hand in, missing %v; want %v", who, got, want)
		}
	}
	if n := w.number("SELECT COUNT(*) FROM drafts"); n != 0 {
		t.Errorf("got %d drafts, want none", n)
	}
}
