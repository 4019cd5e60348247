package casework_test

import (
	"encoding/json"
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// asked is who asked a register about somebody, and how often.
func (w *world) asked(about string) map[string]int {
	w.t.Helper()
	receipts, err := w.exchange.Receipts(w.ctx, w.db.Reader(), party.ID(about), 1000)
	w.must(err)
	asked := map[string]int{}
	for _, r := range receipts {
		asked[r.Asker]++
		if r.Purpose == "" {
			w.t.Errorf("got the receipt %+v, want its purpose", r)
		}
	}
	return asked
}

// Every look into a register says who looked: the applicant, the helper, or an
// agency; never the applicant for an officer.
func TestWhoAsked(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.draft(w.citizen(hu, an), "permit")
		w.draft(w.with(bo), "permit")
		if got := w.asked(an); got[hu] == 0 || len(got) != 1 {
			t.Errorf("about an: got %v, want her helper alone", got)
		}
		if got := w.asked(bo); got["one"] == 0 || len(got) != 1 {
			t.Errorf("about bo: got %v, want the clerk's agency alone", got)
		}
		caseID := w.submit(bo, "gift").ID
		before := w.asked(bo)
		c := w.do(caseID, "accept", "accept") // the process looks up where he lives
		if got := w.asked(bo); got["one"] != before["one"]+1 || got[bo] != before[bo] || !has(c, "asked") {
			t.Errorf("got %v after %v, events %v; want one more by the agency", got, before, kinds(c))
		}
		if v, ok := c.Tasks[0], c.Events[len(c.Events)-1]; v.Element != "decide" || ok.Data["resource"] != "population" {
			t.Errorf("got task %s, event %+v; want the decision, and the register named", v.Element, ok)
		}
	})
}

// A clerk at the counter is nobody's agent: the applicant is asked about, and
// what the form wants of the agent is the applicant's.
func TestClerkIsNoAgent(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		clerk := w.officer("sq", policy.RoleClerk)
		clerk.Actor.For = "wang-jing"
		draft, err := w.office.OpenDraft(w.ctx, clerk, casework.Target{Event: "start-business"})
		w.must(err)
		if got := draft.Data["clerk_name"]; got != "王静" {
			t.Errorf("got the contact %v, want 王静", got)
		}
		w.fill(clerk, draft)
		r, err := w.office.Submit(w.ctx, clerk, "", nil, draft.ID)
		w.must(err)
		for service, c := range w.through(r.Bundle) {
			if c.Status != casework.Closed || c.Channel != "1" {
				t.Errorf("%s: got %s by channel %s, want closed at the counter", service, c.Status, c.Channel)
			}
		}
		clerk.Actor.For = "pudong-noodle" // a firm, whose head is there
		firm := w.draft(clerk, "food-permit")
		w.fill(clerk, firm)
		if _, err := w.office.Submit(w.ctx, clerk, "", nil, firm.ID); err != nil {
			t.Errorf("for a firm: %v", err)
		}
	})
}

// Saving what is there, as a browser or a client of the API sends it, edits
// nothing: numbers stay numbers, whatever they look like on the way.
func TestSaveWhatIsThere(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	prefilled := 0
	for _, who := range []string{"zhao-ziqi", "li-wei", "chen-guilan"} {
		pr := w.citizen(who)
		for _, s := range w.city.Services {
			d, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Service: s.ID})
			if err != nil {
				continue // not online
			}
			sent, err := json.Marshal(d.Data)
			w.must(err)
			var values map[string]any
			w.must(json.Unmarshal(sent, &values))
			d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, -1, values)
			if err != nil {
				t.Errorf("%s for %s: got %v, want what was prefilled to be right", s.ID, who, err)
			}
			for key, p := range d.Provenance {
				prefilled++
				if p.Edited {
					t.Errorf("%s for %s: %s is marked as edited", s.ID, who, key)
				}
				if p.Source.ZH == "" || p.Source.EN == "" || p.At == 0 || p.Grade == "" {
					t.Errorf("%s for %s: got the provenance %+v of %s, want it whole", s.ID, who, p, key)
				}
			}
		}
	}
	if prefilled < 100 {
		t.Errorf("got %d prefilled fields, want the hundreds that the city knows", prefilled)
	}
}
