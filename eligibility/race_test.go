package eligibility

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/party"
)

// TestConcurrent counts, pages and asks while people change, come and leave. Who
// does not change is counted by every run.
func TestConcurrent(t *testing.T) {
	w, prog := fixed(3)
	p := w.people(2, 9000, 900)
	population := p.open(t, snapshotPath(t))
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	final := make([]map[string]Facts, 3)
	for n := range final {
		final[n] = map[string]Facts{}
		writers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 5))
			for i := range 600 {
				id := personID(12_000 + 3*r.IntN(200) + n)
				if i%4 == 0 {
					population.Remove(prog, id)
					delete(final[n], string(id))
					continue
				}
				facts := w.facts(r, 900)
				if i%50 == 1 {
					facts[w.of2(r)] = "new word " + string(id)
				}
				population.Change(prog, id, facts)
				final[n][string(id)] = facts
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				counts, err := population.Count(context.Background(), prog, Options{Near: true})
				if err != nil || counts.Subjects < 9000 || counts.Subjects > 9600 {
					t.Errorf("got %d, %v; want those who stay and at most 600 more", counts.Subjects, err)
					return
				}
				population.Facts(personID(12_001))
				if _, _, err := population.Members(context.Background(), prog, "p0", 0, 50); err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	for _, part := range final {
		for id, facts := range part {
			p.facts[party.ID(id)] = facts
		}
	}
	want := p.counts(prog, true)
	got, err := population.Count(context.Background(), prog, Options{Near: true})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("in the end: %v (-want +got)\n%s", err, diff)
	}
}

// TestRun holds progress, cancellation and what is refused.
func TestRun(t *testing.T) {
	w, prog := fixed(3)
	population := w.people(2, 5*Lanes, 900).open(t, snapshotPath(t))
	var done []int
	_, err := population.Count(context.Background(), prog, Options{Workers: 3, Progress: func(n, total int) {
		if done = append(done, n); total != 5 {
			t.Errorf("got a total of %d blocks, want 5", total)
		}
	}})
	if diff := cmp.Diff([]int{5}, done); err != nil || diff != "" {
		t.Errorf("%v, progress (-want +got)\n%s", err, diff)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := population.Count(ctx, prog, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Count: got %v, want it cancelled", err)
	}
	if _, _, err := population.Members(ctx, prog, "p0", 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Members: got %v, want it cancelled", err)
	}
	if _, err := population.Count(context.Background(), prog, Options{Kernel: "abacus"}); !fault.Is(err, fault.Unsupported) {
		t.Errorf("got %v, want no such kernel", err)
	}
	if _, _, err := population.Members(context.Background(), prog, "p99", 0, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want no such policy", err)
	}
	if _, _, err := population.NearMembers(context.Background(), prog, "p0", "c99", 0, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want no such condition", err)
	}
	for _, name := range Kernels() {
		t.Setenv(kernelVariable, name)
		if _, err := population.Count(context.Background(), prog, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv(kernelVariable, "abacus")
	if _, err := population.Count(context.Background(), prog, Options{}); !fault.Is(err, fault.Unsupported) {
		t.Errorf("got %v, want no such kernel", err)
	}
}

// TestRead holds that exactly the columns that a program reads are read.
func TestRead(t *testing.T) {
	w, _ := fixed(3)
	population := w.people(2, 5000, 900).open(t, snapshotPath(t))
	for col, a := range w.schema.attributes {
		prog := NewProgram(w.day, []Entry{{ID: "p", Conditions: []Condition{{When: criterion.Known{Var: a.ID}}}}})
		got, err := population.Read(context.Background(), prog, Options{})
		if want := int64(2 * population.columns[col].Bits * Lanes / 8); err != nil || got != want {
			t.Errorf("%s: got %d bytes, %v; want %d", a.ID, got, err, want)
		}
	}
}
