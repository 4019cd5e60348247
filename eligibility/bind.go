package eligibility

import (
	"math"
	"slices"
	"sync"
)

// bound is a program made for the columns of one population: nodes, in the
// order in which a block is run through them, and what each policy takes of them.
type bound struct {
	epoch    uint64 // of the dictionaries that it knows
	nodes    []node
	policies []boundPolicy
	columns  []int     // those that counts of matches read
	atoms    [][]int32 // column -> the nodes that ask it
	slots    []uint32  // node -> its place in the arena
	owners   []int32   // node -> the only policy that hangs on it, or shared
	late     []bool    // node -> it is a comparison, or made of one
	room     int       // bitmaps of the arena
	tables   map[*number]*table
	layout   []column

	mu    sync.Mutex // guards plans
	plans map[answers]*plan

	sieveOnce sync.Once
	theSieve  *sieve
}

// shared is the owner of a node of which several policies may ask.
const shared int32 = -1

// boundPolicy is one policy, as nodes.
type boundPolicy struct {
	operands // nodes

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
	b := &bound{layout: columns, policies: make([]boundPolicy, len(prog.entries))}
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
	b.bounds(columns)
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
		n.calc.a.measure(columns)
		n.calc.b.measure(columns)
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
			n.measure(columns)
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
	b.late = make([]bool, len(b.nodes))
	for at := range b.nodes {
		n := &b.nodes[at]
		b.late[at] = n.op == opCompare || slices.ContainsFunc(n.args, func(a int32) bool { return b.late[a] })
	}
	for i := range b.policies {
		below := b.below(b.policies[i].roots(answers{near: true, amounts: true}))
		late := false // what else the policy asks is wanted before
		for at := range below {
			late = late || b.late[at]
		}
		for at := range below {
			if b.owners[at] == nobodys && !late && b.nodes[at].private() && at != everyone && at != nobody {
				b.owners[at] = int32(i)
			} else {
				b.owners[at] = shared
			}
		}
	}
	for at := len(b.nodes) - 1; at >= 0; at-- { // what is shared runs first, and so does what it is made of
		if b.owners[at] == shared {
			for _, a := range b.nodes[at].args {
				b.owners[a] = shared
			}
		}
	}
	own, bounds, most := make([]int, len(b.policies)), make([]int, len(b.layout)), 0
	for at, owner := range b.owners {
		if owner < 0 && b.nodes[at].op != opReach {
			b.owners[at] = shared
			b.slots[at] = uint32(b.room)
			b.room++
		}
	}
	for at := range b.nodes { // bounds are not needed any more when the next column comes
		if n := &b.nodes[at]; n.op == opReach {
			b.owners[at] = shared
			b.slots[at] = uint32(b.room + bounds[n.col])
			bounds[n.col]++
			most = max(most, bounds[n.col])
		}
	}
	b.room += most
	most = 0
	for at, owner := range b.owners {
		if owner >= 0 {
			b.slots[at] = uint32(b.room + own[owner])
			own[owner]++
			most = max(most, own[owner])
		}
	}
	b.room += most
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

// last is the rank of what asks no column by itself.
const last = math.MaxInt

func (n *node) rank() int {
	switch {
	case n.op == opReach || (n.op == opRange || n.op == opWords) && len(n.args) == 0:
		return 2 * n.col
	case n.op == opRange || n.op == opWords:
		return 2*n.col + 1
	}
	return last
}

// index finds the columns that are read, and who asks a column.
func (b *bound) index(columns int) {
	b.atoms = make([][]int32, columns)
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
	for _, x := range in {
		lo, hi := max(x.lo, c.Base), min(x.hi, c.raw(c.last()))
		if lo > hi {
			continue
		}
		from, _ := c.code(lo)
		to, _ := c.code(hi)
		n.codes = append(n.codes, codes{lo: from, hi: to})
	}
}

// reach is a bound of intervals: a code of a column.
type reach struct {
	col  int
	code uint64
}

// bounds gives each interval what it is made of: a comparison of its own, where
// it is one code or all from one on, and else the two bitmaps of its bounds.
func (b *bound) bounds(columns []column) {
	at := map[reach]int32{}
	for i := range b.nodes {
		if n := &b.nodes[i]; n.open(columns) {
			at[reach{n.col, n.codes[0].lo}] = int32(i)
		}
	}
	node := func(r reach) int32 {
		i, ok := at[r]
		if !ok {
			i = int32(len(b.nodes))
			at[r] = i
			b.nodes = append(b.nodes, node{op: opReach, col: r.col,
				codes: []codes{{lo: r.code, hi: columns[r.col].last(), alone: true}}})
		}
		return i
	}
	for i := range b.nodes {
		n := b.nodes[i]
		open := n.open(columns)
		for j, x := range n.codes {
			switch c := &columns[n.col]; {
			case x.lo == x.hi || open || n.op == opReach:
				n.codes[j].alone = true
			default:
				n.codes[j].from, n.codes[j].before = node(reach{n.col, x.lo}), nobody
				if x.hi < c.last() {
					n.codes[j].before = node(reach{n.col, x.hi + 1})
				}
				b.nodes[i].args = unique(append(b.nodes[i].args, n.codes[j].from, n.codes[j].before))
			}
		}
	}
}

// open reports whether the node is one interval from a code to the last.
func (n *node) open(columns []column) bool {
	return len(n.codes) == 1 && n.codes[0].lo < n.codes[0].hi && n.codes[0].hi == columns[n.col].last()
}
