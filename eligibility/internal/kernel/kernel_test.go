package kernel

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// column is a block of lanes of size bytes, a third of them on or beside edges.
func column(r *rand.Rand, size int, edges ...uint64) []byte {
	col := make([]byte, size*Lanes)
	for i := range Lanes {
		v := r.Uint64()
		if r.IntN(3) == 0 && len(edges) > 0 {
			v = edges[r.IntN(len(edges))] + uint64(r.IntN(3)) - 1
		}
		put(col, size, i, v)
	}
	return col
}

func put(col []byte, size, i int, v uint64) {
	switch size {
	case 1:
		col[i] = uint8(v)
	case 2:
		binary.LittleEndian.PutUint16(col[2*i:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(col[4*i:], uint32(v))
	}
}

func get(col []byte, size, i int) uint64 {
	switch size {
	case 1:
		return uint64(col[i])
	case 2:
		return uint64(binary.LittleEndian.Uint16(col[2*i:]))
	}
	return uint64(binary.LittleEndian.Uint32(col[4*i:]))
}

func (k *Kernel) rangeOf(dst *Bitmap, col []byte, size int, lo, span uint64) {
	switch size {
	case 1:
		k.Range8(dst, col, uint8(lo), uint8(span))
	case 2:
		k.Range16(dst, col, uint16(lo), uint16(span))
	case 4:
		k.Range32(dst, col, uint32(lo), uint32(span))
	}
}

// each runs f for every kernel of the machine.
func each(t *testing.T, f func(t *testing.T, k *Kernel)) {
	for _, k := range All() {
		t.Run(k.Name, func(t *testing.T) { f(t, k) })
	}
}

func naiveRange(col []byte, size int, lo, span uint64) (want Bitmap) {
	for i := range Lanes {
		if v := get(col, size, i); v >= lo && v <= lo+span {
			want[i/64] |= 1 << (i % 64)
		}
	}
	return want
}

// TestRangeEdges holds every interval that begins or ends where a lane's value
// begins, turns its top bit, or ends.
func TestRangeEdges(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		for _, size := range []int{1, 2, 4} {
			top := uint64(1)<<(8*size) - 1
			edges := []uint64{0, 1, 2, top / 2, top/2 + 1, top/2 + 2, top - 1, top}
			col := column(source(uint64(size)), size, edges...)
			for _, lo := range edges {
				for _, hi := range edges {
					if lo > hi {
						continue
					}
					got, want := Bitmap{}, naiveRange(col, size, lo, hi-lo)
					if k.rangeOf(&got, col, size, lo, hi-lo); got != want {
						t.Fatalf("%d bytes, [%d,%d]: got %x, want %x", size, lo, hi, got, want)
					}
				}
			}
		}
	})
}

// TestRange holds random intervals, and each lane alone in its place.
func TestRange(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		rapid.Check(t, func(t *rapid.T) {
			size := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "size")
			top := uint64(1)<<(8*size) - 1
			lo := rapid.Uint64Range(0, top).Draw(t, "lo")
			span := rapid.Uint64Range(0, top-lo).Draw(t, "span")
			col := column(source(rapid.Uint64().Draw(t, "seed")), size, lo, lo+span)
			got, want := Bitmap{}, naiveRange(col, size, lo, span)
			if k.rangeOf(&got, col, size, lo, span); got != want {
				t.Fatalf("%d bytes, [%d,+%d]: got %x, want %x", size, lo, span, got, want)
			}
		})
		for _, size := range []int{1, 2, 4} {
			col := make([]byte, size*Lanes)
			for i := range Lanes {
				put(col, size, i, 7)
				var got, want Bitmap
				want[i/64] = 1 << (i % 64)
				if k.rangeOf(&got, col, size, 7, 0); got != want {
					t.Fatalf("%d bytes, lane %d: got %x", size, i, got)
				}
				put(col, size, i, 0)
			}
		}
	})
}

func TestTable(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		rapid.Check(t, func(t *rapid.T) {
			in := rapid.SliceOf(rapid.Uint8()).Draw(t, "set")
			col := column(source(rapid.Uint64().Draw(t, "seed")), 1)
			var set Set
			var has [256]bool
			for _, v := range in {
				set.Add(v)
				has[v] = true
			}
			var got, want Bitmap
			for i, v := range col {
				if has[v] != set.Has(v) {
					t.Fatalf("Has(%d) is %v", v, set.Has(v))
				}
				if has[v] {
					want[i/64] |= 1 << (i % 64)
				}
			}
			if k.Table(&got, col, &set); got != want {
				t.Fatalf("set %v: got %x, want %x", in, got, want)
			}
		})
	})
}

