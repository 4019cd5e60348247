package exchange

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// openTwo is a store of two registers.
func openTwo(d *db.DB) *Store {
	other := catalog.Resource{ID: "pension", Agency: "rsj", Fields: []catalog.ResourceField{{Key: "since", Type: "date"}}}
	return New(d, clock.NewFake(noon).Now, []catalog.Resource{register(), other}, nil)
}

func TestEachGivesEverySubjectOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := openTwo(d)
		// Two entries a subject, so that pages of an odd length cut subjects.
		const subjects = scanRows + 3
		var people, pensions []Record
		for i := range subjects {
			subject := party.ID(fmt.Sprintf("p%06d", i))
			people = append(people, Record{Subject: subject, Entry: Entry{Values: map[string]any{"homes": i}, At: noon}})
			pensions = append(pensions, Record{Subject: subject, Entry: Entry{Values: map[string]any{"since": "2020-01-01"}, At: noon}})
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(s.Collect(ctx, tx, "population", people), s.Collect(ctx, tx, "pension", pensions[1:]))
		})
		n := 0
		err := s.Each(t.Context(), func(subject party.ID, got map[string]Entry) error {
			want := map[string]Entry{"population": {Values: map[string]any{"homes": int64(n)}, At: noon}}
			if n > 0 {
				want["pension"] = Entry{Values: map[string]any{"since": "2020-01-01"}, At: noon}
			}
			if diff := cmp.Diff(want, got); diff != "" || subject != people[n].Subject {
				return fmt.Errorf("subject %s, want %s: %s", subject, people[n].Subject, diff)
			}
			n++
			return nil
		})
		if err != nil || n != subjects {
			t.Fatalf("Each gave %d subjects and %v, want %d", n, err, subjects)
		}
		stop := errors.New("enough")
		if err := s.Each(t.Context(), func(party.ID, map[string]Entry) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("Each = %v, want what fn failed with", err)
		}
	})
}

func TestEntries(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := openTwo(d)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Put(ctx, tx, "pension", "chen", map[string]any{"since": "2014-03-01"}, noon)
		})
		got, err := s.Entries(t.Context(), d.Reader(), "chen")
		want := map[string]Entry{"pension": {Values: map[string]any{"since": "2014-03-01"}, At: noon}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Entries: %v %s", err, diff)
		}
		if receipts, err := s.Receipts(t.Context(), d.Reader(), "chen", 10); err != nil || len(receipts) != 0 {
			t.Errorf("Receipts = %v, %v, want none: nobody looked", receipts, err)
		}
		smaller := New(d, clock.NewFake(noon).Now, []catalog.Resource{register()}, nil)
		if got, err := smaller.Entries(t.Context(), d.Reader(), "chen"); err != nil || len(got) != 0 {
			t.Errorf("Entries of a register that has left = %v, %v, want none", got, err)
		}
	})
}

func TestLookLeavesAReceiptForEachRegister(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := openTwo(d)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Put(ctx, tx, "population", "chen", map[string]any{"name": "陈桂兰", "homes": 1}, noon)
		})
		var got map[string]Answer
		write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
			got, err = s.Look(ctx, tx, "chen", map[string][]string{"pension": {"since"}, "population": {"homes"}}, "mzj", "看看能领什么")
			return err
		})
		if diff := cmp.Diff(map[string]any{"homes": int64(1)}, got["population"].Values); diff != "" || got["pension"].Found {
			t.Errorf("Look = %+v: %s", got, diff)
		}
		receipts, err := s.Receipts(t.Context(), d.Reader(), "chen", 10)
		if err != nil || len(receipts) != 2 {
			t.Fatalf("Receipts = %v, %v, want two", receipts, err)
		}
		for _, r := range receipts {
			if r.Asker != "mzj" || r.Purpose != "看看能领什么" || len(r.Fields) != 1 {
				t.Errorf("receipt %+v: want who asked, why and for which field", r)
			}
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := s.Look(ctx, tx, "chen", map[string][]string{"population": {"wealth"}}, "mzj", "p")
			return err
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("Look for a field that is not there = %v, want Invalid", err)
		}
	})
}

