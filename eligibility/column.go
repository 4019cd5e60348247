package eligibility

import (
	"encoding/binary"
	"math"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// Lanes is how many subjects there are in a block.
const Lanes = kernel.Lanes

// A block is one run of bytes: a bitmap of the lanes that are taken, then each
// column. A bool is two bitmaps, those who are true and those who are false.
// Everything else is one unsigned code of 1, 2 or 4 bytes for each lane, little-endian:
// 0 is unknown, and the code of a raw value is its distance from the column's
// base, plus 1. So every question about one column asks whether codes are in
// intervals, and unknown is in none. A value that has no code of its own (put in
// after the widths were chosen) is code 0 too and stands in the list of strays.
const (
	planeSize = kernel.Lanes / 8
	pageSize  = 4096
)

// column is where a column stands in a block and how it is written.
type column struct {
	Kind   criterion.Type `json:"kind"`
	Width  int            `json:"width"` // bytes of a code; 0: two bitmaps
	Base   int64          `json:"base"`
	Offset int            `json:"offset"` // in the block
}

// lastCode is the highest code.
func (c *column) lastCode() int64 { return 1<<(8*c.Width) - 1 }

func (c *column) size() int {
	if c.Width == 0 {
		return 2 * planeSize
	}
	return c.Width * kernel.Lanes
}

// code is the code of a raw value; ok is false where it has none.
func (c *column) code(raw int64) (code uint32, ok bool) {
	if raw < c.Base || raw-c.Base < 0 || raw-c.Base >= c.lastCode() {
		return 0, false
	}
	return uint32(raw-c.Base) + 1, true
}

func bit(plane []byte, lane int) bool { return plane[lane>>3]>>(lane&7)&1 == 1 }

func setBit(plane []byte, lane int, on bool) {
	mask := byte(1) << (lane & 7)
	if on {
		plane[lane>>3] |= mask
	} else {
		plane[lane>>3] &^= mask
	}
}

// get is the raw value of a lane; ok is false where it is unknown or a stray.
func (c *column) get(block []byte, lane int) (raw int64, ok bool) {
	var code uint32
	at := block[c.Offset : c.Offset+c.size()]
	switch c.Width {
	case 0:
		if bit(at, lane) {
			return 1, true
		}
		return 0, bit(at[planeSize:], lane)
	case 1:
		code = uint32(at[lane])
	case 2:
		code = uint32(binary.LittleEndian.Uint16(at[2*lane:]))
	case 4:
		code = binary.LittleEndian.Uint32(at[4*lane:])
	}
	return c.Base + int64(code) - 1, code != 0
}

// set writes a lane; it is false where the value has no code, and the lane is
// then unknown. Bytes that do not change are not touched.
func (c *column) set(block []byte, lane int, raw int64, known bool) bool {
	at := block[c.Offset : c.Offset+c.size()]
	if c.Width == 0 {
		setBit(at, lane, known && raw == 1)
		setBit(at[planeSize:], lane, known && raw == 0)
		return true
	}
	code, fits := uint32(0), true
	if known {
		code, fits = c.code(raw)
	}
	switch c.Width {
	case 1:
		at[lane] = uint8(code)
	case 2:
		binary.LittleEndian.PutUint16(at[2*lane:], uint16(code))
	case 4:
		binary.LittleEndian.PutUint32(at[4*lane:], code)
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

// columnFor chooses the narrowest codes that hold the values of a column. Where
// there is room the base is 0, so that smaller values may come later; dates have
// two bytes at least, which reach to 2079.
func columnFor(kind criterion.Type, e extent) column {
	c := column{Kind: kind}
	if kind == criterion.Bool {
		return c
	}
	least := 1
	if kind == criterion.Date {
		least = 2
	}
	lo, hi := min(e.lo, 0), max(e.hi, 0)
	for _, c.Width = range []int{1, 2, 4} {
		if c.Width < least {
			continue
		}
		if uint64(hi)-uint64(lo) < uint64(c.lastCode()) {
			c.Base = lo
			return c
		}
		if uint64(e.hi)-uint64(e.lo) < uint64(c.lastCode()) {
			c.Base = e.lo
			return c
		}
	}
	c.Base = max(e.lo, math.MinInt32) // what is further is a stray
	return c
}

// layout places the columns in the block and gives the block's size.
func layout(columns []column) (stride int) {
	stride = planeSize
	for i := range columns {
		columns[i].Offset = stride
		stride += columns[i].size()
	}
	return (stride + pageSize - 1) / pageSize * pageSize
}
