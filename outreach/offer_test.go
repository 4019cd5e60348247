package outreach

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// TestOffer follows one offer from the match to the case.
func TestOffer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.reach("chen", Mail, "chen@home.example")
		w.know("chen", elder)
		w.changed("chen")
		w.wantState("chen", "matched", "allowance open")
		w.changed("chen")
		w.wantState("chen", "matched again", "allowance open")
		told := w.told("chen")
		if len(told) != 1 || told[0].Title.ZH != "为您找到 1 项可以享受的政策" || told[0].Link != OffersPath || !strings.Contains(told[0].Body.ZH, "allowance") {
			t.Fatalf("told: got %+v, want one message that names it", told)
		}
		if len(w.mail.taken) != 1 || w.mail.taken[0].Items[0].Gives.ZH != "每月 75 元" {
			t.Errorf("mail: got %+v, want one with the amount", w.mail.taken)
		}
		if n, err := w.offers.Count(w.ctx, "chen"); err != nil || n != 1 {
			t.Errorf("count: got %d (%v), want 1", n, err)
		}
		one := w.offer("chen", "allowance")
		if one.Yearly != 900 || one.Documents != 0 || one.Service != "allowance" || one.Told.IsZero() {
			t.Errorf("offer: got %+v", one)
		}
		begun, err := w.offers.Begin(w.ctx, self("chen"), one.ID)
		if err != nil || begun.Service != "allowance" {
			t.Fatalf("begin: got %+v (%v)", begun, err)
		}
		w.wantState("chen", "begun", "allowance opened")
		notice := w.submit("chen", "allowance")
		w.must(w.offers.Receive(w.ctx, notice))
		w.must(w.offers.Receive(w.ctx, notice))
		w.wantState("chen", "applied", "allowance applied")
		if got := w.offer("chen", "allowance").CaseID; got != "case-1" {
			t.Errorf("case: got %q, want case-1", got)
		}
		w.cases.all[0].Status = casework.Closed
		know := map[string]any{"birth": "1961-03-12", "hukou": "本市", "paid": true}
		w.know("chen", know)
		w.look("chen")
		w.wantState("chen", "granted", "allowance applied")
	})
}

// TestNotOffered goes through all reasons for which nothing is offered.
func TestNotOffered(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		closed := casework.Standing{CaseID: "old", Service: "study", Subject: "chen", Status: casework.Closed, SubmittedAt: monday.Add(-400 * daily)}
		for _, tt := range []struct {
			name   string
			facts  map[string]any
			before func()
			want   string
		}{
			{"does not match", map[string]any{"birth": "1990-01-01", "hukou": "本市"}, func() {}, ""},
			{"unknown is not yes", map[string]any{"birth": "1961-03-12"}, func() {}, ""},
			{"has it", map[string]any{"birth": "1961-03-12", "hukou": "本市", "paid": true}, func() {}, ""},
			{"has applied", elder, func() { w.submit("chen", "allowance") }, ""},
			{"is given it", map[string]any{"cold": true, "hukou": "本市"}, func() { w.grants["chen/heat/"] = true }, ""},
			{"wants nothing", elder, func() { w.off("chen") }, ""},
			{"wants nothing of the sector", elder, func() {
				w.must(w.offers.SavePreferences(w.ctx, self("chen"), Preferences{Sectors: []string{"old-age"}, Weekly: CityWeekly}))
			}, ""},
			{"had it last year: this year anew", map[string]any{"enrolled": true}, func() { w.cases.all = []casework.Standing{closed} }, "study@2026 open"},
			{"its case was refused", elder, func() {
				w.submit("chen", "allowance")
				w.cases.all[0].Status = casework.Rejected
			}, "allowance open"},
		} {
			w.know("chen", tt.facts)
			tt.before()
			w.changed("chen")
			w.wantState("chen", tt.name, tt.want)
			if tt.want == "" && len(w.told("chen")) != 0 {
				t.Errorf("%s: told of it", tt.name)
			}
			// clean up
			w.cases.all = nil
			clear(w.grants)
			w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
				for _, table := range []string{"offers", "messages", "outreach_preferences", "jobs"} {
					if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
						return err
					}
				}
				return nil
			}))
		}
	})
}

