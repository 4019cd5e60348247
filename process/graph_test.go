package process

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
)

// graph is a random drawing without any structure: gateways and tasks joined at
// will, circles and joins that wait for ever among them.
type graph struct {
	kinds    []string // start, task, xor, and, end; by node
	edges    [][2]int
	fallback map[int]int // xor: its default edge
}

func randomGraph(t *rapid.T) *graph {
	n := rapid.IntRange(2, 9).Draw(t, "nodes")
	g := &graph{kinds: []string{"start"}, fallback: map[int]int{}}
	free := []int{0} // nodes that may have one more way out
	for i := 1; i <= n; i++ {
		kind := rapid.SampledFrom([]string{"and", "xor", "task"}).Draw(t, "kind")
		from := rapid.IntRange(0, len(free)-1).Draw(t, "from")
		g.kinds = append(g.kinds, kind)
		g.edges = append(g.edges, [2]int{free[from], i})
		if !strings.Contains("and xor", g.kinds[free[from]]) {
			free = slices.Delete(free, from, from+1)
		}
		free = append(free, i)
	}
	for range rapid.IntRange(0, 6).Draw(t, "more") {
		from := free[rapid.IntRange(0, len(free)-1).Draw(t, "from")]
		to := rapid.IntRange(1, n).Draw(t, "to")
		if g.kinds[from] == "task" || g.kinds[from] == "start" || slices.Contains(g.edges, [2]int{from, to}) {
			continue
		}
		g.edges = append(g.edges, [2]int{from, to})
	}
	for _, from := range free {
		if g.kinds[from] == "and" || g.kinds[from] == "xor" {
			if slices.ContainsFunc(g.edges, func(e [2]int) bool { return e[0] == from }) && rapid.Bool().Draw(t, "closed") {
				continue
			}
		}
		g.kinds = append(g.kinds, "end")
		g.edges = append(g.edges, [2]int{from, len(g.kinds) - 1})
	}
	for i, e := range g.edges {
		if g.kinds[e[0]] == "xor" {
			g.fallback[e[0]] = i
		}
	}
	return g
}

// open reports whether the condition of an edge that leaves an exclusive gateway
// holds: the variable w says the how-manieth of the gateway's ways is open.
func (g *graph) open(edge, w int) bool { return g.turn(edge) == w }

func (g *graph) turn(edge int) int {
	n := 0
	for _, e := range g.edges[:edge] {
		if e[0] == g.edges[edge][0] {
			n++
		}
	}
	return n
}

func (g *graph) draw() string {
	var b strings.Builder
	for i, kind := range g.kinds {
		tag := map[string]string{"start": "startEvent", "task": "userTask", "xor": "exclusiveGateway", "and": "parallelGateway", "end": "endEvent"}[kind]
		attr := ""
		if f, ok := g.fallback[i]; ok {
			attr = fmt.Sprintf(` default="n%d-n%d"`, i, g.edges[f][1])
		}
		fmt.Fprintf(&b, "<%s id=\"n%d\"%s/>\n", tag, i, attr)
	}
	for i, e := range g.edges {
		line := fmt.Sprintf("n%d>n%d", e[0], e[1])
		if g.kinds[e[0]] == "xor" && g.fallback[e[0]] != i {
			line += fmt.Sprintf(": w == %d", g.turn(i))
		}
		b.WriteString(flows(line))
	}
	return b.String()
}

// marking is how many tokens are on each edge and in each task. The naive
// interpreter scans the whole graph for something to fire, over and over.
type marking struct {
	*graph
	edge, task []int
	w          int
}

func (m *marking) fire(node int) bool {
	var in, out []int
	for i, e := range m.edges {
		if e[1] == node {
			in = append(in, i)
		}
		if e[0] == node {
			out = append(out, i)
		}
	}
	ready := slices.IndexFunc(in, func(i int) bool { return m.edge[i] > 0 })
	if ready < 0 {
		return false
	}
	switch m.kinds[node] {
	case "and":
		for _, i := range in {
			if m.edge[i] == 0 {
				return false
			}
		}
		for _, i := range in {
			m.edge[i]--
		}
		for _, i := range out {
			m.edge[i]++
		}
	case "xor":
		m.edge[in[ready]]--
		way := m.fallback[node]
		for _, i := range slices.Backward(out) {
			if i != m.fallback[node] && m.open(i, m.w) {
				way = i
			}
		}
		m.edge[way]++
	case "task":
		m.edge[in[ready]]--
		m.task[node]++
	case "end":
		m.edge[in[ready]]--
	}
	return true
}

