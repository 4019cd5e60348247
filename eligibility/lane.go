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

// lanes is one number of each subject of a block, and of whom it is known. The
// numbers of the others are anything.
type lanes struct {
	v     [Lanes]int64
	known kernel.Bitmap
}

// bench holds the lanes that a worker works on.
type bench struct{ free []*lanes }

func (b *bench) take() *lanes {
	if n := len(b.free); n > 0 {
		out := b.free[n-1]
		b.free = b.free[:n-1]
		return out
	}
	return &lanes{}
}

func (b *bench) give(l *lanes) { b.free = append(b.free, l) }

// blockView is a block as expressions see it.
type blockView struct {
	k       *kernel.Kernel
	block   block
	columns []column
	strays  []stray
	arena   []kernel.Bitmap
	slots   []uint32 // node -> its place in the arena
	tables  map[*number]*table
	codes   [2][Lanes]uint8
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

// run sets the lanes of every member.
func (g *group) run(r *runner) {
	view := &r.view
	a := view.take()
	defer view.give(a)
	mask := view.known(&r.arena[r.b.slots[everyone]], g.need)
	view.number(a, g.a, &mask)
	for _, at := range g.members {
		c := r.b.nodes[at].calc
		dst := &r.arena[r.b.slots[at]]
		view.against(dst, a, c.op, c.b.value)
	}
}

// run sets the lanes for whom "a op b" holds, where b is no constant.
func (c *compare) run(dst *kernel.Bitmap, view *blockView, all *kernel.Bitmap) {
	a, b := view.take(), view.take()
	defer view.give(a)
	defer view.give(b)
	mask := view.known(all, c.need)
	view.number(a, c.a, &mask)
	view.number(b, c.b, &a.known)
	*dst = kernel.Bitmap{}
	each(&b.known, func(i int) {
		if holds(c.op, a.v[i], b.v[i]) {
			dst[i>>6] |= 1 << (i & 63)
		}
	})
}

// against sets the lanes for whom "a op value" holds.
func (v *blockView) against(dst *kernel.Bitmap, a *lanes, op string, value int64) {
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
		for w := range dst {
			dst[w] &= a.known[w]
		}
	}
}

// known is those of all who are known in every one of the columns.
func (v *blockView) known(all *kernel.Bitmap, columns []int) kernel.Bitmap {
	out := *all
	for _, col := range columns {
		known := v.knownIn(col)
		for w := range out {
			out[w] &= known[w]
		}
	}
	return out
}

func (v *blockView) knownIn(col int) (known kernel.Bitmap) {
	v.coded(&known, col)
	for _, s := range v.strays {
		if s.Col == col {
			known[s.Lane>>6] |= 1 << (s.Lane & 63)
		}
	}
	return known
}

// coded is those who have a code in a column.
func (v *blockView) coded(dst *kernel.Bitmap, col int) {
	planes := v.columns[col].planes(v.block)
	v.k.Or(dst, planes, v.places[:len(planes)])
}

// each calls f for every lane of a mask.
func each(mask *kernel.Bitmap, f func(lane int)) {
	for w, rest := range mask {
		for ; rest != 0; rest &= rest - 1 {
			f(w<<6 + bits.TrailingZeros64(rest))
		}
	}
}

// number works an expression out for the lanes of a mask. into.known becomes
// those of them for whom it has a value; into.v is anything in other lanes, but
// stays what it was there where n is a constant or a choice.
func (v *blockView) number(into *lanes, n *number, mask *kernel.Bitmap) {
	if t := v.tables[n]; t != nil {
		v.load(into, t.col, mask, 0)
		t.run(into)
		v.fix(into, t.col, mask, n)
		return
	}
	switch n.op {
	case opConst:
		into.known = *mask
		for w, rest := range mask {
			for ; rest != 0; rest &= rest - 1 {
				into.v[w<<6+bits.TrailingZeros64(rest)] = n.value
			}
		}
	case opNone:
		into.known = kernel.Bitmap{}
	case opColumn:
		v.load(into, n.col, mask, v.columns[n.col].Base-1)
		v.fix(into, n.col, mask, n)
	case opCond:
		v.choose(into, n, mask)
	default:
		v.binary(into, n, mask)
	}
}

// part is the 64 lanes of a word.
func part(l *lanes, w int) *[64]int64 { return (*[64]int64)(l.v[w<<6:]) }

func (v *blockView) binary(into *lanes, n *number, mask *kernel.Bitmap) {
	free := n.tight && len(v.strays) == 0
	v.number(into, n.a, mask)
	if n.b.op == opConst && free && n.op.plain() {
		n.op.with(into, n.b.value)
		return
	}
	other := v.take()
	v.number(other, n.b, &into.known)
	into.known = other.known
	n.op.over(into, other, free && n.op.plain())
	v.give(other)
}

// plain reports whether the operator has a value wherever it fits.
func (op numberOp) plain() bool { return op == opAdd || op == opSub || op == opMul }

