package process

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The naive interpreter. A process drawn from blocks is a term; an event at one
// of its open leaves rewrites the term to what is left to do. There are no
// tokens, joins or scopes in it, so it shares no idea with the machine.

// block is a piece of a process.
type block struct {
	kind  string // task service receive timer seq par choice repeat scope many timed
	id    string
	parts []*block
	stays bool // timed: the timer does not break the first part off
	n     int  // many: instances
}

// term is what is left to do: nil is nothing.
type term interface{}

type (
	leaf     struct{ label, id, kind string }
	sequence struct{ parts []term } // the rest are blocks not begun
	together struct{ parts []term }
	pending  struct {
		b    *block
		path string
	}
	repeated struct {
		body term
		b    *block
		path string
	}
	watched struct {
		host  term
		timer leaf
		b     *block
		path  string
	}
	scoped struct {
		main   term
		beside []term // what non-interrupting timers began
	}
)

// oracle holds the variables that choices read.
type oracle struct {
	vars    map[string]bool
	spawned []term
}

// begin turns a block into a term whose leaves are open; nil where nothing is
// left to wait for.
func (o *oracle) begin(b *block, path string) term {
	switch b.kind {
	case "task", "service", "receive", "timer":
		return leaf{b.id + path, b.id, b.kind}
	case "seq":
		parts := make([]term, len(b.parts))
		for i, p := range b.parts {
			parts[i] = pending{p, path}
		}
		return o.settle(sequence{parts})
	case "par":
		parts := make([]term, len(b.parts))
		for i, p := range b.parts {
			parts[i] = o.begin(p, path)
		}
		return o.settle(together{parts})
	case "choice":
		for i, p := range b.parts[1:] {
			if o.vars[fmt.Sprintf("v%d", (i+len(b.id))%4)] {
				return o.begin(p, path)
			}
		}
		return o.begin(b.parts[0], path)
	case "repeat":
		return o.settle(repeated{o.begin(b.parts[0], path), b, path})
	case "scope":
		return o.scope(b.parts[0], path)
	case "many":
		parts := make([]term, b.n)
		for i := range parts {
			parts[i] = pending{b.parts[0], fmt.Sprintf("%s[%d]", path, i)}
			if !b.stays {
				parts[i] = o.begin(b.parts[0], fmt.Sprintf("%s[%d]", path, i))
			}
		}
		if b.stays {
			return o.settle(sequence{parts})
		}
		return o.settle(together{parts})
	case "timed":
		host := o.begin(b.parts[0], path)
		if host == nil {
			return nil
		}
		return watched{host, leaf{"b" + b.id + path, "b" + b.id, "boundary"}, b, path}
	}
	panic(b.kind)
}

func (o *oracle) scope(b *block, path string) term {
	return o.settle(scoped{main: o.begin(b, path)})
}

// settle begins what can begin and drops what is finished.
func (o *oracle) settle(t term) term {
	switch t := t.(type) {
	case sequence:
		for len(t.parts) > 0 {
			if p, ok := t.parts[0].(pending); ok {
				t.parts[0] = o.begin(p.b, p.path)
			}
			if t.parts[0] != nil {
				return t
			}
			t.parts = t.parts[1:]
		}
		return nil
	case together:
		for _, p := range t.parts {
			if p != nil {
				return t
			}
		}
		return nil
	case repeated:
		for t.body == nil {
			if !o.vars["again"] {
				return nil
			}
			t.body = o.begin(t.b.parts[0], t.path)
		}
		return t
	case scoped:
		if t.main != nil || o.settle(together{t.beside}) != nil {
			return t
		}
		return nil
	}
	return t
}

// step is the term after the event at the leaf with the label.
func (o *oracle) step(t term, label string) term {
	each := func(parts []term) []term {
		next := make([]term, len(parts))
		for i, p := range parts {
			next[i] = o.step(p, label)
		}
		return next
	}
	switch t := t.(type) {
	case leaf:
		if t.label == label {
			return nil
		}
	case sequence:
		next := sequence{slices.Clone(t.parts)}
		next.parts[0] = o.step(t.parts[0], label)
		return o.settle(next)
	case together:
		return o.settle(together{each(t.parts)})
	case repeated:
		t.body = o.step(t.body, label)
		return o.settle(t)
	case watched:
		if t.timer.label != label {
			t.host = o.step(t.host, label)
			if t.host == nil {
				return nil
			}
			return t
		}
		if handler := o.begin(t.b.parts[1], t.path); t.b.stays {
			o.spawned = append(o.spawned, handler)
			return t.host
		} else {
			return handler
		}
	case scoped:
		outer := o.spawned
		o.spawned = nil
		next := scoped{main: o.step(t.main, label)}
		next.beside = append(each(t.beside), o.spawned...)
		o.spawned = outer
		return o.settle(next)
	}
	return t
}

