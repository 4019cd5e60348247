package eligibility

import (
	"cmp"
	"maps"
	"math"
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
	slots    []uint32  // node -> its place in the arena
	owners   []int32   // node -> the only policy that hangs on it, or shared
	room     int       // bitmaps of the arena
	tables   map[*number]*table

	mu    sync.Mutex // guards plans
	plans map[answers]*plan
}

// shared is the owner of a node of which several policies may ask.
const shared int32 = -1

// plan is the order in which nodes are run: first what is shared, then, policy
// by policy, what is its own. The bitmaps of what is a policy's own stand where
// those of the policy before stood, so that the arena stays small.
type plan struct {
	shared []int32
	own    [][]int32 // by policy
}

// answers is what a run is to answer besides who is entitled.
type answers struct{ near, amounts bool }

// boundPolicy is one policy, as nodes and as places in the arena.
type boundPolicy struct {
	operands          // nodes
	slots    operands // the same as places

	amount *number // where it is not in cases; nil: there is none
}

// operands is what the answers for a policy are made of.
type operands struct {
	all  []uint32 // who is in all of them is entitled
	held []uint32 // all, and has it already; nil: nobody can
	near []uint32 // everyone, then a node for each condition

	cases []amountCase // the amounts, where they are few
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
		p.all = unsigned(all)
		if e.Held != nil {
			p.held = unsigned(l.all(append(slices.Clone(all), l.formula(e.Held, true)), false))
		}
		if e.Amount != nil {
			l.amount(p, all, l.number(e.Amount))
		}
	}
	b.nodes = l.nodes
	for i := range b.nodes {
		b.nodes[i].encode(columns)
	}
	b.gather(columns)
	b.place()
	b.index(len(columns))
	return b
}

// gather makes groups of the comparisons of one expression with constants, and
// tables of what can be looked up.
func (b *bound) gather(columns []column) {
	leaders, same := map[string]int32{}, map[string]*table{}
	b.tables = map[*number]*table{}
	for at := range b.nodes {
		n := &b.nodes[at]
		if n.op != opCompare {
			continue
		}
		n.calc.b.tabulate(columns, b.tables, same)
		if n.calc.b.op != opConst {
			n.calc.a.tabulate(columns, b.tables, same)
			continue
		}
		k := n.calc.a.text()
		first, ok := leaders[k]
		if !ok {
			n.calc.a.tabulate(columns, b.tables, same)
			first = int32(at)
			leaders[k] = first
			n.group = &group{a: n.calc.a, need: n.calc.need}
		} else {
			n.led, n.args = true, []int32{first}
		}
		g := b.nodes[first].group
		g.members = append(g.members, int32(at))
	}
	for i := range b.policies {
		if n := b.policies[i].amount; n != nil {
			n.tabulate(columns, b.tables, same)
		}
	}
}

// place gives every node its place in the arena.
func (b *bound) place() {
	b.slots, b.owners = make([]uint32, len(b.nodes)), make([]int32, len(b.nodes))
	const nobodys = -2
	for at := range b.owners {
		b.owners[at] = nobodys
	}
	for i := range b.policies {
		for at := range b.below(b.policies[i].roots(answers{near: true, amounts: true})) {
			if b.owners[at] == nobodys && b.nodes[at].private() && at != everyone && at != nobody {
				b.owners[at] = int32(i)
			} else {
				b.owners[at] = shared
			}
		}
	}
	own := make([]int, len(b.policies))
	for at, owner := range b.owners {
		if owner < 0 {
			b.owners[at] = shared
			b.slots[at] = uint32(b.room)
			b.room++
		}
	}
	most := 0
	for at, owner := range b.owners {
		if owner >= 0 {
			b.slots[at] = uint32(b.room + own[owner])
			own[owner]++
			most = max(most, own[owner])
		}
	}
	b.room += most
	for at := range b.nodes {
		b.nodes[at].ops = b.placed(unsigned(b.nodes[at].args))
	}
	for i := range b.policies {
		p := &b.policies[i]
		p.slots = operands{all: b.placed(p.all), held: b.placed(p.held), near: b.placed(p.near)}
		for _, c := range p.cases {
			p.slots.cases = append(p.slots.cases, amountCase{b.placed(c.who), c.value})
		}
	}
}

func unsigned(args []int32) []uint32 {
	out := make([]uint32, len(args))
	for i, a := range args {
		out[i] = uint32(a)
	}
	return out
}

// private reports whether the node may be one policy's own: it asks no column by
// itself, and is made by itself.
func (n *node) private() bool {
	return n.rank() == last && !n.led && (n.group == nil || len(n.group.members) == 1)
}

func (b *bound) placed(nodes []uint32) []uint32 {
	if nodes == nil {
		return nil
	}
	out := make([]uint32, len(nodes))
	for i, at := range nodes {
		out[i] = b.slots[at]
	}
	return out
}

// roots is the nodes that the answers for a policy hang on.
func (p *boundPolicy) roots(a answers) []uint32 {
	roots := append(append([]uint32{}, p.all...), p.held...)
	if a.near {
		roots = append(roots, p.near...)
	}
	if a.amounts {
		for _, c := range p.cases {
			roots = append(roots, c.who...)
		}
		roots = append(roots, unsigned(p.amount.tests(nil))...)
	}
	return roots
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
			p.cases = append(p.cases, amountCase{unsigned(l.all(append(slices.Clone(all), x.when), false)), x.n.value})
		}
	}
}

// maxAmount is a million million yuan: more than that for one subject is no
// amount, and counts as unknown, so that no total overflows.
const maxAmount = 1_000_000_000_000

func bounded(amount int64) bool { return -maxAmount <= amount && amount <= maxAmount }

// plan is how the nodes that some answers need are run.
func (b *bound) plan(a answers) *plan {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p, ok := b.plans[a]; ok {
		return p
	}
	needed := map[int32]struct{}{}
	for i := range b.policies {
		maps.Copy(needed, b.below(b.policies[i].roots(a)))
	}
	p := &plan{own: make([][]int32, len(b.policies))}
	for _, at := range slices.Sorted(maps.Keys(needed)) {
		switch owner := b.owners[at]; {
		case at == everyone || at == nobody:
		case owner == shared:
			p.shared = append(p.shared, at)
		default:
			p.own[owner] = append(p.own[owner], at)
		}
	}
	// The questions about columns come first, column by column, so that each
	// is read once; then the rest, each after its arguments.
	slices.SortStableFunc(p.shared, func(x, y int32) int { return cmp.Compare(b.nodes[x].rank(), b.nodes[y].rank()) })
	if b.plans == nil {
		b.plans = map[answers]*plan{}
	}
	b.plans[a] = p
	return p
}

// last is the rank of what asks no column by itself.
const last = math.MaxInt

func (n *node) rank() int {
	if n.op == opRange || n.op == opWords {
		return n.col
	}
	return last
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
	for i := range b.policies {
		for at := range b.below(b.policies[i].all) {
			for _, col := range asks[at] {
				read[col] = true
			}
			if len(asks[at]) > 0 {
				b.users[at] = append(b.users[at], int32(i))
			}
		}
	}
	for col, is := range read {
		if is {
			b.columns = append(b.columns, col)
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