// settle fires until nothing can; false where that takes for ever.
func (m *marking) settle() bool {
	for range 4_000 {
		fired := false
		for node := range m.kinds {
			fired = m.fire(node) || fired
		}
		if !fired {
			return true
		}
	}
	return false
}

func (m *marking) complete(node int) {
	m.task[node]--
	for i, e := range m.edges {
		if e[0] == node {
			m.edge[i]++
		}
	}
}

// fate searches every marking that the graph can come to, each node and each
// choice in any order, for one that is stuck, one that has grown large and one
// that is the end.
func (g *graph) fate() (stuck, grows, ends bool) {
	seen := map[string]bool{}
	var search func(edge []int)
	search = func(edge []int) {
		key, total, moved := fmt.Sprint(edge), 0, false
		for _, n := range edge {
			total += n
		}
		grows, ends = grows || total > 12, ends || total == 0
		if seen[key] || stuck || total > 12 || len(seen) > 2_000 {
			grows = grows || len(seen) > 2_000 // too many to tell
			return
		}
		seen[key] = true
		for node, kind := range g.kinds {
			for w := range g.edges { // more than any node has ways
				m := &marking{graph: g, edge: slices.Clone(edge), task: make([]int, len(g.kinds)), w: w}
				if !m.fire(node) {
					break
				}
				if moved = true; kind == "task" {
					m.complete(node)
				}
				search(m.edge)
				if kind != "xor" {
					break
				}
			}
		}
		stuck = stuck || total > 0 && !moved
	}
	first := make([]int, len(g.edges))
	for i, e := range g.edges {
		if e[0] == 0 {
			first[i] = 1
		}
	}
	search(first)
	return stuck, grows, ends
}

// waiting lists the tasks that are open, and how many tokens wait at joins.
func (m *marking) waiting() (tasks []string, held int) {
	for node, n := range m.task {
		for range n {
			tasks = append(tasks, fmt.Sprintf("n%d", node))
		}
	}
	for _, n := range m.edge {
		held += n
	}
	return tasks, held
}

// TestGraphs plays random graphs beside the naive interpreter. Whatever Parse
// takes must be played alike: the same tasks open, the same tokens held at
// joins, and a fault where the naive one is stuck or runs for ever.
func TestGraphs(t *testing.T) {
	played := 0
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		d, err := Parse(model(g.draw()))
		if err != nil {
			var first *Error
			if !errors.As(err, &first) {
				t.Fatalf("got %v, want Errors", err)
			}
			stuck, grows, ends := g.fate()
			if m := first.Message.EN; strings.Contains(m, "wait for ever") && !stuck && !grows || strings.Contains(m, "multiply") && ends {
				t.Fatalf("refused, and nothing can go wrong: %v\n%s", err, g.draw())
			}
			return
		}
		if stuck, _, _ := g.fate(); stuck {
			t.Fatalf("taken, and it can get stuck\n%s", g.draw())
		}
		played++
		m := &marking{graph: g, edge: make([]int, len(g.edges)), task: make([]int, len(g.kinds))}
		m.complete(0)
		m.task[0] = 0
		s, _, err := d.Start(Vars{"w": 0})
		for range 25 {
			finite := m.settle()
			tasks, held := m.waiting()
			if !finite {
				if !fault.Is(err, fault.Invalid) {
					t.Fatalf("got %v and %s, want a fault, for it is endless\n%s", err, encode(t, s), g.draw())
				}
				return
			}
			if err != nil {
				t.Fatalf("got %v, want open %v\n%s", err, tasks, g.draw())
			}
			var got []string
			for _, k := range s.Tokens() {
				if e, _ := d.Element(k.Element); e.Kind == UserTask {
					got = append(got, k.Element)
				}
			}
			if !slices.Equal(sorted(got), sorted(tasks)) || len(s.Tokens()) != len(tasks)+held || s.Done() != (len(tasks) == 0) {
				t.Fatalf("got %s, want open %v and %d held\n%s", encode(t, s), tasks, held, g.draw())
			}
			if s.Done() {
				return
			}
			next := tasks[rapid.IntRange(0, len(tasks)-1).Draw(t, "complete")]
			m.w = rapid.IntRange(0, 2).Draw(t, "w")
			var node int
			fmt.Sscanf(next, "n%d", &node)
			m.complete(node)
			i := slices.IndexFunc(s.Tokens(), func(k Token) bool { return k.Element == next })
			s, _, err = d.Complete(s, s.Tokens()[i].ID, Vars{"w": m.w})
		}
	})
	if played < 10 {
		t.Errorf("only %d graphs were played; the maker is off", played)
	}
}
