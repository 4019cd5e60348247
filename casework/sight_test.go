package casework_test

import (
	"fmt"
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

// in is the officer for one district alone.
func in(pr policy.Principal, area string) policy.Principal { pr.Area = area; return pr }

// Who sees a case, and which fields of its form.
func TestWhoSees(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		caseID := take("joint", accepted)(w)
		permit := w.submit(an, "permit").ID
		for _, tt := range []struct {
			name   string
			pr     policy.Principal
			caseID string
			want   []string // fields; nil: the case is not there
			named  bool
		}{
			{"the applicant", w.citizen(an), permit, []string{"address", "count", "name", "purpose"}, true},
			{"her helper", w.citizen(hu, an), permit, []string{"address", "count", "name", "purpose"}, true},
			{"a clerk with her", w.with(an), permit, []string{"address", "count", "name", "purpose"}, true},
			{"the lead agency", w.officer("one"), permit, []string{"address", "count", "name", "purpose"}, true},
			{"its officer of the district", in(w.officer("one"), district1), permit, []string{"address", "count", "name", "purpose"}, true},
			{"the system", policy.Principal{Kind: policy.System}, permit, []string{"address", "count", "name", "purpose"}, true},
			{"a supervisor", w.officer("nobody", policy.RoleSupervisor), permit, []string{}, false},
			{"another citizen", w.citizen(bo), permit, nil, false},
			{"the helper for herself", w.citizen(hu), permit, nil, false},
			{"the applicant as head of her firm", w.citizen(an, firm), permit, nil, false},
			{"a clerk with another", w.with(bo), permit, nil, false},
			{"a clerk alone", w.officer("one", policy.RoleClerk), permit, nil, false},
			{"an agency without a part", w.officer("two"), permit, nil, false},
			{"an officer of another district", in(w.officer("one"), district2), permit, nil, false},
			{"a supervisor of another district", in(w.officer("one", policy.RoleSupervisor), district2), permit, nil, false},
			{"a steward", w.officer("one", policy.RoleSteward), permit, nil, false},
			{"an agency that reviews", w.officer("two"), caseID, []string{"name"}, true},
			{"the other one that reviews", w.officer("three"), caseID, []string{"name"}, true},
		} {
			c, err := w.office.Case(w.ctx, tt.pr, tt.caseID)
			if tt.want == nil {
				if !fault.Is(err, fault.NotFound) || c.ID != "" {
					t.Errorf("%s: got %q, %v; want not-found", tt.name, c.ID, err)
				}
				continue
			}
			w.must(err)
			fields := []string{}
			for key := range c.Form {
				fields = append(fields, key)
			}
			slices.Sort(fields)
			if diff := cmp.Diff(tt.want, fields); diff != "" {
				t.Errorf("%s: fields (-want +got)\n%s", tt.name, diff)
			}
			if (c.SubjectName != "") != tt.named {
				t.Errorf("%s: got the name %q, want one: %v", tt.name, c.SubjectName, tt.named)
			}
		}
		if _, err := w.office.Case(w.ctx, policy.Principal{}, permit); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the public: got %v, want unauthenticated", err)
		}
	})
}

// An agency sees what its task needs, while it has the task: the matter when
// it reviews, nothing but the question when it is asked, afterwards the name.
func TestSeesByDuty(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	w.open(altered(t, map[string]func(string) string{"services/general/pair.yaml": replace("form: plain", "form: permit")}))
	caseID := take("pair", accepted)(w)
	see := func(agency string, want []string) {
		t.Helper()
		c, err := w.office.Case(w.ctx, w.officer(agency), caseID)
		w.must(err)
		var fields []string
		for key := range c.Form {
			fields = append(fields, key)
		}
		slices.Sort(fields)
		if diff := cmp.Diff(want, fields); diff != "" {
			t.Errorf("%s (-want +got)\n%s", agency, diff)
		}
		for key := range c.Provenance {
			if c.Form[key] == nil {
				t.Errorf("%s: got the provenance of %s without its value", agency, key)
			}
		}
		if slices.Contains(want, "name") != (c.SubjectName != "" && c.Subject != "") {
			t.Errorf("%s: got the subject %q, %q", agency, c.SubjectName, c.Subject)
		}
		for _, e := range c.Events {
			if !slices.Contains(want, "name") && (e.ActorName != "" || e.Actor == an) {
				t.Errorf("%s: got the event %s of %s (%s)", agency, e.Kind, e.Actor, e.ActorName)
			}
		}
	}
	see("two", []string{"count", "name", "purpose"})
	_, err := w.office.Consult(w.ctx, w.officer("one"), caseID, "three", "可以吗？")
	w.must(err)
	see("three", []string{"count", "purpose"})
	see("one", []string{"address", "count", "name", "purpose"})
	w.do(caseID, "review", "approve")
	see("two", []string{"name"})
	w.must(w.complete(w.officer("three"), caseID, "consult1", "done", "可以"))
	see("three", []string{"name"})
}

