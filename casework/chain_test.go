package casework_test

import (
	"slices"
	"strings"
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

// byService are the cases of a bundle as they stand.
func (w *world) byService(bundle string) map[string]casework.Case {
	w.t.Helper()
	cases, err := w.office.Bundle(w.ctx, policy.Principal{Kind: policy.System}, bundle)
	w.must(err)
	found := map[string]casework.Case{}
	for _, c := range cases {
		found[c.Service] = w.see(c.ID)
	}
	return found
}

func statuses(cases map[string]casework.Case) map[string]casework.Status {
	list := map[string]casework.Status{}
	for service, c := range cases {
		list[service] = c.Status
	}
	return list
}

// through works on every case of the bundle until nothing is left to do. Cases
// go on by themselves, through the worker.
func (w *world) through(bundle string) map[string]casework.Case {
	w.t.Helper()
	for range 20 {
		w.run()
		busy := false
		for _, c := range w.byService(bundle) {
			for w.work(c.ID) {
				busy = true
			}
		}
		if !busy {
			return w.byService(bundle)
		}
	}
	w.t.Fatal("still open tasks after 20 rounds")
	return nil
}

// Six things after a birth: one form, each document once, and the certificate's
// number reaches those that need it.
func TestNewBorn(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, pr := range []policy.Principal{w.citizen("zhang-min"), w.citizen("li-wei", "zhang-min")} {
			draft, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "new-born"})
			w.must(err)
			w.askedOnce(draft)
			if f := draft.Form.Field("certificate_no"); f != nil {
				t.Error("the form asks for the certificate's number, which the first service gives")
			}
			draft = w.fill(pr, draft)
			w.documentsOnce(pr, draft)
			r, err := w.office.Submit(w.ctx, pr, "", nil, draft.ID)
			w.must(err)
			if len(r.Cases) != 5 || r.Total != 29500 {
				t.Errorf("%s: got %d cases for %d fen, want 5 for the premium of 295 yuan", pr.ID, len(r.Cases), r.Total)
			}
			cases := w.through(r.Bundle)
			for service, c := range cases {
				if c.Status != casework.Closed || c.Actor.Party != pr.Actor.Party || c.Subject != "zhang-min" {
					t.Errorf("%s by %s: got %s by %s for %s; events %v", service, pr.ID, c.Status, c.Actor.Party, c.Subject, kinds(c))
				}
			}
			number := cases["birth-certificate"].Result["certificate_no"]
			for _, service := range []string{"vaccination-record", "household-registration-newborn", "resident-insurance"} {
				c := cases[service]
				if c.Form["certificate_no"] != number || number == "" || !strings.Contains(c.Provenance["certificate_no"].Source.ZH, "出生") {
					t.Errorf("%s: got the number %v from %q, want %s", service, c.Form["certificate_no"], c.Provenance["certificate_no"].Source.ZH, number)
				}
			}
			w.ordered(cases, map[string][]string{"vaccination-record": {"birth-certificate"}, "social-security-card": {"household-registration-newborn"},
				"resident-insurance": {"birth-certificate", "household-registration-newborn"}})
		}
	})
}

// askedOnce checks that what members share is one field.
func (w *world) askedOnce(d casework.Draft) {
	w.t.Helper()
	shared := map[string]string{}
	for _, f := range d.Form.Fields {
		if f.Shared != "" && shared[f.Shared] != "" {
			w.t.Errorf("%s is asked as %s and as %s", f.Shared, shared[f.Shared], f.Key)
		}
		shared[f.Shared] = f.Key
	}
}

// documentsOnce checks that no document is asked for twice, and that those of
// several members say so.
func (w *world) documentsOnce(pr policy.Principal, d casework.Draft) {
	w.t.Helper()
	plan, err := w.office.Plan(w.ctx, pr, d.ID)
	w.must(err)
	seen, shared := map[string]bool{}, 0
	for _, it := range plan.Items {
		if seen[it.Requirement.ID] {
			w.t.Errorf("%s is asked for twice", it.Requirement.ID)
		}
		seen[it.Requirement.ID] = true
		if len(it.Services) > 1 {
			shared++
		}
	}
	if shared == 0 {
		w.t.Errorf("got no document that several members share among %d", len(plan.Items))
	}
}

// ordered checks that a case began after those it waited for had ended.
func (w *world) ordered(cases map[string]casework.Case, after map[string][]string) {
	w.t.Helper()
	for service, before := range after {
		c := cases[service]
		i := slices.Index(kinds(c), "released")
		if i < 2 || kinds(c)[1] != "waiting" {
			w.t.Errorf("%s: got events %v, want it to wait and to be released", service, kinds(c))
			continue
		}
		for _, b := range before {
			if done := cases[b].DecidedAt; done.IsZero() || done.After(c.Events[i].At) {
				w.t.Errorf("%s was released at %v, %s decided at %v", service, c.Events[i].At, b, done)
			}
		}
	}
}

