//go:build unix

package eligibility

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// The benchmarks run 1,000 policies of 3 to 6 conditions over 80 attributes and
// 400,000 synthetic residents, who do not fit into a cache.
const (
	benchResidents = 400_000
	benchPolicies  = 1000
)

func benchDay() workday.Date {
	d, _ := workday.DateFrom(2026, time.March, 1)
	return d
}

func benchSchema() *Schema {
	var all []catalog.Attribute
	add := func(kind criterion.Type, n int) {
		for range n {
			all = append(all, catalog.Attribute{ID: fmt.Sprintf("r.%s%d", kind, len(all)), Audience: "resident", Type: kind, Decimals: 2})
		}
	}
	add(criterion.Date, 10)
	add(criterion.String, 22)
	add(criterion.Bool, 20)
	add(criterion.Int, 18)
	add(criterion.Double, 10)
	return NewSchema(all, "resident")
}

func benchFacts(s *Schema, r *rand.Rand, i int) Facts {
	facts := make(Facts, len(s.attributes))
	for col, a := range s.attributes {
		if r.IntN(10) == 0 {
			continue
		}
		switch a.Type {
		case criterion.Bool:
			facts[a.ID] = r.IntN(4) == 0
		case criterion.Int:
			facts[a.ID] = int64(r.IntN([]int{10, 200, 480, 30_000}[col%4]))
		case criterion.Double:
			facts[a.ID] = float64(r.IntN([]int{20_000, 3_000_000}[col%2])) / 100
		case criterion.String:
			facts[a.ID] = fmt.Sprintf("word %d", r.IntN([]int{3, 16, 60, 400}[col%4]))
		case criterion.Date:
			facts[a.ID] = benchDay().AddDays(-r.IntN(33_000))
		}
	}
	return facts
}

func benchFormula(s *Schema, r *rand.Rand) criterion.Formula {
	col := r.IntN(len(s.attributes))
	a := s.attributes[col]
	v := criterion.Var{Name: a.ID, Type: a.Type}
	switch a.Type {
	case criterion.Bool:
		return criterion.Is{Var: a.ID}
	case criterion.Int:
		return criterion.Compare{Op: []string{">=", "<="}[col%2], Left: v, Right: criterion.Int64{Value: int64([]int{1, 2, 3, 6, 12, 24, 36, 60, 120, 180}[r.IntN(10)])}}
	case criterion.Double:
		return criterion.Compare{Op: "<", Left: v, Right: criterion.Float64{Value: []float64{100, 1010, 1595, 2690, 5000, 15_000}[r.IntN(6)]}}
	case criterion.String:
		word := fmt.Sprintf("word %d", r.IntN(12))
		return criterion.Text{Var: a.ID, Op: "==", Values: []string{word}, Holds: func(s string) bool { return s == word }}
	}
	ages := []int64{3, 6, 16, 18, 22, 35, 45, 50, 55, 60, 65, 70, 75, 80, 90, 100}
	return criterion.Compare{Op: []string{">=", "<"}[r.IntN(2)], Left: criterion.Age{From: v, To: criterion.Today{}}, Right: criterion.Int64{Value: ages[r.IntN(len(ages))]}}
}

func benchProgram(s *Schema) *Program {
	r := rand.New(rand.NewPCG(1, 2))
	var entries []Entry
	for i := range benchPolicies {
		e := Entry{ID: fmt.Sprintf("policy-%d", i)}
		for j := range 3 + r.IntN(4) {
			f := benchFormula(s, r)
			if r.IntN(5) == 0 {
				f = criterion.Or{Parts: []criterion.Formula{f, benchFormula(s, r)}}
			}
			e.Conditions = append(e.Conditions, Condition{ID: fmt.Sprintf("c%d", j), When: f})
		}
		entries = append(entries, e)
	}
	return NewProgram(benchDay(), entries)
}

func benchRows(s *Schema, n int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r := rand.New(rand.NewPCG(3, 4))
		for i := range n {
			if !yield(Row{benchID(i), benchFacts(s, r, i)}, nil) {
				return
			}
		}
	}
}

