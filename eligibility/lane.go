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
	for _, plane := range v.columns[col].planes(v.block) {
		for w := range known {
			known[w] |= plane[w]
		}
	}
	for _, s := range v.strays {
		if s.Col == col {
			known[s.Lane>>6] |= 1 << (s.Lane & 63)
		}
	}
	return known
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
// those of them for whom it has a value.
func (v *blockView) number(into *lanes, n *number, mask *kernel.Bitmap) {
	if t := v.tables[n]; t != nil {
		v.load(into, t.col, mask)
		t.run(into)
		v.fix(into, t.col, mask, n)
		return
	}
	switch n.op {
	case opConst:
		into.known = *mask
		each(mask, func(i int) { into.v[i] = n.value })
	case opNone:
		into.known = kernel.Bitmap{}
	case opColumn:
		v.load(into, n.col, mask)
		base := v.columns[n.col].Base - 1
		each(&into.known, func(i int) { into.v[i] += base })
		v.fix(into, n.col, mask, n)
	case opCond:
		v.choose(into, n, mask)
	default:
		v.binary(into, n, mask)
	}
}

func (v *blockView) binary(into *lanes, n *number, mask *kernel.Bitmap) {
	if n.b.op == opConst {
		v.number(into, n.a, mask)
		n.op.over(into, &into.v, nil, n.b.value)
		return
	}
	if n.a.op == opConst {
		v.number(into, n.b, mask)
		n.op.under(into, n.a.value)
		return
	}
	other := v.take()
	defer v.give(other)
	v.number(other, n.a, mask)
	v.number(into, n.b, &other.known)
	n.op.over(into, &other.v, &into.v, 0)
}

// over is "a op b" for the lanes known in into, b being a constant where bs is
// nil. Where it has no value the lane becomes unknown.
func (op numberOp) over(into *lanes, as, bs *[Lanes]int64, b int64) {
	for w, rest := range into.known {
		lost := uint64(0)
		for ; rest != 0; rest &= rest - 1 {
			i := w<<6 + bits.TrailingZeros64(rest)
			a := as[i]
			if bs != nil {
				b = bs[i]
			}
			var s int64
			ok := true
			switch op {
			case opAdd:
				s = a + b
				ok = (a^s)&(b^s) >= 0
			case opSub:
				s = a - b
				ok = (a^b)&(a^s) >= 0
			default:
				s, ok = op.apply(a, b)
			}
			if into.v[i] = s; !ok {
				lost |= 1 << (i & 63)
			}
		}
		into.known[w] &^= lost
	}
}

// under is the same with a constant on the left.
func (op numberOp) under(into *lanes, a int64) {
	each(&into.known, func(i int) {
		s, ok := op.apply(a, into.v[i])
		if into.v[i] = s; !ok {
			into.known[i>>6] &^= 1 << (i & 63)
		}
	})
}

// choose works each branch out for those who take it.
func (v *blockView) choose(into *lanes, n *number, mask *kernel.Bitmap) {
	var yes, no kernel.Bitmap
	then, otherwise := &v.arena[v.slots[n.yes]], &v.arena[v.slots[n.no]]
	some := [2]uint64{}
	for w := range mask {
		yes[w], no[w] = mask[w]&then[w], mask[w]&otherwise[w]
		some[0], some[1] = some[0]|yes[w], some[1]|no[w]
	}
	into.known = kernel.Bitmap{}
	if some[0] != 0 {
		v.number(into, n.a, &yes)
	}
	if some[1] == 0 {
		return
	}
	known := into.known
	v.number(into, n.b, &no)
	for w := range known {
		into.known[w] |= known[w]
	}
}

// load takes the codes of a column for the lanes of a mask, strays apart.
func (v *blockView) load(into *lanes, col int, mask *kernel.Bitmap) {
	planes := v.columns[col].planes(v.block)
	into.known = kernel.Bitmap{}
	for w, m := range mask {
		var any uint64
		for p := range planes {
			any |= planes[p][w]
		}
		if m &= any; m == 0 {
			continue
		}
		into.known[w] = m
		for b := 0; b < 64; b += 8 {
			eight := (*[8]int64)(into.v[w<<6+b:])
			switch part := m >> b & 0xff; part {
			case 0:
			case 0xff:
				eightCodes(eight, planes, w, b)
			default: // the others may hold what another branch has worked out
				var codes [8]int64
				eightCodes(&codes, planes, w, b)
				for ; part != 0; part &= part - 1 {
					i := bits.TrailingZeros64(part)
					eight[i] = codes[i]
				}
			}
		}
	}
}

// eightCodes takes the codes of eight lanes that stand side by side.
func eightCodes(into *[8]int64, planes []kernel.Bitmap, w, b int) {
	*into = [8]int64{}
	for low := 0; low < len(planes); low += 8 {
		var square uint64 // byte p: the bits of plane p
		for p := range planes[low:min(low+8, len(planes))] {
			square |= planes[low+p][w] >> b & 0xff << (8 * p)
		}
		square = transpose(square)
		for i := range into {
			into[i] |= int64(square>>(8*i)&0xff) << low
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

// transpose turns eight bytes of eight bits over: bit i of byte p becomes bit p
// of byte i. (Hacker's Delight, 7-3.)
func transpose(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}
