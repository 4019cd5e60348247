package eligibility_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/packs"
)

// packOf is the folders, each laid over those before it.
func packOf(t testing.TB, dirs ...string) fstest.MapFS {
	t.Helper()
	pack := fstest.MapFS{}
	for _, dir := range dirs {
		root := os.DirFS(dir)
		if err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			src, err := fs.ReadFile(root, name)
			pack[name] = &fstest.MapFile{Data: src}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return pack
}

func loaded(t testing.TB, pack fs.FS) *catalog.City {
	t.Helper()
	city, problems := catalog.Load(pack)
	for _, p := range problems {
		t.Error(p)
	}
	return city
}

// TestAmount holds what tables come to: the first row, the greatest, the sum,
// the cap, and none where something that counts is unknown.
func TestAmount(t *testing.T) {
	city := loaded(t, packOf(t, "../catalog/testdata/lakeside", "../catalog/testdata/shore"))
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, policy string
		facts        eligibility.Facts
		want         int64 // -1: none
	}{
		{"else, and no row of the sum", "mooring-aid", eligibility.Facts{"people.birth": "1960-01-01", "people.income": 20_000}, 30},
		{"one row of the sum", "mooring-aid", eligibility.Facts{"people.birth": "1960-01-01", "people.income": 19_999.99}, 35},
		{"both rows of the sum", "mooring-aid", eligibility.Facts{"people.birth": "1960-01-01", "people.income": 9_999}, 45},
		{"no more than the cap", "mooring-aid", eligibility.Facts{"people.birth": "1940-01-01", "people.income": 9_999}, 100},
		{"a row of the sum is unknown", "mooring-aid", eligibility.Facts{"people.birth": "1940-01-01"}, -1},
		{"the row that decides is unknown", "mooring-aid", eligibility.Facts{"people.income": 9_999}, -1},
		{"the greatest is worked out", "fleet-aid", eligibility.Facts{"fleet.boats": 20}, 20_000},
		{"the greatest is written", "fleet-aid", eligibility.Facts{"fleet.boats": 10}, 15_000},
		{"no row holds", "fleet-aid", eligibility.Facts{"fleet.boats": 0}, 0},
		{"facts of the other audience are none", "fleet-aid", eligibility.Facts{"people.income": 5}, -1},
		{"too much for a number", "fleet-aid", eligibility.Facts{"fleet.boats": 1 << 53}, 1000 << 53},
	} {
		d := b.Decide(policy(t, city, tt.policy), tt.facts, on(t, "2026-03-12"))
		if got := d.Amount; tt.want < 0 && got != nil || tt.want >= 0 && (got == nil || *got != tt.want) {
			t.Errorf("%s: got %v, want %d", tt.name, deref(got), tt.want)
		}
	}
}

func deref(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// TestSample runs the examples of the sample city.
func TestSample(t *testing.T) {
	inside, err := fs.Sub(packs.Files, "shanghai")
	if err != nil {
		t.Fatal(err)
	}
	city := loaded(t, inside)
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range city.Policies {
		for _, f := range b.Test(p) {
			t.Errorf("%s:%d %s: %+v", p.File, f.Example.Line, f.Example.Name.EN, f.Wrong)
		}
	}
}

// TestTest holds that a wrong example is told with all that is wrong.
func TestTest(t *testing.T) {
	city := loaded(t, packOf(t, "../catalog/testdata/lakeside", "../catalog/testdata/shore"))
	p := policy(t, city, "mooring-aid")
	p.Examples[1].Expect, p.Examples[1].Amount, p.Examples[1].Short = catalog.ExpectYes, ptr(5), "age"
	p.Examples[2].Missing = []string{"people.blind"}
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	failures := b.Test(p)
	if len(failures) != 2 || len(failures[0].Wrong) != 3 || len(failures[1].Wrong) != 1 || failures[0].Example.Line != 70 {
		t.Fatalf("got %+v", failures)
	}
	if w := failures[0].Wrong[0]; w.What.EN != "answer" || w.What.ZH != "答案" || w.Want != "yes" || w.Got != "no" {
		t.Errorf("got %+v", w)
	}
	if w := failures[0].Wrong[1]; w.Want != "5" || w.Got != "unknown" {
		t.Errorf("got %+v", w)
	}
	if w := failures[1].Wrong[0]; w.Want != "people.blind" || w.Got != "boats.safe" {
		t.Errorf("got %+v", w)
	}
}

func BenchmarkDecideAll(b *testing.B) {
	inside, err := fs.Sub(packs.Files, "shanghai")
	if err != nil {
		b.Fatal(err)
	}
	city := loaded(b, inside)
	book, err := eligibility.NewBook(city)
	if err != nil {
		b.Fatal(err)
	}
	facts := eligibility.Facts{"population.birth": "1958-05-04", "population.hukou_city": "上海", "property.homes": 1}
	b.ReportAllocs()
	for b.Loop() {
		if all := book.DecideAll("resident", facts, on(b, "2026-11-20")); len(all) == 0 {
			b.Fatal("no policies")
		}
	}
}
