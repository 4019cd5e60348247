package eligibility_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/bus"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// crowdOf is a snapshot of n residents of the hamlet, born a day apart.
func crowdOf(t *testing.T, n int) (path string, schema *eligibility.Schema) {
	t.Helper()
	path, schema = filepath.Join(t.TempDir(), "crowd.tbp"), eligibility.NewSchema(hamlet().Attributes, "resident")
	first, _ := workday.ParseDate("1930-01-01")
	var rows iter.Seq2[eligibility.Row, error] = func(yield func(eligibility.Row, error) bool) {
		for i := range n {
			facts := eligibility.Facts{"people.birth": first.AddDays(i).String(), "people.alive": i%7 != 0, "work.months": int64(i % 30)}
			if !yield(eligibility.Row{ID: party.ID(fmt.Sprintf("p%d", i)), Facts: facts}, nil) {
				return
			}
		}
	}
	if err := eligibility.Build(t.Context(), path, schema, rows, nil); err != nil {
		t.Fatal(err)
	}
	return path, schema
}

func TestShardsAddUpThoughANodeDies(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	path, schema := crowdOf(t, 30_000)
	snapshot, err := eligibility.SnapshotID(path)
	if err != nil {
		t.Fatal(err)
	}
	shard := eligibility.Shard{City: hamlet(), Audience: "resident", Snapshot: snapshot}
	today, _ := workday.ParseDate("2026-03-10")
	open := func() *eligibility.Population {
		pop, err := eligibility.Open(path, schema)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = pop.Close() })
		return pop
	}
	whole := open()
	prog, err := eligibility.ProgramOf(shard.City, "resident", today)
	if err != nil {
		t.Fatal(err)
	}
	want, err := whole.Count(t.Context(), prog, eligibility.Options{Near: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shard.Gather(t.Context(), b.Conn(), whole.Blocks(), today, eligibility.GatherOptions{Tries: 2, Patience: 50 * time.Millisecond}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Gather without nodes = %v, want Unavailable", err)
	}
	// A node that takes questions and never answers stands for one that was killed.
	var taken atomic.Int64
	dead, err := b.Conn().QueueSubscribe("tongban-match.>", "nodes", func(*nats.Msg) { taken.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Unsubscribe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	served := make(chan error, 2)
	for i := range 2 {
		pop := open()
		go func() { served <- shard.Serve(ctx, b.Conn(), fmt.Sprint("node", i), pop) }()
	}
	nodes := map[string]int{}
	got, err := shard.Gather(t.Context(), b.Conn(), whole.Blocks(), today, eligibility.GatherOptions{Near: true, Patience: 300 * time.Millisecond, Tries: 50,
		Progress: func(node string, _, _ int) { nodes[node]++ }})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gathered, not as one alone counts: %s", diff)
	}
	if got.Subjects != 30_000 || got.Policies[0].Yes == 0 {
		t.Errorf("got %+v: the test counts nothing", got)
	}
	if taken.Load() == 0 && len(nodes) < 2 {
		t.Errorf("one node did all: %v", nodes)
	}
	cancel()
	for range 2 {
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
}