// arenaOf is an arena of n bitmaps of different density.
func arenaOf(r *rand.Rand, n int) []Bitmap {
	arena := make([]Bitmap, n)
	for i := range arena {
		density := r.IntN(5)
		for w := range arena[i] {
			x := r.Uint64()
			for range density {
				x |= r.Uint64()
			}
			arena[i][w] = x
		}
		switch r.IntN(6) {
		case 0:
			arena[i] = Bitmap{}
		case 1:
			for w := range arena[i] {
				arena[i][w] = ^uint64(0)
			}
		}
	}
	return arena
}

// TestFolds holds and, or, andNot, andCount and near against bit by bit.
func TestFolds(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		rapid.Check(t, func(t *rapid.T) {
			arena := arenaOf(source(rapid.Uint64().Draw(t, "seed")), 12)
			ops := rapid.SliceOfN(rapid.Uint32Range(0, 11), 1, 14).Draw(t, "ops")
			var all, some, without Bitmap
			near := make([]uint64, len(ops))
			count := 0
			for i := range Lanes {
				w, bit := i/64, uint64(1)<<(i%64)
				var missing []int
				for n, op := range ops {
					if arena[op][w]&bit == 0 {
						missing = append(missing, n)
					} else {
						some[w] |= bit
					}
				}
				switch {
				case len(missing) == 0:
					all[w] |= bit
					count++
					near[0]++
				case len(missing) == 1 && missing[0] > 0:
					near[missing[0]]++
				}
				without[w] |= arena[0][w] & bit &^ arena[1][w]
			}
			var got Bitmap
			if k.And(&got, arena, ops); got != all {
				t.Errorf("And: got %x, want %x", got, all)
			}
			if k.Or(&got, arena, ops); got != some {
				t.Errorf("Or: got %x, want %x", got, some)
			}
			if k.AndNot(&got, &arena[0], &arena[1]); got != without {
				t.Errorf("AndNot: got %x, want %x", got, without)
			}
			if n := k.AndCount(arena, ops); n != count {
				t.Errorf("AndCount: got %d, want %d", n, count)
			}
			counts := make([]uint64, len(ops))
			k.Near(arena, ops, counts)
			k.Near(arena, ops, counts)
			for i := range near {
				if counts[i] != 2*near[i] {
					t.Fatalf("Near twice: got %v, want twice %v", counts, near)
				}
			}
		})
	})
}

func TestRead(t *testing.T) {
	r := source(9)
	for n := 256; n <= 4096; n += 256 {
		p := make([]byte, n)
		var want uint64
		for i := 0; i < n; i += 8 {
			x := r.Uint64()
			binary.LittleEndian.PutUint64(p[i:], x)
			want ^= x
		}
		each(t, func(t *testing.T, k *Kernel) {
			if got := k.Read(p); got != want {
				t.Errorf("%d bytes: got %x, want %x", n, got, want)
			}
		})
	}
}

func TestByName(t *testing.T) {
	for _, k := range All() {
		if got, ok := ByName(k.Name); !ok || got != k {
			t.Errorf("ByName(%s): got %v, %v", k.Name, got, ok)
		}
	}
	if _, ok := ByName("abacus"); ok {
		t.Error("there is a kernel abacus")
	}
	if All()[len(All())-1] != portable {
		t.Error("portable is not the last resort")
	}
}

func BenchmarkKernel(b *testing.B) {
	r := source(1)
	arena := arenaOf(r, 16)
	ops := []uint32{0, 5, 7, 11, 13}
	counts := make([]uint64, len(ops))
	var dst Bitmap
	var set Set
	set.Add(3)
	run := func(k *Kernel, name string, f func()) {
		b.Run(fmt.Sprintf("%s/%s", k.Name, name), func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
	for _, k := range All() {
		for _, size := range []int{1, 2, 4} {
			col := column(r, size)
			run(k, fmt.Sprintf("range%d", 8*size), func() { k.rangeOf(&dst, col, size, 5, 90) })
		}
		col := column(r, 1)
		run(k, "table", func() { k.Table(&dst, col, &set) })
		run(k, "and5", func() { k.And(&dst, arena, ops) })
		run(k, "andcount5", func() { k.AndCount(arena, ops) })
		run(k, "near5", func() { k.Near(arena, ops, counts) })
	}
}
