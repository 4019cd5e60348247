package casework_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
)

func TestGive(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		for _, tt := range []struct {
			service  string
			licences int
		}{
			{"quick", 1},
			{"gift", 0}, // money: nothing is issued
			{"wide", 1}, // with tasks that nobody has to do
		} {
			w := newTown(t, testdb.Open(t, d.Engine()))
			var c casework.Case
			w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) (err error) {
				c, err = w.office.Give(ctx, tx, casework.Gift{Service: tt.service, To: an, By: "luo", Agency: "mzj", Policy: i18n.Text{ZH: "津贴", EN: "An allowance"}})
				return err
			}))
			w.run()
			got := w.see(c.ID)
			if got.Status != casework.Closed || len(got.Licences) != tt.licences || len(got.Tasks) != 0 || len(got.Tokens) != 0 {
				t.Errorf("%s: got %s, %d licences, tasks %v, tokens %v, want closed with %d", tt.service, got.Status, len(got.Licences), tasks(got), got.Tokens, tt.licences)
			}
			if k := kinds(got); k[0] != "given" || k[len(k)-1] != "closed" || !slices.Contains(k, "approved") {
				t.Errorf("%s: events %v, want from given to closed", tt.service, k)
			}
			if got.Decision == nil || !got.Decision.Approve || got.Decision.By != "luo" {
				t.Errorf("%s: decision %+v, want that of who confirmed it", tt.service, got.Decision)
			}
			if n := w.number("SELECT COUNT(*) FROM jobs WHERE kind LIKE 'case.%'"); n != 0 {
				t.Errorf("%s: %d jobs of the case, want none: nobody is asked and who gives tells", tt.service, n)
			}
		}
	})
}

func TestGiveRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		err := d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			_, err := w.office.Give(ctx, tx, casework.Gift{Service: "nowhere", To: an, By: "luo"})
			return err
		})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("Give of what is not there = %v, want NotFound", err)
		}
		if n := w.number("SELECT COUNT(*) FROM cases"); n != 0 {
			t.Errorf("%d cases, want none", n)
		}
	})
}
