package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/pgtemp"
)

// CasesOptions say how the benchmark of whole cases runs.
type CasesOptions struct {
	Engine         db.Engine
	DSN            string // PostgreSQL to use; empty: one of its own
	Cases          int    // per run
	Clients        int    // at the same time; 0: 64 on SQLite, 16 on PostgreSQL
	Runs           int
	PgbenchSeconds int
}

// perCase is the transactions of a case: the submission and five tasks, the
// last of which issues the licence.
const perCase = 6

// Cases measures whole cases, from submission to licence. On SQLite the peer is
// the same work with a commit for each command; on PostgreSQL it is pgbench's
// simple-update on the same server, with as many clients.
func Cases(ctx context.Context, o CasesOptions) (Report, error) {
	if o.Clients == 0 {
		o.Clients = map[db.Engine]int{db.SQLite: 64, db.Postgres: 16}[o.Engine]
	}
	w, err := open(ctx, o.Engine, o.DSN)
	if err != nil {
		return Report{}, errors.Join(err, w.close())
	}
	defer w.close()
	stop := w.work(ctx)
	defer stop()
	s, ratios := samples{}, samples{}
	for run := range o.Runs {
		ours, err := w.cases(ctx, o, run*2, nil)
		if err != nil {
			return Report{}, err
		}
		s.add("transactions_per_s", ours.rate)
		s.add("cases_per_s", ours.rate/perCase)
		s.add("p50_ms", percentile(ours.times, 0.50))
		s.add("p99_ms", percentile(ours.times, 0.99))
		if o.Engine == db.SQLite {
			alone, err := w.cases(ctx, o, run*2+1, new(sync.Mutex))
			if err != nil {
				return Report{}, err
			}
			s.add("one_commit_each_per_s", alone.rate)
			ratios.add("one_commit_each", ours.rate/alone.rate)
			continue
		}
		for n, mode := range []string{"simple", "prepared"} {
			name := []string{"pgbench_simple_update", "pgbench_simple_update_prepared"}[n]
			tps, err := w.pgbench(ctx, o, mode, run == 0 && n == 0)
			if err != nil {
				return Report{}, err
			}
			s.add(name+"_per_s", tps)
			ratios.add(name, ours.rate/tps)
		}
	}
	return Report{Figures: s.medians(), Ratios: ratios.medians(), Machine: machine(string(o.Engine)), Runs: o.Runs}, nil
}

// work runs the jobs that the cases leave behind, as a server would.
func (w *world) work(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.worker.Run(ctx) // ends when it is told to
	}()
	return func() { cancel(); <-done }
}

// timed is one run: commands a second, and how long each took.
type timed struct {
	rate  float64
	times []time.Duration
}

// cases runs o.Cases from submission to licence. With a lock, commands go one
// by one, so that each has a commit of its own.
func (w *world) cases(ctx context.Context, o CasesOptions, series int, alone *sync.Mutex) (timed, error) {
	drafts, err := w.drafts(ctx, series*o.Cases, o.Cases)
	if err != nil {
		return timed{}, err
	}
	times := make([][]time.Duration, o.Clients)
	start := time.Now()
	err = parallel(o.Clients, o.Cases, func(client, n int) error {
		return w.whole(ctx, series*o.Cases+n, drafts[n], func(command func() error) error {
			if alone != nil {
				alone.Lock()
				defer alone.Unlock()
			}
			begun := time.Now()
			err := command()
			times[client] = append(times[client], time.Since(begun))
			return err
		})
	})
	took := time.Since(start)
	r := timed{rate: float64(o.Cases*perCase) / took.Seconds()}
	for _, t := range times {
		r.times = append(r.times, t...)
	}
	return r, err
}

// drafts prepares applications that only need to be submitted.
func (w *world) drafts(ctx context.Context, from, count int) ([]string, error) {
	if err := w.settle(ctx, from, from+count); err != nil {
		return nil, err
	}
	drafts := make([]string, count)
	err := parallel(16, count, func(_, n int) error {
		pr := citizen(from + n)
		d, err := w.office.OpenDraft(ctx, pr, casework.Target{Service: "permit"})
		if err != nil {
			return err
		}
		drafts[n] = d.ID
		_, err = w.office.Save(ctx, pr, d.ID, d.Rev, -1, map[string]any{"purpose": "测速"})
		return err
	})
	return drafts, err
}

// whole takes one case from its draft to its licence.
func (w *world) whole(ctx context.Context, n int, draft string, command func(func() error) error) error {
	var c casework.Case
	err := command(func() error {
		r, err := w.office.Submit(ctx, citizen(n), "", nil, draft)
		if err == nil {
			c = r.Cases[0]
		}
		return err
	})
	if err != nil {
		return err
	}
	for i, choice := range []string{"accept", "approve", "approve", "approve", "approve"} {
		err := command(func() error {
			var err error
			c, err = w.office.Complete(ctx, officer, c.ID, "t"+strconv.Itoa(i+1), casework.Outcome{Choice: choice})
			return err
		})
		if err != nil {
			return err
		}
	}
	if c.Status != casework.Closed || len(c.Licences) != 1 {
		return fmt.Errorf("bench: case %s ended %s with %d licences", c.ID, c.Status, len(c.Licences))
	}
	return nil
}

// parallel runs fn for 0..count-1 on as many clients, and gives the first error.
func parallel(clients, count int, fn func(client, n int) error) error {
	var next atomic.Int64
	errs := make([]error, clients)
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			for errs[client] == nil {
				n := int(next.Add(1)) - 1
				if n >= count {
					return
				}
				errs[client] = fn(client, n)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs PostgreSQL's own benchmark on the same server: simple-update, as
// pgbench runs it by itself ("simple") or in prepared statements.
func (w *world) pgbench(ctx context.Context, o CasesOptions, mode string, fresh bool) (float64, error) {
	bin, err := pgtemp.Bin()
	if err != nil {
		return 0, err
	}
	tool := filepath.Join(bin, "pgbench")
	if fresh {
		if out, err := exec.CommandContext(ctx, tool, "-i", "-q", "-s", "10", w.dsn).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("bench: pgbench -i: %w: %s", err, out)
		}
	}
	out, err := exec.CommandContext(ctx, tool, "-N", "-M", mode, "-c", strconv.Itoa(o.Clients), "-j", "2", "-T", strconv.Itoa(o.PgbenchSeconds), w.dsn).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("bench: pgbench: %w: %s", err, out)
	}
	found := tps.FindStringSubmatch(string(out))
	if found == nil {
		return 0, fmt.Errorf("bench: pgbench printed no rate: %s", strings.TrimSpace(string(out)))
	}
	return strconv.ParseFloat(found[1], 64)
}
