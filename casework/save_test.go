package casework_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// What was typed is kept, whatever is wrong with it, and each fault has its
// field.
func TestSaveKeepsFaults(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for _, tt := range []struct {
		name   string
		step   int
		values map[string]any
		want   []string
	}{
		{"good", 1, map[string]any{"purpose": "开店", "count": int64(2), "colours": []any{"red"}}, nil},
		{"nothing", 1, map[string]any{}, []string{"/count", "/purpose"}},
		{"over-long", 1, map[string]any{"purpose": strings.Repeat("长", 21), "count": int64(2)}, []string{"/purpose"}},
		{"just long enough", 1, map[string]any{"purpose": strings.Repeat("𠮷", 20), "count": int64(2)}, nil},
		{"control characters", 1, map[string]any{"purpose": "a\x00b", "count": int64(2)}, []string{"/purpose"}},
		{"too few and too many", 1, map[string]any{"purpose": "x", "count": int64(0)}, []string{"/count"}},
		{"a number as text", 1, map[string]any{"purpose": "x", "count": "two"}, []string{"/count"}},
		{"a text as number", 1, map[string]any{"purpose": 5.0, "count": int64(2)}, []string{"/purpose"}},
		{"half a thing", 1, map[string]any{"purpose": "x", "count": 2.5}, []string{"/count"}},
		{"a colour that is not offered", 1, map[string]any{"purpose": "x", "count": int64(2), "colours": []any{"green"}}, []string{"/colours"}},
		{"an object", 1, map[string]any{"purpose": map[string]any{"a": 1.0}, "count": int64(2)}, []string{"/purpose"}},
		{"a true text", 1, map[string]any{"purpose": true, "count": int64(2)}, []string{"/purpose"}},
		{"check digits", 2, map[string]any{"citizen": "110105194912310021", "firm": "91350100M000100Y44"}, []string{"/citizen", "/firm"}},
		{"right check digits", 2, map[string]any{"citizen": "11010519491231002X", "firm": "91350100M000100Y43"}, nil},
		{"one value by itself", -1, map[string]any{"purpose": strings.Repeat("长", 21)}, []string{"/purpose"}},
		{"one good value by itself", -1, map[string]any{"purpose": "开店"}, nil},
		{"one emptied", -1, map[string]any{"purpose": nil}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := *w
			w.t = t
			pr := w.citizen(an)
			d := w.draft(pr, "permit")
			saved, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, tt.step, tt.values)
			if (err != nil) != (tt.want != nil) || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want faults at %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.want, pointers(err)); diff != "" {
				t.Errorf("faults (-want +got)\n%s", diff)
			}
			read, err := w.office.Draft(w.ctx, pr, d.ID)
			w.must(err)
			if read.Rev != d.Rev+1 || saved.Rev != read.Rev {
				t.Errorf("got rev %d and %d, want %d", saved.Rev, read.Rev, d.Rev+1)
			}
			for key, value := range tt.values {
				if diff := cmp.Diff(plain(value), plain(read.Data[key])); diff != "" {
					t.Errorf("%s was not kept (-want +got)\n%s", key, diff)
				}
			}
			w.must(w.office.Discard(w.ctx, pr, d.ID))
		})
	}
}

// plain is a value as JSON reads it.
func plain(v any) any {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v
}

// What the form does not know, and steps that it does not have, store nothing.
func TestSaveRefuses(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for _, tt := range []struct {
		name   string
		step   int
		values map[string]any
		kind   fault.Kind
		want   []string
	}{
		{"unknown field", -1, map[string]any{"purpose": "x", "admin": true}, fault.Invalid, []string{"/admin"}},
		{"unknown fields in a step", 1, map[string]any{"purpose": "x", "a": 1, "b~/c": 2}, fault.Invalid, []string{"/a", "/b~0~1c"}},
		{"no such step", 3, map[string]any{}, fault.NotFound, nil},
		{"no such step", -2, map[string]any{}, fault.NotFound, nil},
	} {
		w.refused(tt.name, tt.kind, func() error {
			got, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, tt.step, tt.values)
			if diff := cmp.Diff(tt.want, pointers(err)); diff != "" {
				t.Errorf("%s: faults (-want +got)\n%s", tt.name, diff)
			}
			if got.Rev != d.Rev {
				t.Errorf("%s: got rev %d back, want the draft as it stands, %d", tt.name, got.Rev, d.Rev)
			}
			return err
		})
	}
}

