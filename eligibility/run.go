package eligibility

import (
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
func (r *runner) block(order []int32, planes block, columns []column, strays []stray) {
	r.view.block, r.view.columns, r.view.strays, r.view.arena = planes, columns, strays, r.arena
	r.arena[everyone] = planes[0]
	for _, at := range order {
		n, dst := &r.b.nodes[at], &r.arena[at]
		switch n.op {
		case opRange, opWords:
			r.ask(dst, n, columns[n.col].planes(planes))
			for _, s := range strays {
				if s.Col == n.col && n.holds(s.Raw) {
					dst[s.Lane>>6] |= 1 << (s.Lane & 63)
				}
			}
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
func (r *runner) ask(dst *kernel.Bitmap, n *node, planes []kernel.Bitmap) {
	if len(n.codes) == 0 {
		*dst = kernel.Bitmap{}
		return
	}
	r.interval(dst, &n.codes[0], planes)
	for i := range n.codes[1:] {
		r.interval(&r.temp, &n.codes[i+1], planes)
		for w := range dst {
			dst[w] |= r.temp[w]
		}
	}
}

func (r *runner) interval(dst *kernel.Bitmap, x *codes, planes []kernel.Bitmap) {
	if x.single {
		r.k.Equal(dst, planes, x.from)
		return
	}
	r.k.AtLeast(dst, planes, x.from)
	if x.before != nil {
		r.k.Less(dst, planes, x.before)
	}
}
