package casework_test

import (
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// TestStandings follows a case through the eyes of whoever only needs to know
// that it is there.
func TestStandings(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		chen := w.citizen("chen-guilan")
		if got, err := w.office.Standings(w.ctx, d.Reader(), "chen-guilan"); err != nil || len(got) != 0 {
			t.Fatalf("before: got %v (%v), want none", got, err)
		}
		receipt := w.apply(chen, casework.Target{Service: "elderly-allowance"})
		caseID := receipt.Cases[0].ID
		got, err := w.office.Standings(w.ctx, d.Reader(), "chen-guilan")
		w.must(err)
		want := casework.Standing{CaseID: caseID, Service: "elderly-allowance", Subject: "chen-guilan", Status: casework.Submitted, SubmittedAt: monday}
		if len(got) != 1 || got[0] != want || !got[0].Stands() {
			t.Errorf("submitted: got %v, want %v, standing", got, want)
		}
		_, err = w.office.Withdraw(w.ctx, chen, caseID, "")
		w.must(err)
		one, err := w.office.Standing(w.ctx, d.Reader(), caseID)
		w.must(err)
		if one.Status != casework.Withdrawn || one.Stands() {
			t.Errorf("withdrawn: got %v, want it to stand no more", one)
		}
		if _, err := w.office.Standing(w.ctx, d.Reader(), "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such case: got %v, want not found", err)
		}
	})
}
