package grant_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

func kinds(g grant.Grant) string {
	var all []string
	for _, e := range g.Events {
		all = append(all, string(e.Kind))
	}
	return strings.Join(all, " ")
}

func orders(g grant.Grant) string {
	var all []string
	for _, o := range g.Orders {
		all = append(all, fmt.Sprintf("%s:%d:%s", o.Period, o.Amount, o.Status))
	}
	return strings.Join(all, " ")
}

func TestStipendFromMatchToRecovery(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		g := w.reach("an", "stipend", grant.Given)
		if g.Status != grant.Given || g.Amount != 75 || g.CaseID == "" || orders(g) != "2026-12:75:ordered" {
			t.Fatalf("given on 1 December: %s, %d yuan, case %q, orders %s", g.Status, g.Amount, g.CaseID, orders(g))
		}
		if k := kinds(g); k != "match check list confirm tell give" {
			t.Errorf("events %s", k)
		}
		actors := map[grant.Command]string{}
		for _, e := range g.Events {
			actors[e.Kind] = e.Actor
		}
		if actors[grant.CmdList] != "he" || actors[grant.CmdConfirm] != "luo" || actors[grant.CmdGive] != "system" {
			t.Errorf("who did what: %v", actors)
		}
		w.clock.Set(time.Date(2027, 1, 1, 1, 0, 0, 0, time.UTC))
		w.run()
		w.clock.Set(time.Date(2027, 2, 1, 1, 0, 0, 0, time.UTC))
		w.run()
		if g = w.of("an", "stipend"); orders(g) != "2026-12:75:ordered 2027-01:75:ordered 2027-02:75:ordered" {
			t.Errorf("orders %s", orders(g))
		}
		// On 5 February the register learns of a death on 20 December.
		w.clock.Set(time.Date(2027, 2, 5, 1, 0, 0, 0, time.UTC))
		died := time.Date(2026, 12, 20, 1, 0, 0, 0, time.UTC)
		w.write(func(ctx context.Context, tx db.Tx) error {
			return w.exchange.Put(ctx, tx, "elders", "an", map[string]any{"birth": "1950-01-01", "local": true, "alive": false}, died)
		})
		w.run()
		g = w.of("an", "stipend")
		if g.Status != grant.Stopped || g.Overpaid != 150 || orders(g) != "2026-12:75:ordered 2027-01:75:overpaid 2027-02:75:overpaid" {
			t.Errorf("after the death: %s, overpaid %d, orders %s", g.Status, g.Overpaid, orders(g))
		}
		w.clock.Set(time.Date(2027, 3, 1, 1, 0, 0, 0, time.UTC))
		w.run()
		if n := len(w.of("an", "stipend").Orders); n != 3 {
			t.Errorf("%d orders after the stop, want no further one", n)
		}
		w.must(w.grants.Recover(t.Context(), decider(), g.ID))
		w.must(w.grants.Repaid(t.Context(), decider(), g.ID))
		g = w.of("an", "stipend")
		if g.Status != grant.Recovered || orders(g) != "2026-12:75:ordered 2027-01:75:recovered 2027-02:75:recovered" {
			t.Errorf("after recovery: %s, orders %s", g.Status, orders(g))
		}
		var told []string
		messages, err := w.messages.Messages(t.Context(), "an", 50)
		w.must(err)
		for _, m := range messages {
			if m.Link != "/grants/"+g.ID {
				t.Errorf("message %s links to %q", m.Kind, m.Link)
			}
			told = append(told, strings.TrimPrefix(m.Kind, "grant."))
		}
		slices.Sort(told)
		if diff := cmp.Diff([]string{"given", "recovered", "recovering", "stopped", "told"}, told); diff != "" {
			t.Errorf("messages: %s", diff)
		}
		if leaves := w.number("SELECT COUNT(*) FROM ledger_leaf WHERE kind LIKE 'grant.%'"); leaves != len(g.Events) {
			t.Errorf("%d ledger leaves, want one for each of %d events", leaves, len(g.Events))
		}
		receipts, err := w.exchange.Receipts(t.Context(), d.Reader(), "an", 50)
		if err != nil || len(receipts) == 0 || receipts[0].Purpose != "免申即享：津贴" || receipts[0].Asker != "one" {
			t.Errorf("receipts %v, %v, want one for each look", receipts, err)
		}
	})
}

