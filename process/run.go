package process

import (
	"maps"
	"slices"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Bounds of one call.
const (
	maxSteps  = 10_000 // elements entered
	maxTokens = 2_000  // live tokens
	maxItems  = 500    // items of one multi-instance activity
)

// Start begins the process with the variables and plays it until every token
// waits. It fails (Invalid) where the process cannot go on: no condition holds
// at a gateway, a collection is missing, tokens wait for each other, or elements
// run in an endless circle. The message names the element.
func (d *Definition) Start(vars Vars) (State, []Effect, error) {
	m := &machine{def: d, op: "Start", next: 1, vars: maps.Clone(vars)}
	if m.vars == nil {
		m.vars = Vars{}
	}
	m.queue = append(m.queue, move{node: d.root.start})
	return m.play()
}

// Complete ends the waiting of a user, service or receive task. out are its
// results: "outcome" becomes the variable task.<element id>.outcome, and every
// other key a variable of the process, maps being merged key by key. Of a
// multi-instance task, task.<element id>.outcomes is the list by place in the
// collection once all are done. A token that is not there, is finished or cannot
// be completed is a Conflict; the rest fails as Start does.
func (d *Definition) Complete(s State, token string, out Vars) (State, []Effect, error) {
	m := &machine{def: d, op: "Complete"}
	t, err := m.wake(s, token)
	if err != nil {
		return s, nil, err
	}
	switch t.node.Kind {
	case UserTask, ServiceTask, ReceiveTask:
		if t.Loop == nil {
			m.output(t.node, out)
			return m.playFrom(s, m.finish(t, out["outcome"]))
		}
	}
	return s, nil, refuse(fault.Conflict, m.op, i18n.M("process.run.notTask", "element", t.node.label()))
}

// Fire lets a timer go off; timer is the Token of its SetTimer effect. A timer
// that is not set any more is a Conflict.
func (d *Definition) Fire(s State, timer string) (State, []Effect, error) {
	m := &machine{def: d, op: "Fire"}
	t, err := m.wake(s, timer)
	if err != nil {
		return s, nil, err
	}
	switch t.node.Kind {
	case TimerCatch:
		m.remove(t.ID)
		m.leave(t.node, t.Up)
	case TimerBoundary:
		m.boundary(t)
	default:
		return s, nil, refuse(fault.Conflict, m.op, i18n.M("process.run.notTimer", "element", t.node.label()))
	}
	return m.playFrom(s, nil)
}

// Correlate hands a message to the token that has waited for it longest. out is
// taken as Complete takes it. A message that nobody waits for is a Conflict.
func (d *Definition) Correlate(s State, message string, out Vars) (State, []Effect, error) {
	m := &machine{def: d, op: "Correlate"}
	if err := m.load(s); err != nil {
		return s, nil, err
	}
	for _, t := range m.tokens {
		if t.node.message != message || t.Loop != nil || t.node.Kind != ReceiveTask && t.node.Kind != MessageCatch {
			continue
		}
		m.output(t.node, out)
		return m.playFrom(s, m.finish(t, out["outcome"]))
	}
	return s, nil, refuse(fault.Conflict, m.op, i18n.M("process.run.notAwaited", "message", message))
}

// Cancel takes every token away: the State is Done, and the effects take back
// what was open. There is no Ended effect, for no end was reached.
func (d *Definition) Cancel(s State) (State, []Effect) {
	m := &machine{def: d, op: "Cancel"}
	if err := m.load(s); err != nil {
		return State{record{Process: d.ID, Next: max(s.Next, 1), Values: s.Values}}, nil
	}
	for _, t := range m.tokens {
		m.withdraw(t)
	}
	m.tokens = nil
	return m.save(), m.effects
}

// wake loads the State and finds the token.
func (m *machine) wake(s State, token string) (live, error) {
	if err := m.load(s); err != nil {
		return live{}, err
	}
	id := number(token)
	t := m.find(id)
	switch {
	case t != nil:
		return *t, nil
	case id > 0 && id < s.Next:
		return live{}, refuse(fault.Conflict, m.op, i18n.M("process.run.finished"))
	}
	return live{}, refuse(fault.Conflict, m.op, i18n.M("process.run.unknown", "token", token))
}

// playFrom plays on, and gives the State s back unchanged where that fails.
func (m *machine) playFrom(s State, err error) (State, []Effect, error) {
	if err != nil {
		return s, nil, err
	}
	next, effects, err := m.play()
	if err != nil {
		return s, nil, err
	}
	return next, effects, nil
}

// play moves tokens until each of them waits.
func (m *machine) play() (State, []Effect, error) {
	for steps := 0; len(m.queue) > 0; steps++ {
		next := m.queue[0]
		m.queue = m.queue[1:]
		if steps >= maxSteps {
			return State{}, nil, refuse(fault.Invalid, m.op, i18n.M("process.run.endless", "element", next.node.label()))
		}
		if len(m.tokens)+len(m.queue) > maxTokens {
			return State{}, nil, refuse(fault.Invalid, m.op, i18n.M("process.run.tokens", "element", next.node.label(), "max", maxTokens))
		}
		if err := m.enter(next); err != nil {
			return State{}, nil, err
		}
	}
	if err := m.stuck(); err != nil {
		return State{}, nil, err
	}
	return m.save(), m.effects, nil
}

// stuck refuses a State in which tokens are left and none of them waits for
// anything that could come.
func (m *machine) stuck() error {
	if len(m.tokens) == 0 {
		return nil
	}
	for _, t := range m.tokens {
		if t.node.waits() {
			return nil
		}
	}
	i := max(0, slices.IndexFunc(m.tokens, func(t live) bool { return t.node.Kind == ParallelGateway }))
	return refuse(fault.Invalid, m.op, i18n.M("process.run.stuck", "element", m.tokens[i].node.label()))
}

// label is how a message names the element.
func (n *node) label() i18n.Text {
	if n.Name.IsZero() {
		return i18n.Same(n.ID)
	}
	return i18n.Text{ZH: n.Name.In(i18n.ZH) + "（" + n.ID + "）", EN: n.Name.In(i18n.EN) + " (" + n.ID + ")"}
}
