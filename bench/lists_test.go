package bench

import (
	"testing"

	"github.com/tongban/tongban/internal/db"
)

func TestLists(t *testing.T) {
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			r, err := Lists(t.Context(), ListsOptions{Engine: engine, Small: 200, Large: 1000, Queries: 5, Runs: 1})
			if err != nil {
				t.Fatal(err)
			}
			if r.Ratios["p95_1m_over_10k"] <= 0 {
				t.Errorf("got ratios %v, want p95_1m_over_10k above 0", r.Ratios)
			}
		})
	}
}
