package casework_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// filled is a draft that only needs to be submitted.
func (w *world) filled(who, service string) string {
	w.t.Helper()
	return w.fill(w.citizen(who), w.draft(w.citizen(who), service)).ID
}

func numbers(r casework.Receipt) []string {
	var list []string
	for _, c := range r.Cases {
		list = append(list, c.Number)
	}
	slices.Sort(list)
	return list
}

// However often, and however much at once, a submission is sent: it is one,
// and every answer is the same receipt.
func TestSubmitOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, key := range []string{"", "a key of the client's"} {
			drafts := []string{w.filled(an, "permit"), w.filled(an, "wide")}
			before := w.number("SELECT COUNT(*) FROM cases")
			receipts := make([]casework.Receipt, 8)
			for _, err := range race(8, func(i int) (err error) {
				receipts[i], err = w.office.Submit(w.ctx, w.citizen(an), key, nil, drafts...)
				return err
			}) {
				w.must(err)
			}
			again, err := w.office.Submit(w.ctx, w.citizen(an), key, nil, drafts...)
			w.must(err)
			for _, r := range append(receipts, again) {
				if r.Bundle != again.Bundle || r.Total != 750 || !slices.Equal(numbers(r), numbers(again)) || len(r.Cases) != 2 {
					t.Errorf("key %q: got %v for %d fen, want %v for 750", key, numbers(r), r.Total, numbers(again))
				}
			}
			if got := w.number("SELECT COUNT(*) FROM cases") - before; got != 2 {
				t.Errorf("key %q: got %d cases, want 2", key, got)
			}
		}
		for table, want := range map[string]int{"submissions": 2, "dossiers": 4, "events": 4, "drafts": 0, "ledger_leaf": 4, "tasks": 4} {
			if got := w.number("SELECT COUNT(*) FROM " + table); got != want {
				t.Errorf("%s: got %d rows, want %d", table, got, want)
			}
		}
	})
}

// A key belongs to the subject; what it stood for counts, not the drafts that
// come with it.
func TestSubmitKey(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	first := w.filled(an, "permit")
	r, err := w.office.Submit(w.ctx, w.citizen(an), "k", nil, first)
	w.must(err)
	second := w.filled(an, "wide")
	same, err := w.office.Submit(w.ctx, w.citizen(an), "k", nil, second)
	if err != nil || same.Bundle != r.Bundle {
		t.Errorf("the same key: got %s, %v; want %s", same.Bundle, err, r.Bundle)
	}
	if byHelper, err := w.office.Submit(w.ctx, w.citizen(hu, an), "k", nil, first); err != nil || byHelper.Bundle != r.Bundle {
		t.Errorf("by her helper: got %s, %v; want %s", byHelper.Bundle, err, r.Bundle)
	}
	if other, err := w.office.Submit(w.ctx, w.citizen(bo), "k", nil, w.filled(bo, "permit")); err != nil || other.Bundle == r.Bundle {
		t.Errorf("another's: got %s, %v; want one of his own", other.Bundle, err)
	}
	w.refused("a submitted draft under another key", fault.NotFound, func() error {
		_, err := w.office.Submit(w.ctx, w.citizen(an), "other", nil, first)
		return err
	})
	for name, key := range map[string]string{"control characters": "a\x00", "not text": "\xff", "over-long": strings.Repeat("k", 401)} {
		w.refused(name, fault.Invalid, func() error {
			_, err := w.office.Submit(w.ctx, w.citizen(an), key, nil, second)
			if diff := cmp.Diff([]string{"/key"}, pointers(err)); diff != "" {
				t.Errorf("%s: faults (-want +got)\n%s", name, diff)
			}
			return err
		})
	}
}

