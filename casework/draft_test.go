package casework_test

import (
	"context"
	"maps"
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

// What was typed is kept, whatever is wrong with it, and each fault has its
// field.
func TestSaveKeepsFaults(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for _, tt := range []struct {
		name   string
		step   int
		values map[string]any
		want   []string
	}{
		{"good", 1, map[string]any{"purpose": "开店", "count": int64(2), "colours": []any{"red"}}, nil},
		{"nothing", 1, map[string]any{}, []string{"/count", "/purpose"}},
		{"over-long", 1, map[string]any{"purpose": strings.Repeat("长", 21), "count": int64(2)}, []string{"/purpose"}},
		{"just long enough", 1, map[string]any{"purpose": strings.Repeat("𠮷", 20), "count": int64(2)}, nil},
		{"control characters", 1, map[string]any{"purpose": "a\x00b", "count": int64(2)}, []string{"/purpose"}},
		{"too few and too many", 1, map[string]any{"purpose": "x", "count": int64(0)}, []string{"/count"}},
		{"a number as text", 1, map[string]any{"purpose": "x", "count": "two"}, []string{"/count"}},
		{"a text as number", 1, map[string]any{"purpose": 5.0, "count": int64(2)}, []string{"/purpose"}},
		{"half a thing", 1, map[string]any{"purpose": "x", "count": 2.5}, []string{"/count"}},
		{"a colour that is not offered", 1, map[string]any{"purpose": "x", "count": int64(2), "colours": []any{"green"}}, []string{"/colours"}},
		{"an object", 1, map[string]any{"purpose": map[string]any{"a": 1.0}, "count": int64(2)}, []string{"/purpose"}},
		{"a true text", 1, map[string]any{"purpose": true, "count": int64(2)}, []string{"/purpose"}},
		{"check digits", 2, map[string]any{"citizen": "110105194912310021", "firm": "91350100M000100Y44"}, []string{"/citizen", "/firm"}},
		{"right check digits", 2, map[string]any{"citizen": "11010519491231002X", "firm": "91350100M000100Y43"}, nil},
		{"one value by itself", -1, map[string]any{"purpose": strings.Repeat("长", 21)}, []string{"/purpose"}},
		{"one good value by itself", -1, map[string]any{"purpose": "开店"}, nil},
		{"one emptied", -1, map[string]any{"purpose": nil}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := *w
			w.t = t
			pr := w.citizen(an)
			d := w.draft(pr, "permit")
			saved, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, tt.step, tt.values)
			if (err != nil) != (tt.want != nil) || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want faults at %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.want, pointers(err)); diff != "" {
				t.Errorf("faults (-want +got)\n%s", diff)
			}
			read, err := w.office.Draft(w.ctx, pr, d.ID)
			w.must(err)
			if read.Rev != d.Rev+1 || saved.Rev != read.Rev {
				t.Errorf("got rev %d and %d, want %d", saved.Rev, read.Rev, d.Rev+1)
			}
			for key, value := range tt.values {
				if diff := cmp.Diff(plain(value), plain(read.Data[key])); diff != "" {
					t.Errorf("%s was not kept (-want +got)\n%s", key, diff)
				}
			}
			w.must(w.office.Discard(w.ctx, pr, d.ID))
		})
	}
}

// plain is a value as JSON reads it.
func plain(v any) any {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v
}

// What the form does not know, and steps that it does not have, store nothing.
func TestSaveRefuses(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for _, tt := range []struct {
		name   string
		step   int
		values map[string]any
		kind   fault.Kind
		want   []string
	}{
		{"unknown field", -1, map[string]any{"purpose": "x", "admin": true}, fault.Invalid, []string{"/admin"}},
		{"unknown fields in a step", 1, map[string]any{"purpose": "x", "a": 1, "b~/c": 2}, fault.Invalid, []string{"/a", "/b~0~1c"}},
		{"no such step", 3, map[string]any{}, fault.NotFound, nil},
		{"no such step", -2, map[string]any{}, fault.NotFound, nil},
	} {
		w.refused(tt.name, tt.kind, func() error {
			got, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, tt.step, tt.values)
			if diff := cmp.Diff(tt.want, pointers(err)); diff != "" {
				t.Errorf("%s: faults (-want +got)\n%s", tt.name, diff)
			}
			if got.Rev != d.Rev {
				t.Errorf("%s: got rev %d back, want the draft as it stands, %d", tt.name, got.Rev, d.Rev)
			}
			return err
		})
	}
}