func TestBonusIsGivenOnceWithItsLicence(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		g := w.reach("an", "bonus", grant.Given)
		if g.Status != grant.Given || orders(g) != "once:75:ordered" {
			t.Fatalf("%s, orders %s", g.Status, orders(g))
		}
		if n := w.number("SELECT COUNT(*) FROM licences WHERE holder = 'an'"); n != 1 {
			t.Errorf("%d licences, want that of the service", n)
		}
		w.says("an", "1950-01-01", false, true) // moves away: what was given stays given
		w.run()
		w.match("an", "bonus")
		all, err := w.grants.Of(t.Context(), citizen("an"), "an")
		if err != nil || len(all) != 1 || all[0].Status != grant.Given {
			t.Errorf("grants %+v, %v, want the one, given", all, err)
		}
	})
}

func TestYearlyIsOrderedEachYear(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.says("an", "1947-06-01", true, true) // 80 in the second year
		w.reach("an", "yearly", grant.Given)
		w.clock.Set(time.Date(2027, 1, 1, 1, 0, 0, 0, time.UTC))
		w.run()
		w.clock.Set(time.Date(2028, 1, 1, 1, 0, 0, 0, time.UTC))
		w.run()
		if g := w.of("an", "yearly"); orders(g) != "2026:75:ordered 2027:75:ordered 2028:180:ordered" || g.Amount != 180 {
			t.Errorf("orders %s, amount %d", orders(g), g.Amount)
		}
	})
}

func TestWhatFallsAwayBeforeItIsGiven(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		for _, s := range []grant.Status{grant.Checked, grant.Listed, grant.Confirmed, grant.Told} {
			w := newWorld(t, testdb.Open(t, d.Engine()))
			w.reach("an", "stipend", s)
			w.says("an", "1950-01-01", false, true)
			w.run()
			g := w.of("an", "stipend")
			told := w.number("SELECT COUNT(*) FROM messages WHERE kind = 'grant.dropped'")
			if g.Status != grant.Dropped || g.Reason.IsZero() || told != 0 != (s == grant.Told) {
				t.Errorf("%s and then moved away: %s, reason %v, %d messages", s, g.Status, g.Reason, told)
			}
			w.clock.Add(30 * 24 * time.Hour)
			w.run()
			if n := w.number("SELECT COUNT(*) FROM payment_orders"); n != 0 {
				t.Errorf("%s: %d payment orders, want none", s, n)
			}
			w.says("an", "1950-01-01", true, true)
			w.match("an", "stipend")
			if g := w.of("an", "stipend"); g.Status != grant.Checked || g.Round != 2 {
				t.Errorf("back again: %s, round %d, want a second round", g.Status, g.Round)
			}
		}
	})
}

func TestFreshLookBeforeAnythingIsDone(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		for _, tt := range []struct {
			name   string
			values map[string]any
			want   string
		}{
			{"no longer", map[string]any{"birth": "1990-01-01", "local": true, "alive": true}, "不符合"},
			{"unknown", map[string]any{"birth": "1950-01-01", "local": true}, "不全"},
			{"held", map[string]any{"birth": "1950-01-01", "local": true, "alive": true, "has": true}, "已经在享受"},
		} {
			w := newWorld(t, testdb.Open(t, d.Engine()))
			w.write(func(ctx context.Context, tx db.Tx) error {
				return w.exchange.Put(ctx, tx, "elders", "an", tt.values, monday)
			})
			w.match("an", "stipend")
			if g := w.of("an", "stipend"); g.Status != grant.Dropped || !strings.Contains(g.Reason.ZH, tt.want) {
				t.Errorf("%s: %s because %v", tt.name, g.Status, g.Reason)
			}
		}
	})
}

func TestRefuse(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		g := w.reach("an", "stipend", grant.Told)
		if err := w.grants.Refuse(t.Context(), citizen("bo"), g.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("somebody else refuses: %v, want Denied", err)
		}
		w.must(w.grants.Refuse(t.Context(), citizen("an"), g.ID))
		if err := w.grants.Refuse(t.Context(), citizen("an"), g.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("refused twice: %v, want Conflict", err)
		}
		w.clock.Add(30 * 24 * time.Hour)
		w.run()
		w.match("an", "stipend")
		if g := w.of("an", "stipend"); g.Status != grant.Refused || g.Round != 1 || len(g.Orders) != 0 {
			t.Errorf("%s, round %d, orders %s, want refused for good", g.Status, g.Round, orders(g))
		}
		later := w.reach("bo", "stipend", grant.Given)
		w.must(w.grants.Refuse(t.Context(), citizen("bo"), later.ID))
		w.clock.Add(60 * 24 * time.Hour)
		w.run()
		if later = w.of("bo", "stipend"); later.Status != grant.Ended || len(later.Orders) != 1 {
			t.Errorf("no more wanted: %s, orders %s, want ended after the first", later.Status, orders(later))
		}
	})
}