// A supervisor sees how a case stands: every date and step, and nobody's name,
// document, reason or number.
func TestSupervisorSeesNoPerson(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		supervisor := w.officer("dsj", policy.RoleSupervisor)
		secret := "柏波的私事"
		caseID := w.submit(bo, "permit").ID
		_, err := w.office.AskSupplement(w.ctx, w.officer("one"), caseID, []casework.SupplementItem{{Requirement: "photo", What: secret}}, secret)
		w.must(err)
		_, err = w.office.Supply(w.ctx, w.citizen(bo), caseID, "photo", casework.File{Name: secret + ".png", Data: png})
		w.must(err)
		_, err = w.office.AnswerSupplement(w.ctx, w.citizen(bo), caseID, secret)
		w.must(err)
		w.must(w.complete(w.officer("one"), caseID, w.taskAt(caseID, "accept").ID, "accept", secret))
		_, err = w.office.Consult(w.ctx, w.officer("one"), caseID, "two", secret)
		w.must(err)
		w.must(w.complete(w.officer("two"), caseID, "consult1", "done", secret))
		w.must(w.complete(w.officer("one"), caseID, w.taskAt(caseID, "review").ID, "approve", secret))
		open, err := w.office.Case(w.ctx, supervisor, caseID)
		w.must(err)
		w.must(w.complete(w.officer("one"), caseID, w.taskAt(caseID, "decide").ID, "reject", secret))
		rejected, err := w.office.Case(w.ctx, supervisor, caseID)
		w.must(err)
		issued, err := w.office.Case(w.ctx, supervisor, w.submit(an, "quick").ID)
		w.must(err)
		w.submit(bo, "wide")
		w.clock.Add(60 * 24 * time.Hour)
		overview, err := w.office.Overview(w.ctx, supervisor)
		w.must(err)
		whole := w.see(issued.ID)
		for name, got := range map[string]any{"open": open, "rejected": rejected, "issued": issued, "overview": overview} {
			said := fmt.Sprintf("%+v", got)
			for _, private := range []string{secret, "柏波", "安安", "小城路", "For:bo", "For:an", "Subject:bo", "Subject:an", whole.Result["number"]} {
				if strings.Contains(said, private) {
					t.Errorf("%s: got %q in %s", name, private, said)
				}
			}
		}
		if len(overview.Late) != 1 || len(overview.Agencies) == 0 || overview.Late[0].Number == "" || overview.Late[0].DueAt.IsZero() {
			t.Errorf("got %+v, want the late case by its number", overview)
		}
		if rejected.Status != casework.Rejected || rejected.Decision == nil || len(rejected.Events) != len(w.see(caseID).Events) || rejected.Number == "" {
			t.Errorf("got %s, %+v, %d events; want how it stands", rejected.Status, rejected.Decision, len(rejected.Events))
		}
		if _, err := w.office.Overview(w.ctx, w.officer("one")); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer's overview: got %v, want denied", err)
		}
		if _, _, err := w.office.Inbox(w.ctx, supervisor, casework.Filter{}); !fault.Is(err, fault.Denied) {
			t.Errorf("a supervisor's inbox: got %v, want denied", err)
		}
	})
}

