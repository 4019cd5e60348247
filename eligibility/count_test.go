package eligibility

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/party"
)

// TestCount holds random programs over random populations against the oracle,
// with every kernel of the machine: counts, near misses and members.
func TestCount(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		prog := w.program(rt, 4)
		n := rapid.IntRange(0, 90).Draw(rt, "people")
		if rapid.IntRange(0, 9).Draw(rt, "large") == 0 {
			n = rapid.SampledFrom([]int{4095, 4096, 4097}).Draw(rt, "edge")
		}
		scale := rapid.SampledFrom([]int64{3, 100, 127, 128, 254, 255, 30_000, 1 << 17, 1 << 31, 1 << 40}).Draw(rt, "scale")
		p := w.people(rapid.Uint64().Draw(rt, "seed"), n, scale)
		path := dir + "/population"
		population := p.open(t, path)
		checkCounts(rt, population, p, prog)
		checkMembers(rt, population, p, prog)
		population.Close()
		os.Remove(path)
	})
}

type tester interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

func checkCounts(t tester, population *Population, p *people, prog *Program) {
	t.Helper()
	for _, near := range []bool{false, true} {
		want := p.counts(prog, near)
		for _, k := range Kernels() {
			got, err := population.Count(context.Background(), prog, Options{Near: near, Kernel: k})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("%s, near %v: %v (-want +got)\n%s", k, near, err, diff)
			}
		}
	}
}

func checkMembers(t tester, population *Population, p *people, prog *Program) {
	t.Helper()
	for _, e := range prog.entries {
		want := make([][]party.ID, len(e.Conditions)+1)
		for _, id := range p.order {
			facts, ok := p.facts[id]
			if !ok {
				continue
			}
			s := p.w.standing(e, facts)
			if s.yes {
				want[0] = append(want[0], id)
			}
			if s.short >= 0 {
				want[s.short+1] = append(want[s.short+1], id)
			}
		}
		for j := range want {
			got := pages(t, func(after int) ([]party.ID, int, error) {
				if j == 0 {
					return population.Members(context.Background(), prog, e.ID, after, 7)
				}
				return population.NearMembers(context.Background(), prog, e.ID, e.Conditions[j-1].ID, after, 7)
			})
			slices.Sort(got)
			slices.Sort(want[j])
			if diff := cmp.Diff(want[j], got); diff != "" {
				t.Fatalf("members of %s, %d (-want +got)\n%s", e.ID, j, diff)
			}
		}
	}
}

func pages(t tester, page func(after int) ([]party.ID, int, error)) (all []party.ID) {
	t.Helper()
	for after := 0; ; {
		ids, next, err := page(after)
		if err != nil {
			t.Fatalf("page after %d: %v", after, err)
		}
		if all = append(all, ids...); next == 0 {
			return all
		}
		after = next
	}
}

// TestEdges holds populations that end around the ends of blocks, and that the
// counts of ranges add up.
func TestEdges(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 4095, 4096, 4097, 8191, 8192, 8193, 3*4096 + 5} {
		w, prog := fixed(3)
		p := w.people(uint64(n), n, 900)
		population := p.open(t, snapshotPath(t))
		checkCounts(t, population, p, prog)
		whole, err := population.Count(context.Background(), prog, Options{Near: true})
		if err != nil {
			t.Fatal(err)
		}
		for parts := 1; parts <= 3; parts++ {
			var sum Counts
			each := (population.Blocks() + parts - 1) / parts
			for i := range parts {
				part, err := population.Count(context.Background(), prog, Options{Near: true, Workers: i, Range: Range{i * each, max(each, 1)}})
				if err != nil {
					t.Fatal(err)
				}
				sum.Add(part)
			}
			if diff := cmp.Diff(whole, sum); diff != "" {
				t.Errorf("%d people in %d parts (-whole +sum)\n%s", n, parts, diff)
			}
		}
	}
}

// fixed is a world and a program that every run of the tests has.
func fixed(seed int) (*world, *Program) {
	var w *world
	var prog *Program
	g := rapid.Custom(func(t *rapid.T) *world {
		w = drawWorld(t)
		prog = w.program(t, 5)
		return w
	})
	g.Example(seed)
	return w, prog
}

// difference is what has to be said to come from one state to another.
func difference(before, after Facts) Facts {
	news := Facts{"no attribute": int64(1)}
	for name, value := range after {
		if before[name] != value {
			news[name] = value
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			news[name] = nil
		}
	}
	return news
}

// TestChange holds a long sequence of changes against the oracle after each,
// and the result against a population built from scratch.
func TestChange(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		prog := w.program(rt, 6)
		p := w.people(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(0, 40).Draw(rt, "people"), 100)
		path := dir + "/population"
		population := p.open(t, path)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "changes"), 1))
		for step := range rapid.IntRange(1, 60).Draw(rt, "steps") {
			id := personID(r.IntN(60))
			before, there := p.facts[id]
			var want []Move
			var got []Move
			if r.IntN(6) == 0 {
				delete(p.facts, id)
				var ok bool
				if got, ok = population.Remove(prog, id); ok != there {
					rt.Fatalf("step %d: Remove(%s): got %v", step, id, ok)
				}
			} else {
				now := w.facts(r, []int64{3, 100, 1 << 50}[r.IntN(3)])
				if there && r.IntN(2) == 0 { // change a few only
					for name := range before {
						if r.IntN(3) > 0 {
							now[name] = before[name]
						}
					}
				}
				if r.IntN(9) == 0 {
					now[w.of2(r)] = "a word never seen " + string(id)
				}
				if !slices.Contains(p.order, id) {
					p.order = append(p.order, id)
				}
				p.facts[id] = now
				if news, ok := difference(before, now), r.IntN(2) == 0; !ok || !there {
					if _, ok := population.Amend(prog, "nobody at all", news); ok {
						rt.Fatalf("step %d: nobody is amended", step)
					}
					got = population.Change(prog, id, now)
				} else if got, ok = population.Amend(prog, id, news); !ok {
					rt.Fatalf("step %d: Amend(%s): got false", step, id)
				}
			}
			after, still := p.facts[id]
			for _, e := range prog.entries {
				was, is := there && w.standing(e, before).yes, still && w.standing(e, after).yes
				if was != is {
					want = append(want, Move{e.ID, is})
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("step %d, %s (-want +got)\n%s", step, id, diff)
			}
			if still {
				var entitled []string
				for _, e := range prog.entries {
					if st := w.standing(e, after); st.yes && !st.held {
						entitled = append(entitled, e.ID)
					}
				}
				if diff := cmp.Diff(entitled, population.Entitled(prog, after)); diff != "" {
					rt.Fatalf("step %d, %s is entitled to (-want +got)\n%s", step, id, diff)
				}
			}
			if facts, ok := population.Facts(id); ok != still || ok && cmp.Diff(after, facts) != "" {
				rt.Fatalf("step %d: Facts(%s): %v (-want +got)\n%s", step, id, ok, cmp.Diff(after, facts))
			}
		}
		checkCounts(rt, population, p, prog)
		checkMembers(rt, population, p, prog)
		population.Close()
		os.Remove(path)
		anew := p.open(t, path)
		checkCounts(rt, anew, p, prog)
		anew.Close()
		os.Remove(path)
	})
}

// of2 is a text attribute.
func (w *world) of2(r *rand.Rand) string {
	var names []string
	for _, a := range w.schema.attributes {
		if a.Type == "string" {
			names = append(names, a.ID)
		}
	}
	return names[r.IntN(len(names))]
}
