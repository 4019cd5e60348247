package eligibility

import (
	"encoding/binary"
	"math/bits"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

func trailing(w uint64) int { return bits.TrailingZeros64(w) }

// runner runs blocks through the nodes of a bound program. One worker has it.
type runner struct {
	k     *kernel.Kernel
	b     *bound
	arena []kernel.Bitmap // by node
	view  blockView
	temp  kernel.Bitmap
}

func newRunner(k *kernel.Kernel) *runner { return &runner{k: k, view: blockView{bench: &bench{}}} }

// bind makes room for a program's bitmaps.
func (r *runner) bind(b *bound) {
	if len(r.arena) < len(b.nodes) {
		r.arena = make([]kernel.Bitmap, len(b.nodes))
	}
	r.arena[nobody] = kernel.Bitmap{}
	r.b = b
}

// block fills the arena for the nodes of a block, in the order given.
func (r *runner) block(b *bound, order []int32, bytes []byte, columns []column, strays []stray) {
	r.view.bytes, r.view.columns, r.view.strays, r.view.arena = bytes, columns, strays, r.arena
	loadPlane(&r.arena[everyone], bytes)
	for _, at := range order {
		n, dst := &b.nodes[at], &r.arena[at]
		switch n.op {
		case opRange, opWords:
			r.ask(dst, n, &columns[n.col], bytes)
			for _, s := range strays {
				if s.Col == n.col && n.holds(s.Raw) {
					dst[s.Lane>>6] |= 1 << (s.Lane & 63)
				}
			}
		case opPlane:
			plane := bytes[columns[n.col].Offset:]
			if n.in[0].lo == 0 {
				plane = plane[planeSize:]
			}
			loadPlane(dst, plane)
		case opAnd:
			r.k.And(dst, r.arena, n.ops)
		case opOr:
			r.k.Or(dst, r.arena, n.ops)
		case opRest:
			r.k.AndNot(dst, &r.arena[everyone], &r.arena[n.args[0]])
		case opCompare:
			n.calc.run(dst, &r.view)
		case opSum:
			n.sum.run(dst, r.arena, n.in)
		}
	}
}

// ask compares a column's codes with intervals.
func (r *runner) ask(dst *kernel.Bitmap, n *node, c *column, bytes []byte) {
	at := bytes[c.Offset : c.Offset+c.size()]
	if n.set != nil {
		r.k.Table(dst, at, n.set)
		return
	}
	if len(n.codes) == 0 {
		*dst = kernel.Bitmap{}
	}
	for i, x := range n.codes {
		into := dst
		if i > 0 {
			into = &r.temp
		}
		switch c.Width {
		case 1:
			r.k.Range8(into, at, uint8(x.lo), uint8(x.span))
		case 2:
			r.k.Range16(into, at, uint16(x.lo), uint16(x.span))
		case 4:
			r.k.Range32(into, at, x.lo, x.span)
		}
		if i > 0 {
			for w := range dst {
				dst[w] |= into[w]
			}
		}
	}
}

func loadPlane(dst *kernel.Bitmap, plane []byte) {
	plane = plane[:planeSize]
	for w := range dst {
		dst[w] = binary.LittleEndian.Uint64(plane[8*w:])
	}
}
