package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/eligibility"
)

// celGo measures cel-go on a sample: every policy for each resident of it, with
// as many workers as the runs have. The verdicts are checked against the engine's
// own answer of who is entitled.
func (m *match) celGo(ctx context.Context) error {
	peer, err := newCelPeer(m.columns, m.day, m.rules)
	if err != nil {
		return err
	}
	sample, facts := m.sampled(peer)
	for range m.Runs {
		holds := make([][]bool, len(sample))
		var next atomic.Int64
		var all sync.WaitGroup
		begun := time.Now()
		for range workers() {
			all.Go(func() {
				for ctx.Err() == nil {
					i := int(next.Add(1) - 1)
					if i >= len(sample) {
						return
					}
					holds[i] = peer.holds(sample[i], nil)
				}
			})
		}
		all.Wait()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each := time.Since(begun).Seconds() / float64(len(sample))
		one := time.Now()
		for i := range min(20, len(sample)) {
			peer.holds(sample[i], holds[i])
		}
		alone := time.Since(one).Seconds() / float64(min(20, len(sample)))
		m.figures.add("cel_go_s", each*float64(m.Residents))
		m.figures.add("cel_go_resident_us", alone*1e6)
		m.ratios.add("cel_go", each*float64(m.Residents)/median(m.figures["run_s"]))
		m.ratios.add("one_change_cel_go", alone*1e6/median(m.figures["one_change_us"]))
		for i := range sample {
			if err := m.agrees(facts[i], holds[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// sampled are residents as cel-go takes them, and what is known of them.
func (m *match) sampled(peer *celPeer) (sample []celResident, facts []eligibility.Facts) {
	const each = 8 // of a batch, from batches all over the city
	batches := (m.Residents + crowd.BatchSize - 1) / crowd.BatchSize
	count := max(1, min(m.Sample/each, batches))
	for i := range count {
		b := m.at(i * batches / count * crowd.BatchSize)
		for row := 0; row < b.Len() && len(sample) < m.Sample; row += max(1, b.Len()/each) {
			sample, facts = append(sample, peer.person(b, row)), append(facts, b.Facts(row))
		}
	}
	return sample, facts
}

// agrees holds cel-go's answer for one resident against the engine's.
func (m *match) agrees(facts eligibility.Facts, holds []bool) error {
	entitled := m.people.Entitled(m.program, facts)
	for i, p := range m.policies {
		if slices.Contains(entitled, p.ID) != holds[i] {
			return fmt.Errorf("bench: cel-go says %v of %s, the engine %v: %v", holds[i], p.ID, !holds[i], facts)
		}
	}
	return nil
}

// MatchPeers is where the source tree has the peers.
const MatchPeers = "bench/peers/match"

// answer is what a peer prints.
type answer struct {
	Peer     string    `json:"peer"`
	Counts   []int     `json:"counts"`
	Seconds  float64   `json:"seconds"` // median of its runs, with the data in memory
	Way      string    `json:"way"`
	Policies []string  `json:"policies"` // of OpenFisca: which
	Amounts  [][]int64 `json:"amounts"`  // of OpenFisca: by policy, of the first residents
}

// unset says what is to be done before peers can run.
func unset(dir string) string {
	if _, err := os.Stat(python(dir)); err != nil {
		return fmt.Sprintf("the peers are not set up: run %s first", filepath.Join(dir, "setup.sh"))
	}
	return ""
}

func python(dir string) string { return filepath.Join(dir, "venv", "bin", "python") }

// peers lets each peer count, one after another.
func (m *match) peers(ctx context.Context) error {
	if missing := unset(m.Peers); missing != "" {
		return fmt.Errorf("bench: %s", missing)
	}
	m.Say("writing the peers' data and rules")
	if err := m.task(); err != nil {
		return err
	}
	ours, portable := median(m.figures["run_s"]), median(m.figures["portable_run_s"])
	for _, name := range []string{"duckdb", "numpy"} {
		a, err := m.peer(ctx, name)
		if err != nil {
			return err
		}
		if err := m.same(name, a.Counts); err != nil {
			return err
		}
		m.figures.add(name+"_s", a.Seconds)
		m.ratios.add(name, a.Seconds/ours)
		if name == "duckdb" {
			m.ratios.add("portable_duckdb", a.Seconds/portable)
		}
	}
	return m.openFisca(ctx)
}

// task writes the peers' folder.
func (m *match) task() error {
	by := map[string]crowd.Column{}
	for _, t := range m.columns {
		by[t.ID] = t
	}
	t := task{Residents: m.Residents, Workers: workers(), Runs: m.Runs, Today: m.day.String()}
	sql, numpy := sqlWriter{by, m.day}, newNumpyWriter(by, m.day)
	for i, p := range m.policies {
		t.Policies = append(t.Policies, taskPolicy{p.ID, sql.policy(m.rules[i]), numpy.policy(m.rules[i])})
	}
	t.Atoms = numpy.atoms
	names := append(variablesOf(m.rules), openFiscaReads...)
	return export(m.dir, t, names, m.crowd(), m.columns)
}

// peer runs a peer's script over the task.
func (m *match) peer(ctx context.Context, name string) (a answer, err error) {
	m.Say("running %s", name)
	cmd := exec.CommandContext(ctx, python(m.Peers), filepath.Join(m.Peers, name+"_peer.py"), m.dir)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return a, fmt.Errorf("bench: %s: %w: %s", name, err, problem.String())
	}
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return a, fmt.Errorf("bench: %s: %w", name, err)
	}
	m.Say("%s: %.3g s (%s)", a.Peer, a.Seconds, a.Way)
	return a, nil
}

// openFiscaReads are the attributes that the OpenFisca model reads.
var openFiscaReads = []string{"population.birth", "population.alive", "population.hukou_city", "disability.grade", "disability.kind",
	"disability.certificate_until", "guardian.orphans", "fund.months", "property.homes", "fund.loan", "fund.withdrawing", "lease.filed_until",
	"lease.city", "lease.rent"}

// openFisca holds the model of five policies against ours: how many are
// entitled, and the amount of each of the first residents.
func (m *match) openFisca(ctx context.Context) error {
	a, err := m.peer(ctx, "openfisca")
	if err != nil {
		return err
	}
	var entries []eligibility.Entry
	var five []*catalog.Policy
	for _, id := range a.Policies {
		p, ok := m.city.Policy(id)
		if !ok {
			return fmt.Errorf("bench: OpenFisca's model has %s, which the city has not", id)
		}
		e, err := eligibility.EntryOf(m.city, p, m.day)
		if err != nil {
			return err
		}
		e.Held = nil
		entries, five = append(entries, e), append(five, p)
	}
	program := eligibility.NewProgram(m.day, entries)
	times := samples{}
	for range m.Runs + 1 {
		begun := time.Now()
		counts, err := m.people.Count(ctx, program, eligibility.Options{Kernel: m.kernel})
		if err != nil {
			return err
		}
		times.add("s", time.Since(begun).Seconds())
		for i, c := range counts.Policies {
			if c.Yes != a.Counts[i] {
				return fmt.Errorf("bench: OpenFisca finds %d residents for %s, the run %d", a.Counts[i], c.Policy, c.Yes)
			}
		}
	}
	if err := m.amounts(five, a.Amounts); err != nil {
		return err
	}
	m.figures.add("openfisca_s", a.Seconds)
	m.figures.add("openfisca_ours_s", median(times["s"]))
	m.ratios.add("openfisca", a.Seconds/median(times["s"]))
	return nil
}

// amounts holds OpenFisca's amounts against those of the book of policies.
func (m *match) amounts(five []*catalog.Policy, theirs [][]int64) error {
	book, err := eligibility.NewBook(m.city)
	if err != nil {
		return err
	}
	var b *crowd.Batch
	for n := range theirs[0] {
		if n%crowd.BatchSize == 0 {
			b = m.at(n)
		}
		facts := b.Facts(n % crowd.BatchSize)
		for i, p := range five {
			var ours int64
			if d := book.Decide(p, facts, m.day); d.Verdict == criterion.Yes && d.Amount != nil {
				ours = *d.Amount
			}
			if ours != theirs[i][n] {
				return fmt.Errorf("bench: OpenFisca gives %s %d yuan of %s, the book %d", m.id(n), theirs[i][n], p.ID, ours)
			}
		}
	}
	return nil
}
