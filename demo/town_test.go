package demo_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

func TestSettle(t *testing.T) {
	city, problems := catalog.Load(os.DirFS("../packs/shanghai"))
	if len(problems) > 0 {
		t.Fatalf("pack: %s", problems[0])
	}
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC))
		s := demo.Stores{DB: d, City: city, Parties: party.New(d, c.Now), Exchange: exchange.New(d, c.Now, city.Resources, city.Agencies), Now: c.Now()}
		const n = 300 // more than one transaction
		number := func(query string) (n int) {
			if err := d.Reader().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		entries := 0
		for range 2 { // the second time there is nothing to do
			if err := demo.Settle(t.Context(), s, n); err != nil {
				t.Fatal(err)
			}
			people, now := number("SELECT COUNT(*) FROM party"), number("SELECT COUNT(*) FROM exchange_entries")
			if people != n || now < 3*n || entries != 0 && now != entries {
				t.Errorf("%d people with %d entries, want %d with several each, and no more the second time", people, now, n)
			}
			entries = now
		}
		if jobs := number("SELECT COUNT(*) FROM jobs"); jobs != 0 {
			t.Errorf("%d jobs, want none: the delivery is in bulk", jobs)
		}
		e := eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: city, Exchange: s.Exchange, Dir: t.TempDir(), Clock: c.Now, Log: slog.New(slog.DiscardHandler)})
		defer e.Close()
		if err := e.Rebuild(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		counts, err := e.Count(t.Context(), "resident", e.Today(), eligibility.Options{})
		if err != nil || counts.Subjects != n {
			t.Fatalf("%d subjects, %v, want %d", counts.Subjects, err, n)
		}
		reached := 0
		for _, p := range counts.Policies {
			if p.Yes > 0 {
				reached++
			}
		}
		if reached < 20 {
			t.Errorf("only %d policies reach anybody: the town shows little", reached)
		}
		if err := demo.Settle(t.Context(), s, 0); err != nil {
			t.Errorf("a town of nobody: %v", err)
		}
	})
}