// leaves are the open leaves of the term.
func leaves(t term) []leaf {
	var all []leaf
	each := func(parts []term) {
		for _, p := range parts {
			all = append(all, leaves(p)...)
		}
	}
	switch t := t.(type) {
	case leaf:
		all = append(all, t)
	case sequence:
		all = leaves(t.parts[0])
	case together:
		each(t.parts)
	case repeated:
		all = leaves(t.body)
	case watched:
		all = append(leaves(t.host), t.timer)
	case scoped:
		all = leaves(t.main)
		each(t.beside)
	}
	return all
}

// drawing turns blocks into BPMN.
type drawing struct {
	elements strings.Builder
	flows    []string
}

// draw appends the block between two elements: it comes in by a flow from
// "from", and the result is the element from which to go on.
func (d *drawing) draw(b *block, from, condition string) string {
	link := func(from, to, condition string) {
		if condition != "" {
			condition = ": " + condition
		}
		d.flows = append(d.flows, from+">"+to+condition)
	}
	add := func(format string, args ...any) { fmt.Fprintf(&d.elements, format+"\n", args...) }
	switch b.kind {
	case "task":
		add(`<userTask id="%s"/>`, b.id)
	case "service":
		add(`<serviceTask id="%s" tb:call="x"/>`, b.id)
	case "receive":
		add(`<receiveTask id="%s" messageRef="msg"/>`, b.id)
	case "timer":
		add(`<intermediateCatchEvent id="%s"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></intermediateCatchEvent>`, b.id)
	case "seq":
		for i, p := range b.parts {
			if i > 0 {
				condition = ""
			}
			from = d.draw(p, from, condition)
		}
		return from
	case "par":
		add(`<parallelGateway id="%s"/><parallelGateway id="%sj"/>`, b.id, b.id)
		link(from, b.id, condition)
		for i, p := range b.parts { // a rule before and after each keeps the flows apart
			add(`<businessRuleTask id="%sr%d" tb:rule="1" tb:result="n"/><businessRuleTask id="%sq%d" tb:rule="1" tb:result="n"/>`, b.id, i, b.id, i)
			link(b.id, fmt.Sprintf("%sr%d", b.id, i), "")
			link(d.draw(p, fmt.Sprintf("%sr%d", b.id, i), ""), fmt.Sprintf("%sq%d", b.id, i), "")
			link(fmt.Sprintf("%sq%d", b.id, i), b.id+"j", "")
		}
		return b.id + "j"
	case "choice":
		add(`<exclusiveGateway id="%s" default="%s-%sr0"/><exclusiveGateway id="%sj"/>`, b.id, b.id, b.id, b.id)
		link(from, b.id, condition)
		for i, p := range b.parts {
			add(`<businessRuleTask id="%sr%d" tb:rule="1" tb:result="n"/><businessRuleTask id="%sq%d" tb:rule="1" tb:result="n"/>`, b.id, i, b.id, i)
			c := ""
			if i > 0 {
				c = fmt.Sprintf("v%d", (i-1+len(b.id))%4)
			}
			link(b.id, fmt.Sprintf("%sr%d", b.id, i), c)
			link(d.draw(p, fmt.Sprintf("%sr%d", b.id, i), ""), fmt.Sprintf("%sq%d", b.id, i), "")
			link(fmt.Sprintf("%sq%d", b.id, i), b.id+"j", "")
		}
		return b.id + "j"
	case "repeat":
		add(`<exclusiveGateway id="%s"/><exclusiveGateway id="%sx" default="%sx-%sy"/><exclusiveGateway id="%sy"/>`, b.id, b.id, b.id, b.id, b.id)
		link(from, b.id, condition)
		link(d.draw(b.parts[0], b.id, ""), b.id+"x", "")
		link(b.id+"x", b.id, "again")
		link(b.id+"x", b.id+"y", "")
		return b.id + "y"
	case "scope", "many":
		inner := b.parts[0]
		if b.kind == "many" && inner.kind == "task" {
			add(`<userTask id="%s">%s</userTask>`, inner.id, multiple(b))
			link(from, inner.id, condition)
			return inner.id
		}
		if b.kind == "many" {
			inner = inner.parts[0]
		}
		var in drawing
		fmt.Fprintf(&in.elements, `<startEvent id="%ss"/><endEvent id="%se"/>`, b.id, b.id)
		in.flows = append(in.flows, in.draw(inner, b.id+"s", "")+">"+b.id+"e")
		add(`<subProcess id="%s">%s%s%s</subProcess>`, b.id, multiple(b), in.elements.String(), flows(in.flows...))
	case "timed":
		end := d.draw(b.parts[0], from, condition)
		add(`<boundaryEvent id="b%s" attachedToRef="%s" cancelActivity="%v"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>`, b.id, end, !b.stays)
		handled := d.draw(b.parts[1], "b"+b.id, "")
		if b.stays {
			add(`<endEvent id="%s"/>`, b.id)
			link(handled, b.id, "")
			return end
		}
		add(`<exclusiveGateway id="%s"/>`, b.id)
		link(end, b.id, "")
		link(handled, b.id, "")
		return b.id
	}
	link(from, b.id, condition)
	return b.id
}

