package process

import "github.com/tongban/tongban/internal/i18n"

// kindOf is the kind of a supported element.
func kindOf(t *tree) (ElementKind, bool) {
	switch t.name {
	case "startEvent":
		return StartEvent, eventDefinition(t) == ""
	case "endEvent":
		return EndEvent, eventDefinition(t) == ""
	case "userTask":
		return UserTask, true
	case "serviceTask":
		return ServiceTask, true
	case "businessRuleTask":
		return RuleTask, true
	case "receiveTask":
		return ReceiveTask, t.attrs["instantiate"] != "true"
	case "exclusiveGateway":
		return ExclusiveGateway, true
	case "parallelGateway":
		return ParallelGateway, true
	case "subProcess":
		return Subprocess, t.attrs["triggeredByEvent"] != "true"
	case "callActivity":
		return CallActivity, true
	case "intermediateCatchEvent":
		switch eventDefinition(t) {
		case "timerEventDefinition":
			return TimerCatch, true
		case "messageEventDefinition":
			return MessageCatch, true
		}
	case "boundaryEvent":
		return TimerBoundary, eventDefinition(t) == "timerEventDefinition"
	}
	return "", false
}

// eventDefinition is the name of an event's definition: empty for a none event,
// "several" where there are more.
func eventDefinition(t *tree) string {
	name := ""
	for _, c := range t.children {
		if decoration(c.name) {
			continue
		}
		if name != "" {
			return "several"
		}
		name = c.name
	}
	return name
}

// unsupported refuses an element that the game does not know, with what to draw
// instead.
func (p *parser) unsupported(t *tree) {
	what := t.name
	if d := eventDefinition(t); d != "" && t.name != "subProcess" {
		what += " (" + d + ")"
	}
	p.places[t.id()] = t.place
	p.refuse(t.place, t.id(), i18n.M("process.parse.unsupported", "id", t.id(), "element", what, "hint", hint(t)))
}

func hint(t *tree) i18n.Text {
	switch t.name {
	case "task", "manualTask":
		return i18n.M("process.hint.task")
	case "scriptTask":
		return i18n.M("process.hint.script")
	case "sendTask", "intermediateThrowEvent":
		return i18n.M("process.hint.send")
	case "inclusiveGateway", "complexGateway":
		return i18n.M("process.hint.gateway")
	case "eventBasedGateway", "receiveTask":
		return i18n.M("process.hint.event")
	case "startEvent":
		return i18n.M("process.hint.start")
	case "endEvent":
		return i18n.M("process.hint.end")
	case "boundaryEvent":
		return i18n.M("process.hint.boundary")
	case "intermediateCatchEvent":
		return i18n.M("process.hint.catch")
	case "subProcess", "transaction", "adHocSubProcess":
		return i18n.M("process.hint.subprocess")
	}
	return i18n.M("process.hint.other")
}

// oddities refuses the less common marks on a supported element, rather than
// ignoring them.
func (p *parser) oddities(n *node, t *tree) {
	for _, mark := range []struct {
		name string
		on   bool
	}{
		{"isForCompensation", t.attrs["isForCompensation"] == "true"},
		{"startQuantity", t.attrs["startQuantity"] != "" && t.attrs["startQuantity"] != "1"},
		{"completionQuantity", t.attrs["completionQuantity"] != "" && t.attrs["completionQuantity"] != "1"},
		{"parallelMultiple", t.attrs["parallelMultiple"] == "true"},
		{"standardLoopCharacteristics", t.child("standardLoopCharacteristics") != nil},
		{"timeDate", timer(t).child("timeDate") != nil},
		{"timeCycle", timer(t).child("timeCycle") != nil},
	} {
		if mark.on {
			p.refuse(t.place, n.ID, i18n.M("process.parse.mark", "id", n.ID, "mark", mark.name))
		}
	}
}

// timer is the timer definition of an event, or an empty tree.
func timer(t *tree) *tree {
	if d := t.child("timerEventDefinition"); d != nil {
		return d
	}
	return &tree{}
}
