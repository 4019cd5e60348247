package eligibility

import (
	"github.com/tongban/tongban/party"
)

// Move is that a party has become entitled to a policy, or is not any more.
type Move struct {
	Policy  string
	Entered bool
}

// Change sets all that is known of a party, who is added where it is new, and
// gives what that changes in what the party is entitled to, in the program's
// order. Only policies that ask about something whose answer has changed are looked
// at. prog may be nil: then there are no moves.
func (p *Population) Change(prog *Program, id party.ID, facts Facts) []Move {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, now, changed := p.scratch.reset(len(p.columns))
	p.cellsInto(now.cells, facts)
	row, ok := p.find(id)
	if !ok {
		row = p.appended(id)
	}
	before.taken, now.taken = p.isTaken(row), true
	for col := range now.cells {
		before.cells[col] = p.cell(row, col)
		if before.cells[col] != now.cells[col] {
			changed = append(changed, col)
			p.set(row, col, now.cells[col])
		}
	}
	if !before.taken {
		setBit(&p.blocks[row/Lanes][0], row%Lanes, true)
		p.taken++
	}
	if prog == nil || before.taken && len(changed) == 0 {
		return nil
	}
	return p.bound(prog).moves(prog, before, now, changed, &p.scratch)
}

// scratch is what changes work with; who holds the lock of writing has it.
type scratch struct {
	before, now person
	changed     []int
	looked      []bool // by policy
}

func (s *scratch) reset(columns int) (before, now *person, changed []int) {
	s.before.cells, s.now.cells = cleared(s.before.cells, columns), cleared(s.now.cells, columns)
	return &s.before, &s.now, s.changed[:0]
}

// cleared is s with n elements that are zero.
func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// Remove takes a party out and gives what it was entitled to; ok is false where
// there is none. prog may be nil.
func (p *Population) Remove(prog *Program, id party.ID) (moves []Move, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	row, ok := p.find(id)
	if !ok || !p.isTaken(row) {
		return nil, false
	}
	before, now, _ := p.scratch.reset(len(p.columns))
	before.taken, now.taken = true, false
	for col := range p.columns {
		before.cells[col] = p.cell(row, col)
		p.set(row, col, cell{})
	}
	setBit(&p.blocks[row/Lanes][0], row%Lanes, false)
	p.taken--
	if prog != nil {
		moves = p.bound(prog).moves(prog, before, now, nil, &p.scratch)
	}
	return moves, true
}

// moves compares what two states of a person are entitled to. Where they are
// there in both, only changed columns differ.
func (b *bound) moves(prog *Program, before, now *person, changed []int, s *scratch) []Move {
	s.changed = changed
	for _, who := range []*person{before, now} {
		who.bound, who.answers = b, cleared(who.answers, len(b.nodes))
	}
	var moves []Move
	look := func(i int32) {
		p := &b.policies[i]
		if was, is := before.meets(p.all), now.meets(p.all); was != is {
			moves = append(moves, Move{prog.entries[i].ID, is})
		}
	}
	if !before.taken || !now.taken {
		for i := range b.policies {
			look(int32(i))
		}
		return moves
	}
	s.looked = cleared(s.looked, len(b.policies))
	for _, col := range changed {
		for _, at := range b.atoms[col] {
			if before.truth(at) == now.truth(at) {
				continue
			}
			for _, i := range b.users[at] {
				s.looked[i] = true
			}
		}
	}
	for i, is := range s.looked {
		if is {
			look(int32(i))
		}
	}
	return moves
}

// answer is what is known of a node for one person.
type answer uint8

const (
	unasked answer = iota
	holdsNot
	holdsTrue
)

// person is one subject as nodes see it.
type person struct {
	cells   []cell
	taken   bool
	bound   *bound
	answers []answer // by node
}

func (p *person) get(col int) (int64, bool) { return p.cells[col].raw, p.cells[col].known }

// meets reports whether all of the nodes hold.
func (p *person) meets(ops []uint32) bool {
	for _, op := range ops {
		if !p.truth(int32(op)) {
			return false
		}
	}
	return true
}

// truth reports whether a node holds.
func (p *person) truth(at int32) bool {
	if a := p.answers[at]; a != unasked {
		return a == holdsTrue
	}
	p.answers[at] = holdsNot
	if p.taken && p.bound.nodes[at].of(p) {
		p.answers[at] = holdsTrue
		return true
	}
	return false
}

// holds reports whether the node, which asks one column, holds for a value.
func (n *node) holds(raw int64) bool {
	if n.op == opWords {
		return n.words.has(raw)
	}
	return n.in.has(raw)
}

// of reports whether the node holds for somebody who is there.
func (n *node) of(r row) bool {
	switch n.op {
	case opAll:
		return true
	case opRange, opWords:
		raw, ok := r.get(n.col)
		return ok && n.holds(raw)
	case opAnd:
		for _, a := range n.args {
			if !r.truth(a) {
				return false
			}
		}
		return true
	case opOr:
		for _, a := range n.args {
			if r.truth(a) {
				return true
			}
		}
	case opRest:
		return !r.truth(n.args[0])
	case opCompare:
		return n.calc.has(r)
	case opSum:
		return n.sum.has(r, n.in)
	}
	return false
}

// has is run for one subject.
func (c *compare) has(r row) bool {
	a, ok := c.a.eval(r)
	if !ok {
		return false
	}
	b, ok := c.b.eval(r)
	return ok && holds(c.op, a, b)
}