// Starting a business: the licence founds the firm, the founder is its head,
// the firm's name and code reach the others, and the firm holds what they give.
func TestStartBusiness(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, pr := range []policy.Principal{w.citizen("wang-jing"), w.citizen("sun-hao", "wang-jing")} {
			draft, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "start-business"})
			w.must(err)
			w.askedOnce(draft)
			for _, fed := range []string{"firm_uscc"} {
				if draft.Form.Field(fed) != nil {
					t.Errorf("the form asks for %s, which the first service gives", fed)
				}
			}
			draft, err = w.office.Save(w.ctx, pr, draft.ID, draft.Rev, -1, map[string]any{"firm_name": "上海示例设计有限公司"})
			w.must(err)
			draft = w.fill(pr, draft)
			w.documentsOnce(pr, draft)
			r, err := w.office.Submit(w.ctx, pr, "", nil, draft.ID)
			w.must(err)
			waiting := 0
			for _, c := range r.Cases {
				if c.Status == casework.Waiting {
					waiting++
				}
			}
			if waiting != 5 {
				t.Errorf("got %d cases waiting, want five in parallel behind the registration", waiting)
			}
			cases := w.through(r.Bundle)
			w.checkFirm(pr, cases)
		}
	})
}

func (w *world) checkFirm(pr policy.Principal, cases map[string]casework.Case) {
	w.t.Helper()
	registration := cases["business-registration"]
	org, err := w.parties.Get(w.ctx, w.db.Reader(), registration.Holder)
	w.must(err)
	code := registration.Result["uscc"]
	if org.Kind != party.Organisation || org.Name != "上海示例设计有限公司" || org.IDType != "001" || org.IDNumber != code || party.CheckUSCC(code) != nil {
		w.t.Errorf("got the firm %+v, want the one of the licence %v", org, registration.Result)
	}
	if a, err := w.parties.Acting(w.ctx, w.db.Reader(), "wang-jing", org.ID, "food-permit"); err != nil || a.Mandate == "" {
		w.t.Errorf("the founder for the firm: got %+v, %v; want her to be its head", a, err)
	}
	if _, err := w.parties.Acting(w.ctx, w.db.Reader(), "sun-hao", org.ID, ""); !fault.Is(err, fault.Denied) {
		w.t.Errorf("the founder's agent for the firm: got %v, want denied", err)
	}
	held, err := w.licences.Held(w.ctx, w.db.Reader(), org.ID)
	w.must(err)
	var types []string
	for _, l := range held {
		types = append(types, l.Type)
	}
	slices.Sort(types)
	want := []string{"bank-account", "business-licence", "fund-account", "insurance-account", "seal-filing", "tax-registration"}
	if diff := cmp.Diff(want, types); diff != "" {
		w.t.Errorf("by %s: the firm's licences (-want +got)\n%s", pr.ID, diff)
	}
	for service, c := range cases {
		if c.Status != casework.Closed || c.Subject != "wang-jing" || c.Holder != org.ID || c.Actor.Party != pr.Actor.Party {
			w.t.Errorf("%s: got %s of %s for holder %s by %s; events %v", service, c.Status, c.Subject, c.Holder, c.Actor.Party, kinds(c))
		}
		if service != "business-registration" && (c.Form["firm_uscc"] != code || c.Form["firm_name"] != org.Name || c.Provenance["firm_uscc"].Grade != "A") {
			w.t.Errorf("%s: got the code %v and the name %v, want %s and %s", service, c.Form["firm_uscc"], c.Form["firm_name"], code, org.Name)
		}
	}
}

// A case waits for all that come before it: until each has given its result,
// not only until it is decided.
func TestWaitsForResults(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.apply(w.citizen(bo), casework.Target{Event: "move"}) // quick needs an officer for him
		id := map[string]string{}
		for _, c := range r.Cases {
			id[c.Service] = c.ID
		}
		w.do(id["base"], "accept", "accept")
		w.do(id["base"], "decide", "approve") // approved, the card is still to be made
		w.finish(id["quick"])
		w.run()
		want := map[string]casework.Status{"base": casework.Approved, "quick": casework.Closed, "next": casework.Waiting}
		if diff := cmp.Diff(want, statuses(w.byService(r.Bundle))); diff != "" {
			t.Errorf("before the card is made (-want +got)\n%s", diff)
		}
		w.do(id["base"], "make", "done") // to be delivered by the counter, but the number is known
		w.run()
		cases := w.byService(r.Bundle)
		if next := cases["next"]; next.Status != casework.Submitted || next.Form["base_no"] != cases["base"].Result["base_no"] || next.Form["base_no"] == nil {
			t.Errorf("got %s with the number %v, want submitted with %v", next.Status, next.Form["base_no"], cases["base"].Result)
		}
		w.due("the clock begins with the release", cases["next"].ID, "2026-11-30")
		if cases = w.through(r.Bundle); cases["next"].Status != casework.Closed {
			t.Errorf("got %v, want all closed", statuses(cases))
		}
	})
}

