package casework_test

import (
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
)

func TestElderlyAllowance(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		chen := w.citizen("chen-guilan")
		r := w.apply(chen, casework.Target{Service: "elderly-allowance"})
		if len(r.Cases) != 1 || r.Cases[0].Status != casework.Submitted {
			t.Fatalf("receipt: got %d cases, first %q; want one that is submitted", len(r.Cases), r.Cases[0].Status)
		}
		c := w.finish(r.Cases[0].ID)
		if c.Status != casework.Closed || len(c.Licences) != 1 {
			t.Fatalf("case: got %s with %d licences, want closed with one; events %v", c.Status, len(c.Licences), kinds(c))
		}
		l, err := w.licences.Get(w.ctx, w.db.Reader(), c.Licences[0])
		w.must(err)
		if l.Claims["monthly"] != "150" {
			t.Errorf("allowance at 72: got %q yuan a month, want 150 (FACTS.md); claims %v", l.Claims["monthly"], l.Claims)
		}
	})
}

// Every service that can be applied for on the portal runs to its end for
// someone, and gives what it promises.
func TestEveryOnlineServiceRuns(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, s := range w.city.Services {
			v := s.At(today(w))
			if v == nil || !v.Online() {
				continue
			}
			t.Run(s.ID, func(t *testing.T) {
				w := *w
				w.t = t
				who, ok := w.applicant(s.ID)
				if !ok {
					t.Fatalf("no persona of the pack meets the condition %q", v.Condition)
				}
				c := w.finish(w.apply(who, casework.Target{Service: s.ID}).Cases[0].ID)
				if c.Status != casework.Closed || len(c.Licences) != len(v.Outputs) {
					t.Errorf("got %s with %d licences, want closed with %d; events %v", c.Status, len(c.Licences), len(v.Outputs), kinds(c))
				}
			})
		}
	})
}

// applicant is the first persona who may submit the service.
func (w *world) applicant(service string) (policy.Principal, bool) {
	var candidates []policy.Principal
	for _, p := range w.city.People.Persons {
		candidates = append(candidates, w.citizen(p.ID))
	}
	for _, m := range w.city.People.Mandates {
		candidates = append(candidates, w.citizen(m.Agent, m.Principal))
	}
	for _, pr := range candidates {
		d, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Service: service})
		if err != nil {
			continue
		}
		d = w.fill(pr, d)
		if wrong, err := w.office.Check(w.ctx, pr, d.ID); err == nil && len(wrong) == 0 {
			return pr, true
		}
		w.must(w.office.Discard(w.ctx, pr, d.ID))
	}
	return policy.Principal{}, false
}
