package eligibility

import (
	"math"
	"math/bits"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// compare is two expressions compared lane by lane: the general way, for what
// is no question about one column.
type compare struct {
	op   string
	a, b *number
	need []int // the columns that must be known for a or b to be
}

// some is some of the lanes of a block.
type some struct {
	mask   kernel.Bitmap
	listed bool
	at     []uint16
}

// list is the lanes in order.
func (s *some) list() []uint16 {
	if s.listed {
		return s.at
	}
	n, at := 0, (*[Lanes]uint16)(s.at[:Lanes])
	for w, rest := range &s.mask {
		for ; rest != 0; rest &= rest - 1 {
			at[n%Lanes] = uint16(w<<6 + bits.TrailingZeros64(rest))
			n++
		}
	}
	s.at, s.listed = s.at[:n], true
	return s.at
}

// vector is one number for each of some lanes, by lane, and of whom it is known.
// The numbers of all others are anything.
type vector struct {
	v     [Lanes]int64
	known kernel.Bitmap
}

// bench holds what a worker works with.
type bench struct {
	vectors []*vector
	lists   []*some
	codes   [2][Lanes]uint8
}

// vector takes a vector, which is anything yet.
func (b *bench) vector() *vector {
	last := len(b.vectors) - 1
	if last < 0 {
		return new(vector)
	}
	out := b.vectors[last]
	b.vectors = b.vectors[:last]
	return out
}

func (b *bench) give(x *vector) { b.vectors = append(b.vectors, x) }

// pick takes the lanes of a mask.
func (b *bench) pick(mask *kernel.Bitmap) *some {
	if len(b.lists) == 0 {
		b.lists = append(b.lists, &some{at: make([]uint16, 0, Lanes)})
	}
	last := len(b.lists) - 1
	out := b.lists[last]
	b.lists = b.lists[:last]
	out.mask, out.listed = *mask, false
	return out
}

func (b *bench) drop(x *some) { b.lists = append(b.lists, x) }

// blockView is a block as expressions see it.
type blockView struct {
	k       *kernel.Kernel
	block   block
	columns []column
	strays  []stray
	arena   []kernel.Bitmap
	slots   []uint32 // node -> its place in the arena
	tables  map[*number]*table
	places  []uint32 // 0, 1, 2 ...: all planes of a column
	*bench
}

// group is comparisons of one expression with constants, which are made
// together: the expression is worked out once.
type group struct {
	a       *number
	need    []int
	members []int32 // nodes
}

// manyLanes is from how many lanes on a whole block is rather compared at once.
const manyLanes = 256

// run sets the lanes of every member, of those in a mask.
func (g *group) run(r *runner, of *kernel.Bitmap) {
	view := &r.view
	lanes := view.known(of, g.need)
	a := view.vector()
	defer view.drop(lanes)
	defer view.give(a)
	view.number(a, g.a, lanes)
	few := fewer(&a.known, manyLanes)
	for _, at := range g.members {
		c := r.b.nodes[at].calc
		dst := &r.arena[r.b.slots[at]]
		if few {
			view.each(dst, &a.known, func(i int) bool { return holds(c.op, a.v[i], c.b.value) })
		} else {
			view.against(dst, a, c.op, c.b.value)
		}
	}
}

// fewer reports whether there are less than n in a mask.
func fewer(mask *kernel.Bitmap, n int) bool {
	for _, w := range mask {
		if n -= bits.OnesCount64(w); n <= 0 {
			return false
		}
	}
	return true
}

// each sets the lanes of a mask for which f is true.
func (v *blockView) each(dst, mask *kernel.Bitmap, f func(lane int) bool) {
	for w, rest := range mask {
		var out uint64
		for ; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros64(rest)
			out |= uint64(b2i(f(w<<6+i))) << i
		}
		dst[w] = out
	}
}

// run sets the lanes for whom "a op b" holds, of those in a mask, where b is no
// constant.
func (c *compare) run(dst *kernel.Bitmap, view *blockView, of *kernel.Bitmap) {
	lanes := view.known(of, c.need)
	a, b := view.vector(), view.vector()
	defer view.drop(lanes)
	defer view.give(a)
	defer view.give(b)
	view.number(a, c.a, lanes)
	view.number(b, c.b, lanes)
	both(&a.known, &b.known)
	view.each(dst, &a.known, func(i int) bool { return holds(c.op, a.v[i], b.v[i]) })
}

// both leaves in a who is in b too.
func both(a, b *kernel.Bitmap) {
	for w := range a {
		a[w] &= b[w]
	}
}

// against sets the lanes for whom "a op value" holds.
func (v *blockView) against(dst *kernel.Bitmap, a *vector, op string, value int64) {
	atLeast := func(dst *kernel.Bitmap, value int64) {
		if value == math.MinInt64 {
			*dst = a.known
			return
		}
		v.k.Greater(dst, &a.v, value-1)
	}
	switch op {
	case ">=", "<":
		atLeast(dst, value)
	case ">", "<=":
		v.k.Greater(dst, &a.v, value)
	default:
		var more kernel.Bitmap
		atLeast(dst, value)
		v.k.Greater(&more, &a.v, value)
		v.k.AndNot(dst, dst, &more)
	}
	switch op {
	case "<", "<=", "!=":
		v.k.AndNot(dst, &a.known, dst)
	default:
		both(dst, &a.known)
	}
}

