package eligibility_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// hamlet is a city with two registers of residents, one of firms and one that
// both have an entry in.
func hamlet() *catalog.City {
	date, _ := workday.ParseDate("2020-01-01")
	rule := func(id, when string) catalog.PolicyCondition { return catalog.PolicyCondition{ID: id, When: when} }
	return &catalog.City{
		Version:  "1",
		Calendar: workday.New(time.UTC, nil, nil),
		Resources: []catalog.Resource{
			{ID: "people", Fields: []catalog.ResourceField{{Key: "birth", Type: "date"}, {Key: "alive", Type: "bool"}}},
			{ID: "work", Fields: []catalog.ResourceField{{Key: "months", Type: "int"}}},
			{ID: "firms", Fields: []catalog.ResourceField{{Key: "staff", Type: "int"}}},
			{ID: "credit", Fields: []catalog.ResourceField{{Key: "bad", Type: "bool"}}},
		},
		Attributes: []catalog.Attribute{
			{ID: "people.birth", Audience: "resident", Type: criterion.Date},
			{ID: "people.alive", Audience: "resident", Type: criterion.Bool},
			{ID: "work.months", Audience: "resident", Type: criterion.Int, Fresh: 30},
			{ID: "credit.bad", Audience: "resident", Type: criterion.Bool},
			{ID: "firms.staff", Audience: "firm", Type: criterion.Int},
			{ID: "credit.bad", Audience: "firm", Type: criterion.Bool},
		},
		Policies: []*catalog.Policy{
			{ID: "old", Audience: "resident", Effective: date, Conditions: []catalog.PolicyCondition{rule("age", "age(people.birth) >= 65"), rule("alive", "people.alive")}},
			{ID: "work", Audience: "resident", Effective: date, Conditions: []catalog.PolicyCondition{rule("months", "work.months >= 12"), rule("alive", "people.alive")},
				Held: "credit.bad"},
			{ID: "small", Audience: "firm", Effective: date, Conditions: []catalog.PolicyCondition{rule("staff", "firms.staff <= 30")}},
		},
	}
}

// hamletEngine is an engine over a database with one elder, one worker and one
// firm, built.
func hamletEngine(t *testing.T, d *db.DB) (*eligibility.Engine, *exchange.Store, *clock.Fake) {
	t.Helper()
	c := clock.NewFake(time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC))
	city := hamlet()
	x := exchange.New(d, c.Now, city.Resources, nil)
	put(t, d, x, c, "people", "chen", map[string]any{"birth": "1954-03-12", "alive": true})
	put(t, d, x, c, "people", "li", map[string]any{"birth": "1961-03-20", "alive": true})
	put(t, d, x, c, "work", "li", map[string]any{"months": 20})
	put(t, d, x, c, "firms", "shop", map[string]any{"staff": 3})
	put(t, d, x, c, "credit", "stray", map[string]any{"bad": true}) // neither resident nor firm
	e := eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: city, Exchange: x, Dir: filepath.Join(t.TempDir(), "match"), Clock: c.Now, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := e.Open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return e, x, c
}

func put(t *testing.T, d *db.DB, x *exchange.Store, c *clock.Fake, register string, subject party.ID, values map[string]any) {
	t.Helper()
	c.Add(time.Second)
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return x.Put(ctx, tx, register, subject, values, c.Now()) })
	if err != nil {
		t.Fatal(err)
	}
}

// yes is who is entitled to what on a day, by the engine's counts and members.
func yes(t *testing.T, e *eligibility.Engine, city *catalog.City, on workday.Date) map[string][]party.ID {
	t.Helper()
	all := map[string][]party.ID{}
	for _, audience := range []string{"resident", "firm"} {
		counts, err := e.Count(t.Context(), audience, on, eligibility.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range counts.Policies {
			p, _ := city.Policy(n.Policy)
			ids, next, err := e.Members(t.Context(), p, on, 0, 100)
			if err != nil || next != 0 || len(ids) != n.Yes {
				t.Fatalf("%s: %d members, next %d, %v, want the %d that are counted", n.Policy, len(ids), next, err, n.Yes)
			}
			slices.Sort(ids)
			all[n.Policy] = ids
		}
	}
	return all
}

func TestEngineAnswersForBothAudiences(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		e, _, _ := hamletEngine(t, d)
		want := map[string][]party.ID{"old": {"chen"}, "work": {"li"}, "small": {"shop"}}
		if diff := cmp.Diff(want, yes(t, e, e.City, e.Today())); diff != "" {
			t.Error(diff)
		}
		want["old"] = []party.ID{"chen", "li"} // turns 65 on the 20th
		if diff := cmp.Diff(want, yes(t, e, e.City, e.Today().AddDays(10))); diff != "" {
			t.Errorf("in ten days: %s", diff)
		}
		near, _, err := e.NearMembers(t.Context(), e.City.Policies[0], "age", e.Today(), 0, 10)
		if diff := cmp.Diff([]party.ID{"li"}, near); err != nil || diff != "" {
			t.Errorf("near misses by age: %v %s", err, diff)
		}
		if _, err := e.Count(t.Context(), "cat", e.Today(), eligibility.Options{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("Count of cats = %v, want NotFound", err)
		}
	})
}