func benchID(i int) party.ID { return party.ID(fmt.Sprintf("01890a5d-ac96-774b-bcce-b302%08x", i)) }

var benchOnce = sync.OnceValues(func() (*Population, error) {
	s := benchSchema()
	dir, err := os.MkdirTemp("", "population")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "population")
	if err := Build(context.Background(), path, s, benchRows(s, benchResidents), nil); err != nil {
		return nil, err
	}
	return Open(path, s)
})

func benchPopulation(b *testing.B) *Population {
	p, err := benchOnce()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// processor reports the time that processors worked, which a busy machine does
// not stretch as it does the clock.
func processor(b *testing.B, unit string, per float64) func() {
	used := func() time.Duration {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	from := used()
	return func() { b.ReportMetric(float64(used()-from)/float64(b.N)/per, unit) }
}

func BenchmarkCount(b *testing.B) {
	p := benchPopulation(b)
	prog := benchProgram(p.schema)
	for _, k := range Kernels() {
		for _, o := range []Options{{Kernel: k}, {Kernel: k, Near: true}} {
			b.Run(fmt.Sprintf("%s/near=%v", k, o.Near), func(b *testing.B) {
				defer processor(b, "cpu-ms/op", 1e6)()
				for b.Loop() {
					if _, err := p.Count(context.Background(), prog, o); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Logf("%d nodes, %d bitmaps in the arena", len(p.bound(prog).nodes), p.bound(prog).room)
	b.Run("read", func(b *testing.B) {
		defer processor(b, "cpu-ms/op", 1e6)()
		for b.Loop() {
			if _, err := p.Read(context.Background(), prog, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkChange(b *testing.B) {
	p := benchPopulation(b)
	prog := benchProgram(p.schema)
	r := rand.New(rand.NewPCG(5, 6))
	facts := benchFacts(p.schema, r, 0)
	p.Change(prog, benchID(0), facts)
	values := [][2]any{}
	names := []string{}
	for _, a := range p.schema.attributes {
		if _, ok := facts[a.ID]; ok {
			other := benchFacts(p.schema, r, 0)[a.ID]
			names, values = append(names, a.ID), append(values, [2]any{facts[a.ID], other})
		}
	}
	moves := 0
	defer processor(b, "cpu-us/op", 1e3)()
	for i := 0; b.Loop(); i++ {
		n := i / 2 % len(names)
		if facts[names[n]] = values[n][(i+1)%2]; facts[names[n]] == nil {
			delete(facts, names[n])
		}
		moves += len(p.Change(prog, benchID(0), facts))
	}
	b.ReportMetric(float64(moves)/float64(b.N), "moves/op")
}

// BenchmarkAmend changes one fact of somebody else each time, whose columns are
// in no cache.
func BenchmarkAmend(b *testing.B) {
	p := benchPopulation(b)
	prog := benchProgram(p.schema)
	r := rand.New(rand.NewPCG(5, 6))
	var news []Facts
	for _, a := range p.schema.attributes {
		for range 8 {
			news = append(news, Facts{a.ID: benchFacts(p.schema, r, 0)[a.ID]})
		}
	}
	moves := 0
	defer processor(b, "cpu-us/op", 1e3)()
	for i := 0; b.Loop(); i++ {
		got, ok := p.Amend(prog, benchID(r.IntN(p.Len())), news[i%len(news)])
		if moves += len(got); !ok {
			b.Fatal("somebody is lost")
		}
	}
	b.ReportMetric(float64(moves)/float64(b.N), "moves/op")
}

func BenchmarkBind(b *testing.B) {
	p := benchPopulation(b)
	prog := benchProgram(p.schema)
	for b.Loop() {
		bind(prog, p.schema, p.columns, func(col int) []string { return p.words[col].list })
	}
}

func BenchmarkBuild(b *testing.B) {
	s := benchSchema()
	path := snapshotPath(b)
	var rows []Row
	for row := range benchRows(s, 20_000) {
		rows = append(rows, row)
	}
	defer processor(b, "cpu-ns/row", float64(len(rows)))()
	for b.Loop() {
		err := Build(context.Background(), path, s, func(yield func(Row, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
	}
}
