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
	order []int32         // the nodes to be run
	arena []kernel.Bitmap // by node
	view  blockView
	temp  kernel.Bitmap
}

func newRunner(k *kernel.Kernel) *runner { return &runner{k: k, view: blockView{bench: &bench{}}} }

// bind makes ready for a program.
func (r *runner) bind(b *bound, a answers) {
	if len(r.arena) < len(b.nodes) {
		r.arena = make([]kernel.Bitmap, len(b.nodes))
	}
	r.arena[nobody] = kernel.Bitmap{}
	r.b, r.order = b, b.orderFor(a)
}

// block fills the arena for a block.
func (r *runner) block(planes block, columns []column, strays []stray) {
	r.view.block, r.view.columns, r.view.strays, r.view.arena = planes, columns, strays, r.arena
	r.arena[everyone] = planes[0]
	for _, at := range r.order {
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

// amount adds up what a policy gives in the block.
func (r *runner) amount(p *boundPolicy) (sum Amount) {
	for _, c := range p.cases {
		n := r.k.AndCount(r.arena, c.who)
		sum.add(Amount{int64(n) * c.value, n})
	}
	if p.amount == nil || r.k.AndCount(r.arena, p.all) == 0 {
		return sum
	}
	each := r.view.take()
	defer r.view.give(each)
	r.view.number(each, p.amount)
	r.k.And(&r.temp, r.arena, p.all)
	for w := range r.temp {
		for rest := r.temp[w] & each.known[w]; rest != 0; rest &= rest - 1 {
			if v := each.v[w*64+trailing(rest)]; bounded(v) {
				sum.add(Amount{v, 1})
			}
		}
	}
	return sum
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