func TestRefreshAndFollow(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		e, x, c := hamletEngine(t, d)
		put(t, d, x, c, "people", "chen", map[string]any{"birth": "1954-03-12", "alive": false})
		news, err := x.Since(t.Context(), exchange.Change{At: c.Now()}, 10)
		if err != nil || len(news) != 1 {
			t.Fatalf("news: %v, %v, want the last", news, err)
		}
		moves, err := e.Refresh(t.Context(), news[0])
		if diff := cmp.Diff([]eligibility.Move{{Policy: "old"}}, moves); err != nil || diff != "" {
			t.Errorf("after a death: %v %s", err, diff)
		}
		put(t, d, x, c, "people", "wu", map[string]any{"birth": "1940-01-01", "alive": true})
		put(t, d, x, c, "firms", "shop", map[string]any{"staff": 31})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- e.Follow(ctx) }()
		want := map[string][]party.ID{"old": {"wu"}, "work": {"li"}, "small": nil}
		deadline := time.Now().Add(10 * time.Second)
		for !cmp.Equal(want, yes(t, e, e.City, e.Today())) {
			if time.Now().After(deadline) {
				t.Fatalf("not followed: %s", cmp.Diff(want, yes(t, e, e.City, e.Today())))
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestFollowLooksBackAMinute: what changed long ago is not looked at again and
// again, though nothing has changed since.
func TestFollowLooksBackAMinute(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	e, x, c := hamletEngine(t, d)
	turn := func(want int) {
		t.Helper()
		if n, err := e.CatchUp(t.Context()); err != nil || n != want {
			t.Errorf("looked at %d changes, %v; want %d", n, err, want)
		}
	}
	turn(5)
	c.Add(10 * time.Minute)
	turn(5)
	turn(0)
	put(t, d, x, c, "work", "li", map[string]any{"months": 21})
	turn(1)
	c.Add(30 * time.Second)
	turn(1)
	c.Add(31 * time.Second)
	turn(1)
	turn(0)
}

func TestOpenTakesUpASnapshotAndFollows(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		e, x, c := hamletEngine(t, d)
		put(t, d, x, c, "people", "wu", map[string]any{"birth": "1940-01-01", "alive": true})
		again := eligibility.NewEngine(e.EngineDeps)
		defer again.Close()
		if _, err := again.Count(t.Context(), "resident", e.Today(), eligibility.Options{}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("Count before Open = %v, want Unavailable", err)
		}
		built := 0
		if err := again.Open(t.Context(), func(string, int) { built++ }); err != nil || built != 0 {
			t.Fatalf("Open = %v, built %d times, want the snapshot", err, built)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- again.Follow(ctx) }()
		deadline := time.Now().Add(10 * time.Second)
		for len(yes(t, again, again.City, e.Today())["old"]) != 2 {
			if time.Now().After(deadline) {
				t.Fatal("what changed after the snapshot does not come in")
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(filepath.Join(e.Dir, "resident.tbp"), []byte("not a snapshot"), 0o600); err != nil {
			t.Fatal(err)
		}
		third := eligibility.NewEngine(e.EngineDeps)
		defer third.Close()
		if err := third.Open(t.Context(), nil); err != nil {
			t.Fatalf("Open beside a broken snapshot = %v, want it built anew", err)
		}
		if got := yes(t, third, third.City, e.Today())["old"]; len(got) != 2 {
			t.Errorf("built anew: %v, want chen and wu", got)
		}
	})
}

func TestEntitledHoldsToFreshness(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	e, _, c := hamletEngine(t, d)
	entry := func(age time.Duration, values map[string]any) exchange.Entry {
		return exchange.Entry{Values: values, At: c.Now().Add(-age)}
	}
	alive := entry(0, map[string]any{"alive": true, "birth": "1950-01-01"})
	for _, tt := range []struct {
		name    string
		entries map[string]exchange.Entry
		want    []string
	}{
		{"fresh", map[string]exchange.Entry{"people": alive, "work": entry(29*24*time.Hour, map[string]any{"months": int64(12)})}, []string{"old", "work"}},
		{"stale", map[string]exchange.Entry{"people": alive, "work": entry(31*24*time.Hour, map[string]any{"months": int64(12)})}, []string{"old"}},
		{"held", map[string]exchange.Entry{"people": alive, "work": entry(0, map[string]any{"months": int64(12)}), "credit": entry(0, map[string]any{"bad": true})}, []string{"old"}},
		{"a firm", map[string]exchange.Entry{"firms": entry(0, map[string]any{"staff": int64(30)})}, []string{"small"}},
		{"nobody", map[string]exchange.Entry{"credit": entry(0, map[string]any{"bad": false})}, nil},
	} {
		got, err := e.Entitled(tt.entries)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", tt.name, err, fmt.Sprint(diff))
		}
	}
}