// A basket is submitted whole or not at all, and every fault says which draft
// it belongs to.
func TestBasket(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pr := w.citizen(an)
		good, bad, worse := w.filled(an, "wide"), w.draft(pr, "base").ID, w.draft(pr, "next").ID
		foreign := w.draft(w.citizen(bo), "wide").ID
		submit := func(drafts ...string) error { _, err := w.office.Submit(w.ctx, pr, "", nil, drafts...); return err }
		w.refused("two are not ready", fault.Invalid, func() error {
			err := submit(good, bad, worse)
			want := []string{"/" + bad + "/reason", "/" + worse + "/base_no", "/" + worse + "/evidence/base"}
			slices.Sort(want)
			if diff := cmp.Diff(want, pointers(err)); diff != "" {
				t.Errorf("faults (-want +got)\n%s", diff)
			}
			return err
		})
		w.refused("one is not there", fault.NotFound, func() error { return submit(good, "none") })
		w.refused("one is another's", fault.NotFound, func() error { return submit(good, foreign) })
		w.refused("one is there twice", fault.Invalid, func() error { return submit(good, good) })
		w.refused("empty", fault.Invalid, func() error { return submit() })
		w.refused("too many", fault.Invalid, func() error {
			var many []string
			for i := range 21 {
				many = append(many, fmt.Sprint(i))
			}
			return submit(many...)
		})
		w.must(submit(good))
	})
}

// Of officers who complete the same task at once, one does.
func TestCompleteRace(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		caseID := take("permit", accepted)(w)
		officer := func(i int) string { return fmt.Sprintf("officer-%d", i) }
		taskID := w.see(caseID).Tasks[0].ID
		checkRace(t, race(8, func(i int) error {
			pr := w.officer("one")
			pr.ID = officer(i)
			_, err := w.office.Complete(w.ctx, pr, caseID, taskID, casework.Outcome{Choice: "approve"})
			return err
		}))
		if got := kinds(w.see(caseID)); !slices.Equal(got, []string{"submitted", "accepted", "reviewed"}) {
			t.Errorf("got events %v, want one review", got)
		}
	})
}

// Tasks side by side are completed side by side, and the process goes on once.
func TestCompleteBoth(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		caseID := take("joint", accepted)(w)
		open := w.see(caseID).Tasks
		for _, err := range race(2, func(i int) error {
			_, err := w.office.Complete(w.ctx, w.officer(open[i].Agency), caseID, open[i].ID, casework.Outcome{Choice: "approve"})
			return err
		}) {
			w.must(err)
		}
		if c := w.see(caseID); !slices.Equal(tasks(c), []string{"decide@one"}) || len(c.Events) != 4 {
			t.Errorf("got open %v, events %v; want one decision to make", tasks(c), kinds(c))
		}
	})
}

// The applicant who withdraws and the officer who decides do not both have
// their way.
func TestWithdrawRace(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for range 4 {
			caseID := take("straight")(w)
			checkRace(t, race(2, func(i int) error {
				if i == 0 {
					return withdraw(w, caseID)
				}
				return task("decide", "approve")(w, caseID)
			}))
			if c := w.see(caseID); c.Status == casework.Withdrawn != (len(c.Licences) == 0) {
				t.Errorf("got %s with %d licences", c.Status, len(c.Licences))
			}
		}
	})
}