// jobsOf runs the waiting jobs of Changed and names their subjects.
func jobsOf(t *testing.T, d *db.DB) []string {
	t.Helper()
	var subjects []string
	w := db.NewWorker(d, clock.NewFake(noon).Now, nil)
	w.Handle(Changed, func(_ context.Context, _ db.Tx, job db.Job) error {
		subjects = append(subjects, string(job.Payload))
		return nil
	})
	if _, err := w.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	return subjects
}

func TestChangesLeaveOneJobASubject(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := openTwo(d)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(
				s.Put(ctx, tx, "pension", "chen", map[string]any{"since": "2014-03-01"}, noon),
				s.Amend(ctx, tx, "population", "chen", map[string]any{"homes": 2}, noon))
		})
		if diff := cmp.Diff([]string{"chen"}, jobsOf(t, d)); diff != "" {
			t.Errorf("jobs: %s", diff)
		}
		undone := errors.New("undone")
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return errors.Join(s.Put(ctx, tx, "pension", "li", map[string]any{"since": "2014-03-01"}, noon), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatalf("Write = %v", err)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Collect(ctx, tx, "pension", []Record{{Subject: "wang", Entry: Entry{Values: map[string]any{"since": "2014-03-01"}, At: noon}}})
		})
		if got := jobsOf(t, d); len(got) != 0 {
			t.Errorf("jobs = %v, want none of what was undone or collected", got)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return s.Collect(ctx, tx, "pension", []Record{{Subject: "hu", Entry: Entry{At: noon}}, {Subject: "zhou", Entry: Entry{Values: map[string]any{"since": "soon"}, At: noon}}})
		})
		if got, _ := s.Entries(t.Context(), d.Reader(), "hu"); !fault.Is(err, fault.Invalid) || len(got) != 0 {
			t.Errorf("Collect with a fault = %v and wrote %v, want Invalid and nothing", err, got)
		}
	})
}

func TestSinceFollowsWhatIsWritten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(noon)
		s := New(d, c.Now, []catalog.Resource{register(), {ID: "pension", Fields: register().Fields}}, nil)
		put := func(after time.Duration, resource string, subject party.ID) {
			c.Set(noon.Add(after))
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return s.Put(ctx, tx, resource, subject, map[string]any{"homes": 1}, noon.AddDate(-1, 0, 0))
			})
		}
		put(time.Minute, "population", "chen")
		put(2*time.Minute, "population", "li")
		put(2*time.Minute, "pension", "li")
		put(2*time.Minute, "pension", "chen")
		put(3*time.Minute, "population", "chen")
		at := func(after time.Duration, subject party.ID, resource string) Change {
			return Change{noon.Add(after), subject, resource}
		}
		all := []Change{at(2*time.Minute, "chen", "pension"), at(2*time.Minute, "li", "pension"), at(2*time.Minute, "li", "population"), at(3*time.Minute, "chen", "population")}
		for after, want := range map[Change][]Change{
			{At: noon}:                  all,
			{At: all[0].At}:             all,
			all[0]:                      all[1:],
			all[1]:                      all[2:],
			all[2]:                      all[3:],
			all[3]:                      {},
			at(time.Minute, "chen", ""): all,
		} {
			for _, limit := range []int{10, 1} {
				news, err := s.Since(t.Context(), after, limit)
				got := []Change{}
				for _, n := range news {
					got = append(got, n.Change)
					if n.Values["homes"] != int64(1) || !n.Entry.At.Equal(noon.AddDate(-1, 0, 0)) {
						t.Errorf("%s, %s says %v of %v", n.Subject, n.Resource, n.Values, n.Entry.At)
					}
				}
				if diff := cmp.Diff(want[:min(limit, len(want))], got); err != nil || diff != "" {
					t.Errorf("Since(%v), %d at most: %v %s", after, limit, err, diff)
				}
			}
		}
	})
}