// known is those in a mask who are known in every one of the columns.
func (v *blockView) known(of *kernel.Bitmap, columns []int) *some {
	mask := *of
	for _, col := range columns {
		known := v.knownIn(col)
		both(&mask, &known)
	}
	return v.pick(&mask)
}

func (v *blockView) knownIn(col int) (known kernel.Bitmap) {
	planes := v.columns[col].planes(v.block)
	v.k.Or(&known, planes, v.places[:len(planes)])
	for _, s := range v.strays {
		if s.Col == col {
			known[s.Lane>>6] |= 1 << (s.Lane & 63)
		}
	}
	return known
}

// number works an expression out for some lanes. The numbers of the others stay.
func (v *blockView) number(into *vector, n *number, lanes *some) {
	if t := v.tables[n]; t != nil {
		v.load(into, t.col, lanes)
		t.run(into, lanes)
		v.fix(into, t.col, lanes, n)
		return
	}
	switch n.op {
	case opConst:
		for _, at := range lanes.list() {
			into.v[at%Lanes] = n.value
		}
		into.known = lanes.mask
	case opNone:
		into.known = kernel.Bitmap{}
	case opColumn:
		v.load(into, n.col, lanes)
		opAdd.with(&into.v, v.columns[n.col].Base-1, lanes.list())
		v.fix(into, n.col, lanes, n)
	case opCond:
		v.choose(into, n, lanes)
	default:
		v.binary(into, n, lanes)
	}
}

func (v *blockView) binary(into *vector, n *number, lanes *some) {
	plain := n.op == opAdd || n.op == opSub || n.op == opMul // has a value wherever it fits
	plain = plain && n.tight && len(v.strays) == 0
	v.number(into, n.a, lanes)
	if plain && n.b.op == opConst {
		n.op.with(&into.v, n.b.value, lanes.list())
		return
	}
	other := v.vector()
	defer v.give(other)
	v.number(other, n.b, lanes)
	both(&into.known, &other.known)
	if plain {
		n.op.over(&into.v, &other.v, lanes.list())
		return
	}
	v.each(&into.known, &into.known, func(i int) (ok bool) {
		into.v[i], ok = n.op.apply(into.v[i], other.v[i])
		return ok
	})
}

// with is "a op b" for a constant, where nothing can overflow.
func (op numberOp) with(a *[Lanes]int64, b int64, lanes []uint16) {
	switch op {
	case opAdd:
		for _, at := range lanes {
			a[at%Lanes] += b
		}
	case opSub:
		for _, at := range lanes {
			a[at%Lanes] -= b
		}
	case opMul:
		for _, at := range lanes {
			a[at%Lanes] *= b
		}
	}
}

// over is "a op b" into a, where nothing can overflow.
func (op numberOp) over(a, b *[Lanes]int64, lanes []uint16) {
	switch op {
	case opAdd:
		for _, at := range lanes {
			a[at%Lanes] += b[at%Lanes]
		}
	case opSub:
		for _, at := range lanes {
			a[at%Lanes] -= b[at%Lanes]
		}
	case opMul:
		for _, at := range lanes {
			a[at%Lanes] *= b[at%Lanes]
		}
	}
}

// choose works each branch out for those who take it.
func (v *blockView) choose(into *vector, n *number, lanes *some) {
	var known kernel.Bitmap
	for _, way := range [2]struct {
		node int32
		n    *number
	}{{n.yes, n.a}, {n.no, n.b}} {
		taken := v.arena[v.slots[way.node]]
		both(&taken, &lanes.mask)
		if taken == (kernel.Bitmap{}) {
			continue
		}
		own := v.pick(&taken)
		v.number(into, way.n, own)
		v.drop(own)
		for w := range known {
			known[w] |= into.known[w]
		}
	}
	into.known = known
}

// fewLanes is how many lanes are rather read one by one.
const fewLanes = 64

// load takes the codes of a column for some lanes; strays are not known.
func (v *blockView) load(into *vector, col int, lanes *some) {
	c := &v.columns[col]
	planes := c.planes(v.block)
	v.k.Or(&into.known, planes, v.places[:len(planes)])
	both(&into.known, &lanes.mask)
	low, high := &v.codes[0], &v.codes[1]
	switch {
	case fewer(&lanes.mask, fewLanes):
		for _, at := range lanes.list() {
			into.v[at%Lanes] = int64(c.codeAt(v.block, int(at)))
		}
	case len(planes) <= 8:
		v.k.Codes(low, planes)
		for _, at := range lanes.list() {
			into.v[at%Lanes] = int64(low[at%Lanes])
		}
	default:
		v.k.Codes(low, planes[:8])
		v.k.Codes(high, planes[8:min(16, len(planes))])
		for _, at := range lanes.list() {
			into.v[at%Lanes] = int64(low[at%Lanes]) | int64(high[at%Lanes])<<8
		}
		for from := 16; from < len(planes); from += 8 {
			v.k.Codes(high, planes[from:min(from+8, len(planes))])
			for _, at := range lanes.list() {
				into.v[at%Lanes] |= int64(high[at%Lanes]) << from
			}
		}
	}
}

// fix works n, an expression over one column, out for those whose values have no
// codes.
func (v *blockView) fix(into *vector, col int, lanes *some, n *number) {
	for _, s := range v.strays {
		if s.Col == col && bit(&lanes.mask, s.Lane) {
			var ok bool
			into.v[s.Lane], ok = n.eval(only{col, s.Raw})
			setBit(&into.known, s.Lane, ok)
		}
	}
}