// TestWithdrawn sees offers go when the match ends, and come back.
func TestWithdrawn(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", elder)
		w.changed("chen")
		first := w.offer("chen", "allowance")
		w.know("chen", map[string]any{"birth": "1961-03-12", "hukou": "外地"})
		w.changed("chen")
		w.wantState("chen", "moved away", "allowance withdrawn(ended)")
		if err := w.offers.Dismiss(w.ctx, self("chen"), first.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("dismissing what is gone: got %v, want a conflict", err)
		}
		w.know("chen", elder)
		w.changed("chen")
		w.wantState("chen", "back", "allowance open")
		if again := w.offer("chen", "allowance"); again.ID != first.ID || len(w.told("chen")) != 1 {
			t.Errorf("back: got offer %s, told %d times, want the same offer and no second message", again.ID, len(w.told("chen")))
		}
		// after months it is news again
		w.know("chen", map[string]any{"hukou": "外地"})
		w.changed("chen")
		w.clock.Add(retell + daily)
		w.know("chen", elder)
		w.changed("chen")
		if got := len(w.told("chen")); got != 2 {
			t.Errorf("after three months: told %d times, want twice", got)
		}
		// a death ends everything: the register has nothing more to say
		w.know("chen", map[string]any{})
		w.changed("chen")
		w.wantState("chen", "died", "allowance withdrawn(ended)")
		if n, _ := w.offers.Count(w.ctx, "chen"); n != 0 {
			t.Errorf("count: got %d, want 0", n)
		}
	})
}

// TestDismiss takes an offer off and back.
func TestDismiss(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", elder)
		v := w.look("chen")
		if names(v.Offers) != "allowance" {
			t.Fatalf("offers: got %q, want the allowance", names(v.Offers))
		}
		one := v.Offers[0]
		w.must(w.offers.Dismiss(w.ctx, self("chen"), one.ID))
		w.changed("chen")
		if v = w.look("chen"); len(v.Offers) != 0 || names(v.Dismissed) != "allowance" {
			t.Errorf("dismissed: got offers %q, dismissed %q", names(v.Offers), names(v.Dismissed))
		}
		if len(w.told("chen")) != 0 {
			t.Error("told of what it did not want")
		}
		w.must(w.offers.Undo(w.ctx, self("chen"), one.ID))
		if v = w.look("chen"); names(v.Offers) != "allowance" || len(v.Dismissed) != 0 {
			t.Errorf("taken back: got offers %q, dismissed %q", names(v.Offers), names(v.Dismissed))
		}
		for name, err := range map[string]error{
			"another's offer": w.offers.Dismiss(w.ctx, self("li"), one.ID),
			"no such offer":   w.offers.Undo(w.ctx, self("chen"), "none"),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: got %v, want not found", name, err)
			}
		}
	})
}

// TestLook sees what a party is shown: offers by rank, each with its reasons;
// near misses with their remedy; receipts in its own name.
func TestLook(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"birth": "1961-03-12", "hukou": "外地", "enrolled": true, "grade": 2, "cold": true, "paid": false, "steps": 0})
		v := w.look("chen")
		if got, want := names(v.Offers), "study aid"; got != want {
			t.Errorf("offers: got %q, want %q", got, want)
		}
		c := v.Offers[0]
		if c.Yearly != 3000 || c.Documents != 2 || c.Ends != day(t, "2026-12-31") || len(c.Decision.Conditions) != 1 || c.Decision.Conditions[0].Facts[0].Source.ZH != "people" {
			t.Errorf("study: got %+v, want amount, papers, last day and the fact with its source", c)
		}
		var near []string
		for _, n := range v.Near {
			near = append(near, n.Policy.ID+":"+n.Condition.ID)
		}
		if got, want := strings.Join(near, " "), "allowance:hukou heat:hukou"; got != want {
			t.Errorf("near: got %q, want %q", got, want)
		}
		if v.Near[0].Yearly != 900 || v.Near[0].Condition.Fix.ZH == "" || v.Near[0].Condition.Verdict != criterion.No {
			t.Errorf("near miss: got %+v, want what it would bring and what to do", v.Near[0])
		}
		if got := w.receipts("chen"); len(got) != 1 || got[0] != "chen:"+PurposeLook {
			t.Errorf("receipts: got %v, want one in the party's own name", got)
		}
		w.changed("chen")
		if len(w.told("chen")) != 0 {
			t.Error("told of what it has seen")
		}
		if got := w.receipts("chen"); len(got) != 1 {
			t.Errorf("a move that changes nothing: got receipts %v, want no more", got)
		}
		// what the city does not know is a near miss too, without being in anybody's hands
		w.know("li", map[string]any{"birth": "1950-01-01"})
		v = w.look("li")
		if len(v.Offers) != 0 || !slices.ContainsFunc(v.Near, func(n Near) bool { return n.Policy.ID == "allowance" && n.Condition.Verdict == criterion.Unknown }) {
			t.Errorf("unknown: got offers %q, near %+v", names(v.Offers), v.Near)
		}
		// a firm sees what is for firms
		w.know("firm", map[string]any{"staff": 12})
		w.changed("firm")
		w.wantState("firm", "firm", "subsidy open")
		w.off("chen")
		if v = w.look("chen"); !v.Off || len(v.Offers)+len(v.Near) != 0 || len(w.receipts("chen")) != 1 {
			t.Errorf("off: got %+v, want nothing shown and nothing read", v)
		}
	})
}