// Lists show what their reader's scope says, in order, page by page, each row
// once.
func TestLists(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var mine, theirs []string
		for range 5 { // two in the same instant, and one each day
			mine = append(mine, w.submit(an, "wide").Number)
			theirs = append(theirs, w.submit(bo, "wide").Number)
			w.clock.Add(12 * time.Hour)
		}
		w.submit(an, "joint")
		slices.Reverse(mine)
		read := func(pr policy.Principal, limit int) (list []string) {
			page := casework.Page{Limit: limit}
			for {
				cases, next, err := w.office.MyCases(w.ctx, pr, page)
				w.must(err)
				for _, c := range cases {
					if c.Service == "wide" {
						list = append(list, c.Number)
					}
				}
				if page.After = next; next == "" {
					return list
				}
			}
		}
		inbox := func(pr policy.Principal, f casework.Filter) (list []string) {
			for {
				tasks, next, err := w.office.Inbox(w.ctx, pr, f)
				w.must(err)
				for _, task := range tasks {
					list = append(list, task.Number)
				}
				if f.After = next; next == "" {
					return list
				}
			}
		}
		for _, limit := range []int{1, 2, 5, 0, 1000} {
			if got := read(w.citizen(an), limit); !slices.Equal(got, mine) {
				t.Errorf("hers, by %d: got %v, want %v", limit, got, mine)
			}
			if got := read(w.with(an), limit); !slices.Equal(got, mine) {
				t.Errorf("hers at the counter, by %d: got %v, want %v", limit, got, mine)
			}
			page := casework.Filter{Service: "wide", Page: casework.Page{Limit: limit}}
			if got := inbox(w.officer("one"), page); len(got) != 10 {
				t.Errorf("the inbox, by %d: got %d, want all ten", limit, len(got))
			}
			page = casework.Filter{Service: "wide", Page: casework.Page{Limit: limit}}
			if got := inbox(in(w.officer("one"), district2), page); !slices.Equal(got, theirs) {
				t.Errorf("the second district's inbox, by %d: got %v, want %v", limit, got, theirs)
			}
		}
		if got := inbox(w.officer("two"), casework.Filter{}); len(got) != 0 {
			t.Errorf("another agency's inbox: got %v, want none", got)
		}
		for _, after := range []string{"?", "e30x", "eyJDYXNlIjoiXHUwMDAwIn0"} {
			if _, _, err := w.office.MyCases(w.ctx, w.citizen(an), casework.Page{After: after}); !fault.Is(err, fault.Invalid) {
				t.Errorf("cursor %q: got %v, want invalid", after, err)
			}
			if _, _, err := w.office.Inbox(w.ctx, w.officer("one"), casework.Filter{Page: casework.Page{After: after}}); !fault.Is(err, fault.Invalid) {
				t.Errorf("cursor %q of the inbox: got %v, want invalid", after, err)
			}
		}
		for pointer, f := range map[string]casework.Filter{"/duty": {Duty: "\x00"}, "/service": {Service: "\xff"}} {
			_, _, err := w.office.Inbox(w.ctx, w.officer("one"), f)
			if _, counted := w.office.CountsOf(w.ctx, w.officer("one"), f); !fault.Is(counted, fault.Invalid) || !slices.Equal(pointers(err), []string{pointer}) {
				t.Errorf("%s: got %v and %v, want invalid", pointer, err, counted)
			}
		}
		if _, _, err := w.office.MyCases(w.ctx, policy.Principal{}, casework.Page{}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the public's cases: got %v, want unauthenticated", err)
		}
		if _, err := w.office.Drafts(w.ctx, policy.Principal{}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the public's drafts: got %v, want unauthenticated", err)
		}
	})
}

// Each event says who acted, for whom and for which agency, and its sentence
// is whole in both languages.
func TestEvents(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.apply(w.citizen(hu, an), casework.Target{Service: "permit"})
		caseID := r.Cases[0].ID
		_, err := w.office.AskSupplement(w.ctx, w.officer("one"), caseID, []casework.SupplementItem{{What: "签名"}}, "")
		w.must(err)
		_, err = w.office.AnswerSupplement(w.ctx, w.with(an), caseID, "在这里")
		w.must(err)
		w.clock.Set(w.endOf("2026-11-30"))
		w.run()
		w.must(suspend(w, caseID))
		w.must(commands[casework.CmdResume](w, caseID))
		w.must(commands[casework.CmdExtend](w, caseID))
		w.must(commands[casework.CmdConsult](w, caseID))
		w.must(w.complete(w.officer("two"), caseID, "consult1", "done", "可以"))
		w.do(caseID, "review", "approve")
		w.do(caseID, "decide", "approve")
		c := w.see(caseID)
		type who struct{ Kind, Actor, OnBehalf, Agency, Name string }
		var got []who
		for i, e := range c.Events {
			got = append(got, who{e.Kind, e.Actor, e.OnBehalf, e.Agency, e.ActorName})
			if e.Seq != int64(i+1) || e.At.IsZero() || i > 0 && e.At.Before(c.Events[i-1].At) {
				t.Errorf("event %d: got number %d at %v", i+1, e.Seq, e.At)
			}
			if e.Note.ZH == "" || e.Note.EN == "" || strings.ContainsAny(e.Note.ZH+e.Note.EN, "{}") || strings.HasPrefix(e.Note.EN, "casework.") {
				t.Errorf("%s: got the sentence %+v, want it whole", e.Kind, e.Note)
			}
		}
		officer := func(kind string) who { return who{kind, "one-officer", "", "one", ""} }
		want := []who{
			{"submitted", hu, an, "", "胡助"}, officer("supplement"), {"supplied", "clerk", an, "one", ""}, {"accepted-by-silence", "system", "", "", ""},
			officer("suspended"), officer("resumed"), officer("extended"), officer("consulted"), {"answered", "two-officer", "", "two", ""},
			officer("reviewed"), officer("approved"), officer("issued"), officer("closed"),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		w.run()
		told := map[string]bool{}
		for _, n := range w.notices {
			if told[n.Kind] {
				t.Errorf("%s was told twice", n.Kind)
			}
			told[n.Kind] = true
			if n.To != party.ID(an) || n.Number != c.Number || n.Name.ZH != "许可证" || n.Note.ZH == "" {
				t.Errorf("got the notice %+v", n)
			}
		}
		for _, kind := range []string{"submitted", "supplement", "accepted-by-silence", "suspended", "resumed", "extended", "issued"} {
			if !told[kind] {
				t.Errorf("%s was not told", kind)
			}
		}
	})
}