// A field that is filled and never typed keeps its value, whoever sends what.
func TestSaveReadonly(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	w.open(altered(t, map[string]func(string) string{"forms/permit.yaml": replace("fill: population.address", "fill: population.address, readonly: true")}))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for _, value := range []any{"别处", nil, 5.0} {
		w.refused("another address", fault.Invalid, func() error {
			_, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, -1, map[string]any{"address": value})
			if diff := cmp.Diff([]string{"/address"}, pointers(err)); diff != "" {
				t.Errorf("%v: faults (-want +got)\n%s", value, diff)
			}
			return err
		})
	}
	for _, values := range []map[string]any{{"name": "安安"}, {"name": "安安", "address": "小城路1号"}} { // a browser does not send it
		var err error
		if d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, values); err != nil || d.Data["address"] != "小城路1号" || d.Provenance["address"].Edited {
			t.Errorf("step with %v: got the address %v, %v; want it kept", values, d.Data["address"], err)
		}
	}
}

// Who saves over what somebody else saved is told, and gets what is there now.
func TestSaveStale(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pr := w.citizen(an)
		begun := w.draft(pr, "permit")
		_, err := w.office.Save(w.ctx, pr, begun.ID, begun.Rev, -1, map[string]any{"purpose": "手机上写的"})
		w.must(err)
		stale := map[string]func() (casework.Draft, error){
			"save": func() (casework.Draft, error) {
				return w.office.Save(w.ctx, pr, begun.ID, begun.Rev, -1, map[string]any{"purpose": "电脑上写的"})
			},
			"answer": func() (casework.Draft, error) {
				return w.office.Answer(w.ctx, pr, begun.ID, begun.Rev, map[string]string{"speed": "slow"})
			},
			"a rev to come": func() (casework.Draft, error) {
				return w.office.Save(w.ctx, pr, begun.ID, begun.Rev+7, -1, map[string]any{"purpose": "电脑上写的"})
			},
		}
		for name, save := range stale {
			w.refused(name, fault.Conflict, func() error {
				got, err := save()
				if got.Data["purpose"] != "手机上写的" || got.Rev != begun.Rev+1 || got.Form == nil {
					t.Errorf("%s: got %v rev %d back, want the current draft", name, got.Data, got.Rev)
				}
				return err
			})
		}
		if got, err := w.office.Save(w.ctx, pr, begun.ID, 0, -1, map[string]any{"purpose": "不管了"}); err != nil || got.Data["purpose"] != "不管了" {
			t.Errorf("rev 0: got %v, %v; want it taken", got.Data, err)
		}
	})
}

// Of many that save the same rev at the same time, one wins.
func TestSaveRace(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pr := w.citizen(an)
		begun := w.draft(pr, "permit")
		errs := race(8, func(i int) error {
			_, err := w.office.Save(w.ctx, pr, begun.ID, begun.Rev, -1, map[string]any{"count": int64(i + 1)})
			return err
		})
		checkRace(t, errs)
		if got, err := w.office.Draft(w.ctx, pr, begun.ID); err != nil || got.Rev != begun.Rev+1 {
			t.Errorf("got rev %d, %v; want %d", got.Rev, err, begun.Rev+1)
		}
	})
}

// race runs do n times at once.
func race(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// checkRace wants one success and conflicts.
func checkRace(t *testing.T, errs []error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("got %v, want a conflict", err)
		}
	}
	if won != 1 {
		t.Errorf("got %d successes, want 1 of %d", won, len(errs))
	}
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

// A prefilled value that is changed is marked for good, and what is decided by
// rule then is not.
func TestEdited(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "quick")
	d, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, map[string]any{"name": "安安"})
	w.must(err)
	if d.Provenance["name"].Edited {
		t.Error("saved unchanged: got the edited mark")
	}
	for _, name := range []string{"安安安", "安安"} {
		d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, map[string]any{"name": name})
		w.must(err)
		if !d.Provenance["name"].Edited {
			t.Errorf("%s: got no edited mark", name)
		}
	}
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	w.must(err)
	if c := w.see(r.Cases[0].ID); c.Status != casework.Submitted || !c.Provenance["name"].Edited {
		t.Errorf("got %s with provenance %+v, want an officer to look at the edited name", c.Status, c.Provenance["name"])
	}
}

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
