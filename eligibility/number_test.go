package eligibility

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// TestMonthKey holds every day from 1890 to 2110, and a sample of all others,
// against the calendar.
func TestMonthKey(t *testing.T) {
	check := func(raw int64) {
		year, month, d := dayOf(raw).Date()
		if got, want := monthKey(raw), int64((year*12+int(month)-1)*keysAMonth+d-1); got != want {
			t.Fatalf("%s: got %d, want %d", dayOf(raw), got, want)
		}
		if back := rawDay(dayOf(raw)); back != raw {
			t.Fatalf("%d came back as %d", raw, back)
		}
	}
	for raw := int64(-3700); raw < 77_000; raw++ {
		check(raw)
	}
	for raw := int64(1 - dayZero); raw <= lastDay; raw += 137 {
		check(raw)
	}
	check(lastDay)
}

// TestApply holds arithmetic against big numbers, on the edges of 64 bits.
func TestApply(t *testing.T) {
	edge := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-9, 9), rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, 1 << 31, -1 << 31, 1 << 32}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := edge.Draw(t, "a"), edge.Draw(t, "b")
		for op, f := range map[numberOp]func(z, x, y *big.Int) *big.Int{opAdd: (*big.Int).Add, opSub: (*big.Int).Sub, opMul: (*big.Int).Mul, opDiv: (*big.Int).Quo} {
			want := new(big.Int)
			if op != opDiv || b != 0 {
				f(want, big.NewInt(a), big.NewInt(b))
			}
			fits := want.IsInt64() && (op != opDiv || b != 0)
			got, ok := op.apply(a, b)
			if ok != fits || ok && got != want.Int64() {
				t.Errorf("op %d on %d and %d: got %d, %v; want %v, %v", op, a, b, got, ok, want, fits)
			}
			if fits && op != opDiv {
				var with, over, other [Lanes]int64
				with[7], over[7], other[7] = a, a, b
				op.with(&with, b, []uint16{7, 9})
				op.over(&over, &other, []uint16{7, 9})
				if with[7] != got || over[7] != got {
					t.Errorf("op %d of many, %d and %d: got %d and %d, want %d", op, a, b, with[7], over[7], got)
				}
			}
		}
	})
}

// TestSpans holds sets of values against membership.
func TestSpans(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -2, -1, 0, 1, 2, 3, math.MaxInt64 - 1, math.MaxInt64}
	set := rapid.Custom(func(t *rapid.T) spans {
		var s spans
		for range rapid.IntRange(0, 4).Draw(t, "spans") {
			a, b := rapid.SampledFrom(edges).Draw(t, "a"), rapid.SampledFrom(edges).Draw(t, "b")
			s = s.or(spans{{min(a, b), max(a, b)}})
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := set.Draw(t, "a"), set.Draw(t, "b")
		for _, v := range edges {
			if a.not().has(v) == a.has(v) || a.and(b).has(v) != (a.has(v) && b.has(v)) || a.or(b).has(v) != (a.has(v) || b.has(v)) {
				t.Fatalf("%d in %v and %v: not %v, and %v, or %v", v, a, b, a.not(), a.and(b), a.or(b))
			}
		}
		for i := 1; i < len(a); i++ {
			if a[i].lo <= a[i-1].hi+1 {
				t.Fatalf("%v touches itself", a)
			}
		}
	})
}

// TestSolve holds the edges of what rises and what falls.
func TestSolve(t *testing.T) {
	domain := span{-50, 50}
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Int64Range(0, 2), 101, 101).Draw(t, "steps")
		at, values := rapid.Int64Range(-60, 60).Draw(t, "from"), make([]int64, 101)
		for i, s := range steps {
			at += s - 1 + b2i64(s == 0)
			values[i] = at
		}
		rises := rapid.Bool().Draw(t, "rises")
		sign := func(x int64) int {
			v := values[x+50]
			if !rises {
				v = -v
			}
			return compareFloats(float64(v), 0)
		}
		for op := range opposite {
			in := solve(op, domain, rises, sign)
			for x := domain.lo; x <= domain.hi; x++ {
				if in.has(x) != ordered(op, sign(x)) {
					t.Fatalf("%s, rises %v: %d is in %v: %v", op, rises, x, in, in.has(x))
				}
			}
		}
	})
}

func b2i64(b bool) int64 { return int64(b2i(b)) }

// TestLoad holds lanes against the same values read one by one.
func TestLoad(t *testing.T) {
	for _, width := range []int{1, 2, 7, 8, 9, 16, 17, 40, maxBits} {
		c := column{Kind: "int", Bits: width, Base: -5, Plane: 1}
		b := make(block, 1+width)
		for lane := range Lanes {
			raw := int64(uint64(lane)*0x9e3779b97f4a7c15>>1) & int64(c.last())
			c.set(b, lane, raw-5, lane%3 > 0)
		}
		v := blockView{block: b, columns: []column{c}, strays: []stray{{0, 9, 1 << 60}}, k: kernel.Best(), places: everyPlane(), bench: &bench{}}
		for _, mask := range []kernel.Bitmap{{1 << 9, 0, 1 << 17, 1 << 63}, {1 << 9, 0, ^uint64(0), 0xff00ff, 1 << 63}, {}} {
			lanes, got := v.pick(&mask), v.vector()
			v.number(got, &number{op: opColumn}, lanes)
			for _, at := range lanes.list() {
				raw, ok := c.get(b, int(at))
				if at == 9 {
					raw, ok = 1<<60, true
				}
				if known := bit(&got.known, int(at)); known != ok || ok && got.v[at] != raw {
					t.Fatalf("%d bits, lane %d of %d: got %d, %v; want %d, %v", width, at, len(lanes.list()), got.v[at], known, raw, ok)
				}
			}
			v.give(got)
			v.drop(lanes)
		}
	}
}
