package process

import (
	"slices"
	"strconv"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// State is where a running process stands: its live tokens and its variables.
// It is a value: no call changes a State that it was given. It goes through
// JSON unharmed; the zero State has not been started.
type State struct{ record }

// record is what a State keeps. Embedded, it is written to JSON and read back in
// one pass, which is most of the time of an advance.
type record struct {
	Process string  `json:"process"`
	Next    int     `json:"next"`   // number of the next token; 0: not started
	Live    []token `json:"tokens"` // in the order of their numbers
	Values  Vars    `json:"vars"`
}

// token is one live token, or a timer armed at a boundary. What it stands in or
// watches has a lower number.
type token struct {
	ID   int    `json:"id"`
	Node string `json:"at"`
	Up   int    `json:"up,omitempty"`   // the token of the subprocess it stands in; 0: the top
	Host int    `json:"host,omitempty"` // boundary timer: the token it watches
	Via  string `json:"via,omitempty"`  // parallel gateway: the flow by which it came
	Turn int    `json:"turn,omitempty"` // instance of a loop: its place in the collection, from 0
	Item Vars   `json:"item,omitempty"` // instance of a loop: its item by name
	Loop *round `json:"loop,omitempty"` // multi-instance activity as a whole
}

// round is the progress of a multi-instance activity.
type round struct {
	Left     int   `json:"left"`           // instances not yet finished
	Rest     []any `json:"rest,omitempty"` // sequential: the items not yet begun
	Outcomes []any `json:"outcomes"`       // by place in the collection
}

// Token is a live token as the diagram shows it.
type Token struct {
	ID      string `json:"id"`      // "t12"
	Element string `json:"element"` // the element it rests at
	Within  string `json:"within"`  // the token of the subprocess or call around it; empty at the top
}

// Tokens lists the live tokens in the order in which they came to rest.
// Subprocesses that are running have one too. Armed timers are not tokens.
func (s State) Tokens() []Token {
	live := make([]Token, 0, len(s.Live))
	for _, t := range s.Live {
		if t.Host != 0 || t.Loop != nil {
			continue
		}
		within := ""
		if t.Up != 0 {
			within = name(t.Up)
		}
		live = append(live, Token{ID: name(t.ID), Element: t.Node, Within: within})
	}
	return live
}

// Done reports whether the process was started and has no token left.
func (s State) Done() bool { return s.Next > 0 && len(s.Live) == 0 }

// Vars are the variables. Do not change them.
func (s State) Vars() Vars { return s.Values }

func name(id int) string { return "t" + strconv.Itoa(id) }

// number is the id behind a token's name, or 0.
func number(name string) int {
	if len(name) < 2 || name[0] != 't' {
		return 0
	}
	id, err := strconv.Atoi(name[1:])
	if err != nil || id < 1 || name != "t"+strconv.Itoa(id) {
		return 0
	}
	return id
}

// live is a token with its node, which it has within a running machine.
type live struct {
	token
	node *node
}

// load checks a State against the definition and ties its tokens to their
// nodes. A State of another process, or one that was tampered with, is refused.
func (m *machine) load(s State) error {
	if s.Process != m.def.ID || s.Next < 1 || len(s.Live) > maxTokens {
		return m.broken()
	}
	m.next, m.vars = s.Next, s.Values
	m.tokens = make([]live, 0, len(s.Live)+4)
	for _, t := range s.Live {
		n := m.place(t)
		if n == nil || t.ID <= m.last() || t.ID >= s.Next {
			return m.broken()
		}
		m.tokens = append(m.tokens, live{t, n})
	}
	if !m.loopsHold() {
		return m.broken()
	}
	return nil
}

func (m *machine) broken() error {
	return refuse(fault.Conflict, m.op, i18n.M("process.run.otherState", "process", m.def.ID))
}

// last is the highest number among the tokens.
func (m *machine) last() int {
	if len(m.tokens) == 0 {
		return 0
	}
	return m.tokens[len(m.tokens)-1].ID
}

// place is the node at which the token rests, or nil where it cannot. The
// tokens around it have been loaded before.
func (m *machine) place(t token) *node {
	def := m.def
	var up *live
	if t.Up != 0 {
		if up = m.find(t.Up); up == nil || up.inside() == nil && up.Loop == nil {
			return nil
		}
		def = m.within(t.Up)
	}
	n := def.nodes[t.Node]
	if n == nil {
		return nil
	}
	instance := up != nil && up.Loop != nil
	inPlace := up == nil || instance && n == up.node || !instance && n.scope == up.inside()
	looped := (n.loop != nil) == (instance || t.Loop != nil) && !(instance && t.Loop != nil)
	rests := n.waits() || n.inner != nil || n.Kind == CallActivity
	switch n.Kind {
	case TimerBoundary:
		host := m.find(t.Host)
		rests = host != nil && host.node == n.host && host.Up == t.Up
	case ParallelGateway:
		rests = slices.ContainsFunc(n.in, func(f *flow) bool { return f.id == t.Via })
	}
	if !inPlace || !looped || !rests || (t.Host != 0) != (n.Kind == TimerBoundary) || up == nil && n.scope != m.def.root {
		return nil
	}
	return n
}

// inside is the scope that stands in the token, or nil.
func (t *live) inside() *scope {
	switch {
	case t.Loop != nil:
		return nil
	case t.node.Kind == CallActivity && t.node.target != nil:
		return t.node.target.root
	}
	return t.node.inner
}

// loopsHold reports whether every loop counts its instances rightly.
func (m *machine) loopsHold() bool {
	for _, body := range m.tokens {
		if body.Loop == nil {
			continue
		}
		left := len(body.Loop.Rest)
		for _, t := range m.tokens {
			if t.Up == body.ID {
				left++
			}
		}
		if left != body.Loop.Left || left == len(body.Loop.Rest) {
			return false
		}
	}
	return true
}

// save is the State that the machine has come to.
func (m *machine) save() State {
	s := State{record{Process: m.def.ID, Next: m.next, Values: m.vars, Live: make([]token, len(m.tokens))}}
	for i := range m.tokens {
		s.Live[i] = m.tokens[i].token
	}
	return s
}