// What is decided by rule at once releases what waits for it.
func TestReleasedByRule(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	r := w.apply(w.citizen(an), casework.Target{Event: "move", Members: []string{"quick", "next"}})
	w.run()
	want := map[string]casework.Status{"quick": casework.Closed, "next": casework.Submitted}
	if diff := cmp.Diff(want, statuses(w.byService(r.Bundle))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Where what comes before ends badly, what waits ends too, at once and down the
// chain, and says why.
func TestLapse(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for name, fail := range map[string]func(w *world, caseID string){
			"refused":   func(w *world, id string) { w.do(id, "accept", "refuse") },
			"rejected":  func(w *world, id string) { w.do(id, "accept", "accept"); w.do(id, "decide", "reject") },
			"withdrawn": func(w *world, id string) { w.must(withdraw(w, id)) },
		} {
			r := w.apply(w.citizen(an), casework.Target{Event: "move", Members: []string{"base", "quick", "next", "gift"}})
			cases := w.byService(r.Bundle)
			fail(w, cases["base"].ID)
			w.run()
			cases = w.byService(r.Bundle)
			if cases["quick"].Status != casework.Closed {
				t.Errorf("%s: got quick %s, want closed: it does not hang on base", name, cases["quick"].Status)
			}
			for service, reason := range map[string]string{"next": "底证", "gift": "后办"} {
				c := cases[service]
				last := c.Events[len(c.Events)-1]
				if c.Status != casework.Refused || last.Kind != "lapsed" || !strings.Contains(last.Note.ZH, reason) || len(c.Tasks) > 0 {
					t.Errorf("%s: %s: got %s, %s (%s); want it to lapse because of %s", name, service, c.Status, last.Kind, last.Note.ZH, reason)
				}
				if c.Decision == nil || c.Decision.Remedies.ZH == "" || !strings.Contains(c.Decision.Reasons, reason) {
					t.Errorf("%s: %s: got the decision %+v, want reasons and remedies", name, service, c.Decision)
				}
			}
			if !w.told(cases["next"].ID, "lapsed") {
				t.Errorf("%s: the applicant was not told", name)
			}
		}
	})
}

// A failure does not wait for a sister that is still at work.
func TestLapseAtOnce(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	r := w.apply(w.citizen(bo), casework.Target{Event: "move"})
	cases := w.byService(r.Bundle)
	w.do(cases["quick"].ID, "accept", "refuse")
	w.run()
	want := map[string]casework.Status{"base": casework.Submitted, "quick": casework.Refused, "next": casework.Refused}
	if diff := cmp.Diff(want, statuses(w.byService(r.Bundle))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// told reports whether a notice of the kind went to the case's applicant.
func (w *world) told(caseID, kind string) bool {
	return slices.ContainsFunc(w.notices, func(n casework.Notice) bool {
		return n.CaseID == caseID && n.Kind == kind && n.To == w.see(caseID).Subject && n.Note.ZH != "" && n.Number != ""
	})
}

// The same service does not come into a basket twice, alone and in a life event.
func TestServiceTwice(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	event, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "move"})
	w.must(err)
	w.fill(pr, event)
	alone := w.filled(an, "base")
	w.refused("twice", fault.Invalid, func() error {
		_, err := w.office.Submit(w.ctx, pr, "", nil, event.ID, alone)
		if diff := cmp.Diff([]string{"/" + alone}, pointers(err)); diff != "" {
			t.Errorf("faults (-want +got)\n%s", diff)
		}
		return err
	})
}

// The members of a life event that were chosen later count: taking the draft
// up with others changes it, and keeps what was typed.
func TestMembersChosenAgain(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	first, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "move"})
	w.must(err)
	_, err = w.office.Save(w.ctx, pr, first.ID, 0, -1, map[string]any{"reason": "搬了"})
	w.must(err)
	w.clock.Add(time.Hour)
	more := []string{"base", "quick", "next", "gift"}
	second, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "move", Members: more})
	w.must(err)
	if second.ID != first.ID || !slices.Equal(second.Members, more) || second.Data["reason"] != "搬了" {
		t.Errorf("got %s with %v, data %v; want the same draft with %v", second.ID, second.Members, second.Data, more)
	}
	if again, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "move"}); err != nil || !slices.Equal(again.Members, more) {
		t.Errorf("without a choice: got %v, %v; want the draft as it was left", again.Members, err)
	}
	w.refused("no such member", fault.Invalid, func() error {
		_, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Event: "move", Members: []string{"permit"}})
		return err
	})
}
