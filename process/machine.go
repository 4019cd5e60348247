package process

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// machine is the token game at work on one call.
type machine struct {
	def     *Definition
	op      string
	next    int
	tokens  []live // ordered by number
	vars    Vars   // replaced, never changed
	effects []Effect
	queue   []move
}

// move is a token on its way to a node.
type move struct {
	node *node
	via  *flow
	up   int
}

// enter plays one element.
func (m *machine) enter(v move) error {
	switch n := v.node; n.Kind {
	case StartEvent:
		m.leave(n, v.up)
	case EndEvent:
		return m.end(n, v.up)
	case ExclusiveGateway:
		return m.choose(n, v.up)
	case ParallelGateway:
		m.join(n, v)
	case RuleTask:
		return m.evaluate(n, v.up)
	default:
		if n.loop != nil {
			return m.loop(n, v.up)
		}
		t := m.rest(live{token: token{Up: v.up}, node: n})
		if err := m.begin(t); err != nil {
			return err
		}
		m.arm(t)
	}
	return nil
}

// rest puts a token down and gives it its number.
func (m *machine) rest(t live) live {
	t.ID, t.Node = m.next, t.node.ID
	m.next++
	m.tokens = append(m.tokens, t)
	return t
}

// begin starts the work of an activity, or the waiting of an event.
func (m *machine) begin(t live) error {
	e := Effect{Token: name(t.ID), Element: &t.node.Element, Vars: t.Item}
	switch t.node.Kind {
	case UserTask:
		e.Kind = OpenTask
	case ServiceTask:
		e.Kind = CallService
	case ReceiveTask, MessageCatch:
		e.Kind, e.Message = AwaitMessage, t.node.message
	case TimerCatch:
		e.Kind, e.Period = SetTimer, t.node.period
	case Subprocess:
		m.queue = append(m.queue, move{node: t.node.inner.start, up: t.ID})
		return nil
	case CallActivity:
		if t.node.target == nil {
			return refuse(fault.Invalid, m.op, i18n.M("process.run.unlinked", "element", t.node.label()))
		}
		m.queue = append(m.queue, move{node: t.node.target.root.start, up: t.ID})
		return nil
	}
	m.effects = append(m.effects, e)
	return nil
}

// arm sets the boundary timers of an activity.
func (m *machine) arm(host live) {
	for _, b := range host.node.boundary {
		t := m.rest(live{token: token{Up: host.Up, Host: host.ID}, node: b})
		m.effects = append(m.effects, Effect{Kind: SetTimer, Token: name(t.ID), Element: &b.Element, Period: b.period})
	}
}

// finish ends an activity or a message event: its timers are cleared, and its
// token goes on, unless it was one instance of a loop.
func (m *machine) finish(t live, outcome any) error {
	m.remove(t.ID)
	for i := 0; i < len(m.tokens); {
		if b := m.tokens[i]; b.Host == t.ID {
			m.withdraw(b)
			m.tokens = slices.Delete(m.tokens, i, i+1)
			continue
		}
		i++
	}
	if body := m.find(t.Up); body != nil && body.Loop != nil {
		return m.turn(body, t, outcome)
	}
	m.leave(t.node, t.Up)
	return nil
}

// leave sends a token out by every flow. Only gateways have more than one.
func (m *machine) leave(n *node, up int) {
	for _, f := range n.out {
		m.queue = append(m.queue, move{f.to, f, up})
	}
}

// end takes a token away; where it was the last of its scope, the scope is
// finished.
func (m *machine) end(n *node, up int) error {
	for _, t := range m.tokens {
		if t.Up == up {
			return nil
		}
	}
	for _, v := range m.queue {
		if v.up == up {
			return nil
		}
	}
	if up == 0 {
		m.effects = append(m.effects, Effect{Kind: Ended, Element: &n.Element})
		return nil
	}
	return m.finish(*m.find(up), nil)
}

