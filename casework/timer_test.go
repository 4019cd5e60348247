package casework_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// Timers fire through the worker: a reminder that interrupts nothing, an
// escalation that takes the task away, and a wait.
func TestTimers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		caseID := take("timed", accepted)(w)
		steps := []struct {
			at    time.Time
			open  []string
			kinds []string
		}{
			{w.endOf("2026-11-24").Add(-time.Millisecond), []string{"review@one"}, nil},
			{w.endOf("2026-11-24"), []string{"review@one"}, []string{"timer", "notified"}}, // P1WD
			{w.endOf("2026-11-26").Add(-time.Millisecond), []string{"review@one"}, []string{"timer", "notified"}},
			{w.endOf("2026-11-26"), []string{"chief@one"}, []string{"timer", "notified", "timer"}}, // P3WD
			{w.endOf("2026-11-30"), []string{"chief@one"}, []string{"timer", "notified", "timer"}},
		}
		for _, s := range steps {
			w.clock.Set(s.at)
			w.run()
			w.run() // a second look changes nothing
			c := w.see(caseID)
			if !slices.Equal(tasks(c), s.open) || !slices.Equal(kinds(c)[2:], s.kinds) && len(s.kinds)+2 != 2 {
				t.Errorf("%v: got open %v, events %v; want %v, %v", s.at, tasks(c), kinds(c), s.open, s.kinds)
			}
		}
		w.do(caseID, "chief", "done")
		w.do(caseID, "decide", "approve")
		c := w.see(caseID)
		if c.Status != casework.Approved || len(c.Licences) != 0 {
			t.Fatalf("got %s with %d licences, want it to cool down first", c.Status, len(c.Licences))
		}
		w.clock.Add(2*time.Hour - time.Millisecond) // PT2H
		w.run()
		if got := w.see(caseID); got.Status != casework.Approved {
			t.Errorf("a moment before: got %s", got.Status)
		}
		w.clock.Add(time.Millisecond)
		w.run()
		if got := w.see(caseID); got.Status != casework.Closed || len(got.Licences) != 1 {
			t.Errorf("got %s with %d licences, want closed with one", got.Status, len(got.Licences))
		}
		if n := w.number("SELECT COUNT(*) FROM jobs WHERE kind LIKE 'case.%'"); n != 0 {
			t.Errorf("got %d jobs left, want none", n)
		}
	})
}

// A task that is done in time clears its timers.
func TestTimersCleared(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := take("timed", accepted)(w)
	w.do(caseID, "review", "done")
	if n := w.number("SELECT COUNT(*) FROM jobs WHERE kind = 'case.timer'"); n != 0 {
		t.Errorf("got %d timers, want none", n)
	}
	before := w.see(caseID)
	w.clock.Add(30 * 24 * time.Hour)
	w.run()
	if after := w.see(caseID); after.Rev != before.Rev {
		t.Errorf("a month later: got events %v, want none new", kinds(after)[len(before.Events):])
	}
}

// While a case stands still its timers do too: each goes off later by the
// working days that the case stood.
func TestTimersStandStill(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := take("timed", accepted)(w) // a reminder at the end of Tuesday, an escalation at the end of Thursday
	for _, day := range []string{"2026-11-24", "2026-12-01"} {
		w.clock.Set(w.morning(day))
		w.run()
		w.must(suspend(w, caseID))
		before := w.see(caseID)
		for range 3 {
			w.clock.Add(24 * time.Hour)
			w.run()
		}
		if after := w.see(caseID); after.Rev != before.Rev {
			t.Errorf("suspended: got events %v, want none new", kinds(after)[len(before.Events):])
		}
		w.must(commands[casework.CmdResume](w, caseID)) // three working days later
	}
	for _, s := range []struct {
		at    time.Time
		timer int // that have gone off
		open  string
	}{
		{w.endOf("2026-12-04").Add(-time.Millisecond), 1, "review@one"},
		{w.endOf("2026-12-04"), 2, "chief@one"},
	} {
		w.clock.Set(s.at)
		w.run()
		c := w.see(caseID)
		fired := 0
		for _, kind := range kinds(c) {
			if kind == "timer" {
				fired++
			}
		}
		if fired != s.timer || !slices.Equal(tasks(c), []string{s.open}) {
			t.Errorf("%v: got %d gone off, open %v; want %d, %s", s.at, fired, tasks(c), s.timer, s.open)
		}
	}
}

