package eligibility

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// sieve tells, column by column, which policies one person may be entitled to:
// sets of policies by intervals of values. What a policy asks otherwise than of
// one column is left to whoever looks at what remains.
type sieve struct {
	width   int   // words of a set
	order   []int // the columns that policies ask, those that most ask first
	columns []mesh
	rest    [][]uint32 // policy -> the nodes that ask otherwise than of one column
}

// mesh is one column of a sieve.
type mesh struct {
	asked policies // who ask the column
	other policies // who hang on it otherwise
	from  []int64  // where the answers may change, ascending
	pass  []policies
}

// policies is a set of policies, by their places in the program.
type policies []uint64

func (p policies) add(i int) { p[i>>6] |= 1 << (i & 63) }

func (p policies) has(i int) bool { return p[i>>6]>>(i&63)&1 == 1 }

func (p policies) meets(o policies) bool {
	for w := range p {
		if p[w]&o[w] != 0 {
			return true
		}
	}
	return false
}

// fill puts the first n in.
func (p policies) fill(n int) {
	for i := range n {
		p.add(i)
	}
}

// keepEither leaves who is in one of two others too.
func (p policies) keepEither(a, b policies) {
	for w := range p {
		p[w] &= a[w] | b[w]
	}
}

// each is those of the set, in order.
func (p policies) each() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w, rest := range p {
			for ; rest != 0; rest &= rest - 1 {
				if !yield(w<<6 + trailing(rest)) {
					return
				}
			}
		}
	}
}

// sift leaves in the set the policies for which somebody meets whatever is asked
// of one column each, or met it before; before may be nil.
func (s *sieve) sift(set policies, now, before *person) {
	for _, col := range s.order {
		m := &s.columns[col]
		if !set.meets(m.asked) {
			continue
		}
		raw, known := now.get(col)
		pass := m.through(cell{raw, known})
		if before != nil && before.read[col] {
			set.keepEither(pass, m.through(before.cells[col]))
		} else {
			set.keepEither(pass, pass)
		}
	}
}

// met reports whether somebody meets all that a policy asks, for which they came
// through the sieve now or before some columns changed.
func (s *sieve) met(i int, who *person, changed []int) bool {
	if !who.taken {
		return false
	}
	for _, col := range changed {
		if m := &s.columns[col]; m.asked != nil && m.asked.has(i) && !m.through(who.cells[col]).has(i) {
			return false
		}
	}
	return who.meets(s.rest[i])
}

// changed is the policies to which a change of a column may matter, of a person
// who is the same otherwise.
func (s *sieve) changed(into policies, col int, before, now cell) {
	m := &s.columns[col]
	if m.asked != nil {
		was, is := m.through(before), m.through(now)
		for w := range into {
			into[w] |= was[w] ^ is[w]
		}
	}
	for w := range m.other {
		into[w] |= m.other[w]
	}
}

// sieve is made when it is first needed.
func (b *bound) sieve() *sieve {
	b.sieveOnce.Do(func() { b.theSieve = newSieve(b) })
	return b.theSieve
}

func newSieve(b *bound) *sieve {
	s := &sieve{width: (len(b.policies) + 63) / 64, columns: make([]mesh, len(b.layout)), rest: make([][]uint32, len(b.policies))}
	asks := make([][]ask, len(b.layout))
	for i := range b.policies {
		for _, op := range b.policies[i].all {
			n := &b.nodes[op]
			if in, ok := n.values(); ok {
				asks[n.col] = append(asks[n.col], ask{i, in})
				continue
			}
			s.rest[i] = append(s.rest[i], op)
			for at := range b.below([]uint32{op}) {
				for _, col := range b.nodes[at].reads() {
					if s.columns[col].other == nil {
						s.columns[col].other = s.none()
					}
					s.columns[col].other.add(i)
				}
			}
		}
	}
	for col, all := range asks {
		if len(all) > 0 {
			s.columns[col].weave(s, all)
			s.order = append(s.order, col)
		}
	}
	slices.SortStableFunc(s.order, func(x, y int) int { return cmp.Compare(len(asks[y]), len(asks[x])) })
	return s
}

func (s *sieve) none() policies { return make(policies, s.width) }

// ask is that a policy asks a column for certain values.
type ask struct {
	policy int
	in     spans
}

// values is what a node that asks one column asks for.
func (n *node) values() (in spans, ok bool) {
	switch n.op {
	case opRange:
		return n.in, true
	case opWords:
		return n.words.spans(), true
	}
	return nil, false
}

func (m *mesh) weave(s *sieve, all []ask) {
	m.asked = s.none()
	for _, a := range all {
		m.asked.add(a.policy)
		for _, x := range a.in {
			m.from = append(m.from, x.lo)
			if x.hi < math.MaxInt64 {
				m.from = append(m.from, x.hi+1)
			}
		}
	}
	slices.Sort(m.from)
	m.from = slices.Compact(m.from)
	for k := range len(m.from) + 2 {
		set := s.none()
		for w := range set {
			set[w] = ^uint64(0)
		}
		for _, a := range all {
			if k < 2 || !a.in.has(m.from[k-2]) { // 0: unknown, 1: below all
				set[a.policy>>6] &^= 1 << (a.policy & 63)
			}
		}
		m.pass = append(m.pass, set)
	}
}

// through is the policies that a value of the column lets pass, among them those
// that do not ask.
func (m *mesh) through(c cell) policies {
	if !c.known {
		return m.pass[0]
	}
	lo, hi := 0, len(m.from)
	for lo < hi {
		if mid := (lo + hi) / 2; m.from[mid] <= c.raw {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return m.pass[lo+1]
}
