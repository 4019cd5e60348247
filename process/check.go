package process

import (
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// resolve ties a sequence flow to its two ends, or a boundary event to its
// activity.
func (p *parser) resolve(l link) {
	if l.tree.name == "boundaryEvent" {
		p.attach(p.def.nodes[l.tree.id()], l.tree.attrs["attachedToRef"])
		return
	}
	f := &flow{id: l.tree.id(), place: l.tree.place}
	f.from = p.end(l, "sourceRef")
	f.to = p.end(l, "targetRef")
	if f.from == nil || f.to == nil {
		return
	}
	if source := l.tree.content("conditionExpression"); source != "" {
		if f.condition = p.compile(f.place, f.id, source); f.condition == nil {
			return
		}
		if kind := f.condition.Type(); kind != criterion.Bool && kind != criterion.Any {
			p.refuse(f.place, f.id, i18n.M("process.parse.notBoolean", "id", f.id, "source", source))
			return
		}
	}
	l.scope.flows = append(l.scope.flows, f)
	f.from.out = append(f.from.out, f)
	f.to.in = append(f.to.in, f)
}

// end is the node at one end of a flow; it must stand in the flow's scope.
func (p *parser) end(l link, attr string) *node {
	ref := l.tree.attrs[attr]
	n, ok := p.def.nodes[ref]
	if !ok {
		if _, known := p.places[ref]; !known || ref == "" { // else it was refused itself
			p.refuse(l.tree.place, l.tree.id(), i18n.M("process.parse.dangling", "id", l.tree.id(), "attr", attr, "ref", ref))
		}
		return nil
	}
	if n.scope != l.scope {
		p.refuse(l.tree.place, l.tree.id(), i18n.M("process.parse.crossing", "id", l.tree.id(), "ref", ref))
		return nil
	}
	return n
}

func (p *parser) attach(n *node, ref string) {
	host, ok := p.def.nodes[ref]
	switch {
	case !ok:
		if _, known := p.places[ref]; !known || ref == "" {
			p.refuse(n.place, n.ID, i18n.M("process.parse.dangling", "id", n.ID, "attr", "attachedToRef", "ref", ref))
		}
	case !host.activity() || host.Kind == RuleTask || host.scope != n.scope:
		p.refuse(n.place, n.ID, i18n.M("process.parse.attached", "id", n.ID, "ref", ref))
	default:
		n.host = host
		host.boundary = append(host.boundary, n)
	}
}

// check looks at the graph once all references hold.
func (p *parser) check() {
	if p.def.root.start == nil {
		p.refuse(p.places[p.def.ID], p.def.ID, i18n.M("process.parse.noStart", "id", p.def.ID))
		return
	}
	for _, e := range p.def.elements {
		n := p.def.nodes[e.ID]
		p.degree(n)
		if n.Kind == ExclusiveGateway {
			p.choice(n)
		}
		for _, f := range n.out {
			if f.condition != nil && n.Kind != ExclusiveGateway {
				p.refuse(f.place, f.id, i18n.M("process.parse.strayCondition", "id", f.id, "from", n.ID))
			}
		}
	}
	if len(p.faults) == 0 {
		p.reach()
	}
	if len(p.faults) == 0 {
		p.sound(p.def.root)
		for _, e := range p.def.elements {
			if n := p.def.nodes[e.ID]; n.Kind == Subprocess {
				p.sound(n.inner)
			}
		}
	}
}

// degree holds how many flows may come in and go out.
func (p *parser) degree(n *node) {
	entry := n.Kind == StartEvent || n.Kind == TimerBoundary
	switch {
	case entry && len(n.in) > 0:
		p.refuse(n.place, n.ID, i18n.M("process.parse.incoming", "id", n.ID))
	case !entry && len(n.in) == 0:
		p.refuse(n.place, n.ID, i18n.M("process.parse.unreachable", "id", n.ID))
	}
	switch {
	case n.Kind == EndEvent && len(n.out) > 0:
		p.refuse(n.place, n.ID, i18n.M("process.parse.endGoesOn", "id", n.ID))
	case n.Kind != EndEvent && len(n.out) == 0:
		p.refuse(n.place, n.ID, i18n.M("process.parse.noOutgoing", "id", n.ID))
	case !n.gateway() && len(n.out) > 1:
		p.refuse(n.place, n.ID, i18n.M("process.parse.split", "id", n.ID))
	}
}

// choice holds that an exclusive gateway has a condition on every way but the
// default one.
func (p *parser) choice(n *node) {
	ref := p.defaults[n.ID]
	for _, f := range n.out {
		if f.id == ref {
			n.otherwise = f
		}
	}
	if ref != "" && n.otherwise == nil {
		p.refuse(n.place, n.ID, i18n.M("process.parse.default", "id", n.ID, "ref", ref))
	}
	for _, f := range n.out {
		if len(n.out) > 1 && f != n.otherwise && f.condition == nil {
			p.refuse(f.place, f.id, i18n.M("process.parse.noCondition", "id", f.id, "from", n.ID))
		}
	}
}

// reach holds that every element can be reached from its scope's start and can
// reach an end.
func (p *parser) reach() {
	reached, ending := map[*node]bool{}, map[*node]bool{}
	var forward, back []*node
	for _, n := range p.def.nodes {
		switch {
		case n.Kind == StartEvent:
			forward = append(forward, n)
		case n.Kind == EndEvent:
			back = append(back, n)
		}
	}
	flood(forward, reached, func(n *node) []*node { return append(targets(n), n.boundary...) })
	flood(back, ending, func(n *node) []*node {
		var from []*node
		for _, f := range n.in {
			from = append(from, f.from)
		}
		if n.host != nil {
			from = append(from, n.host)
		}
		return from
	})
	for _, e := range p.def.elements {
		switch n := p.def.nodes[e.ID]; {
		case !reached[n]:
			p.refuse(n.place, n.ID, i18n.M("process.parse.unreachable", "id", n.ID))
		case !ending[n]:
			p.refuse(n.place, n.ID, i18n.M("process.parse.noExit", "id", n.ID))
		}
	}
}

func targets(n *node) []*node {
	var to []*node
	for _, f := range n.out {
		to = append(to, f.to)
	}
	return to
}

// flood marks all that can be had from the seeds by steps of next.
func flood(seeds []*node, seen map[*node]bool, next func(*node) []*node) {
	for len(seeds) > 0 {
		n := seeds[len(seeds)-1]
		seeds = seeds[:len(seeds)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		seeds = append(seeds, next(n)...)
	}
}

// Link resolves the call activities among the processes given by id. Call it on
// every process of a pack before any is played. It refuses a call of a process
// that is not there, and processes that call each other in a circle.
func (d *Definition) Link(all map[string]*Definition) error {
	var faults Errors
	for _, e := range d.elements {
		n := d.nodes[e.ID]
		if n.Kind != CallActivity {
			continue
		}
		target, ok := all[n.called]
		switch {
		case !ok:
			faults = append(faults, n.fault(i18n.M("process.link.missing", "id", n.ID, "ref", n.called)))
		case target.calls(d.ID, all, map[string]bool{}):
			faults = append(faults, n.fault(i18n.M("process.link.circle", "id", n.ID, "ref", n.called)))
		default:
			n.target = target
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// calls reports whether d is, or calls in the end, the process with the id.
func (d *Definition) calls(id string, all map[string]*Definition, seen map[string]bool) bool {
	if d.ID == id {
		return true
	}
	if seen[d.ID] {
		return false
	}
	seen[d.ID] = true
	for _, called := range d.Calls() {
		if next, ok := all[called]; ok && next.calls(id, all, seen) {
			return true
		}
	}
	return false
}

func (n *node) fault(message i18n.Text) *Error {
	return &Error{ElementID: n.ID, Line: n.line, Col: n.col, Message: message}
}
