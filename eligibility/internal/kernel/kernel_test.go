package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// column is a block of codes of so many bits, a third of them on or beside edges,
// and the same as planes.
func column(r *rand.Rand, width int, edges ...uint64) (codes []uint64, planes []Bitmap) {
	codes, planes = make([]uint64, Lanes), make([]Bitmap, width)
	for i := range codes {
		v := r.Uint64()
		if r.IntN(3) == 0 && len(edges) > 0 {
			v = edges[r.IntN(len(edges))] + uint64(r.IntN(3)) - 1
		}
		codes[i] = v & (1<<width - 1)
		for p := range width {
			planes[p][i/64] |= codes[i] >> p & 1 << (i % 64)
		}
	}
	return codes, planes
}

// each runs f for every kernel of the machine.
func each(t *testing.T, f func(t *testing.T, k *Kernel)) {
	for _, k := range All() {
		t.Run(k.Name, func(t *testing.T) { f(t, k) })
	}
}

type reporter interface {
	Helper()
	Fatalf(string, ...any)
}

// checkThreshold holds the comparisons with one threshold.
func checkThreshold(t reporter, k *Kernel, codes []uint64, planes []Bitmap, width int, code uint64) {
	t.Helper()
	var reach, same Bitmap
	for i, v := range codes {
		bit := uint64(1) << (i % 64)
		if v >= code {
			reach[i/64] |= bit
		}
		if v == code {
			same[i/64] |= bit
		}
	}
	var got Bitmap
	if k.AtLeast(&got, planes, code); got != reach {
		t.Fatalf("%d bits, AtLeast(%d): got %x, want %x", width, code, got, reach)
	}
	if k.Equal(&got, planes, code); got != same {
		t.Fatalf("%d bits, Equal(%d): got %x, want %x", width, code, got, same)
	}
}

// TestThresholdEdges holds every code of narrow columns and the edges of all
// wider ones.
func TestThresholdEdges(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		for width := 1; width <= 63; width++ {
			top := uint64(1)<<width - 1
			edges := []uint64{1, 2, 3, top / 2, top/2 + 1, top/2 + 2, top - 1, top}
			codes, planes := column(source(uint64(width)), width, edges...)
			if width <= 6 {
				edges = nil
				for code := range top {
					edges = append(edges, code+1)
				}
			}
			for _, code := range edges {
				if code > 0 && code <= top {
					checkThreshold(t, k, codes, planes, width, code)
				}
			}
		}
	})
}

func TestThreshold(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		rapid.Check(t, func(t *rapid.T) {
			width := rapid.IntRange(1, 63).Draw(t, "bits")
			code := rapid.Uint64Range(1, 1<<width-1).Draw(t, "code")
			codes, planes := column(source(rapid.Uint64().Draw(t, "seed")), width, code)
			checkThreshold(t, k, codes, planes, width, code)
		})
	})
}

// TestLanes holds each lane alone in its place.
func TestLanes(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		codes, planes := make([]uint64, Lanes), make([]Bitmap, 3)
		for i := range Lanes {
			codes[i] = 5
			for p := range 3 {
				planes[p][i/64] ^= 5 >> p & 1 << (i % 64)
			}
			checkThreshold(t, k, codes, planes, 3, 5)
			codes[i] = 0
			for p := range 3 {
				planes[p][i/64] ^= 5 >> p & 1 << (i % 64)
			}
		}
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

func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel) {
		for width := 1; width <= 8; width++ {
			codes, planes := column(source(uint64(width)), width)
			var got [Lanes]uint8
			k.Codes(&got, planes)
			for i, want := range codes {
				if uint64(got[i]) != want {
					t.Fatalf("%d planes, lane %d: got %d, want %d", width, i, got[i], want)
				}
			}
		}
	})
}

// TestTranspose holds every bit of the square.
func TestTranspose(t *testing.T) {
	for p := range 8 {
		for i := range 8 {
			if got, want := transpose(1<<(8*p+i)), uint64(1)<<(8*i+p); got != want {
				t.Errorf("bit %d of byte %d: got %x, want %x", i, p, got, want)
			}
		}
	}
}

func TestGreater(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}
	each(t, func(t *testing.T, k *Kernel) {
		rapid.Check(t, func(t *rapid.T) {
			r := source(rapid.Uint64().Draw(t, "seed"))
			than := rapid.OneOf(rapid.Int64(), rapid.SampledFrom(edges)).Draw(t, "than")
			var v [Lanes]int64
			var got, want Bitmap
			for i := range v {
				switch r.IntN(3) {
				case 0:
					v[i] = int64(r.Uint64())
				case 1:
					v[i] = than + int64(r.IntN(3)) - 1 // may wrap, which is an edge too
				default:
					v[i] = edges[r.IntN(len(edges))]
				}
				if v[i] > than {
					want[i/64] |= 1 << (i % 64)
				}
			}
			if k.Greater(&got, &v, than); got != want {
				t.Fatalf("above %d: got %x, want %x", than, got, want)
			}
		})
	})
}

func TestRead(t *testing.T) {
	r := source(9)
	for n := 1; n <= 9; n++ {
		planes := make([]Bitmap, n)
		var want uint64
		for i := range planes {
			for w := range planes[i] {
				planes[i][w] = r.Uint64()
				want ^= planes[i][w]
			}
		}
		each(t, func(t *testing.T, k *Kernel) {
			if got := k.Read(planes); got != want {
				t.Errorf("%d planes: got %x, want %x", n, got, want)
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
	run := func(k *Kernel, name string, f func()) {
		b.Run(fmt.Sprintf("%s/%s", k.Name, name), func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
	for _, k := range All() {
		for _, width := range []int{2, 5, 9, 16, 24} {
			_, planes := column(r, width)
			code := uint64(0x555555) & (1<<width - 1)
			run(k, fmt.Sprintf("atleast%d", width), func() { k.AtLeast(&dst, planes, code) })
			run(k, fmt.Sprintf("equal%d", width), func() { k.Equal(&dst, planes, code) })
		}
		run(k, "and5", func() { k.And(&dst, arena, ops) })
		run(k, "andcount5", func() { k.AndCount(arena, ops) })
		run(k, "near5", func() { k.Near(arena, ops, counts) })
	}
}
