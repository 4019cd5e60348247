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
	plan  *plan
	arena []kernel.Bitmap
	view  blockView
	temp  kernel.Bitmap

	known   kernel.Bitmap // of whom the column knownOf of the block is known
	knownOf int           // -1: of none
}

func newRunner(k *kernel.Kernel) *runner {
	return &runner{k: k, view: blockView{k: k, bench: &bench{}}}
}

// bind makes ready for a program.
func (r *runner) bind(b *bound, a answers) {
	if len(r.arena) < b.room {
		r.arena = make([]kernel.Bitmap, b.room)
	}
	r.b, r.plan = b, b.plan(a)
	r.arena[b.slots[nobody]] = kernel.Bitmap{}
	r.view.slots, r.view.tables = b.slots, b.tables
}

// block fills the arena with what policies share in a block.
func (r *runner) block(planes block, columns []column, strays []stray) {
	r.view.block, r.view.columns, r.view.strays, r.view.arena = planes, columns, strays, r.arena
	r.arena[r.b.slots[everyone]] = planes[0]
	r.knownOf = -1
	r.nodes(r.plan.shared)
}

// policy adds what is one policy's own, and gives its operands.
func (r *runner) policy(i int) *operands {
	if own := r.plan.own[i]; own != nil {
		r.nodes(own)
	}
	return &r.b.policies[i].slots
}

func (r *runner) nodes(order []int32) {
	for _, at := range order {
		n, dst := &r.b.nodes[at], &r.arena[r.b.slots[at]]
		switch n.op {
		case opRange, opWords:
			r.ask(dst, n, r.view.columns[n.col].planes(r.view.block))
			for _, s := range r.view.strays {
				if s.Col == n.col && n.holds(s.Raw) {
					dst[s.Lane>>6] |= 1 << (s.Lane & 63)
				}
			}
		case opAnd:
			r.k.And(dst, r.arena, n.ops)
		case opOr:
			r.k.Or(dst, r.arena, n.ops)
		case opRest:
			r.k.AndNot(dst, &r.arena[r.b.slots[everyone]], &r.arena[n.ops[0]])
		case opCompare:
			switch {
			case n.group != nil:
				n.group.run(r)
			case !n.led:
				n.calc.run(dst, &r.view, &r.arena[r.b.slots[everyone]])
			}
		case opSum:
			n.sum.run(dst, r.arena, r.b.slots, n.in)
		}
	}
}

// amount adds up what a policy gives in the block.
func (r *runner) amount(i int) (sum Amount) {
	p := &r.b.policies[i]
	for _, c := range p.slots.cases {
		n := r.k.AndCount(r.arena, c.who)
		sum.add(Amount{int64(n) * c.value, n})
	}
	if p.amount == nil || r.k.AndCount(r.arena, p.slots.all) == 0 {
		return sum
	}
	yuan := r.view.take()
	defer r.view.give(yuan)
	r.k.And(&r.temp, r.arena, p.slots.all)
	r.view.number(yuan, p.amount, &r.temp)
	each(&yuan.known, func(i int) {
		if v := yuan.v[i]; bounded(v) {
			sum.add(Amount{v, 1})
		}
	})
	return sum
}

// ask compares a column's codes with intervals.
func (r *runner) ask(dst *kernel.Bitmap, n *node, planes []kernel.Bitmap) {
	if len(n.codes) == 0 {
		*dst = kernel.Bitmap{}
		return
	}
	r.interval(dst, &n.codes[0], n.col, planes)
	for i := range n.codes[1:] {
		r.interval(&r.temp, &n.codes[i+1], n.col, planes)
		for w := range dst {
			dst[w] |= r.temp[w]
		}
	}
}

func (r *runner) interval(dst *kernel.Bitmap, x *codes, col int, planes []kernel.Bitmap) {
	switch {
	case x.single:
		r.k.Equal(dst, planes, x.from)
		return
	case !x.first:
		r.k.AtLeast(dst, planes, x.from)
	case r.knownOf != col:
		r.k.AtLeast(&r.known, planes, x.from)
		r.knownOf = col
		fallthrough
	default:
		*dst = r.known
	}
	if x.before != nil {
		r.k.Less(dst, planes, x.before)
	}
}
