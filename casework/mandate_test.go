package casework_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// A draft is taken up by who holds a mandate for the service, and by a clerk
// with the applicant there; and it says who touched it last.
func TestDraftTakenUp(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	begun := w.draft(w.citizen(an), "permit")
	for i, pr := range []policy.Principal{w.citizen(hu, an), w.with(an), w.citizen(an)} {
		got := w.draft(pr, "permit")
		if got.ID != begun.ID || got.Subject != an {
			t.Fatalf("%s: got %s of %s, want the same draft", pr.ID, got.ID, got.Subject)
		}
		saved, err := w.office.Save(w.ctx, pr, got.ID, got.Rev, -1, map[string]any{"count": int64(i + 1)})
		w.must(err)
		if saved.Owner != pr.Actor.Party || len(w.list(pr)) != 1 {
			t.Errorf("%s: got the owner %s and %d drafts listed, want %s and 1", pr.ID, saved.Owner, len(w.list(pr)), pr.Actor.Party)
		}
	}
}

// A mandate opens what it covers, while it lives, and nothing else: neither
// drafts nor cases.
func TestMandateScope(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		helper := w.citizen(hu, an)
		uncovered := w.draft(w.citizen(an), "gift")
		bundle := w.apply(w.citizen(an), casework.Target{Service: "straight"})
		hidden := bundle.Cases[0]
		covered := w.submit(an, "permit")
		w.refused("begin", fault.Denied, func() error {
			_, err := w.office.OpenDraft(w.ctx, helper, casework.Target{Service: "wide"})
			return err
		})
		w.refused("take up", fault.Denied, func() error {
			got, err := w.office.OpenDraft(w.ctx, helper, casework.Target{Service: "gift"})
			if got.ID != "" {
				t.Errorf("got draft %+v with the refusal", got.Data)
			}
			return err
		})
		w.refused("a life event with other services", fault.Denied, func() error {
			_, err := w.office.OpenDraft(w.ctx, helper, casework.Target{Event: "move"})
			return err
		})
		w.refused("outlook", fault.Denied, func() error { _, err := w.office.Outlook(w.ctx, helper, "gift"); return err })
		for name, do := range w.touches(helper, uncovered.ID) {
			if name != "file" { // says no more than that there is none
				w.refused(name, fault.Denied, do)
			}
		}
		for name, do := range w.caseTouches(helper, hidden.ID) {
			w.refused(name, fault.NotFound, do)
		}
		w.refused("bundle", fault.NotFound, func() error { _, err := w.office.Bundle(w.ctx, helper, hidden.Bundle); return err })
		if got := w.list(helper); len(got) != 0 {
			t.Errorf("got %d drafts listed, want none", len(got))
		}
		if got, _, err := w.office.MyCases(w.ctx, helper, casework.Page{}); err != nil || len(got) != 1 || got[0].ID != covered.ID {
			t.Errorf("got %d cases listed, %v; want the one that is covered", len(got), err)
		}
		w.clock.Set(monday.AddDate(1, 0, 0))
		if got, _, err := w.office.MyCases(w.ctx, helper, casework.Page{}); err != nil || len(got) != 0 {
			t.Errorf("after its end: got %d cases listed, %v; want none", len(got), err)
		}
		for name, do := range w.caseTouches(helper, covered.ID) {
			w.refused("after its end: "+name, fault.NotFound, do)
		}
	})
}

// caseTouches are what an applicant can do with a case.
func (w *world) caseTouches(pr policy.Principal, caseID string) map[string]func() error {
	o := w.office
	return map[string]func() error{
		"case":     func() error { _, err := o.Case(w.ctx, pr, caseID); return err },
		"may":      func() error { _, err := o.May(w.ctx, pr, caseID); return err },
		"withdraw": func() error { _, err := o.Withdraw(w.ctx, pr, caseID, ""); return err },
		"answer":   func() error { _, err := o.AnswerSupplement(w.ctx, pr, caseID, ""); return err },
		"supply": func() error {
			_, err := o.Supply(w.ctx, pr, caseID, "photo", casework.File{Data: []byte("%PDF-1.4")})
			return err
		},
		"complete": func() error {
			_, err := o.Complete(w.ctx, pr, caseID, "t1", casework.Outcome{Choice: "accept"})
			return err
		},
		"file": func() error { _, err := o.File(w.ctx, pr, caseID, "file"); return err },
	}
}

// A mandate that is revoked between draft and submission ends there: nothing
// is written.
func TestMandateRevoked(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		helper := w.citizen(hu, an)
		draft := w.fill(helper, w.draft(helper, "permit"))
		w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return w.parties.Revoke(ctx, tx, "hu-for-an", an) }))
		w.refused("submit", fault.Denied, func() error {
			_, err := w.office.Submit(w.ctx, helper, "key", nil, draft.ID)
			return err
		})
		w.refused("read", fault.Denied, func() error { _, err := w.office.Draft(w.ctx, helper, draft.ID); return err })
		r, err := w.office.Submit(w.ctx, w.citizen(an), "", nil, draft.ID)
		w.must(err)
		if got := r.Cases[0].Actor; got != (party.Actor{Party: an, For: an}) {
			t.Errorf("got the actor %+v, want an for herself", got)
		}
	})
}