// A case runs to its end on the version and the process that it began with,
// though the pack has moved on, and a new office has opened on the same data.
func TestPinned(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		old := w.submit(an, "permit")
		draft := w.draft(w.citizen(bo), "permit")
		newer := altered(t, map[string]func(string) string{
			"services/general/permit.yaml": replace("outputs: [permit]", "outputs: []"),
			"processes/standard.bpmn":      replace(`id="review" name="审查"`, `id="review" name="新的审查"`),
			"forms/permit.yaml":            replace("label: {zh: 用途,", "label: {zh: 新的用途,"),
		})
		service, _ := newer.Service("permit")
		service.Versions[0].Process, service.Versions[0].Limits.Committed = "gift", 3
		w.open(newer)
		fresh := w.submit(bo, "permit")
		if old.Version == fresh.Version || draft.Version == nil {
			t.Fatalf("got the same version %s, want another", fresh.Version)
		}
		w.do(fresh.ID, "accept", "accept")
		w.due("the new case", fresh.ID, "2026-11-26")
		if got := w.do(old.ID, "accept", "accept"); !slices.Equal(tasks(got), []string{"review@one"}) || got.Tasks[0].Name.ZH != "审查" {
			t.Errorf("the old case: got open %v (%s), want the review as it was", tasks(got), got.Tasks[0].Name.ZH)
		}
		w.due("the old case", old.ID, "2026-12-07")
		w.do(old.ID, "review", "approve")
		got := w.do(old.ID, "decide", "approve")
		if got.Status != casework.Closed || len(got.Licences) != 1 || got.Version != old.Version || got.Process.ID != "standard" {
			t.Errorf("the old case: got %s with %d licences on %s, want closed with one on the old version", got.Status, len(got.Licences), got.Process.ID)
		}
		for id, want := range map[string]string{old.ID: "用途", fresh.ID: "新的用途"} {
			if label := w.see(id).Filled.Field("purpose").Label.ZH; label != want {
				t.Errorf("what was filled in is shown under %s, want %s", label, want)
			}
		}
		if got := w.finish(fresh.ID); got.Status != casework.Closed || len(got.Licences) != 0 || got.Process.ID != "gift" {
			t.Errorf("the new case: got %s with %d licences on %s, want closed with none on the new process", got.Status, len(got.Licences), got.Process.ID)
		}
		for _, list := range []string{old.Number, fresh.Number} {
			if _, err := w.office.Case(w.ctx, w.officer("one"), list); err != nil {
				t.Errorf("%s: %v", list, err)
			}
		}
	})
}

// A case whose service the pack has dropped goes on all the same.
func TestPinnedServiceGone(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := take("gift", accepted)(w)
	w.open(altered(t, map[string]func(string) string{
		"services/general/gift.yaml": gone,
		"processes/gift.bpmn":        gone,
		"events/move.yaml":           gone,
	}))
	w.do(caseID, "decide", "approve")
	if got := w.do(caseID, "pay", "done"); got.Status != casework.Closed || got.ServiceName.ZH != "补贴" {
		t.Errorf("got %s of %q, want closed, by its name", got.Status, got.ServiceName.ZH)
	}
	if list, _, err := w.office.MyCases(w.ctx, w.citizen(an), casework.Page{}); err != nil || len(list) != 1 || list[0].ServiceName.ZH != "补贴" {
		t.Errorf("got %d in the list, %v", len(list), err)
	}
}
