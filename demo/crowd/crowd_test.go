package crowd_test

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/packs"
	"github.com/tongban/tongban/workday"
)

func city(t *testing.T) *catalog.City {
	t.Helper()
	root, err := fs.Sub(packs.Files, "shanghai")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := catalog.Load(root)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return c
}

func today(t *testing.T) workday.Date {
	t.Helper()
	d, err := workday.ParseDate("2026-11-01")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDraw holds that batches come in order, whole, and the same as a batch
// drawn alone.
func TestDraw(t *testing.T) {
	attributes := city(t).AttributesOf("resident")
	const n = 3*crowd.BatchSize + 17
	seen := 0
	for b := range crowd.Draw(9, n, today(t), attributes) {
		if b.First != seen {
			t.Fatalf("batch begins at %d, want %d", b.First, seen)
		}
		seen += b.Len()
		alone := crowd.At(9, n, today(t), attributes, b.First+b.Len()-1)
		for _, row := range []int{0, b.Len() / 2, b.Len() - 1} {
			if diff := cmp.Diff(alone.Facts(row), b.Facts(row), cmp.Comparer(workday.Date.Equal)); diff != "" {
				t.Fatalf("resident %d (-alone +drawn):\n%s", b.First+row, diff)
			}
		}
	}
	if seen != n {
		t.Errorf("got %d residents, want %d", seen, n)
	}
	for range crowd.Draw(9, n, today(t), attributes) {
		break // returns only when its workers have
	}
	if other := crowd.At(10, n, today(t), attributes, 0); cmp.Equal(other.Facts(0), crowd.At(9, n, today(t), attributes, 0).Facts(0), cmp.Comparer(workday.Date.Equal)) {
		t.Error("two seeds draw the same resident")
	}
	for range crowd.Draw(9, 0, today(t), attributes) {
		t.Error("nobody was asked for")
	}
}

// TestFit holds that every value fits its attribute, and every word the pack's.
func TestFit(t *testing.T) {
	c := city(t)
	for _, audience := range []string{"resident", "firm"} {
		attributes := c.AttributesOf(audience)
		b := crowd.At(1, crowd.BatchSize, today(t), attributes, 0)
		for i, a := range attributes {
			column := b.Columns[i]
			if column.ID != a.ID || column.Type != a.Type {
				t.Errorf("column %d is %s %s, want %s %s", i, column.ID, column.Type, a.ID, a.Type)
			}
			for _, w := range column.Words {
				if len(a.Values) > 0 && !slices.Contains(a.Values, w) {
					t.Errorf("%s: the pack has no word %s", a.ID, w)
				}
			}
			known, values := 0, map[int64]bool{}
			for row, n := range b.Cells[i].Values {
				if !b.Cells[i].Known[row] {
					continue
				}
				known++
				values[n] = true
				if got, ok := a.Fit(column.Value(n)); !ok || got != column.Value(n) {
					t.Fatalf("%s: %v does not fit, the attribute has %v", a.ID, column.Value(n), got)
				}
			}
			if known == 0 {
				t.Errorf("%s is known of nobody", a.ID)
			}
			if len(values) < 2 && len(column.Words) != 1 {
				t.Errorf("%s is the same of everybody: %v", a.ID, values)
			}
		}
	}
}

// TestEntries holds that a row's entries are its facts by register.
func TestEntries(t *testing.T) {
	attributes := city(t).AttributesOf("resident")
	b := crowd.At(1, 100, today(t), attributes, 0)
	facts, got := b.Facts(7), map[string]any{}
	for register, fields := range b.Entries(7) {
		for field, value := range fields {
			got[register+"."+field] = value
		}
	}
	if diff := cmp.Diff(facts, got, cmp.Comparer(workday.Date.Equal)); diff != "" || len(facts) < 20 {
		t.Errorf("%d facts (-facts +entries):\n%s", len(facts), diff)
	}
}

// TestCity holds a few shares that a city's rules hang on.
func TestCity(t *testing.T) {
	attributes := city(t).AttributesOf("resident")
	const n = 8 * crowd.BatchSize
	count := map[string]int{}
	for b := range crowd.Draw(1, n, today(t), attributes) {
		for row := range b.Len() {
			facts := b.Facts(row)
			birth, ok := facts["population.birth"].(workday.Date)
			if !ok {
				continue
			}
			age := birth.YearsUntil(today(t))
			if age < 0 || age > 110 {
				t.Fatalf("born %s", birth)
			}
			if age >= 65 {
				count["old"]++
			}
			if age < 15 && facts["employment.status"] == "在职" {
				count["child at work"]++
			}
			if facts["population.hukou_city"] == "上海" {
				count["native"]++
				if facts["residence.permit_until"] != nil {
					count["native with a permit"]++
				}
			}
		}
	}
	if share := float64(count["old"]) / n; share < .1 || share > .25 {
		t.Errorf("%.2f are 65 or older", share)
	}
	if share := float64(count["native"]) / n; share < .5 || share > .75 {
		t.Errorf("%.2f have the city's hukou", share)
	}
	if count["child at work"] > 0 || count["native with a permit"] > 0 {
		t.Errorf("what cannot be: %v", count)
	}
}
