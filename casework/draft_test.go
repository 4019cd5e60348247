package casework_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// draft begins, or takes up, a draft for the service.
func (w *world) draft(pr policy.Principal, service string) casework.Draft {
	w.t.Helper()
	d, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Service: service})
	w.must(err)
	return d
}

// with is the clerk of a counter, with the applicant there.
func (w *world) with(applicant string) policy.Principal {
	pr := w.officer("one", policy.RoleClerk)
	pr.ID, pr.Actor = "clerk", party.Actor{Party: "clerk", For: party.ID(applicant)}
	return pr
}

func TestDraftBegins(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		got := w.draft(w.citizen(an), "permit")
		if diff := cmp.Diff(map[string]any{"name": "安安", "address": "小城路1号"}, got.Data); diff != "" {
			t.Errorf("data (-want +got)\n%s", diff)
		}
		name, address := got.Provenance["name"], got.Provenance["address"]
		if name.Source.ZH != "来自 您的实名账户" || name.Grade != "A" || name.At != monday.UnixMilli() || name.Edited {
			t.Errorf("name: got provenance %+v, want the account's", name)
		}
		if !strings.Contains(address.Source.ZH, "人口库") || address.Request == "" || address.At == 0 || address.Grade != "A" {
			t.Errorf("address: got provenance %+v, want the register's, with its request", address)
		}
		if again := w.draft(w.citizen(an), "permit"); again.ID != got.ID || again.Rev != got.Rev {
			t.Errorf("again: got %s rev %d, want the same draft %s rev %d", again.ID, again.Rev, got.ID, got.Rev)
		}
		if other := w.draft(w.citizen(bo), "permit"); other.ID == got.ID || other.Subject != bo {
			t.Errorf("another person: got the same draft %s", other.ID)
		}
		if forFirm := w.draft(w.citizen(an, firm), "permit"); forFirm.ID == got.ID || forFirm.Data["name"] != "小城公司" {
			t.Errorf("for the firm: got %+v, want a draft of the firm's own", forFirm.Data)
		}
		for _, wrong := range []casework.Target{{}, {Service: "nothing"}, {Event: "nothing"}, {Service: "permit'; --"}, {Service: "\x00"}} {
			w.refused("target "+wrong.Service+wrong.Event, fault.NotFound, func() error {
				_, err := w.office.OpenDraft(w.ctx, w.citizen(an), wrong)
				return err
			})
		}
		for _, members := range [][]string{{}, {"permit"}, {"base", "base"}, {"base", "nothing"}} {
			w.refused(strings.Join(members, " "), fault.Invalid, func() error {
				_, err := w.office.OpenDraft(w.ctx, w.citizen(an), casework.Target{Event: "move", Members: members})
				return err
			})
		}
	})
}

// However many devices begin at the same time, there is one draft.
func TestDraftBegunAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ids := make([]string, 8)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				d, err := w.office.OpenDraft(w.ctx, w.citizen(an), casework.Target{Service: "permit"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = d.ID
			})
		}
		all.Wait()
		if slices.Sort(ids); ids[0] != ids[7] || w.number("SELECT COUNT(*) FROM drafts") != 1 {
			t.Errorf("got drafts %v, want one", ids)
		}
	})
}

// touches are everything that can be done with a draft.
func (w *world) touches(pr policy.Principal, draftID string) map[string]func() error {
	o := w.office
	pdf := casework.File{Name: "a.pdf", Data: []byte("%PDF-1.4")}
	return map[string]func() error{
		"read": func() error { _, err := o.Draft(w.ctx, pr, draftID); return err },
		"save": func() error { _, err := o.Save(w.ctx, pr, draftID, 0, -1, map[string]any{"purpose": "x"}); return err },
		"answer": func() error {
			_, err := o.Answer(w.ctx, pr, draftID, 0, map[string]string{"speed": "slow"})
			return err
		},
		"pledge":   func() error { _, err := o.Pledge(w.ctx, pr, draftID, "letter", true); return err },
		"upload":   func() error { _, err := o.Upload(w.ctx, pr, draftID, "photo", pdf); return err },
		"unupload": func() error { _, err := o.Unupload(w.ctx, pr, draftID, "photo"); return err },
		"plan":     func() error { _, err := o.Plan(w.ctx, pr, draftID); return err },
		"check":    func() error { _, err := o.Check(w.ctx, pr, draftID); return err },
		"fees":     func() error { _, err := o.Fees(w.ctx, pr, draftID); return err },
		"file":     func() error { _, err := o.File(w.ctx, pr, draftID, "file"); return err },
		"submit":   func() error { _, err := o.Submit(w.ctx, pr, "", nil, draftID); return err },
		"discard":  func() error { return o.Discard(w.ctx, pr, draftID) },
	}
}

