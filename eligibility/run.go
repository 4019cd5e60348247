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
	some  kernel.Bitmap
}

func newRunner(k *kernel.Kernel) *runner {
	return &runner{k: k, view: blockView{k: k, places: everyPlane(), bench: &bench{}}}
}

func everyPlane() []uint32 {
	all := make([]uint32, maxBits)
	for i := range all {
		all[i] = uint32(i)
	}
	return all
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
	for i := range r.plan.asked {
		r.ask(&r.plan.asked[i])
	}
	for _, s := range strays {
		for _, at := range r.b.atoms[s.Col] {
			if n := &r.b.nodes[at]; n.op != opCompare && n.holds(s.Raw) {
				r.arena[r.b.slots[at]][s.Lane>>6] |= 1 << (s.Lane & 63)
			}
		}
	}
	r.run(r.plan.shared)
}

// ask answers one question for every lane.
func (r *runner) ask(q *inquiry) {
	dst := &r.arena[q.dst]
	if q.more {
		dst = &r.temp
	}
	planes := r.view.block[q.plane : q.plane+uint32(q.bits)]
	switch q.kind {
	case kindNever:
		*dst = kernel.Bitmap{}
	case kindEqual:
		r.k.Equal(dst, planes, q.code)
	case kindAtLeast:
		r.k.AtLeast(dst, planes, q.code)
	case kindBetween:
		r.k.AndNot(dst, &r.arena[q.from], &r.arena[q.until])
	}
	if q.more {
		to := &r.arena[q.dst]
		for w := range to {
			to[w] |= dst[w]
		}
	}
}

// policy adds what is one policy's own, and gives its operands.
func (r *runner) policy(i int) *operands {
	if own := r.plan.own[i]; own != nil {
		r.run(own)
	}
	return &r.plan.policies[i]
}

func (r *runner) run(steps []step) {
	all := &r.arena[r.b.slots[everyone]]
	for i := range steps {
		s := &steps[i]
		dst := &r.arena[s.dst]
		switch s.op {
		case opAnd:
			r.k.And(dst, r.arena, s.ops)
		case opOr:
			r.k.Or(dst, r.arena, s.ops)
		case opRest:
			r.k.AndNot(dst, all, &r.arena[s.ops[0]])
		case opCompare:
			switch n := &r.b.nodes[s.at]; {
			case n.group != nil:
				n.group.run(r, r.wanted(s))
			case !n.led:
				n.calc.run(dst, &r.view, r.wanted(s))
			}
		case opSum:
			n := &r.b.nodes[s.at]
			n.sum.run(dst, r.arena, r.b.slots, n.in)
		}
	}
}

// wanted is for whom a comparison is to be made.
func (r *runner) wanted(s *step) *kernel.Bitmap {
	if s.wanted == nil {
		return &r.arena[r.b.slots[everyone]]
	}
	r.some = kernel.Bitmap{}
	for _, ops := range s.wanted {
		r.k.And(&r.temp, r.arena, ops)
		for w := range r.some {
			r.some[w] |= r.temp[w]
		}
	}
	return &r.some
}

// amount adds up what a policy gives in the block.
func (r *runner) amount(i int) (sum Amount) {
	p := &r.b.policies[i]
	ops := &r.plan.policies[i]
	for _, c := range ops.cases {
		n := r.k.AndCount(r.arena, c.who)
		sum.add(Amount{int64(n) * c.value, n})
	}
	if p.amount == nil || r.k.AndCount(r.arena, ops.all) == 0 {
		return sum
	}
	r.k.And(&r.temp, r.arena, ops.all)
	lanes, yuan := r.view.pick(&r.temp), r.view.vector()
	defer r.view.drop(lanes)
	defer r.view.give(yuan)
	r.view.number(yuan, p.amount, lanes)
	for _, at := range lanes.list() {
		if v := yuan.v[at]; bit(&yuan.known, int(at)) && bounded(v) {
			sum.add(Amount{v, 1})
		}
	}
	return sum
}
