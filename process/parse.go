package process

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// Parse reads a BPMN 2.0 file with one process and checks it whole: syntax,
// size, the subset, references, conditions, and that every element can be
// reached and can reach an end. The error is an Errors. Call activities are
// resolved by Link.
func Parse(src []byte) (*Definition, error) {
	root, fault := read(src)
	if fault != nil {
		return nil, Errors{fault}
	}
	sum := sha256.Sum256(src)
	d := &Definition{Hash: hex.EncodeToString(sum[:]), source: slices.Clone(src), nodes: map[string]*node{}}
	p := &parser{def: d, messages: map[string]string{}, places: map[string]place{}, defaults: map[string]string{}}
	p.definitions(root)
	if len(p.faults) == 0 {
		p.check()
	}
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b *Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return nil, p.faults
	}
	return d, nil
}

// parser turns trees into a Definition and gathers what is wrong.
type parser struct {
	def      *Definition
	messages map[string]string // id -> name
	places   map[string]place  // of every id, to find duplicates
	pending  []link            // references to be resolved once all is read
	defaults map[string]string // exclusive gateway -> its default flow
	count    int
	faults   Errors
}

// link is a sequence flow as drawn, or a boundary event's host.
type link struct {
	tree  *tree
	scope *scope
}

func (p *parser) refuse(at place, id string, message i18n.Text) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, &Error{ElementID: id, Line: at.line, Col: at.col, Message: message})
	}
}

// definitions reads the file's root: messages, and the one process.
func (p *parser) definitions(root *tree) {
	var process *tree
	for _, t := range root.children {
		switch t.name {
		case "message":
			p.messages[t.id()] = cmp.Or(strings.TrimSpace(t.attrs["name"]), t.id())
		case "process":
			if process != nil {
				p.refuse(t.place, t.id(), i18n.M("process.parse.secondProcess", "id", t.id()))
				continue
			}
			process = t
		}
	}
	if process == nil {
		p.refuse(root.place, root.id(), i18n.M("process.parse.noProcess"))
		return
	}
	p.def.ID, p.def.Name = process.id(), nameOf(process)
	if !p.identify(process) {
		return
	}
	p.def.root = p.scope(process, nil)
	for _, l := range p.pending {
		p.resolve(l)
	}
}

// identify registers the tree's id and refuses one that is missing or taken.
func (p *parser) identify(t *tree) bool {
	id := t.id()
	if id == "" || len(id) > 200 {
		p.refuse(t.place, id, i18n.M("process.parse.noID", "element", t.name))
		return false
	}
	if first, taken := p.places[id]; taken {
		p.refuse(t.place, id, i18n.M("process.parse.duplicate", "id", id, "line", first.line))
		return false
	}
	p.places[id] = t.place
	if p.count++; p.count == maxNodes+1 {
		p.refuse(t.place, id, i18n.M("process.parse.tooMany", "max", maxNodes))
	}
	return p.count <= maxNodes
}

// nameOf is the drawn name, in Chinese, and tb:name-en.
func nameOf(t *tree) i18n.Text {
	zh := strings.TrimSpace(t.attrs["name"])
	return i18n.Text{ZH: zh, EN: cmp.Or(t.tb["name-en"], zh)}
}

// scope reads the flow elements of a process or subprocess.
func (p *parser) scope(t *tree, owner *node) *scope {
	s := &scope{owner: owner}
	for _, child := range t.children {
		switch {
		case child.name == "sequenceFlow":
			if p.identify(child) {
				p.pending = append(p.pending, link{child, s})
			}
		case child.name == "multiInstanceLoopCharacteristics" || child.name == "standardLoopCharacteristics":
			// read with the subprocess itself
		case !decoration(child.name):
			p.element(child, s)
		}
	}
	return s
}

// decoration are the parts of a process or an element that say something to
// people and nothing to the game.
func decoration(name string) bool {
	switch name {
	case "documentation", "extensionElements", "auditing", "monitoring", "laneSet", "category",
		"textAnnotation", "association", "group", "dataObject", "dataObjectReference", "dataStoreReference",
		"incoming", "outgoing", "ioSpecification", "property", "dataInputAssociation", "dataOutputAssociation",
		"dataInput", "dataOutput", "inputSet", "outputSet", "rendering", "supports", "correlationSubscription",
		"resourceRole", "performer", "humanPerformer", "potentialOwner":
		return true
	}
	return false
}

// element reads one flow element.
func (p *parser) element(t *tree, s *scope) {
	kind, ok := kindOf(t)
	if !ok {
		p.unsupported(t)
		return
	}
	if !p.identify(t) {
		return
	}
	n := &node{place: t.place, scope: s, Element: Element{ID: t.id(), Kind: kind, Name: nameOf(t), Attrs: map[string]string{}}}
	if s.owner != nil {
		n.Scope = s.owner.ID
	}
	for key, value := range t.tb {
		n.Attrs[key] = value
	}
	s.nodes = append(s.nodes, n)
	p.def.nodes[n.ID] = n
	p.def.elements = append(p.def.elements, &n.Element)
	p.details(n, t)
	p.oddities(n, t)
}

