package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/packs"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// MatchOptions say how the benchmark of whole-city matching runs.
type MatchOptions struct {
	Residents int
	Policies  int
	Runs      int
	Seed      uint64 // of the people and the policies
	Kernel    string // "avx512", "avx2", "portable"; "": the best of the machine
	Sample    int    // residents whom cel-go decides in a run; default 500
	Peers     string // folder of the peers, set up; "": without them
	Say       func(format string, args ...any)
}

// Match counts, for each policy, the residents of a synthetic city who are
// entitled, and measures that beside cel-go on a sample, beside merely reading the
// same bytes, and, with Peers, beside DuckDB, NumPy and OpenFisca on the very same
// data and rules. It fails where any two of them do not agree on every policy.
//
// The policies are the sample city's own and variants of them. Ratios are how many
// times a peer takes longer, but for memory_read: how many times the run takes
// longer than reading its columns.
func Match(ctx context.Context, o MatchOptions) (Report, error) {
	if o.Residents < 1 || o.Policies < 1 || o.Runs < 1 {
		return Report{}, errors.New("bench: residents, policies and runs are to be 1 or more")
	}
	if o.Sample == 0 {
		o.Sample = 500
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	m, err := newMatch(o)
	if err != nil {
		return Report{}, err
	}
	defer m.close()
	if err := m.build(ctx); err != nil {
		return Report{}, err
	}
	for run := range o.Runs + 1 {
		m.warm = run == 0
		if err := m.run(ctx); err != nil {
			return Report{}, err
		}
	}
	m.warm = false
	m.figures.add("memory_peak_bytes", peakMemory())
	if err := m.celGo(ctx); err != nil {
		return Report{}, err
	}
	if o.Peers != "" {
		if err := m.peers(ctx); err != nil {
			return Report{}, err
		}
	}
	return Report{Figures: m.figures.medians(), Ratios: m.ratios.medians(), Machine: machine(m.kernel), Runs: o.Runs}, nil
}

// match is one benchmark: its city, people and policies.
type match struct {
	MatchOptions
	dir      string
	day      workday.Date
	city     *catalog.City
	columns  []crowd.Column
	policies []*catalog.Policy
	rules    [][]criterion.Formula // by policy, by condition
	schema   *eligibility.Schema
	program  *eligibility.Program
	people   *eligibility.Population
	kernel   string
	bytes    int // that the rules' columns hold; 0 until it is asked

	counts  []int // by policy, of the last run
	figures samples
	ratios  samples
	warm    bool // the first run, which is not counted
}

func newMatch(o MatchOptions) (*match, error) {
	m := &match{MatchOptions: o, kernel: o.Kernel, figures: samples{}, ratios: samples{}}
	if m.kernel == "" {
		m.kernel = eligibility.Kernels()[0]
	}
	root, err := fs.Sub(packs.Files, "shanghai")
	if err != nil {
		return nil, err
	}
	city, problems := catalog.Load(root)
	if len(problems) > 0 {
		return nil, fmt.Errorf("bench: %s", problems[0])
	}
	m.city = city
	m.day, _ = workday.DateFrom(2026, time.November, 1)
	attributes := city.AttributesOf("resident")
	m.columns, m.schema = crowd.Columns(attributes), eligibility.NewSchema(attributes, "resident")
	m.policies = policiesOf(city, m.day, o.Seed, o.Policies)
	entries := make([]eligibility.Entry, len(m.policies))
	m.rules = make([][]criterion.Formula, len(m.policies))
	for i, p := range m.policies {
		if entries[i], err = eligibility.EntryOf(city, p, m.day); err != nil {
			return nil, fmt.Errorf("bench: %s: %w", p.ID, err)
		}
		entries[i].Held = nil // who has it already is a question of its own, which the peers are not asked
		for _, c := range entries[i].Conditions {
			m.rules[i] = append(m.rules[i], c.When)
		}
	}
	m.program = eligibility.NewProgram(m.day, entries)
	m.dir, err = os.MkdirTemp("", "tongban-bench-*")
	return m, err
}

func (m *match) close() error {
	var err error
	if m.people != nil {
		err = m.people.Close()
	}
	return errors.Join(err, os.RemoveAll(m.dir))
}

func (m *match) add(name string, value float64) {
	if !m.warm {
		m.figures.add(name, value)
	}
}

func (m *match) snapshot() string { return filepath.Join(m.dir, "people.snapshot") }

// id is the n-th resident.
func (m *match) id(n int) party.ID { return party.ID(fmt.Sprintf("r%08d", n)) }

// crowd draws everybody.
func (m *match) crowd() iter.Seq[*crowd.Batch] {
	return crowd.Draw(m.Seed, m.Residents, m.day, m.schema.Attributes())
}

// at draws the batch of a resident.
func (m *match) at(n int) *crowd.Batch {
	return crowd.At(m.Seed, m.Residents, m.day, m.schema.Attributes(), n)
}

// build writes the snapshot and opens it.
func (m *match) build(ctx context.Context) error {
	m.Say("drawing %d residents with %d attributes, and %d policies", m.Residents, len(m.columns), len(m.policies))
	begun := time.Now()
	words := make([][]string, len(m.columns))
	for i, c := range m.columns {
		words[i] = c.Words
	}
	blocks := (m.Residents + crowd.BatchSize - 1) / crowd.BatchSize
	if err := eligibility.BuildBlocks(ctx, m.snapshot(), m.schema, words, blocks, m.filler); err != nil {
		return err
	}
	m.add("build_s", time.Since(begun).Seconds())
	info, err := os.Stat(m.snapshot())
	if err != nil {
		return err
	}
	m.add("snapshot_bytes", float64(info.Size()))
	m.people, err = eligibility.Open(m.snapshot(), m.schema)
	if err != nil {
		return err
	}
	m.add("residents", float64(m.people.Len()))
	m.add("policies", float64(len(m.policies)))
	m.add("bytes_per_resident", float64(info.Size())/float64(m.people.Len()))
	return nil
}

// filler gives batches as blocks.
func (m *match) filler() func(i int) (*eligibility.Block, error) {
	drawer := crowd.NewDrawer(m.Seed, m.Residents, m.day, m.schema.Attributes())
	block := &eligibility.Block{Values: make([][]int64, len(m.columns)), Known: make([][]bool, len(m.columns))}
	return func(i int) (*eligibility.Block, error) {
		b := drawer.Batch(i)
		block.IDs = block.IDs[:0]
		for row := range b.Len() {
			block.IDs = append(block.IDs, m.id(b.First+row))
		}
		for c, cells := range b.Cells {
			block.Values[c], block.Known[c] = cells.Values, cells.Known
		}
		return block, nil
	}
}

// run measures once what the engine does by itself.
func (m *match) run(ctx context.Context) error {
	if err := m.open(); err != nil {
		return err
	}
	seconds, counts, err := m.count(ctx, eligibility.Options{Kernel: m.kernel})
	if err != nil {
		return err
	}
	if m.counts != nil {
		if err := m.same("another run", counts); err != nil {
			return err
		}
	}
	m.counts = counts
	m.add("run_s", seconds)
	m.add("evaluations_per_s", float64(m.Residents)*float64(len(m.policies))/seconds)
	near, counts, err := m.count(ctx, eligibility.Options{Kernel: m.kernel, Near: true})
	if err := errors.Join(err, m.same("the run with near misses", counts)); err != nil {
		return err
	}
	m.add("near_miss_s", near)
	plain, counts, err := m.count(ctx, eligibility.Options{Kernel: "portable"})
	if err := errors.Join(err, m.same("the portable kernel", counts)); err != nil {
		return err
	}
	m.add("portable_run_s", plain)
	if err := m.memory(ctx, seconds); err != nil {
		return err
	}
	if err := m.whatIf(ctx); err != nil {
		return err
	}
	return m.change()
}

// open measures how soon a snapshot can be asked.
func (m *match) open() error {
	begun := time.Now()
	p, err := eligibility.Open(m.snapshot(), m.schema)
	if err != nil {
		return err
	}
	m.add("snapshot_open_s", time.Since(begun).Seconds())
	return p.Close()
}

func (m *match) count(ctx context.Context, o eligibility.Options) (seconds float64, counts []int, err error) {
	begun := time.Now()
	all, err := m.people.Count(ctx, m.program, o)
	seconds = time.Since(begun).Seconds()
	for _, c := range all.Policies {
		counts = append(counts, c.Yes)
	}
	return seconds, counts, err
}

// same fails where counts differ from the run's own.
func (m *match) same(who string, counts []int) error {
	if len(counts) != len(m.counts) {
		return fmt.Errorf("bench: %s has %d counts, the run %d", who, len(counts), len(m.counts))
	}
	for i, n := range counts {
		if n != m.counts[i] {
			var when []string
			for _, c := range m.policies[i].ConditionsOn(m.day) {
				when = append(when, c.When)
			}
			return fmt.Errorf("bench: %s finds %d residents for %s, the run %d: %s", who, n, m.policies[i].ID, m.counts[i], strings.Join(when, " && "))
		}
	}
	return nil
}

// changes is how many changes of one resident a run measures.
const changes = 2000

// change measures what one register's news of one resident costs: one fact
// differs, and the resident's entitlements are worked out anew.
func (m *match) change() error {
	r := rand.New(rand.NewPCG(m.Seed, 7))
	type news struct {
		id    party.ID
		facts eligibility.Facts
	}
	all, back := make([]news, 0, 2*changes), make([]news, 0, changes)
	for range changes {
		id := m.id(r.IntN(m.Residents))
		before, ok := m.people.Facts(id)
		if !ok {
			return fmt.Errorf("bench: %s is lost", id)
		}
		name := oneOf(r, "insurance.months", "employment.status", "population.birth", "hardship.per_person")
		var value any
		switch name {
		case "employment.status":
			value = oneOf(r, "在职", "失业", "退休")
		case "population.birth":
			value = crowd.DateOf(crowd.DayOf(m.day) - r.Int64N(36500))
		default:
			value = r.Int64N(5000)
		}
		all = append(all, news{id, eligibility.Facts{name: value}})
		back = append(back, news{id, eligibility.Facts{name: before[name]}})
	}
	slices.Reverse(back)
	all = append(all, back...) // so that every run sees the same city
	begun, moves := time.Now(), 0
	for _, n := range all {
		moved, ok := m.people.Amend(m.program, n.id, n.facts)
		if !ok {
			return fmt.Errorf("bench: %s is lost", n.id)
		}
		moves += len(moved)
	}
	m.add("one_change_us", float64(time.Since(begun))/float64(time.Microsecond)/float64(len(all)))
	m.add("one_change_moves", float64(moves)/float64(len(all)))
	return nil
}

func workers() int { return runtime.GOMAXPROCS(0) }
