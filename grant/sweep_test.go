package grant_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

func TestSweepFindsWhomTimeHasMadeEntitled(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		const crowd = 201 // more than a page
		for i := range crowd {
			w.person(party.ID(fmt.Sprintf("p%03d", i)))
		}
		w.says("p000", "1962-01-10", true, true) // 65 in January
		w.run()
		w.must(w.engine.Rebuild(t.Context(), nil))
		w.must(w.grants.Schedule(t.Context()))
		w.run()
		if n := w.number("SELECT COUNT(*) FROM grants"); n != 0 {
			t.Fatalf("%d grants before the night", n)
		}
		w.clock.Set(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)) // two at night
		w.run()
		const each = crowd - 1 + 3 // all but one, and the three that a town begins with
		if n := w.number("SELECT COUNT(*) FROM grants WHERE status = 'checked'"); n != 3*each {
			t.Errorf("%d grants checked in the first night, want %d of each of three policies", n, each)
		}
		w.clock.Set(time.Date(2027, 1, 9, 18, 0, 0, 0, time.UTC)) // the night to the birthday
		w.must(w.grants.Sweep(t.Context()))
		w.run()
		if g := w.of("p000", "stipend"); g.Status != grant.Checked || g.Round != 1 {
			t.Errorf("on the birthday: %s", g.Status)
		}
		if n := w.number("SELECT COUNT(*) FROM grants"); n != 3*(each+1) {
			t.Errorf("%d grants, want no second one of anybody", n)
		}
	})
}

func TestGiven(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.reach("an", "stipend", grant.Told)
		w.reach("bo", "bonus", grant.Told)
		w.says("bo", "1950-01-01", false, true)
		w.run()
		for _, tt := range []struct {
			who            party.ID
			policy, period string
			want           bool
		}{
			{"an", "stipend", "", true}, {"an", "stipend", "2026", true}, {"an", "stipend", "2027", false}, {"an", "bonus", "", false},
			{"bo", "bonus", "", false}, // fell away
		} {
			got, err := w.grants.Given(t.Context(), d.Reader(), tt.who, tt.policy, tt.period)
			if err != nil || got != tt.want {
				t.Errorf("Given(%s, %s, %q) = %v, %v, want %v", tt.who, tt.policy, tt.period, got, err, tt.want)
			}
		}
	})
}
