package eligibility

import (
	"encoding/binary"
	"slices"
)

// node is one bitmap of a bound program: those of a block for whom something is
// known to hold. There is no negation among nodes. What a rule denies is asked
// of the columns instead (not "age < 65" but "age >= 65"), so that unknown never
// comes out as yes, and a lane that nobody has is in no bitmap.
type node struct {
	op    nodeOp
	col   int     // opRange, opWords
	in    spans   // opRange, opSum: the values asked for
	words wordSet // opWords
	args  []int32 // the nodes that it is made of
	calc  *compare
	group *group // opCompare: those that are made with this one, itself among them; nil: none
	led   bool   // opCompare: made with the node that is its first argument
	sum   *sum
	codes []codes // opRange, opWords: the same as codes of the column
}

type nodeOp uint8

const (
	opAll    nodeOp = iota // every lane that is taken; node 0
	opNobody               // node 1
	opRange                // the column's value is in a set of spans
	opWords                // the column's text is in a set
	opAnd
	opOr
	opRest    // all but args[0]
	opReach   // the column's code is codes[0].lo or more; only made by bind
	opCompare // an expression compared with another, lane by lane
	opSum     // a sum of constants under conditions is in a set of spans
)

// The nodes that every bound program has, by their places.
const (
	everyone int32 = 0
	nobody   int32 = 1
)

// codes is an interval of a column's codes.
type codes struct {
	lo, hi uint64
	alone  bool  // it is one code, or goes on to the last: one comparison
	from   int32 // else the node of lo and more,
	before int32 // and that of more than hi: nodes that other intervals share
}

// wordSet is a set of places in a dictionary.
type wordSet []uint64

func (w wordSet) has(v int64) bool {
	return v >= 0 && v>>6 < int64(len(w)) && w[v>>6]>>(v&63)&1 == 1
}

func (w wordSet) spans() spans {
	var out spans
	for v := int64(0); v < int64(len(w))*64; v++ {
		if !w.has(v) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].hi == v-1 {
			out[n-1].hi = v
		} else {
			out = append(out, span{v, v})
		}
	}
	return out
}

// graph is the nodes of a program, each of them once however many policies ask
// for it.
type graph struct {
	nodes []node
	at    map[string]int32
}

func newGraph() *graph {
	g := &graph{at: map[string]int32{}}
	g.put("all", node{op: opAll})
	g.put("nobody", node{op: opNobody})
	return g
}

// put is the node with the key, added where it is new.
func (g *graph) put(key string, n node) int32 {
	if at, ok := g.at[key]; ok {
		return at
	}
	at := int32(len(g.nodes))
	g.nodes = append(g.nodes, n)
	g.at[key] = at
	return at
}

// key is the text under which a node is found again.
func key(op nodeOp, col int, numbers ...int64) string {
	b := make([]byte, 0, 8+9*len(numbers))
	b = append(b, byte(op))
	b = binary.AppendVarint(b, int64(col))
	for _, n := range numbers {
		b = binary.AppendVarint(b, n)
	}
	return string(b)
}

func keyOf(op nodeOp, args []int32) string {
	b := []byte{byte(op)}
	for _, a := range args {
		b = binary.AppendVarint(b, int64(a))
	}
	return string(b)
}

func (s spans) numbers() []int64 {
	out := make([]int64, 0, 2*len(s))
	for _, x := range s {
		out = append(out, x.lo, x.hi)
	}
	return out
}

func (g *graph) inSpans(col int, in spans) int32 {
	if len(in) == 0 {
		return nobody
	}
	return g.put(key(opRange, col, in.numbers()...), node{op: opRange, col: col, in: in})
}

// all is the operands of the conjunction of args: flat, each once, without
// those that hold for everyone. Where merge is set, spans of one column are
// intersected.
func (g *graph) all(args []int32, merge bool) []int32 {
	flat := g.flat(opAnd, args, nil)
	if slices.Contains(flat, nobody) {
		return []int32{nobody}
	}
	flat = slices.DeleteFunc(flat, func(a int32) bool { return a == everyone })
	if merge {
		flat = g.merge(flat, spans.and)
	}
	flat = unique(flat)
	switch {
	case slices.Contains(flat, nobody):
		return []int32{nobody}
	case len(flat) == 0:
		return []int32{everyone}
	}
	return flat
}

func (g *graph) and(args ...int32) int32 {
	flat := g.all(args, true)
	if len(flat) == 1 {
		return flat[0]
	}
	return g.put(keyOf(opAnd, flat), node{op: opAnd, args: flat})
}

func (g *graph) or(args ...int32) int32 {
	flat := g.flat(opOr, args, nil)
	if slices.Contains(flat, everyone) {
		return everyone
	}
	flat = slices.DeleteFunc(flat, func(a int32) bool { return a == nobody })
	flat = unique(g.merge(flat, spans.or))
	switch len(flat) {
	case 0:
		return nobody
	case 1:
		return flat[0]
	}
	return g.put(keyOf(opOr, flat), node{op: opOr, args: flat})
}

// rest is everyone but those of a.
func (g *graph) rest(a int32) int32 {
	switch a {
	case everyone:
		return nobody
	case nobody:
		return everyone
	}
	return g.put(keyOf(opRest, []int32{a}), node{op: opRest, args: []int32{a}})
}

// flat replaces arguments of the same kind by their own.
func (g *graph) flat(op nodeOp, args, into []int32) []int32 {
	for _, a := range args {
		if n := &g.nodes[a]; n.op == op {
			into = append(into, n.args...)
		} else {
			into = append(into, a)
		}
	}
	return into
}

func unique(args []int32) []int32 {
	slices.Sort(args)
	return slices.Compact(args)
}

// merge makes one node of all those that ask about values of one column.
func (g *graph) merge(args []int32, with func(spans, spans) spans) []int32 {
	var out []int32
	seen := map[int]int{} // column -> place in out
	for _, a := range args {
		n := g.nodes[a]
		if n.op != opRange {
			out = append(out, a)
			continue
		}
		at, ok := seen[n.col]
		if !ok {
			seen[n.col] = len(out)
			out = append(out, a)
			continue
		}
		if first := out[at]; first != nobody {
			out[at] = g.inSpans(n.col, with(g.nodes[first].in, n.in))
		}
	}
	return out
}