// A field that is filled and never typed keeps its value, whoever sends what.
func TestSaveReadonly(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	w.open(altered(t, map[string]func(string) string{"forms/permit.yaml": replace("fill: population.address", "fill: population.address, readonly: true")}))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for _, value := range []any{"别处", nil, 5.0} {
		w.refused("another address", fault.Invalid, func() error {
			_, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, -1, map[string]any{"address": value})
			if diff := cmp.Diff([]string{"/address"}, pointers(err)); diff != "" {
				t.Errorf("%v: faults (-want +got)\n%s", value, diff)
			}
			return err
		})
	}
	for _, values := range []map[string]any{{"name": "安安"}, {"name": "安安", "address": "小城路1号"}} { // a browser does not send it
		var err error
		if d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, values); err != nil || d.Data["address"] != "小城路1号" || d.Provenance["address"].Edited {
			t.Errorf("step with %v: got the address %v, %v; want it kept", values, d.Data["address"], err)
		}
	}
}

// Who saves over what somebody else saved is told, and gets what is there now.
func TestSaveStale(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pr := w.citizen(an)
		begun := w.draft(pr, "permit")
		_, err := w.office.Save(w.ctx, pr, begun.ID, begun.Rev, -1, map[string]any{"purpose": "手机上写的"})
		w.must(err)
		stale := map[string]func() (casework.Draft, error){
			"save": func() (casework.Draft, error) {
				return w.office.Save(w.ctx, pr, begun.ID, begun.Rev, -1, map[string]any{"purpose": "电脑上写的"})
			},
			"answer": func() (casework.Draft, error) {
				return w.office.Answer(w.ctx, pr, begun.ID, begun.Rev, map[string]string{"speed": "slow"})
			},
			"a rev to come": func() (casework.Draft, error) {
				return w.office.Save(w.ctx, pr, begun.ID, begun.Rev+7, -1, map[string]any{"purpose": "电脑上写的"})
			},
		}
		for name, save := range stale {
			w.refused(name, fault.Conflict, func() error {
				got, err := save()
				if got.Data["purpose"] != "手机上写的" || got.Rev != begun.Rev+1 || got.Form == nil {
					t.Errorf("%s: got %v rev %d back, want the current draft", name, got.Data, got.Rev)
				}
				return err
			})
		}
		if got, err := w.office.Save(w.ctx, pr, begun.ID, 0, -1, map[string]any{"purpose": "不管了"}); err != nil || got.Data["purpose"] != "不管了" {
			t.Errorf("rev 0: got %v, %v; want it taken", got.Data, err)
		}
	})
}

// Of many that save the same rev at the same time, one wins.
func TestSaveRace(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pr := w.citizen(an)
		begun := w.draft(pr, "permit")
		errs := race(8, func(i int) error {
			_, err := w.office.Save(w.ctx, pr, begun.ID, begun.Rev, -1, map[string]any{"count": int64(i + 1)})
			return err
		})
		checkRace(t, errs)
		if got, err := w.office.Draft(w.ctx, pr, begun.ID); err != nil || got.Rev != begun.Rev+1 {
			t.Errorf("got rev %d, %v; want %d", got.Rev, err, begun.Rev+1)
		}
	})
}

// race runs do n times at once.
func race(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// checkRace wants one success and conflicts.
func checkRace(t *testing.T, errs []error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("got %v, want a conflict", err)
		}
	}
	if won != 1 {
		t.Errorf("got %d successes, want 1 of %d", won, len(errs))
	}
}

// A prefilled value that is changed is marked for good, and what is decided by
// rule then is not.
func TestEdited(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "quick")
	d, err := w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, map[string]any{"name": "安安"})
	w.must(err)
	if d.Provenance["name"].Edited {
		t.Error("saved unchanged: got the edited mark")
	}
	for _, name := range []string{"安安安", "安安"} {
		d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, 0, map[string]any{"name": name})
		w.must(err)
		if !d.Provenance["name"].Edited {
			t.Errorf("%s: got no edited mark", name)
		}
	}
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	w.must(err)
	if c := w.see(r.Cases[0].ID); c.Status != casework.Submitted || !c.Provenance["name"].Edited {
		t.Errorf("got %s with provenance %+v, want an officer to look at the edited name", c.Status, c.Provenance["name"])
	}
}