// with is "a op b" for a constant, where nothing can overflow.
func (op numberOp) with(a *lanes, b int64) {
	for w, known := range &a.known {
		if known == 0 {
			continue
		}
		switch lane := part(a, w); op {
		case opAdd:
			for i := range lane {
				lane[i] += b
			}
		case opSub:
			for i := range lane {
				lane[i] -= b
			}
		case opMul:
			for i := range lane {
				lane[i] *= b
			}
		}
	}
}

// over is "a op b" for the lanes known in a, into a. Where it has no value the
// lane becomes unknown; where it is free nothing can overflow.
func (op numberOp) over(a, b *lanes, free bool) {
	for w, known := range &a.known {
		switch {
		case known == 0:
		case free && bits.OnesCount64(known) >= 16:
			op.whole(part(a, w), part(b, w))
		default:
			a.known[w] = op.single(part(a, w), part(b, w), known)
		}
	}
}

// whole does 64 lanes at once; those that are not known become anything.
func (op numberOp) whole(a, b *[64]int64) {
	switch op {
	case opAdd:
		for i := range a {
			a[i] += b[i]
		}
	case opSub:
		for i := range a {
			a[i] -= b[i]
		}
	case opMul:
		for i := range a {
			a[i] *= b[i]
		}
	}
}

func (op numberOp) single(a, b *[64]int64, known uint64) uint64 {
	for rest := known; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		var ok bool
		if a[i], ok = op.apply(a[i], b[i]); !ok {
			known &^= 1 << i
		}
	}
	return known
}

// choose works each branch out for those who take it.
func (v *blockView) choose(into *lanes, n *number, mask *kernel.Bitmap) {
	var yes, no kernel.Bitmap
	then, otherwise := &v.arena[v.slots[n.yes]], &v.arena[v.slots[n.no]]
	for w := range mask {
		yes[w], no[w] = mask[w]&then[w], mask[w]&otherwise[w]
	}
	into.known = kernel.Bitmap{}
	v.branch(into, n.a, &yes)
	known := into.known
	v.branch(into, n.b, &no)
	for w := range known {
		into.known[w] |= known[w]
	}
}

// branch works out one branch and leaves the lanes of the other alone.
func (v *blockView) branch(into *lanes, n *number, mask *kernel.Bitmap) {
	switch {
	case *mask == (kernel.Bitmap{}):
		into.known = *mask
	case n.op == opConst || n.op == opNone || n.op == opCond && v.tables[n] == nil:
		v.number(into, n, mask)
	default:
		own := v.take()
		v.number(own, n, mask)
		for w, rest := range &own.known {
			for ; rest != 0; rest &= rest - 1 {
				i := w<<6 + bits.TrailingZeros64(rest)
				into.v[i] = own.v[i]
			}
		}
		into.known = own.known
		v.give(own)
	}
}

// fewLanes is how many lanes are rather read one by one.
const fewLanes = 200

// load takes the codes of a column, plus base, for the lanes of a mask, strays
// apart.
func (v *blockView) load(into *lanes, col int, mask *kernel.Bitmap, base int64) {
	c := &v.columns[col]
	planes := c.planes(v.block)
	v.coded(&into.known, col)
	n := 0
	for w, m := range mask {
		into.known[w] &= m
		n += bits.OnesCount64(into.known[w])
	}
	if n <= fewLanes {
		each(&into.known, func(i int) { into.v[i] = int64(c.codeAt(v.block, i)) + base })
		return
	}
	low, high := &v.codes[0], &v.codes[1]
	v.k.Codes(low, planes[:min(8, len(planes))])
	*high = [Lanes]uint8{}
	if len(planes) > 8 {
		v.k.Codes(high, planes[8:min(16, len(planes))])
	}
	for w, known := range &into.known {
		if known == 0 {
			continue
		}
		to, l, h := part(into, w), (*[64]uint8)(low[w<<6:]), (*[64]uint8)(high[w<<6:])
		for i := range to {
			to[i] = int64(l[i]) + int64(h[i])<<8 + base
		}
	}
	for at := 16; at < len(planes); at += 8 {
		v.k.Codes(high, planes[at:min(at+8, len(planes))])
		for w, known := range &into.known {
			if known == 0 {
				continue
			}
			to, h := part(into, w), (*[64]uint8)(high[w<<6:])
			for i := range to {
				to[i] += int64(h[i]) << at
			}
		}
	}
}

// fix works n, an expression over one column, out for those whose values have no
// codes.
func (v *blockView) fix(into *lanes, col int, mask *kernel.Bitmap, n *number) {
	for _, s := range v.strays {
		if s.Col != col || !bit(mask, s.Lane) {
			continue
		}
		if x, ok := n.eval(only{col, s.Raw}); ok {
			into.v[s.Lane] = x
			into.known[s.Lane>>6] |= 1 << (s.Lane & 63)
		}
	}
}
