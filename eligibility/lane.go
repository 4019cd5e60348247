package eligibility

import (
	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// compare is two expressions compared lane by lane: the general way, for what
// is no question about one column.
type compare struct {
	op   string
	a, b *number
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
	block   block
	columns []column
	strays  []stray
	arena   []kernel.Bitmap
	slots   []uint32 // node -> its place in the arena
	*bench
}

// run sets the lanes for whom "a op b" holds.
func (c *compare) run(dst *kernel.Bitmap, view *blockView) {
	a, b := view.take(), view.take()
	view.number(a, c.a)
	view.number(b, c.b)
	for w := range dst {
		known := a.known[w] & b.known[w]
		if known != 0 {
			known &= compareWord(c.op, a.v[w*64:w*64+64], b.v[w*64:w*64+64])
		}
		dst[w] = known
	}
	view.give(a)
	view.give(b)
}

// compareWord is one bit for each of 64 pairs.
func compareWord(op string, a, b []int64) (out uint64) {
	b = b[:len(a)]
	switch op {
	case "==", "!=":
		for i := range a {
			out |= uint64(b2i(a[i] == b[i])) << i
		}
	case "<", ">=":
		for i := range a {
			out |= uint64(b2i(a[i] < b[i])) << i
		}
	default:
		for i := range a {
			out |= uint64(b2i(a[i] > b[i])) << i
		}
	}
	if op == "!=" || op == ">=" || op == "<=" {
		return ^out
	}
	return out
}

// number works an expression out.
func (v *blockView) number(into *lanes, n *number) {
	switch n.op {
	case opConst:
		for i := range into.v {
			into.v[i] = n.value
		}
		for w := range into.known {
			into.known[w] = ^uint64(0)
		}
		return
	case opNone:
		into.known = kernel.Bitmap{}
		return
	case opColumn:
		v.load(into, n.col)
		return
	case opCond:
		v.choose(into, n)
		return
	}
	other := v.take()
	v.number(into, n.a)
	v.number(other, n.b)
	for w := range into.known {
		into.known[w] &= other.known[w]
	}
	n.op.over(into, other)
	v.give(other)
}

// over applies the operator to all lanes, into a. Where it has no value the
// lane becomes unknown.
func (op numberOp) over(a, b *lanes) {
	switch op {
	case opAdd:
		for i, x := range &a.v {
			y := b.v[i]
			s := x + y
			a.v[i] = s
			if (x^s)&(y^s) < 0 {
				a.known[i>>6] &^= 1 << (i & 63)
			}
		}
	case opSub:
		for i, x := range &a.v {
			y := b.v[i]
			s := x - y
			a.v[i] = s
			if (x^y)&(x^s) < 0 {
				a.known[i>>6] &^= 1 << (i & 63)
			}
		}
	default:
		for i := range a.v {
			if a.known[i>>6]>>(i&63)&1 == 0 {
				continue
			}
			y, ok := op.apply(a.v[i], b.v[i])
			if a.v[i] = y; !ok {
				a.known[i>>6] &^= 1 << (i & 63)
			}
		}
	}
}

func (v *blockView) choose(into *lanes, n *number) {
	other := v.take()
	v.number(into, n.a)
	v.number(other, n.b)
	yes, no := &v.arena[v.slots[n.yes]], &v.arena[v.slots[n.no]]
	for w := range into.known {
		for rest, i := no[w], w*64; rest != 0; rest &= rest - 1 {
			at := i + trailing(rest)
			into.v[at] = other.v[at]
		}
		into.known[w] = yes[w]&into.known[w] | no[w]&other.known[w]
	}
	v.give(other)
}

// load takes a column's raw values.
func (v *blockView) load(into *lanes, col int) {
	c := &v.columns[col]
	planes := c.planes(v.block)
	into.known = kernel.Bitmap{}
	clear(into.v[:])
	for low := 0; low < len(planes); low += 8 {
		part := planes[low:min(low+8, len(planes))]
		for w := range into.known {
			for b := 0; b < 64; b += 8 {
				var square uint64 // byte p: the bits of plane p of eight lanes
				for p := range part {
					square |= part[p][w] >> b & 0xff << (8 * p)
				}
				lane := into.v[w*64+b : w*64+b+8]
				for i, code := 0, transpose(square); i < 8; i, code = i+1, code>>8 {
					lane[i] |= int64(code&0xff) << low
				}
			}
			for p := range part {
				into.known[w] |= part[p][w]
			}
		}
	}
	for i := range into.v {
		into.v[i] += c.Base - 1
	}
	for _, s := range v.strays {
		if s.Col == col {
			into.v[s.Lane] = s.Raw
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