// details reads what the element's kind asks for.
func (p *parser) details(n *node, t *tree) {
	switch n.Kind {
	case StartEvent:
		if n.scope.start != nil {
			p.refuse(t.place, n.ID, i18n.M("process.parse.secondStart", "id", n.ID, "first", n.scope.start.ID))
			return
		}
		n.scope.start = n
	case ExclusiveGateway:
		p.defaults[n.ID] = t.attrs["default"]
	case ServiceTask:
		if n.Attrs["call"] == "" {
			p.refuse(t.place, n.ID, i18n.M("process.parse.noCall", "id", n.ID))
		}
	case RuleTask:
		p.ruleTask(n)
	case ReceiveTask:
		p.message(n, t.attrs["messageRef"])
	case MessageCatch:
		p.message(n, t.child("messageEventDefinition").attrs["messageRef"])
	case TimerCatch:
		p.timer(n, t.child("timerEventDefinition"))
	case TimerBoundary:
		n.stays = t.attrs["cancelActivity"] == "false"
		p.timer(n, t.child("timerEventDefinition"))
		p.pending = append(p.pending, link{t, n.scope})
	case Subprocess:
		n.inner = p.scope(t, n)
		if n.inner.start == nil {
			p.refuse(t.place, n.ID, i18n.M("process.parse.noStart", "id", n.ID))
		}
	case CallActivity:
		if n.called = localPart(t.attrs["calledElement"]); n.called == "" {
			p.refuse(t.place, n.ID, i18n.M("process.parse.noCalled", "id", n.ID))
		}
	}
	if m := t.child("multiInstanceLoopCharacteristics"); m != nil {
		p.multi(n, m)
	}
}

// localPart is a QName without its prefix.
func localPart(name string) string {
	return name[strings.LastIndexByte(name, ':')+1:]
}

func (p *parser) ruleTask(n *node) {
	n.result = n.Attrs["result"]
	if n.Attrs["rule"] == "" || n.result == "" || strings.Contains(n.result, ".") {
		p.refuse(n.place, n.ID, i18n.M("process.parse.noRule", "id", n.ID))
		return
	}
	n.rule = p.compile(n.place, n.ID, n.Attrs["rule"])
}

func (p *parser) message(n *node, ref string) {
	name, ok := p.messages[localPart(ref)]
	if !ok {
		p.refuse(n.place, n.ID, i18n.M("process.parse.noMessage", "id", n.ID))
	}
	n.message = name
}

func (p *parser) timer(n *node, t *tree) {
	n.period = t.content("timeDuration")
	if !period(n.period) {
		p.refuse(t.place, n.ID, i18n.M("process.parse.period", "id", n.ID, "period", n.period))
	}
}

// period reports whether s looks like P5WD, P10D or PT2H. What it means is the
// caller's to say.
func period(s string) bool {
	if len(s) < 3 || len(s) > 20 || s[0] != 'P' {
		return false
	}
	digits := false
	for _, c := range s[1:] {
		digits = digits || c >= '0' && c <= '9'
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return digits
}

// compile compiles a condition and puts its mistake at the element.
func (p *parser) compile(at place, id, src string) *criterion.Rule {
	rule, err := criterion.Compile(src, criterion.Open())
	if err != nil {
		message := i18n.Same(err.Error())
		if e, ok := err.(*criterion.Error); ok {
			message = e.Message
		}
		p.refuse(at, id, i18n.M("process.parse.condition", "id", id, "source", src, "detail", message))
		return nil
	}
	return rule
}

// multi reads multi-instance characteristics: the collection, by attribute or
// by BPMN's own elements, and the name of its item.
func (p *parser) multi(n *node, t *tree) {
	for key, value := range t.tb {
		n.Attrs[key] = value
	}
	l := &loop{
		sequential: t.attrs["isSequential"] == "true",
		collection: cmp.Or(n.Attrs["collection"], t.content("loopDataInputRef")),
		item:       n.Attrs["item"],
	}
	if item := t.child("inputDataItem"); item != nil && l.item == "" {
		l.item = cmp.Or(item.attrs["name"], item.id())
	}
	l.path = strings.Split(l.collection, ".")
	switch {
	case n.Kind == RuleTask || n.Kind == ReceiveTask:
		p.refuse(t.place, n.ID, i18n.M("process.parse.multiKind", "id", n.ID))
	case t.child("loopCardinality") != nil || t.child("completionCondition") != nil:
		p.refuse(t.place, n.ID, i18n.M("process.parse.multiPart", "id", n.ID))
	case l.collection == "":
		p.refuse(t.place, n.ID, i18n.M("process.parse.noCollection", "id", n.ID))
	}
	n.loop = l
}
