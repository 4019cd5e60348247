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
	row, ok := p.find(id)
	if !ok {
		row = p.appended(id)
	}
	s := p.scratch.on(p, row)
	if before := p.isTaken(row); !before {
		setBit(&p.blocks[row/Lanes][0], row%Lanes, true)
		p.taken++
		s.before.taken = false
	}
	s.cells = cleared(s.cells, len(p.columns))
	for col, to := range p.cellsInto(s.cells, facts) {
		p.write(s, col, to)
	}
	return p.moves(prog, s)
}

// Amend sets what facts says of a party, nil being unknown, and leaves the rest
// as it is; otherwise it is Change, but reads no more columns than it must. ok is
// false, and nothing is done, where there is no such party.
func (p *Population) Amend(prog *Program, id party.ID, facts Facts) (moves []Move, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	row, ok := p.find(id)
	if !ok || !p.isTaken(row) {
		return nil, false
	}
	s := p.scratch.on(p, row)
	for name, value := range facts {
		if col, ok := p.schema.at[name]; ok {
			p.write(s, col, p.cellOf(col, value))
		}
	}
	return p.moves(prog, s), true
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
	s := p.scratch.on(p, row)
	for col := range p.columns {
		p.write(s, col, cell{})
	}
	setBit(&p.blocks[row/Lanes][0], row%Lanes, false)
	p.taken--
	s.now.taken = false
	return p.moves(prog, s), true
}

// scratch is what a change works with; who holds the lock of writing has it.
type scratch struct {
	before, now person
	changed     []int  // columns
	cells       []cell // by column
	looked      policies
}

// on is the scratch for a change of a row.
func (s *scratch) on(p *Population, row int) *scratch {
	s.now.population, s.now.row = p, row
	s.before.rest = &s.now
	for _, who := range []*person{&s.before, &s.now} {
		who.taken, who.cells, who.read = true, resized(who.cells, len(p.columns)), cleared(who.read, len(p.columns))
	}
	s.changed = s.changed[:0]
	return s
}

// write sets a cell of the row that is changed.
func (p *Population) write(s *scratch, col int, to cell) {
	was := p.cell(s.now.row, col)
	s.now.know(col, to)
	if was != to {
		s.before.know(col, was)
		s.changed = append(s.changed, col)
		p.set(s.now.row, col, to)
	}
}

// resized is s with n elements, which are anything.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// cleared is s with n elements that are zero.
func cleared[T any](s []T, n int) []T {
	s = resized(s, n)
	clear(s)
	return s
}

// moves compares what the two states of a person are entitled to. Where they are
// there in both, only changed columns differ.
func (p *Population) moves(prog *Program, s *scratch) []Move {
	if prog == nil || s.before.taken == s.now.taken && len(s.changed) == 0 {
		return nil
	}
	b := p.bound(prog)
	sieve := b.sieve()
	s.looked = cleared(s.looked, sieve.width)
	switch {
	case s.before.taken && s.now.taken:
		for _, col := range s.changed {
			sieve.changed(s.looked, col, s.before.cells[col], s.now.cells[col])
		}
		sieve.sift(s.looked, &s.now, &s.before)
	case s.now.taken:
		s.looked.fill(len(b.policies))
		sieve.sift(s.looked, &s.now, nil)
	default:
		s.looked.fill(len(b.policies))
		sieve.sift(s.looked, &s.before, nil)
	}
	for _, who := range []*person{&s.before, &s.now} {
		who.bound, who.answers = b, cleared(who.answers, len(b.nodes))
	}
	var moves []Move
	for i := range s.looked.each() {
		if was, is := sieve.met(i, &s.before, s.changed), sieve.met(i, &s.now, s.changed); was != is {
			moves = append(moves, Move{prog.entries[i].ID, is})
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

// person is one subject as nodes see it. What is not known of them is read when
// it is asked for.
type person struct {
	population *Population // from which it is read
	row        int
	rest       *person // who is the same but for what is known of this one; nil: nobody

	cells   []cell
	read    []bool // by column: it is in cells
	taken   bool
	bound   *bound
	answers []answer // by node
}

// know sets a cell.
func (p *person) know(col int, c cell) { p.cells[col], p.read[col] = c, true }

func (p *person) get(col int) (int64, bool) {
	switch {
	case p.read[col]:
	case p.rest != nil:
		return p.rest.get(col)
	default:
		p.know(col, p.population.cell(p.row, col))
	}
	return p.cells[col].raw, p.cells[col].known
}

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
