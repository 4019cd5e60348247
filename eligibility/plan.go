package eligibility

import (
	"cmp"
	"maps"
	"slices"
)

// answers is what a run is to answer besides who is entitled.
type answers struct{ near, amounts bool }

// plan is how the nodes that some answers need are run: first what is asked of
// columns, then what else is shared, then, policy by policy, what is its own. The
// bitmaps of what is a policy's own stand where those of the policy before stood, so
// that the arena stays small. All of it lies in the order in which it is used, for a
// run goes through it for every block.
type plan struct {
	asked    []inquiry
	shared   []step
	own      [][]step   // by policy
	policies []operands // by policy, as places in the arena
}

// inquiry is one comparison of a column's codes, or two put together.
type inquiry struct {
	code        uint64
	dst         uint32
	from, until uint32 // kindBetween: places
	plane       uint32 // of the column, in the block
	bits        uint8
	kind        inquiryKind
	more        bool // added to what dst has
}

type inquiryKind uint8

const (
	kindNever   inquiryKind = iota
	kindEqual               // the code
	kindAtLeast             // the code or more
	kindBetween             // in one bitmap and not in another
)

// step is a node that is made of others.
type step struct {
	op  nodeOp
	at  int32 // the node
	dst uint32
	ops []uint32

	wanted [][]uint32 // opCompare: whoever is in all of one of them; nil: everyone
}

// plan is how the nodes that some answers need are run.
func (b *bound) plan(a answers) *plan {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.plans[a]
	if !ok {
		p = b.newPlan(a)
		if b.plans == nil {
			b.plans = map[answers]*plan{}
		}
		b.plans[a] = p
	}
	return p
}

func (b *bound) newPlan(a answers) *plan {
	needed := map[int32]struct{}{}
	for i := range b.policies {
		maps.Copy(needed, b.below(b.policies[i].roots(a)))
	}
	p := &plan{own: make([][]step, len(b.policies))}
	var asked []int32
	var pool pool
	var later []step
	var wanted map[int32][][]uint32
	if a == (answers{}) {
		wanted = b.wanted(&pool)
	}
	for _, at := range slices.Sorted(maps.Keys(needed)) { // arguments have lower places
		switch owner := b.owners[at]; {
		case at == everyone || at == nobody:
		case b.nodes[at].rank() != last:
			asked = append(asked, at)
		case owner == shared && b.late[at]:
			s := b.step(at, &pool)
			s.wanted = wanted[at]
			later = append(later, s)
		case owner == shared:
			p.shared = append(p.shared, b.step(at, &pool))
		default:
			p.own[owner] = append(p.own[owner], b.step(at, &pool))
		}
	}
	p.shared = append(p.shared, later...)
	// Column by column, so that each is read once; bounds before what is made of
	// them.
	slices.SortStableFunc(asked, func(x, y int32) int { return cmp.Compare(b.nodes[x].rank(), b.nodes[y].rank()) })
	for _, at := range asked {
		p.asked = append(p.asked, b.inquiries(at)...)
	}
	for i := range b.policies {
		p.policies = append(p.policies, b.policies[i].placed(b, a, &pool))
	}
	return p
}

func (b *bound) step(at int32, pool *pool) step {
	n := &b.nodes[at]
	return step{op: n.op, at: at, dst: b.slots[at], ops: pool.places(b, unsigned(n.args))}
}

// wanted is for whom each comparison, or the first of a group, matters where
// only the entitled are asked for: those who meet whatever else a policy asks
// that hangs on it. One that is not there matters for everyone.
func (b *bound) wanted(pool *pool) map[int32][][]uint32 {
	all, open := map[int32][][]uint32{}, map[int32]bool{}
	for i := range b.policies {
		p := &b.policies[i]
		early := pool.places(b, slices.DeleteFunc(slices.Clone(p.all), func(op uint32) bool { return b.late[op] }))
		for at := range b.below(p.roots(answers{})) {
			n := &b.nodes[at]
			switch {
			case n.op != opCompare || n.led: // with which comes its first
			case len(early) == 0:
				open[at] = true
			default:
				all[at] = append(all[at], early)
			}
		}
	}
	for at, some := range all {
		slices.SortFunc(some, slices.Compare)
		all[at] = slices.CompactFunc(some, slices.Equal)
	}
	maps.DeleteFunc(all, func(at int32, _ [][]uint32) bool { return open[at] })
	return all
}

// inquiries is how a node is asked of its column.
func (b *bound) inquiries(at int32) []inquiry {
	n := &b.nodes[at]
	c := &b.layout[n.col]
	q := inquiry{dst: b.slots[at], plane: uint32(c.Plane), bits: uint8(c.Bits)}
	if len(n.codes) == 0 {
		return []inquiry{q}
	}
	var all []inquiry
	for i, x := range n.codes {
		q.more, q.code = i > 0, x.lo
		switch {
		case !x.alone:
			q.kind, q.from, q.until = kindBetween, b.slots[x.from], b.slots[x.before]
		case x.lo == x.hi:
			q.kind = kindEqual
		default:
			q.kind = kindAtLeast
		}
		all = append(all, q)
	}
	return all
}

// pool keeps lists of places side by side.
type pool []uint32

func (p *pool) places(b *bound, nodes []uint32) []uint32 {
	if nodes == nil {
		return nil
	}
	from := len(*p)
	for _, at := range nodes {
		*p = append(*p, b.slots[at])
	}
	return (*p)[from:len(*p):len(*p)]
}

// placed is the operands of the answers, as places.
func (p *boundPolicy) placed(b *bound, a answers, pool *pool) operands {
	out := operands{all: pool.places(b, p.all), held: pool.places(b, p.held)}
	if a.near {
		out.near = pool.places(b, p.near)
	}
	if a.amounts {
		for _, c := range p.cases {
			out.cases = append(out.cases, amountCase{pool.places(b, c.who), c.value})
		}
	}
	return out
}