func multiple(b *block) string {
	if b.kind != "many" {
		return ""
	}
	return fmt.Sprintf(`<multiInstanceLoopCharacteristics isSequential="%v" tb:collection="list%d" tb:item="item"/>`, b.stays, b.n)
}

// maker draws random blocks; every id is new.
type maker struct {
	t    *rapid.T
	next int
}

func (g *maker) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(g.t, label) }

// block is a random block. Within a repeat nothing is spawned beside it, so that
// labels stay unique.
func (g *maker) block(depth int, once bool) *block {
	g.next++
	b := &block{id: fmt.Sprintf("n%d", g.next)}
	kinds := []string{"timed", "many", "par", "scope", "choice", "repeat", "seq", "task", "service", "receive", "timer"}
	if depth == 0 {
		kinds = kinds[7:]
	}
	b.kind = kinds[g.pick("kind", len(kinds))] // small numbers come more often
	parts := 0
	switch b.kind {
	case "seq", "par", "choice":
		parts = 1 + g.pick("parts", 3)
	case "repeat": // a task first, so that each turn waits
		g.next++
		b.parts = []*block{{kind: "seq", parts: []*block{{kind: "task", id: fmt.Sprintf("n%d", g.next)}, g.block(depth-1, false)}}}
	case "scope":
		parts = 1
	case "many":
		b.stays, b.n = g.pick("sequential", 2) == 1, g.pick("instances", 4)
		if g.pick("of", 2) == 0 {
			b.parts = []*block{{kind: "task", id: b.id}}
		} else {
			b.parts = []*block{{kind: "scope", id: b.id, parts: []*block{g.block(depth-1, once)}}}
		}
	case "timed":
		b.stays = once && g.pick("stays", 2) == 1
		g.next++
		host := &block{id: fmt.Sprintf("n%d", g.next), kind: []string{"task", "service", "receive", "scope", "many"}[g.pick("host", 5)]}
		switch host.kind {
		case "scope":
			host.parts = []*block{g.block(depth-1, once)}
		case "many":
			host.n, host.stays = 1+g.pick("instances", 3), g.pick("sequential", 2) == 1
			host.parts = []*block{{kind: "task", id: host.id}}
		}
		b.parts = []*block{host, g.block(depth-1, once)}
	}
	for range parts {
		b.parts = append(b.parts, g.block(depth-1, once))
	}
	return b
}

// TestBlocks plays random block-structured processes beside the naive
// interpreter, with random events, and compares what is open after each.
func TestBlocks(t *testing.T) {
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) { rapid.Check(t, playBlocks) })
	}
}

func playBlocks(t *rapid.T) {
	g := &maker{t: t}
	root := &block{kind: "seq", parts: []*block{g.block(3, true), g.block(3, true)}}
	var d drawing
	fmt.Fprint(&d.elements, `<startEvent id="s"/><endEvent id="e"/>`)
	d.flows = append(d.flows, d.draw(root, "s", "")+">e")
	def, err := Parse(model(d.elements.String() + flows(d.flows...)))
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, d.elements.String()+flows(d.flows...))
	}
	vars := Vars{"again": false, "list0": []any{}, "list1": []any{"a"}, "list2": []any{"a", "b"}, "list3": []any{"a", "b", "c"}}
	o := &oracle{vars: map[string]bool{}}
	for i := range 4 {
		key := fmt.Sprintf("v%d", i)
		o.vars[key] = rapid.Bool().Draw(t, key)
		vars[key] = o.vars[key]
	}
	want := o.scope(root, "")
	p := newPlay(t, def)
	p.start(vars)
	for range 60 {
		p.compare(leaves(want))
		if p.s.Done() {
			return
		}
		open := leaves(want)
		l := open[rapid.IntRange(0, len(open)-1).Draw(t, "event")]
		out := Vars{"again": rapid.IntRange(0, 3).Draw(t, "again") == 0}
		key := fmt.Sprintf("v%d", rapid.IntRange(0, 3).Draw(t, "set"))
		out[key] = rapid.Bool().Draw(t, "to")
		switch l.kind {
		case "timer", "boundary":
			p.fire(l.label)
		case "receive": // the oldest of those that wait
			l.label = p.correlate("paid", out)
			o.set(out)
		default:
			p.complete(l.label, out)
			o.set(out)
		}
		want = o.step(want, l.label)
	}
}

func (o *oracle) set(out Vars) {
	for key, value := range out {
		o.vars[key] = value.(bool)
	}
}