// Another person's draft is not there, for anything.
func TestForeignDraft(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		draft := w.draft(w.citizen(an), "permit")
		for _, who := range []policy.Principal{w.citizen(bo), w.citizen(an, firm), w.officer("one"), w.with(bo), w.officer("one", policy.RoleClerk)} {
			for name, do := range w.touches(who, draft.ID) {
				w.refused(who.ID+" for "+string(who.Actor.For)+": "+name, fault.NotFound, do)
			}
			for _, one := range w.list(who) {
				t.Errorf("%s: got %s in the list", who.ID, one.ID)
			}
		}
		for name, do := range w.touches(policy.Principal{}, draft.ID) {
			w.refused("the public: "+name, fault.Unauthenticated, do)
		}
		for _, id := range []string{"", "none", "\x00", "\xff", strings.Repeat("9", 9000)} {
			for name, do := range w.touches(w.citizen(an), id) {
				if id == "" && name == "file" {
					continue // no matter at all
				}
				w.refused("no such draft: "+name, fault.NotFound, do)
			}
		}
	})
}

// list is the drafts that someone is shown; who may see none gets an error.
func (w *world) list(pr policy.Principal) []casework.Draft {
	list, err := w.office.Drafts(w.ctx, pr)
	if err != nil && !fault.Is(err, fault.Denied) {
		w.t.Error(err)
	}
	return list
}

// A draft outlives a change of the pack: members that the life event no longer
// has fall away, a service that is no longer offered hides its draft.
func TestDraftAfterPackMoved(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	single := w.draft(pr, "gift")
	event, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "move"})
	w.must(err)
	w.open(altered(t, map[string]func(string) string{
		"services/general/gift.yaml": gone,
		"events/move.yaml": func(s string) string {
			s, _, _ = strings.Cut(s, "  - service: next")
			return s + "before: {steps: 4, days: 20, documents: 4, visits: 4, cost: 0}\nafter: {steps: 1, days: 10, documents: 1, visits: 0, cost: 0}\n"
		},
	}))
	drafts := w.list(pr)
	if len(drafts) != 1 || !slices.Equal(drafts[0].Members, []string{"base", "quick"}) {
		t.Errorf("got %+v, want the event's draft with base and quick", drafts)
	}
	w.refused("the service is gone", fault.NotFound, func() error { _, err := w.office.Draft(w.ctx, pr, single.ID); return err })
	w.fill(pr, drafts[0])
	r, err := w.office.Submit(w.ctx, pr, "", nil, event.ID)
	w.must(err)
	if len(r.Cases) != 2 {
		t.Errorf("got %d cases, want 2", len(r.Cases))
	}
}

// A draft that waits is as good a year later; its step is where it was left.
func TestDraftKeepsStep(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for step, values := range []map[string]any{{"name": "安安", "address": "小城路1号"}, {"purpose": "x", "count": int64(1)}} {
		var err error
		if d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, step, values); err != nil || d.Step != step+1 {
			t.Errorf("step %d: got %d, %v; want %d", step, d.Step, err, step+1)
		}
	}
	d, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, map[string]any{"name": "安安", "address": "小城路1号"})
	if err != nil || d.Step != 2 {
		t.Errorf("back and on: got step %d, %v; want 2", d.Step, err)
	}
	w.clock.Add(300 * 24 * time.Hour)
	if got := w.draft(pr, "permit"); got.Step != 2 || got.Data["purpose"] != "x" || !got.SavedAt.Equal(monday) {
		t.Errorf("later: got step %d, data %v, saved %v", got.Step, got.Data, got.SavedAt)
	}
}
