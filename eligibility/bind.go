package eligibility

import (
	"cmp"
	"slices"
	"sync"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// bound is a program made for the columns of one population: nodes, in the
// order in which a block is run through them, and what each policy takes of them.
type bound struct {
	epoch    uint64 // of the dictionaries that it knows
	nodes    []node
	policies []boundPolicy
	columns  []int     // those that counts of matches read
	atoms    [][]int32 // column -> the nodes that ask it
	users    [][]int32 // node -> the policies that hang on it

	mu     sync.Mutex // guards orders
	orders map[answers][]int32
}

// answers is what a run is to answer besides who is entitled.
type answers struct{ near, amounts bool }

// boundPolicy is the operands of one policy, places in the arena.
type boundPolicy struct {
	all  []uint32 // who is in all of them is entitled
	held []uint32 // all, and has it already; nil: nobody can
	near []uint32 // everyone, then a node for each condition

	cases  []amountCase // the amounts, where they are few
	amount *number      // else; nil: there is none
}

// amountCase is who gets a certain amount.
type amountCase struct {
	who   []uint32
	value int64
}

// bind makes a program for columns and their dictionaries.
func bind(prog *Program, schema *Schema, columns []column, words func(int) []string) *bound {
	l := &lowerer{graph: newGraph(), schema: schema, words: words, day: prog.day, texts: map[string]int32{}}
	b := &bound{policies: make([]boundPolicy, len(prog.entries))}
	for i, e := range prog.entries {
		p := &b.policies[i]
		conditions := make([]int32, len(e.Conditions))
		p.near = []uint32{uint32(everyone)}
		for j, c := range e.Conditions {
			conditions[j] = l.formula(c.When, true)
			p.near = append(p.near, uint32(conditions[j]))
		}
		if len(conditions) == 0 {
			conditions = []int32{nobody}
		}
		all := l.all(conditions, false)
		p.all = operands(all)
		if e.Held != nil {
			p.held = operands(l.all(append(slices.Clone(all), l.formula(e.Held, true)), false))
		}
		if e.Amount != nil {
			l.amount(p, all, l.number(e.Amount))
		}
	}
	b.nodes = l.nodes
	for i := range b.nodes {
		b.nodes[i].ops = operands(b.nodes[i].args)
		b.nodes[i].encode(columns)
	}
	b.index(len(columns))
	return b
}

// amount takes an amount apart into cases, where it has few.
func (l *lowerer) amount(p *boundPolicy, all []int32, n *number) {
	pieces, ok := l.pieces(n)
	for _, x := range pieces {
		ok = ok && (x.n.op == opNone || x.n.op == opConst && bounded(x.n.value))
	}
	if !ok {
		p.amount = n
		return
	}
	for _, x := range pieces {
		if x.n.op == opConst {
			p.cases = append(p.cases, amountCase{operands(l.all(append(slices.Clone(all), x.when), false)), x.n.value})
		}
	}
}

// maxAmount is a million million yuan: more than that for one subject is no
// amount, and counts as unknown, so that no total overflows.
const maxAmount = 1_000_000_000_000

func bounded(amount int64) bool { return -maxAmount <= amount && amount <= maxAmount }

// orderFor lists the nodes that some answers need.
func (b *bound) orderFor(a answers) []int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if order, ok := b.orders[a]; ok {
		return order
	}
	var roots []uint32
	for i := range b.policies {
		p := &b.policies[i]
		roots = append(append(roots, p.all...), p.held...)
		if a.near {
			roots = append(roots, p.near...)
		}
		if a.amounts {
			for _, c := range p.cases {
				roots = append(roots, c.who...)
			}
			roots = append(roots, operands(p.amount.tests(nil))...)
		}
	}
	if b.orders == nil {
		b.orders = map[answers][]int32{}
	}
	b.orders[a] = b.order(roots)
	return b.orders[a]
}

func operands(args []int32) []uint32 {
	out := make([]uint32, len(args))
	for i, a := range args {
		out[i] = uint32(a)
	}
	return out
}

// order lists the nodes that roots hang on: the questions about columns first,
// column by column so that each is read once, then the rest, each after its
// arguments (which have lower places).
func (b *bound) order(roots []uint32) []int32 {
	needed := make([]bool, len(b.nodes))
	var need func(int32)
	need = func(at int32) {
		if !needed[at] {
			needed[at] = true
			for _, a := range b.nodes[at].args {
				need(a)
			}
		}
	}
	for _, r := range roots {
		need(int32(r))
	}
	var out []int32
	for at := nobody + 1; int(at) < len(b.nodes); at++ {
		if needed[at] {
			out = append(out, at)
		}
	}
	slices.SortStableFunc(out, func(x, y int32) int { return cmp.Compare(b.nodes[x].rank(), b.nodes[y].rank()) })
	return out
}

func (n *node) rank() int {
	if n.op == opRange || n.op == opWords {
		return n.col
	}
	return 1 << 30
}

// index finds the columns that are read, who asks a column, and which policies
// hang on a node.
func (b *bound) index(columns int) {
	b.atoms = make([][]int32, columns)
	b.users = make([][]int32, len(b.nodes))
	read := make([]bool, columns)
	asks := make([][]int, len(b.nodes))
	for at := range b.nodes {
		if asks[at] = b.nodes[at].reads(); len(asks[at]) == 0 {
			continue
		}
		for _, col := range asks[at] {
			b.atoms[col] = append(b.atoms[col], int32(at))
		}
	}
	for _, at := range b.orderFor(answers{}) {
		for _, col := range asks[at] {
			read[col] = true
		}
	}
	for col, is := range read {
		if is {
			b.columns = append(b.columns, col)
		}
	}
	for i := range b.policies {
		for at := range b.below(b.policies[i].all) {
			if len(asks[at]) > 0 {
				b.users[at] = append(b.users[at], int32(i))
			}
		}
	}
}

// reads is the columns that a node itself asks.
func (n *node) reads() []int {
	switch n.op {
	case opRange, opWords:
		return []int{n.col}
	case opCompare:
		return n.calc.b.columns(n.calc.a.columns(nil))
	}
	return nil
}

// below is every node that the operands hang on, themselves among them.
func (b *bound) below(ops []uint32) map[int32]struct{} {
	seen := map[int32]struct{}{}
	var visit func(int32)
	visit = func(at int32) {
		if _, ok := seen[at]; ok {
			return
		}
		seen[at] = struct{}{}
		for _, a := range b.nodes[at].args {
			visit(a)
		}
	}
	for _, op := range ops {
		visit(int32(op))
	}
	return seen
}

// encode writes the values that the node asks for as codes of its column.
func (n *node) encode(columns []column) {
	in := n.in
	switch n.op {
	case opWords:
		in = n.words.spans()
	case opRange:
	default:
		return
	}
	c := &columns[n.col]
	top := c.raw(c.last())
	for _, x := range in {
		lo, hi := max(x.lo, c.Base), min(x.hi, top)
		if lo > hi {
			continue
		}
		from, _ := c.code(lo)
		part := codes{from: kernel.NewThreshold(c.Bits, from), single: lo == hi, first: lo == c.Base}
		if hi < top {
			before, _ := c.code(hi + 1)
			part.before = kernel.NewThreshold(c.Bits, before)
		}
		n.codes = append(n.codes, part)
	}
}