// TestGranted sees that what is given without applying is shown, and told of by
// nobody here.
func TestGranted(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"cold": true, "hukou": "本市"})
		w.changed("chen")
		w.wantState("chen", "matched", "heat open")
		if v := w.look("chen"); len(v.Offers) != 1 || !v.Offers[0].Granted || len(w.told("chen")) != 0 {
			t.Errorf("got %+v and %d messages, want it shown as given, and not told", v.Offers, len(w.told("chen")))
		}
	})
}

// TestAhead finds what begins within a month, for its first day.
func TestAhead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"birth": "1961-12-20", "hukou": "本市"})
		w.must(w.engine.Rebuild(w.ctx, nil))
		w.must(w.offers.Sweep(w.ctx))
		w.run()
		w.wantState("chen", "a month before 65", "allowance open")
		one := w.offer("chen", "allowance")
		if one.Starts != day(t, "2026-12-20") || one.Yearly != 900 {
			t.Errorf("got from %s, %d yuan; want from the birthday on, 900", one.Starts, one.Yearly)
		}
		v := w.look("chen")
		if len(v.Offers) != 1 || !v.Offers[0].Ahead || v.Offers[0].Decision.Verdict != criterion.Yes {
			t.Errorf("shown: got %+v, want it ahead with its reasons", v.Offers)
		}
		if len(w.told("chen")) != 1 {
			t.Errorf("told %d times, want once", len(w.told("chen")))
		}
		w.clock.Set(time.Date(2026, 12, 20, 9, 0, 0, 0, shanghai))
		if v = w.look("chen"); len(v.Offers) != 1 || v.Offers[0].Ahead {
			t.Errorf("on the day: got %+v, want it open now", v.Offers)
		}
		w.changed("chen")
		if len(w.told("chen")) != 1 {
			t.Error("told once more on the day")
		}
	})
}

// TestSweep finds the whole town, page by page, also after a crash, and reads
// nobody's registers twice for what it has seen.
func TestSweep(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.crowd(page + 30)
		w.must(w.engine.Rebuild(w.ctx, nil))
		w.must(w.offers.Sweep(w.ctx))
		w.restart() // between two pages
		w.run()
		var open int
		w.must(d.Reader().QueryRowContext(w.ctx, `SELECT COUNT(*) FROM offers WHERE policy = 'study' AND status = 'open'`).Scan(&open))
		if open != page+30 {
			t.Errorf("offers: got %d, want %d", open, page+30)
		}
		read := func() (n int) {
			w.must(d.Reader().QueryRowContext(w.ctx, `SELECT COUNT(*) FROM exchange_receipts`).Scan(&n))
			return n
		}
		before := read()
		w.must(w.offers.Sweep(w.ctx))
		w.run()
		if got := read(); got != before || before != page+30 {
			t.Errorf("receipts: got %d, then %d, want one for each and no more", before, got)
		}
		// three leave, and no move is seen
		for _, id := range []party.ID{"p000", "p100", "p229"} {
			w.know(id, map[string]any{"enrolled": false})
		}
		w.must(w.offers.Sweep(w.ctx))
		w.run()
		w.must(d.Reader().QueryRowContext(w.ctx, `SELECT COUNT(*) FROM offers WHERE policy = 'study' AND status = 'withdrawn'`).Scan(&open))
		if open != 3 {
			t.Errorf("withdrawn: got %d, want 3", open)
		}
		// the population still has them: they are not looked at every day
		before = read()
		for range 3 {
			w.must(w.offers.Sweep(w.ctx))
			w.run()
			w.clock.Add(daily)
		}
		if got := read(); got != before {
			t.Errorf("receipts of those who have left: got %d more, want none within a week", got-before)
		}
	})
}

