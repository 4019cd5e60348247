package eligibility_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// TestBuildBlocks holds that rows in columns are the rows that Build would have
// made of them, and that a caller's error stops the work.
func TestBuildBlocks(t *testing.T) {
	kinds := []criterion.Type{criterion.Int, criterion.Double, criterion.Date, criterion.Bool, criterion.String}
	var attributes []catalog.Attribute
	words := make([][]string, len(kinds))
	for _, kind := range kinds {
		attributes = append(attributes, catalog.Attribute{ID: fmt.Sprintf("r.%s", kind), Audience: "resident", Type: kind, Decimals: 2})
	}
	words[4] = []string{"c", "a", "b"}
	schema := eligibility.NewSchema(attributes, "resident")
	const rows, blocks = 2*eligibility.Lanes + 5, 3
	born, err := workday.ParseDate("1961-03-12")
	if err != nil {
		t.Fatal(err)
	}
	id := func(n int) party.ID { return party.ID(fmt.Sprintf("p%d", n)) }
	value := func(col, n int) int64 {
		return []int64{int64(n) - 5000, int64(n) * 25, eligibility.DayNumber(born) + int64(n), int64(n % 2), int64(n % 3)}[col]
	}
	want := func(n int) eligibility.Facts {
		facts := eligibility.Facts{}
		for col, v := range []any{int64(n) - 5000, float64(n) / 4, born.AddDays(n), n%2 == 1, words[4][n%3]} {
			if n%(col+3) != 0 {
				facts[attributes[col].ID] = v
			}
		}
		return facts
	}
	filler := func() func(int) (*eligibility.Block, error) {
		return func(i int) (*eligibility.Block, error) {
			b := &eligibility.Block{Values: make([][]int64, len(kinds)), Known: make([][]bool, len(kinds))}
			for n := i * eligibility.Lanes; n < min((i+1)*eligibility.Lanes, rows); n++ {
				b.IDs = append(b.IDs, id(n))
				for col := range kinds {
					b.Values[col], b.Known[col] = append(b.Values[col], value(col, n)), append(b.Known[col], n%(col+3) != 0)
				}
			}
			return b, nil
		}
	}
	path := filepath.Join(t.TempDir(), "people")
	if err := eligibility.BuildBlocks(t.Context(), path, schema, words, blocks, filler); err != nil {
		t.Fatal(err)
	}
	p, err := eligibility.Open(path, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Len() != rows {
		t.Errorf("got %d rows, want %d", p.Len(), rows)
	}
	for n := 0; n < rows; n += 37 {
		got, ok := p.Facts(id(n))
		if diff := cmp.Diff(want(n), got, cmp.Comparer(workday.Date.Equal)); diff != "" || !ok {
			t.Fatalf("row %d, there %v (-want +got):\n%s", n, ok, diff)
		}
	}
	broken := errors.New("broken")
	err = eligibility.BuildBlocks(t.Context(), path, schema, words, blocks, func() func(int) (*eligibility.Block, error) {
		return func(int) (*eligibility.Block, error) { return nil, broken }
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if err := eligibility.BuildBlocks(t.Context(), path, schema, words, 1, func() func(int) (*eligibility.Block, error) {
		return func(int) (*eligibility.Block, error) { return &eligibility.Block{}, nil }
	}); err == nil {
		t.Error("a block without columns: not refused")
	}
}
