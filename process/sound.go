package process

import "github.com/tongban/tongban/internal/i18n"

// Bounds of the search for dead ends. A drawing that has more markings than
// that is taken as it is; the game still stops when it is stuck.
const (
	maxMarkings = 10_000
	maxOnFlow   = 100
)

// sound looks for ways in which tokens of the scope come to wait for each other
// at a parallel gateway, and for branches that multiply so that no end can ever
// be reached. Conditions are not looked at: a choice may go any way.
//
// It plays the scope with the tokens on the flows, every activity passing its
// token on at once, or to a boundary event. Nothing that can move is ever
// hindered by another token, so it is enough to move one node at a time and to
// branch only over the ways that this node may take.
func (p *parser) sound(s *scope) {
	index := make(map[*flow]int, len(s.flows))
	for i, f := range s.flows {
		index[f] = i
	}
	start := make([]byte, len(s.flows))
	start[index[s.start.out[0]]] = 1
	seen, open := map[string]bool{string(start): true}, [][]byte{start}
	var grown *node
	ends := false
	for ; len(open) > 0; open = open[1:] {
		if len(seen) > maxMarkings {
			return
		}
		n, held := movable(s, index, open[0])
		if held != nil {
			p.refuse(held.place, held.ID, i18n.M("process.parse.deadlock", "id", held.ID))
			return
		}
		if n == nil {
			ends = true
			continue
		}
		for _, way := range ways(n) {
			next, fits := step(n, way, index, open[0])
			switch {
			case !fits:
				grown = n
			case !seen[string(next)]:
				seen[string(next)] = true
				open = append(open, next)
			}
		}
	}
	if grown != nil && !ends {
		p.refuse(grown.place, grown.ID, i18n.M("process.parse.unbounded", "id", grown.ID))
	}
}

// step is the marking after the node has taken its tokens and put one on each
// flow of the way; fits is false where a flow holds too many.
func step(n *node, way []*flow, index map[*flow]int, marking []byte) (next []byte, fits bool) {
	next = append([]byte(nil), marking...)
	take(n, index, next)
	for _, f := range way {
		if next[index[f]]++; next[index[f]] > maxOnFlow {
			return nil, false
		}
	}
	return next, true
}

// movable is a node that can take its tokens; where there is none, a parallel
// gateway at which one waits; neither where no token is left.
func movable(s *scope, index map[*flow]int, marking []byte) (ready, held *node) {
	for _, f := range s.flows {
		if marking[index[f]] == 0 {
			continue
		}
		if f.to.Kind != ParallelGateway {
			return f.to, nil
		}
		full := true
		for _, in := range f.to.in {
			full = full && marking[index[in]] > 0
		}
		if full {
			return f.to, nil
		}
		held = f.to
	}
	return nil, held
}

// take removes the tokens that the node uses up: one of each flow for a parallel
// gateway, one for any other.
func take(n *node, index map[*flow]int, marking []byte) {
	for _, f := range n.in {
		if marking[index[f]] > 0 {
			marking[index[f]]--
			if n.Kind != ParallelGateway {
				return
			}
		}
	}
}

// ways are the sets of flows on which the node may put tokens.
func ways(n *node) [][]*flow {
	switch {
	case n.Kind == EndEvent:
		return [][]*flow{nil}
	case n.Kind == ParallelGateway:
		return [][]*flow{n.out}
	}
	var beside []*flow // what timers that do not interrupt begin
	var each [][]*flow
	for _, f := range n.out {
		each = append(each, []*flow{f})
	}
	for _, b := range n.boundary {
		if b.stays {
			beside = append(beside, b.out...)
		} else {
			each = append(each, b.out)
		}
	}
	if len(beside) > 0 {
		for _, way := range each {
			each = append(each, append(append([]*flow(nil), way...), beside...))
		}
	}
	return each
}