// TestDaily runs the rounds of a year's end.
func TestDaily(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"enrolled": true})
		w.must(w.engine.Rebuild(w.ctx, nil))
		w.must(w.offers.Schedule(w.ctx))
		w.must(w.offers.Schedule(w.ctx)) // another start
		w.run()
		w.wantState("chen", "before the round", "")
		w.clock.Set(time.Date(2026, 11, 24, 6, 0, 0, 0, shanghai))
		w.run()
		w.wantState("chen", "after it", "study@2026 open")
		w.clock.Set(time.Date(2026, 12, 31, 20, 0, 0, 0, shanghai))
		w.run()
		w.wantState("chen", "last day", "study@2026 open")
		w.clock.Set(time.Date(2027, 1, 1, 6, 0, 0, 0, shanghai))
		w.run()
		w.wantState("chen", "a new year", "study@2026 expired, study@2027 open")
	})
}

// TestWeekly sees letters stay under the cap, and what they hold back follow
// when there is room.
func TestWeekly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"steps": 7})
		w.changed("chen")
		told := w.told("chen")
		if len(told) != 1 || told[0].Title.ZH != "为您找到 7 项可以享受的政策" || !strings.HasSuffix(told[0].Body.ZH, "step-7、step-6、step-5、step-4、step-3，还有 2 项。") {
			t.Fatalf("seven offers: got %+v, want one message that names the best five", told)
		}
		w.know("chen", map[string]any{"steps": 7, "enrolled": true})
		w.clock.Add(daily)
		w.changed("chen")
		if got := len(w.told("chen")); got != 2 {
			t.Errorf("a day later: told %d times, want 2", got)
		}
		w.know("chen", map[string]any{"steps": 7, "enrolled": true, "birth": "1961-03-12", "hukou": "本市"})
		w.clock.Add(daily)
		w.changed("chen")
		w.wantState("chen", "the cap holds back letters, not offers",
			"allowance open, step-1 open, step-2 open, step-3 open, step-4 open, step-5 open, step-6 open, step-7 open, study@2026 open")
		if got := len(w.told("chen")); got != 2 {
			t.Errorf("two days later: told %d times, want 2", got)
		}
		w.clock.Add(5*daily - time.Second)
		w.run()
		if got := len(w.told("chen")); got != 2 {
			t.Errorf("a second before the week is over: told %d times, want 2", got)
		}
		w.clock.Add(time.Second)
		w.run()
		if got := w.told("chen"); len(got) != 3 || !strings.Contains(got[0].Body.ZH, "allowance") {
			t.Errorf("a week later: got %+v, want the third", got)
		}
		w.must(w.offers.SavePreferences(w.ctx, self("li"), Preferences{Weekly: 0}))
		w.know("li", elder)
		w.changed("li")
		if v := w.look("li"); len(w.told("li")) != 0 || len(v.Offers) != 1 {
			t.Errorf("one who looks by themself: told %d times, shown %d, want 0 and 1", len(w.told("li")), len(v.Offers))
		}
	})
}

// TestPrivate keeps what is sensitive out of letters.
func TestPrivate(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.reach("chen", Mail, "chen@home.example")
		w.know("chen", map[string]any{"grade": 2, "enrolled": true})
		w.changed("chen")
		if len(w.mail.taken) != 1 {
			t.Fatalf("got %d mails, want one", len(w.mail.taken))
		}
		text := w.mail.taken[0]
		if len(text.Items) != 1 || text.Items[0].Policy != "study" || strings.Contains(plain(text), "aid") || !strings.Contains(text.Body, "还有 1 项没有列在这里") {
			t.Errorf("mail: got %s, want the aid counted and not named", plain(text))
		}
	})
}

// TestPreferencesOfOffers sees opting out withdraw, and opting in find anew.
func TestPreferencesOfOffers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"birth": "1961-03-12", "hukou": "本市", "enrolled": true})
		w.changed("chen")
		w.wantState("chen", "at first", "allowance open, study@2026 open")
		w.must(w.offers.SavePreferences(w.ctx, self("chen"), Preferences{Sectors: []string{"education"}, Weekly: CityWeekly}))
		w.run()
		w.wantState("chen", "without education", "allowance open, study@2026 withdrawn(unwanted)")
		w.must(w.offers.SavePreferences(w.ctx, self("chen"), Preferences{Off: true, Weekly: CityWeekly}))
		w.run()
		w.wantState("chen", "without any", "allowance withdrawn(unwanted), study@2026 withdrawn(unwanted)")
		w.changed("chen")
		w.wantState("chen", "without any, after a move", "allowance withdrawn(unwanted), study@2026 withdrawn(unwanted)")
		w.must(w.offers.SavePreferences(w.ctx, self("chen"), Preferences{Weekly: CityWeekly}))
		w.run()
		w.wantState("chen", "all again", "allowance open, study@2026 open")
		got, err := w.offers.Preferences(w.ctx, self("chen"))
		if err != nil || got.Off || len(got.Sectors) != 0 {
			t.Errorf("preferences: got %+v (%v)", got, err)
		}
		for name, bad := range map[string]Preferences{"no such sector": {Sectors: []string{"none"}}, "too often": {Weekly: mostWeekly + 1}, "less than never": {Weekly: -2}} {
			if err := w.offers.SavePreferences(w.ctx, self("chen"), bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: got %v, want invalid", name, err)
			}
		}
	})
}