// Charges of one agency are one sum under all their names.
func TestFeesOfOneAgency(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	w.open(altered(t, map[string]func(string) string{"services/general/permit.yaml": replace("amount: 250, agency: two", "amount: 250, agency: one")}))
	r, err := w.office.Submit(w.ctx, w.citizen(an), "", nil, w.filled(an, "permit"))
	w.must(err)
	want := []casework.FeeShare{{Agency: "one", Name: i18n.Text{ZH: "工本费、加急费", EN: "Cost, Express"}, Amount: 750}}
	if diff := cmp.Diff(want, r.Fees); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReceipt(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	draft := w.filled(an, "permit") // in haste
	want := []casework.FeeShare{{Agency: "one", Amount: 500}, {Agency: "two", Amount: 250}}
	fees, err := w.office.Fees(w.ctx, pr, draft)
	w.must(err)
	r, err := w.office.Submit(w.ctx, pr, "", map[string]string{"permit": "balloon", "other": "courier"}, draft)
	w.must(err)
	for name, got := range map[string][]casework.FeeShare{"of the draft": fees, "of the receipt": r.Fees, "of the case": w.see(r.Cases[0].ID).Fees} {
		for i := range got {
			got[i].Name.ZH, got[i].Name.EN = "", ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("fees %s (-want +got)\n%s", name, diff)
		}
	}
	c := r.Cases[0]
	if !regexp.MustCompile(`^20261123-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$`).MatchString(c.Number) || c.Channel != "3" || c.Delivery != "online" {
		t.Errorf("got number %s, channel %s, delivery %s", c.Number, c.Channel, c.Delivery)
	}
	for name, who := range map[string]string{"by id": c.ID, "by number": c.Number} {
		if got, err := w.office.Case(w.ctx, pr, who); err != nil || got.ID != c.ID {
			t.Errorf("%s: got %s, %v", name, got.ID, err)
		}
	}
	again, err := w.office.Receipt(w.ctx, pr, r.Bundle)
	w.must(err)
	if again.Total != 750 || !slices.Equal(numbers(again), numbers(r)) {
		t.Errorf("read again: got %v for %d, want %v for 750", numbers(again), again.Total, numbers(r))
	}
	for _, bundle := range []string{"", "none", "\x00"} {
		if _, err := w.office.Receipt(w.ctx, pr, bundle); !fault.Is(err, fault.NotFound) {
			t.Errorf("bundle %q: got %v, want not-found", bundle, err)
		}
	}
	if _, err := w.office.Receipt(w.ctx, w.citizen(bo), r.Bundle); !fault.Is(err, fault.NotFound) {
		t.Errorf("another's: got %v, want not-found", err)
	}
}

// Every case says who acted, for whom, and by what right.
func TestActor(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for _, tt := range []struct {
		name             string
		submit           func() casework.Receipt
		want             party.Actor
		channel          string
		actor, behalf    string
		holder, actorsay string
	}{
		{"herself", func() casework.Receipt { return w.apply(w.citizen(an), casework.Target{Service: "permit"}) },
			party.Actor{Party: an, For: an}, "3", an, "", an, "安安"},
		{"her helper", func() casework.Receipt { return w.apply(w.citizen(hu, an), casework.Target{Service: "permit"}) },
			party.Actor{Party: hu, For: an, Mandate: "hu-for-an"}, "3", hu, an, an, "胡助"},
		{"the head of the firm", func() casework.Receipt { return w.apply(w.citizen(an, firm), casework.Target{Service: "permit"}) },
			party.Actor{Party: an, For: firm, Mandate: "an-for-firm"}, "3", an, firm, firm, "安安"},
		{"a clerk at the counter", func() casework.Receipt { return w.apply(w.with(an), casework.Target{Service: "permit"}) },
			party.Actor{Party: "clerk", For: an}, "1", "clerk", an, an, ""},
		{"a clerk, for a firm", func() casework.Receipt { return w.apply(w.with(firm), casework.Target{Service: "permit"}) },
			party.Actor{Party: "clerk", For: firm}, "1", "clerk", firm, firm, ""},
	} {
		c := w.see(tt.submit().Cases[0].ID)
		if c.Actor != tt.want || c.Channel != tt.channel || string(c.Holder) != tt.holder {
			t.Errorf("%s: got %+v by channel %s for holder %s; want %+v by %s for %s", tt.name, c.Actor, c.Channel, c.Holder, tt.want, tt.channel, tt.holder)
		}
		if e := c.Events[0]; e.Actor != tt.actor || e.OnBehalf != tt.behalf || e.ActorName != tt.actorsay {
			t.Errorf("%s: got the event of %s (%s) for %q; want %s (%s) for %q", tt.name, e.Actor, e.ActorName, e.OnBehalf, tt.actor, tt.actorsay, tt.behalf)
		}
	}
}