// choose takes the first flow whose condition holds, else the default one.
func (m *machine) choose(n *node, up int) error {
	taken := n.otherwise
	var missing []string
	for _, f := range n.out {
		if f == n.otherwise {
			continue
		}
		if f.condition == nil { // the only way out
			taken = f
			break
		}
		result := f.condition.Eval(m.visible(up))
		if result.Err != nil {
			return refuse(fault.Invalid, m.op, i18n.M("process.run.condition", "element", n.label(), "flow", f.id, "detail", messageOf(result.Err)))
		}
		if result.Verdict == criterion.Yes {
			taken = f
			break
		}
		missing = append(missing, result.Missing...)
	}
	if taken == nil {
		slices.Sort(missing)
		if missing = slices.Compact(missing); len(missing) > 0 {
			return refuse(fault.Invalid, m.op, i18n.M("process.run.noWayMissing", "element", n.label(), "names", strings.Join(missing, ", ")))
		}
		return refuse(fault.Invalid, m.op, i18n.M("process.run.noWay", "element", n.label()))
	}
	m.queue = append(m.queue, move{taken.to, taken, up})
	return nil
}

// join waits until a token came in by every flow, then sends one out by each.
func (m *machine) join(n *node, v move) {
	if len(n.in) > 1 {
		m.rest(live{token: token{Up: v.up, Via: v.via.id}, node: n})
		var used []int
		for _, f := range n.in {
			i := slices.IndexFunc(m.tokens, func(t live) bool { return t.node == n && t.Up == v.up && t.Via == f.id })
			if i < 0 {
				return
			}
			used = append(used, m.tokens[i].ID)
		}
		for _, id := range used {
			m.remove(id)
		}
	}
	m.leave(n, v.up)
}

// evaluate plays a business rule task.
func (m *machine) evaluate(n *node, up int) error {
	value, err := n.rule.Value(m.visible(up))
	if err != nil {
		return refuse(fault.Invalid, m.op, i18n.M("process.run.rule", "element", n.label(), "detail", messageOf(err)))
	}
	m.vars = merge(m.vars, Vars{n.result: value})
	m.leave(n, up)
	return nil
}

// boundary lets a boundary timer go off: the host is broken off, or goes on
// beside it.
func (m *machine) boundary(t live) {
	m.remove(t.ID)
	if !t.node.stays {
		m.breakOff(t.Host)
	}
	m.leave(t.node, t.Up)
}

// breakOff takes a token away with all that stands in it or watches it.
func (m *machine) breakOff(id int) {
	gone := map[int]bool{id: true}
	m.tokens = slices.DeleteFunc(m.tokens, func(t live) bool {
		if t.ID != id && !gone[t.Up] && !gone[t.Host] {
			return false
		}
		gone[t.ID] = true
		m.withdraw(t)
		return true
	})
}

// withdraw takes back what the caller holds open for the token.
func (m *machine) withdraw(t live) {
	e := Effect{Token: name(t.ID), Element: &t.node.Element}
	switch t.node.Kind {
	case TimerCatch, TimerBoundary:
		e.Kind = ClearTimer
	case UserTask, ServiceTask, ReceiveTask, MessageCatch:
		if t.Loop != nil {
			return
		}
		e.Kind = CloseTask
	default:
		return
	}
	m.effects = append(m.effects, e)
}

// find is the token with the number, or nil.
func (m *machine) find(id int) *live {
	i, ok := slices.BinarySearchFunc(m.tokens, id, func(t live, id int) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return nil
	}
	return &m.tokens[i]
}

func (m *machine) remove(id int) {
	i, ok := slices.BinarySearchFunc(m.tokens, id, func(t live, id int) int { return cmp.Compare(t.ID, id) })
	if ok {
		m.tokens = slices.Delete(m.tokens, i, i+1)
	}
}

// within is the definition whose elements stand inside the token; nil where a
// call activity is not linked.
func (m *machine) within(up int) *Definition {
	for up != 0 {
		t := m.find(up)
		if t == nil {
			return nil
		}
		if t.node.Kind == CallActivity && t.Loop == nil {
			return t.node.target
		}
		up = t.Up
	}
	return m.def
}
