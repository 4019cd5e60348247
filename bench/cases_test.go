package bench

import (
	"testing"

	"github.com/tongban/tongban/internal/db"
)

// The benchmarks run small here, to show that they run and that every case
// reaches its licence; their figures mean something only in a full run.
func TestCases(t *testing.T) {
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			r, err := Cases(t.Context(), CasesOptions{Engine: engine, Cases: 12, Clients: 4, Runs: 1, PgbenchSeconds: 1})
			if err != nil {
				t.Fatal(err)
			}
			want := map[db.Engine]string{db.SQLite: "one_commit_each", db.Postgres: "pgbench_simple_update"}[engine]
			if r.Ratios[want] <= 0 || r.Figures["transactions_per_s"] <= 0 {
				t.Errorf("got ratios %v and figures %v, want positive ones", r.Ratios, r.Figures)
			}
		})
	}
}

func BenchmarkCasesSQLite(b *testing.B) {
	w, err := open(b.Context(), db.SQLite, "")
	if err != nil {
		b.Fatal(err)
	}
	defer w.close()
	b.ResetTimer()
	r, err := w.cases(b.Context(), CasesOptions{Cases: b.N, Clients: 16}, 0, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(r.rate, "tx/s")
}