// TestMay lets in the party and who may do everything for it, nobody else.
func TestMay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		until := monday.Add(30 * daily)
		w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			if err := w.parties.Grant(ctx, tx, party.Mandate{Principal: "firm", Agent: "chen", Kind: party.LegalRepresentative, GrantedBy: party.System}); err != nil {
				return err
			}
			return w.parties.Grant(ctx, tx, party.Mandate{Principal: "chen", Agent: "li", Kind: party.Helper, Services: []string{"allowance"}, GrantedBy: "chen", Until: until})
		}))
		w.know("chen", elder)
		one := w.look("chen").Offers[0].ID
		for name, tt := range map[string]struct {
			actor party.Actor
			ok    bool
		}{
			"oneself":                        {self("chen"), true},
			"the head of the firm":           {party.Actor{Party: "chen", For: "firm"}, true},
			"a helper in one service":        {party.Actor{Party: "li", For: "chen"}, false},
			"a stranger":                     {party.Actor{Party: "li", For: "firm"}, false},
			"an officer acting for nobody":   {party.Actor{Party: "sq-clerk"}, false},
			"a clerk with someone before it": {party.Actor{Party: "sq-clerk", For: "chen"}, false},
		} {
			_, looked := w.offers.Look(w.ctx, tt.actor)
			saved := w.offers.SavePreferences(w.ctx, tt.actor, Preferences{Weekly: CityWeekly})
			_, read := w.offers.Preferences(w.ctx, tt.actor)
			for does, err := range map[string]error{"look": looked, "save": saved, "read": read} {
				if tt.ok && err != nil || !tt.ok && !fault.Is(err, fault.Denied) {
					t.Errorf("%s, %s: got %v, want it allowed: %t", name, does, err, tt.ok)
				}
			}
			if !tt.ok {
				if err := w.offers.Dismiss(w.ctx, tt.actor, one); !fault.Is(err, fault.Denied) {
					t.Errorf("%s dismisses: got %v, want denied", name, err)
				}
			}
		}
	})
}

// TestMatchReadsNobody sees that what changes no offer looks at nobody.
func TestMatchReadsNobody(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", map[string]any{"birth": "1990-01-01"})
		w.changed("chen")
		w.submit("chen", "allowance")
		w.know("chen", elder)
		w.changed("chen")
		if got := w.receipts("chen"); len(got) != 0 {
			t.Errorf("entitled to nothing, then to what it has applied for: got receipts %v, want none", got)
		}
		w.know("chen", map[string]any{"birth": "1961-03-12", "hukou": "本市", "enrolled": true})
		w.changed("chen")
		w.changed("chen")
		if got := w.receipts("chen"); len(got) != 1 || got[0] != "dsj:"+PurposeOffer {
			t.Errorf("receipts: got %v, want one in the portal's name", got)
		}
		w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			return w.offers.Match(ctx, tx, "chen", "no such policy", "study")
		}))
		if err := w.offers.Receive(w.ctx, []byte("{")); !fault.Is(err, fault.Invalid) {
			t.Errorf("broken notice: got %v, want invalid", err)
		}
		w.must(w.offers.Receive(w.ctx, []byte(`{"case": "none"}`)))
	})
}

// TestRejected offers again what was applied for before it could be offered,
// once the case has ended badly.
func TestRejected(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.know("chen", elder)
		notice := w.submit("chen", "allowance")
		w.look("chen")
		w.wantState("chen", "has applied", "allowance withdrawn(held)")
		w.cases.all[0].Status = casework.Refused
		w.must(w.offers.Receive(w.ctx, notice))
		w.run()
		w.wantState("chen", "refused", "allowance open")
	})
}