func TestTwoPersons(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		if _, err := w.grants.Propose(ctx, clerk(), "stipend"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a list of nobody: %v, want NotFound", err)
		}
		for _, who := range []party.ID{"an", "bo", "cai"} {
			w.match(who, "stipend")
		}
		other := policy.Principal{ID: "song", Kind: policy.Officer, Agency: "two", Roles: []string{policy.RoleDecider}}
		if _, err := w.grants.Propose(ctx, other, "stipend"); !fault.Is(err, fault.Denied) {
			t.Errorf("another agency proposes: %v, want Denied", err)
		}
		b, err := w.grants.Propose(ctx, decider(), "stipend")
		w.must(err)
		if b.Members != 3 || b.Amount != 225 {
			t.Errorf("batch %+v, want three of 75 yuan", b)
		}
		w.must(w.grants.Exclude(ctx, clerk(), w.of("cai", "stipend").ID, "信息要再核实"))
		for name, tt := range map[string]struct {
			pr   policy.Principal
			want fault.Kind
		}{
			"who proposed": {decider(), fault.Denied}, "who may not decide": {clerk(), fault.Denied}, "another agency": {other, fault.Denied},
			"a member": {officer("an", policy.RoleDecider), fault.Denied}, "a resident": {citizen("an"), fault.Denied},
		} {
			pr := tt.pr
			if name == "a member" {
				pr.ID = "an-officer"
			}
			if err := w.grants.Confirm(ctx, pr, b.ID); !fault.Is(err, tt.want) {
				t.Errorf("%s confirms: %v, want %v", name, err, tt.want)
			}
		}
		second := officer("liang", policy.RoleDecider)
		if err := w.grants.Return(ctx, second, b.ID, "  "); !fault.Is(err, fault.Invalid) {
			t.Errorf("returned without a reason: %v, want Invalid", err)
		}
		w.must(w.grants.Return(ctx, second, b.ID, "金额要再核对"))
		if err := w.grants.Confirm(ctx, second, b.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("confirmed after it was returned: %v, want Conflict", err)
		}
		if g := w.of("an", "stipend"); g.Status != grant.Checked || g.Batch != "" {
			t.Errorf("after the return: %s in batch %q", g.Status, g.Batch)
		}
		b, err = w.grants.Propose(ctx, clerk(), "stipend")
		w.must(err)
		w.must(w.grants.Confirm(ctx, second, b.ID))
		got, members, err := w.grants.Batch(ctx, clerk(), b.ID, "", 10)
		if err != nil || got.Status != grant.Agreed || got.DecidedBy != "liang" || len(members) != 2 {
			t.Errorf("batch %+v with %d members, %v", got, len(members), err)
		}
		list, err := w.grants.Batches(ctx, clerk(), "one", 10)
		if err != nil || len(list) != 2 || list[0].ID != b.ID || list[1].Reason != "金额要再核对" {
			t.Errorf("batches %+v, %v, want both, the newer first", list, err)
		}
		up, err := w.grants.TakeUps(ctx, policy.Principal{ID: "s", Kind: policy.Officer, Agency: "x", Roles: []string{policy.RoleSupervisor}})
		if err != nil || len(up) != 3 {
			t.Fatalf("take-up %+v, %v, want that of three policies", up, err)
		}
		i := slices.IndexFunc(up, func(u grant.TakeUp) bool { return u.Policy == "stipend" })
		if diff := cmp.Diff(map[grant.Status]int{grant.Confirmed: 2, grant.Dropped: 1}, up[i].Counts); diff != "" {
			t.Errorf("take-up: %s", diff)
		}
	})
}

