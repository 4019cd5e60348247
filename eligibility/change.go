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
	now := p.cells(facts)
	row, ok := p.find(id)
	if !ok {
		row = p.appended(id)
	}
	was := p.isTaken(row)
	before := make([]cell, len(now))
	var changed []int
	for col := range now {
		before[col] = p.cell(row, col)
		if before[col] != now[col] {
			changed = append(changed, col)
			p.set(row, col, now[col])
		}
	}
	if !was {
		setBit(&p.blocks[row/Lanes][0], row%Lanes, true)
		p.taken++
	}
	if prog == nil || was && len(changed) == 0 {
		return nil
	}
	return p.bound(prog).moves(prog, &person{cells: before, taken: was}, &person{cells: now, taken: true}, changed)
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
	was := &person{cells: make([]cell, len(p.columns)), taken: true}
	for col := range p.columns {
		was.cells[col] = p.cell(row, col)
		p.set(row, col, cell{})
	}
	setBit(&p.blocks[row/Lanes][0], row%Lanes, false)
	p.taken--
	if prog != nil {
		moves = p.bound(prog).moves(prog, was, &person{cells: make([]cell, len(p.columns))}, nil)
	}
	return moves, true
}

// moves compares what two states of a person are entitled to. Where they are
// there in both, only changed columns differ.
func (b *bound) moves(prog *Program, before, now *person, changed []int) []Move {
	before.bound, now.bound = b, b
	before.answers, now.answers = make([]answer, len(b.nodes)), make([]answer, len(b.nodes))
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
	looked := make([]bool, len(b.policies))
	for _, col := range changed {
		for _, at := range b.atoms[col] {
			if before.truth(at) == now.truth(at) {
				continue
			}
			for _, i := range b.users[at] {
				looked[i] = true
			}
		}
	}
	for i, is := range looked {
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
