package eligibility

import (
	"math/bits"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// Lanes is how many subjects there are in a block.
const Lanes = kernel.Lanes

// block is the columns of 4,096 subjects, bit by bit. Plane 0 has the lanes that
// are taken. Then each column has a plane for every bit of its codes, the lowest
// first. Code 0 is unknown; that of a raw value is its distance from the column's
// base, plus 1. So every question about one column is whether its codes are in
// intervals, and unknown is in none. A value that has no code (put in after the
// widths were chosen) is code 0 too and stands in the list of strays.
type block []kernel.Bitmap

// column is where a column stands in a block and how it is written.
type column struct {
	Kind  criterion.Type `json:"kind"`
	Bits  int            `json:"bits"` // of a code, 1 to maxBits
	Base  int64          `json:"base"`
	Plane int            `json:"plane"` // the lowest
}

const maxBits = 62

// last is the highest code.
func (c *column) last() uint64 { return 1<<c.Bits - 1 }

// planes is the column's part of a block.
func (c *column) planes(b block) []kernel.Bitmap { return b[c.Plane : c.Plane+c.Bits] }

// code is the code of a raw value; ok is false where it has none.
func (c *column) code(raw int64) (code uint64, ok bool) {
	if raw < c.Base {
		return 0, false
	}
	distance := uint64(raw) - uint64(c.Base)
	return distance + 1, distance < c.last()
}

// raw is the raw value of a code above 0.
func (c *column) raw(code uint64) int64 { return int64(uint64(c.Base) + code - 1) }

func bit(plane *kernel.Bitmap, lane int) bool { return plane[lane>>6]>>(lane&63)&1 == 1 }

// setBit writes a bit, and nothing where it is so already, for a page that is
// written is one that this process no longer shares with the file.
func setBit(plane *kernel.Bitmap, lane int, on bool) {
	mask := uint64(1) << (lane & 63)
	if has := plane[lane>>6]&mask != 0; has != on {
		plane[lane>>6] ^= mask
	}
}

// get is the raw value of a lane; ok is false where it is unknown or a stray.
func (c *column) get(b block, lane int) (raw int64, ok bool) {
	code := c.codeAt(b, lane)
	return c.raw(code), code != 0
}

func (c *column) codeAt(b block, lane int) (code uint64) {
	w, shift := lane>>6, lane&63
	planes := c.planes(b)
	for p := range planes {
		code |= planes[p][w] >> shift & 1 << p
	}
	return code
}

// set writes a lane; it is false where the value has no code, and the lane is
// then unknown.
func (c *column) set(b block, lane int, raw int64, known bool) bool {
	code, fits := uint64(0), true
	if known {
		if code, fits = c.code(raw); !fits {
			code = 0
		}
	}
	planes := c.planes(b)
	for p := range planes {
		setBit(&planes[p], lane, code>>p&1 == 1)
	}
	return fits
}

// extent is the range of the raw values that a column has.
type extent struct {
	lo, hi int64
	any    bool
}

func (e *extent) add(v int64) {
	if !e.any {
		*e = extent{v, v, true}
		return
	}
	e.lo, e.hi = min(e.lo, v), max(e.hi, v)
}

func (e *extent) join(o extent) {
	if o.any {
		e.add(o.lo)
		e.add(o.hi)
	}
}

// spareDays is how far dates may go beyond the latest before they are strays.
const spareDays = 3660

// columnFor chooses as few bits as hold the values of a column with an eighth to
// spare; dates have ten years. Where it takes no more bits, the base is 0 or less, so
// that smaller values may come later.
func columnFor(kind criterion.Type, e extent) column {
	c := column{Kind: kind, Base: e.lo}
	if kind == criterion.Bool {
		return column{Kind: kind, Bits: 2} // 1: false, 2: true
	}
	spare := (uint64(e.hi) - uint64(e.lo)) / 8
	if kind == criterion.Date {
		spare = spareDays
	}
	width := func(lo int64) int {
		distance := uint64(e.hi) - uint64(lo)
		return min(maxBits, max(bits.Len64(distance), bits.Len64(distance+spare+1))) // the sum may wrap
	}
	c.Bits = width(e.lo)
	if c.Base > 0 && width(0) == c.Bits {
		c.Base = 0
	}
	return c
}

// layout places the columns in the block and gives how many planes it has.
func layout(columns []column) (planes int) {
	planes = 1
	for i := range columns {
		columns[i].Plane = planes
		planes += columns[i].Bits
	}
	return planes
}
