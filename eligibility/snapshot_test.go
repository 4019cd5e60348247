package eligibility

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/party"
)

// TestSnapshot holds that what was built is what is opened, ids of every kind
// among it.
func TestSnapshot(t *testing.T) {
	w, _ := fixed(5)
	p := w.people(4, 5000, 1<<45)
	for _, id := range []party.ID{"", "x", "exactly15 bytes", "exactly 16 bytes", "01890A5D-AC96-774B-BCCE-B302DEADBEEF", "01890a5d-ac96-774b-0cce-b302deadbeef", "号码"} {
		p.order = append(p.order, id)
		p.facts[id] = Facts{w.schema.attributes[1].ID: int64(7)}
	}
	var heard []int
	path := snapshotPath(t)
	if err := Build(context.Background(), path, w.schema, p.rows(), func(n int) { heard = append(heard, n) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{4096, 5007}, heard); diff != "" {
		t.Errorf("progress (-want +got)\n%s", diff)
	}
	population, err := Open(path, w.schema)
	if err != nil {
		t.Fatal(err)
	}
	defer population.Close()
	if population.Len() != 5007 || population.Blocks() != 2 {
		t.Errorf("got %d in %d blocks, want 5007 in 2", population.Len(), population.Blocks())
	}
	for _, id := range p.order {
		got, ok := population.Facts(id)
		if diff := cmp.Diff(p.facts[id], got); !ok || diff != "" {
			t.Fatalf("%q: %v (-want +got)\n%s", id, ok, diff)
		}
	}
	if _, ok := population.Facts("nobody"); ok {
		t.Error("there are facts about nobody")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); left != nil {
		t.Errorf("Build left %v", left)
	}
}

// TestChangesStayInMemory holds that the file is not written.
func TestChangesStayInMemory(t *testing.T) {
	w, _ := fixed(5)
	p := w.people(4, 100, 50)
	path := snapshotPath(t)
	population := p.open(t, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	population.Put(personID(3), Facts{})
	population.Put("somebody new", p.facts[personID(1)])
	if _, ok := population.Remove(nil, personID(4)); !ok || population.Len() != 100 {
		t.Errorf("got %d, want 100", population.Len())
	}
	after, err := os.ReadFile(path)
	if err != nil || !slices.Equal(before, after) {
		t.Errorf("the file has changed, or %v", err)
	}
}

func TestBuildRefuses(t *testing.T) {
	w, _ := fixed(5)
	rows := func(rows ...Row) func(func(Row, error) bool) {
		return func(yield func(Row, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
	for _, id := range []party.ID{"a", "01890a5d-ac96-774b-bcce-b302deadbeef", "an id of more than fifteen"} {
		path := snapshotPath(t)
		err := Build(context.Background(), path, w.schema, rows(Row{ID: id}, Row{ID: "b"}, Row{ID: id}), nil)
		if _, there := os.Stat(path); !fault.Is(err, fault.Invalid) || there == nil {
			t.Errorf("%s twice: got %v, want it refused and no file", id, err)
		}
	}
	broken := errors.New("the register is closed")
	err := Build(context.Background(), snapshotPath(t), w.schema, func(yield func(Row, error) bool) { yield(Row{}, broken) }, nil)
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Build(ctx, snapshotPath(t), w.schema, w.people(1, 9000, 3).rows(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it cancelled", err)
	}
}

func small(t testing.TB) (*Schema, []byte) {
	t.Helper()
	schema := NewSchema([]catalog.Attribute{
		{ID: "a.date", Audience: "firm", Type: criterion.Date}, {ID: "a.text", Audience: "firm", Type: criterion.String}, {ID: "a.is", Audience: "firm", Type: criterion.Bool},
	}, "firm")
	path := snapshotPath(t)
	err := Build(context.Background(), path, schema, func(yield func(Row, error) bool) {
		for i := range 70 {
			if !yield(Row{personID(i), Facts{"a.text": string(rune('a' + i%7)), "a.is": i%2 == 0, "a.date": "2026-01-02"}}, nil) {
				return
			}
		}
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return schema, file
}

// TestOpenRefuses holds files that are cut short, damaged, or of another kind.
func TestOpenRefuses(t *testing.T) {
	schema, file := small(t)
	other := NewSchema(schema.attributes[:2], "firm")
	open := func(file []byte, schema *Schema) error {
		path := snapshotPath(t)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		population, err := Open(path, schema)
		if err == nil {
			population.Close()
		}
		return err
	}
	changed := func(at int, to byte) []byte {
		out := slices.Clone(file)
		out[at] = to
		return out
	}
	for name, tt := range map[string]struct {
		file   []byte
		schema *Schema
		want   fault.Kind
	}{
		"empty":          {nil, schema, fault.Invalid},
		"a few bytes":    {file[:100], schema, fault.Invalid},
		"a header":       {file[:pageSize], schema, fault.Invalid},
		"last byte":      {file[:len(file)-1], schema, fault.Invalid},
		"a byte more":    {append(slices.Clone(file), 0), schema, fault.Invalid},
		"other schema":   {file, other, fault.Conflict},
		"other version":  {changed(8, 9), schema, fault.Unsupported},
		"no snapshot":    {changed(0, 'X'), schema, fault.Invalid},
		"header changed": {changed(50, 77), schema, fault.Invalid},
	} {
		if err := open(tt.file, tt.schema); !fault.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	if err := open(file, schema); err != nil {
		t.Errorf("the file itself: %v", err)
	}
	for at := pageSize; at < len(file); at += 97 {
		if err := open(changed(at, file[at]^4), schema); !fault.Is(err, fault.Invalid) {
			t.Fatalf("byte %d changed: got %v, want it refused", at, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), schema); !fault.Is(err, fault.NotFound) {
		t.Errorf("no file: got %v, want NotFound", err)
	}
}

// FuzzOpen changes a snapshot anywhere and makes its checksums right again: it
// may be refused or opened, and then everything about it can be asked.
func FuzzOpen(f *testing.F) {
	schema, file := small(f)
	prog := NewProgram(day("2026-03-01"), []Entry{{ID: "p", Conditions: []Condition{{ID: "c", When: criterion.Known{Var: "a.text"}}}}})
	f.Add(0, []byte{})
	f.Add(60, []byte{1})
	f.Add(pageSize+9, []byte("bits"))
	f.Add(len(file)-30, []byte("}"))
	f.Fuzz(func(t *testing.T, at int, patch []byte) {
		changed := slices.Clone(file)
		if at >= 0 && at < len(changed) {
			copy(changed[at:], patch)
		}
		resign(changed)
		population, err := load(changed, schema)
		if err != nil {
			return
		}
		if _, err := population.Count(context.Background(), prog, Options{Near: true, Workers: 1}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := population.Members(context.Background(), prog, "p", 0, 1000); err != nil {
			t.Fatal(err)
		}
		for i := range 80 {
			population.Facts(personID(i))
			population.Change(prog, personID(i), Facts{"a.text": "z"})
			population.Remove(prog, personID(i/2))
		}
	})
}

// resign makes the checksums of a changed file right, where its header still
// says where they are.
func resign(file []byte) {
	var h header
	n, _ := binary.Decode(file, binary.LittleEndian, &h)
	if at := h.places(); at.end == uint64(len(file)) && at.sums >= pageSize && at.sums < at.end {
		for i, from := 0, uint64(pageSize); from < at.sums && int(at.sums)+4*i+4 <= len(file); i, from = i+1, from+chunkSize {
			binary.LittleEndian.PutUint32(file[int(at.sums)+4*i:], crc32.Checksum(file[from:min(from+chunkSize, at.sums)], castagnoli()))
		}
		h.Sums = crc32.Checksum(file[at.sums:], castagnoli())
		binary.LittleEndian.PutUint32(file[n-8:], h.Sums)
	}
	binary.LittleEndian.PutUint32(file[n-4:], crc32.Checksum(file[:n-4], castagnoli()))
}

// TestColumnFor holds that every value of an extent has a code, in the fewest
// bits.
func TestColumnFor(t *testing.T) {
	for _, tt := range []struct {
		kind   criterion.Type
		lo, hi int64
		bits   int
		base   int64
	}{
		{criterion.Bool, 0, 1, 2, 0},
		{criterion.Int, 0, 0, 1, 0},
		{criterion.Int, 1, 2, 2, 0},
		{criterion.Int, -3, 3, 3, -3},
		{criterion.Int, 0, 6, 3, 0},
		{criterion.Int, 0, 7, 4, 0},
		{criterion.Int, 1900, 2026, 8, 1900},
		{criterion.String, 0, 254, 9, 0},
		{criterion.Date, 0, 46_000, 16, 0},
		{criterion.Date, 45_000, 46_000, 13, 45_000},
		{criterion.Int, -maxInt, maxInt, 55, -maxInt},
		{criterion.Double, math.MinInt64 + 1, math.MaxInt64, maxBits, math.MinInt64 + 1},
	} {
		c := columnFor(tt.kind, extent{tt.lo, tt.hi, true})
		if c.Bits != tt.bits || c.Base != tt.base {
			t.Errorf("%s from %d to %d: got %d bits from %d, want %d from %d", tt.kind, tt.lo, tt.hi, c.Bits, c.Base, tt.bits, tt.base)
		}
		for _, raw := range []int64{tt.lo, tt.hi} {
			code, ok := c.code(raw)
			if ok != (raw == tt.lo || tt.bits < maxBits) || ok && (code == 0 || c.raw(code) != raw) {
				t.Errorf("%s: %d has the code %d, %v", tt.kind, raw, code, ok)
			}
		}
	}
}