func TestWaive(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		g := w.reach("an", "stipend", grant.Given)
		w.write(func(ctx context.Context, tx db.Tx) error {
			return w.exchange.Put(ctx, tx, "elders", "an", map[string]any{"birth": "1950-01-01", "local": false, "alive": true}, monday)
		})
		w.run()
		if g = w.of("an", "stipend"); g.Status != grant.Stopped || g.Overpaid != 75 {
			t.Fatalf("%s, overpaid %d, want December's", g.Status, g.Overpaid)
		}
		if err := w.grants.Waive(t.Context(), clerk(), g.ID, "金额小"); !fault.Is(err, fault.Denied) {
			t.Errorf("waived by who may not decide: %v", err)
		}
		w.must(w.grants.Recover(t.Context(), decider(), g.ID))
		w.must(w.grants.Waive(t.Context(), decider(), g.ID, "金额小"))
		if g = w.of("an", "stipend"); g.Status != grant.Ended || kinds(g) != "match check list confirm tell give stop recover waive" {
			t.Errorf("%s after %s", g.Status, kinds(g))
		}
	})
}

// TestNothingIsGivenAgainstTheRegister takes random ways through a life: never two
// grants at a time, never a period ordered twice, never anything ordered while the
// register says no, events without a gap, a leaf for each.
func TestNothingIsGivenAgainstTheRegister(t *testing.T) {
	for _, policyID := range []string{"stipend", "bonus"} {
		w, n := newWorld(t, testdb.Open(t, db.SQLite)), 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			who := w.person(party.ID(fmt.Sprint("p", n)))
			entitled := true
			for range rapid.IntRange(4, 14).Draw(r, "steps") {
				before := w.ordered(who)
				switch rapid.SampledFrom([]string{"match", "match", "propose", "propose", "return", "wait", "month", "move", "back", "refuse", "recover"}).Draw(r, "step") {
				case "match":
					w.match(who, policyID)
				case "propose":
					if b, err := w.grants.Propose(t.Context(), clerk(), policyID); err == nil {
						w.must(w.grants.Confirm(t.Context(), decider(), b.ID))
					}
				case "return":
					if b, err := w.grants.Propose(t.Context(), clerk(), policyID); err == nil {
						w.must(w.grants.Return(t.Context(), decider(), b.ID, "再核"))
					}
				case "wait":
					w.clock.Add(8 * 24 * time.Hour)
				case "month":
					w.clock.Add(31 * 24 * time.Hour)
				case "move":
					entitled = false
					w.says(who, "1950-01-01", false, true)
				case "back":
					entitled = true
					w.says(who, "1950-01-01", true, true)
				case "refuse":
					for _, g := range w.all(who) {
						_ = w.grants.Refuse(t.Context(), citizen(who), g.ID) // a conflict unless it is told or given
					}
				case "recover":
					for _, g := range w.all(who) {
						_ = w.grants.Recover(t.Context(), decider(), g.ID) // a conflict unless it is stopped
					}
				}
				w.run()
				if after := w.ordered(who); after > before && !entitled {
					r.Fatalf("%d orders became %d while the register says no", before, after)
				}
				w.sound(r, who)
			}
			w.says(who, "1950-01-01", false, true) // and no more of them
			w.run()
		})
		if w.number("SELECT COUNT(*) FROM payment_orders") == 0 {
			t.Errorf("%s: nothing was ever ordered: the test shows nothing", policyID)
		}
	}
}

func (w *world) ordered(who party.ID) int {
	return w.number("SELECT COUNT(*) FROM payment_orders JOIN grants ON id = grant_id WHERE subject = $1", string(who))
}

func (w *world) all(who party.ID) []grant.Grant {
	w.t.Helper()
	all, err := w.grants.Of(w.t.Context(), citizen(who), who)
	w.must(err)
	return all
}

func (w *world) sound(r *rapid.T, who party.ID) {
	alive := 0
	for _, g := range w.all(who) {
		if !g.Status.Over() {
			alive++
		}
		full, err := w.grants.Get(w.t.Context(), citizen(who), g.ID)
		w.must(err)
		for i, e := range full.Events {
			if e.Seq != i+1 {
				r.Fatalf("event %d of %s has number %d", i+1, g.ID, e.Seq)
			}
		}
		if leaves := w.number("SELECT COUNT(*) FROM ledger_leaf WHERE subject = $1", g.ID); leaves != len(full.Events) {
			r.Fatalf("%d leaves for %d events", leaves, len(full.Events))
		}
	}
	if alive > 1 {
		r.Fatalf("%d grants at a time", alive)
	}
}
