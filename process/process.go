// Package process runs the business processes of a city. They are drawn in
// BPMN 2.0 in any modeller, read by Parse, and played by a token game of pure
// functions: a State and an event give the next State and the Effects that the
// caller carries out (open a task, set a timer), all inside the caller's own
// transaction. The package keeps nothing, reads no clock and starts nothing.
//
// It takes a subset of BPMN: none start and end events; user, service, business
// rule and receive tasks; exclusive and parallel gateways; embedded subprocesses
// and call activities; timer catch events, timer boundary events that interrupt
// or not; message catch events; multi-instance activities. Lanes, pools,
// annotations and data objects may be drawn and mean nothing to the game.
// Everything else is refused by Parse, by element id and place, with what to
// draw instead. Conditions are CEL (package criterion).
//
// What BPMN leaves to the tool stands in attributes of the namespace
// https://tongban.org/ns/bpmn (prefix tb). The game itself reads tb:name-en,
// tb:call (what a service task calls), tb:rule and tb:result (of a rule task),
// tb:collection and tb:item (of a multi-instance activity); all of them, and
// any other such as tb:duty, are handed on in Element.Attrs.
//
// Invariants: the same State and event give the same result, token ids
// included; a State given is never changed; an error changes nothing; a call
// does bounded work; a State is Done exactly when no token is live.
package process

import (
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// Namespace is that of the tb attributes.
const Namespace = "https://tongban.org/ns/bpmn"

// Definition is one process, checked and ready to play. It is read-only after
// Link and safe for concurrent use.
type Definition struct {
	ID   string
	Name i18n.Text
	Hash string // SHA-256 of the source, hex

	source   []byte
	root     *scope
	elements []*Element
	nodes    map[string]*node
}

// Source is the BPMN file as it was parsed, diagram included. Do not change it.
func (d *Definition) Source() []byte { return d.source }

// Elements lists the flow elements in the order of the file, those inside
// subprocesses among them. Do not change them.
func (d *Definition) Elements() []*Element { return d.elements }

// Element is the element with the id.
func (d *Definition) Element(id string) (*Element, bool) {
	n, ok := d.nodes[id]
	if !ok {
		return nil, false
	}
	return &n.Element, true
}

// Calls lists the ids of the processes that call activities name, sorted.
func (d *Definition) Calls() []string {
	var ids []string
	for _, n := range d.nodes {
		if n.Kind == CallActivity {
			ids = append(ids, n.called)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Variables lists the variables that the process's conditions, rules and
// collections read, sorted.
func (d *Definition) Variables() []string {
	var names []string
	for _, n := range d.nodes {
		if n.rule != nil {
			names = append(names, n.rule.Variables()...)
		}
		if n.loop != nil {
			names = append(names, n.loop.collection)
		}
		for _, f := range n.out {
			if f.condition != nil {
				names = append(names, f.condition.Variables()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ElementKind says what an element does.
type ElementKind string

// The kinds. The comments say what moves a token on.
const (
	StartEvent       ElementKind = "start"             // goes on by itself
	EndEvent         ElementKind = "end"               // takes the token away
	UserTask         ElementKind = "user-task"         // Complete, by a person
	ServiceTask      ElementKind = "service-task"      // Complete, by the system
	RuleTask         ElementKind = "rule-task"         // goes on by itself
	ReceiveTask      ElementKind = "receive-task"      // Correlate, or Complete
	ExclusiveGateway ElementKind = "exclusive-gateway" // goes on by itself, one way
	ParallelGateway  ElementKind = "parallel-gateway"  // goes on, all ways, once a token came in by each
	Subprocess       ElementKind = "subprocess"        // goes on when nothing is live inside
	CallActivity     ElementKind = "call-activity"     // the same
	TimerCatch       ElementKind = "timer-catch"       // Fire
	MessageCatch     ElementKind = "message-catch"     // Correlate
	TimerBoundary    ElementKind = "timer-boundary"    // Fire, while its activity is live
)

// Element is a flow element of a process.
type Element struct {
	ID    string
	Kind  ElementKind
	Name  i18n.Text
	Attrs map[string]string // the tb attributes, without prefix: "duty" -> "review"
	Scope string            // id of the subprocess it stands in; empty at the top
}

// Vars are the variables of a running process: what its conditions read. Values
// are those of JSON.
type Vars = map[string]any

// EffectKind says what the caller has to do.
type EffectKind string

// The kinds of effects.
const (
	OpenTask     EffectKind = "open-task"     // put a user task on a desk, to be completed under Token
	CloseTask    EffectKind = "close-task"    // Token no longer waits (a task, a call, a message): take it back
	CallService  EffectKind = "call-service"  // do Element.Attrs["call"], then Complete Token
	SetTimer     EffectKind = "set-timer"     // Fire Token when Period is over
	ClearTimer   EffectKind = "clear-timer"   // the timer Token is not wanted any more
	AwaitMessage EffectKind = "await-message" // Correlate Message when it comes
	Ended        EffectKind = "ended"         // the process is done; Element is the end event reached last
)

// Effect is one thing that the caller has to do, in the transaction in which it
// stores the State. Effects come in the order in which they arose.
type Effect struct {
	Kind    EffectKind
	Token   string // "t12"; empty for Ended
	Element *Element
	Period  string // SetTimer: as drawn, "P5WD"
	Message string // AwaitMessage: the message's name
	Vars    Vars   // of a multi-instance activity: its item; else nil
}

// scope is a process or the inside of a subprocess.
type scope struct {
	owner *node // nil at the top
	start *node
	nodes []*node
	flows []*flow
}

// node is an element with all that the game needs.
type node struct {
	Element
	place
	scope     *scope
	in, out   []*flow
	otherwise *flow // exclusive gateway: the default flow
	period    string
	message   string
	rule      *criterion.Rule
	result    string
	loop      *loop
	inner     *scope      // subprocess
	called    string      // call activity
	target    *Definition // call activity, once linked
	host      *node       // boundary event
	stays     bool        // boundary event: does not interrupt
	boundary  []*node     // activity: its boundary events
}

// flow is a sequence flow.
type flow struct {
	id        string
	from, to  *node
	condition *criterion.Rule
	place
}

// loop makes an activity multi-instance: once for each item of a collection.
type loop struct {
	sequential bool
	collection string // dotted name of the variable
	path       []string
	item       string // the name of the item inside; may be empty
}

// place is where an element stands in the source.
type place struct{ line, col int }

func (n *node) activity() bool {
	switch n.Kind {
	case UserTask, ServiceTask, RuleTask, ReceiveTask, Subprocess, CallActivity:
		return true
	}
	return false
}

func (n *node) gateway() bool { return n.Kind == ExclusiveGateway || n.Kind == ParallelGateway }

// waits reports whether a token rests at the node until an event from outside.
func (n *node) waits() bool {
	switch n.Kind {
	case UserTask, ServiceTask, ReceiveTask, TimerCatch, MessageCatch, TimerBoundary:
		return true
	}
	return false
}
