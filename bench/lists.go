package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
)

// ListsOptions say how the benchmark of lists runs.
type ListsOptions struct {
	Engine  db.Engine
	DSN     string
	Small   int // rows of the small city
	Large   int // rows of the large one
	Queries int // of each kind, in a run
	Runs    int
}

// Lists measures an officer's inbox and a resident's cases, authorised as they
// are on the pages, in a small city and in a large one. The ratio is the large
// city's p95 over the small one's: at 1, a list is as fast in either.
func Lists(ctx context.Context, o ListsOptions) (Report, error) {
	small, err := crowded(ctx, o, o.Small)
	if err != nil {
		return Report{}, err
	}
	defer small.close()
	large, err := crowded(ctx, o, o.Large)
	if err != nil {
		return Report{}, err
	}
	defer large.close()
	s, ratios := samples{}, samples{}
	for run := range o.Runs + 1 {
		little, err := small.lists(ctx, o.Small, o.Queries)
		if err != nil {
			return Report{}, err
		}
		much, err := large.lists(ctx, o.Large, o.Queries)
		if err != nil {
			return Report{}, err
		}
		if run == 0 { // the first run warms both
			continue
		}
		for name, times := range map[string][2][]time.Duration{"inbox": {little.inbox, much.inbox}, "my_cases": {little.mine, much.mine}} {
			s.add(name+"_small_p95_ms", percentile(times[0], 0.95))
			s.add(name+"_large_p95_ms", percentile(times[1], 0.95))
			ratios.add(name+"_p95_large_over_small", percentile(times[1], 0.95)/percentile(times[0], 0.95))
		}
		all, every := append(little.inbox, little.mine...), append(much.inbox, much.mine...)
		ratios.add("p95_1m_over_10k", percentile(every, 0.95)/percentile(all, 0.95))
	}
	s.add("small_rows", float64(o.Small))
	s.add("large_rows", float64(o.Large))
	return Report{Figures: s.medians(), Ratios: ratios.medians(), Machine: machine(string(o.Engine)), Runs: o.Runs}, nil
}

// perResident is how many cases each resident of the crowd has.
const perResident = 10

// crowded is a world with rows cases, all open, each with an open task at the
// same agency.
func crowded(ctx context.Context, o ListsOptions, rows int) (*world, error) {
	w, err := open(ctx, o.Engine, o.DSN)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	if err := w.crowd(ctx, rows); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// month is over how many milliseconds the deadlines are spread.
const month = 30 * 24 * 3600 * 1000

// crowd writes the rows that lists read, in SQL that both engines run.
func (w *world) crowd(ctx context.Context, rows int) error {
	version := w.city.Services[0].Versions[0].Hash()
	const chunk = 50000
	for from := 0; from < rows; from += chunk {
		to := min(from+chunk, rows) - 1
		err := w.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			for _, query := range []string{crowdCases, crowdTasks} {
				args := []any{from, to, time.Now().UnixMilli(), month / int64(rows)}
				if query == crowdCases {
					args = append(args, version)
				}
				if _, err := tx.ExecContext(ctx, query, args...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("bench: crowd: %w", err)
		}
	}
	return w.analyse(ctx)
}

// analyse tells the planner what is there, as a server that has run for a day
// knows it.
func (w *world) analyse(ctx context.Context) error {
	return w.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, "ANALYZE")
		return err
	})
}

const (
	crowdCases = `INSERT INTO cases (id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state)
WITH RECURSIVE n (i) AS (SELECT CAST($1 AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($2 AS INTEGER))
SELECT 'case-' || CAST(i AS TEXT), 'number-' || CAST(i AS TEXT), 'bundle-' || CAST(i AS TEXT), 'permit', CAST($5 AS TEXT), 'one',
    CASE WHEN i % 2 = 0 THEN '310101' ELSE '310104' END, 'crowd-' || CAST(i / 10 AS TEXT), '居民', 'crowd-' || CAST(i / 10 AS TEXT),
    'crowd-' || CAST(i / 10 AS TEXT), '', '3', 'online', 'submitted', 1, CAST($3 AS BIGINT) - i, CAST($3 AS BIGINT) + CAST(i AS BIGINT) * CAST($4 AS BIGINT), 0, '{}'
FROM n`

	crowdTasks = `INSERT INTO tasks (case_id, id, element, name, duty, agency, area, status, opened_at, due_at, done_at, number, service,
    subject_name, question)
WITH RECURSIVE n (i) AS (SELECT CAST($1 AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($2 AS INTEGER))
SELECT 'case-' || CAST(i AS TEXT), 't1', 'accept', '{"zh":"受理","en":"Accept"}', 'accept', 'one',
    CASE WHEN i % 2 = 0 THEN '310101' ELSE '310104' END, 'open', CAST($3 AS BIGINT) - i, CAST($3 AS BIGINT) + CAST(i AS BIGINT) * CAST($4 AS BIGINT), 0,
    'number-' || CAST(i AS TEXT), 'permit', '居民', ''
FROM n`
)

// listed is how long each list took.
type listed struct{ inbox, mine []time.Duration }

func (w *world) lists(ctx context.Context, rows, count int) (listed, error) {
	var l listed
	random := rand.New(rand.NewPCG(1, uint64(rows)))
	district := officer
	district.Area = "310104"
	lights := []casework.Light{casework.NoLight, casework.Green, casework.Amber}
	for n := range count {
		who := officer
		if n%2 == 1 {
			who = district
		}
		begun := time.Now()
		tasks, after, err := w.office.Inbox(ctx, who, casework.Filter{Light: lights[n%len(lights)]})
		if err != nil {
			return l, err
		}
		l.inbox = append(l.inbox, time.Since(begun))
		if lights[n%len(lights)] != casework.Amber && len(tasks) == 0 {
			return l, errors.New("bench: an inbox is empty that has tasks")
		}
		if after != "" {
			begun = time.Now()
			if _, _, err := w.office.Inbox(ctx, who, casework.Filter{Light: lights[n%len(lights)], Page: casework.Page{After: after}}); err != nil {
				return l, err
			}
			l.inbox = append(l.inbox, time.Since(begun))
		}
		pr := citizen(0)
		pr.Actor.For = crowdMember(random.IntN(rows / perResident))
		pr.Actor.Party = pr.Actor.For
		begun = time.Now()
		cases, _, err := w.office.MyCases(ctx, pr, casework.Page{})
		if err != nil {
			return l, err
		}
		l.mine = append(l.mine, time.Since(begun))
		if len(cases) != perResident {
			return l, fmt.Errorf("bench: a resident has %d cases, want %d", len(cases), perResident)
		}
	}
	return l, nil
}
