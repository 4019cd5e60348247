package process

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
)

// TestRefused is what Parse refuses: the element and a word of the message.
func TestRefused(t *testing.T) {
	s, e := `<startEvent id="s"/>`, `<endEvent id="e"/>`
	through := func(element, id string) string { return s + element + e + flows("s>"+id, id+">e") }
	timer := func(inner string) string {
		return `<intermediateCatchEvent id="x"><timerEventDefinition>` + inner + `</timerEventDefinition></intermediateCatchEvent>`
	}
	loop := func(inner string) string {
		return `<userTask id="x"><multiInstanceLoopCharacteristics ` + inner + `</multiInstanceLoopCharacteristics></userTask>`
	}
	tests := []struct{ name, body, element, word string }{
		{"abstract task", through(`<task id="x"/>`, "x"), "x", "user task"},
		{"manual task", through(`<manualTask id="x"/>`, "x"), "x", "user task"},
		{"script task", through(`<scriptTask id="x"/>`, "x"), "x", "rule task"},
		{"send task", through(`<sendTask id="x"/>`, "x"), "x", "notify"},
		{"throw event", through(`<intermediateThrowEvent id="x"/>`, "x"), "x", "notify"},
		{"inclusive gateway", through(`<inclusiveGateway id="x"/>`, "x"), "x", "exclusive and parallel"},
		{"complex gateway", through(`<complexGateway id="x"/>`, "x"), "x", "exclusive and parallel"},
		{"event gateway", through(`<eventBasedGateway id="x"/>`, "x"), "x", "receive task"},
		{"signal catch", through(`<intermediateCatchEvent id="x"><signalEventDefinition/></intermediateCatchEvent>`, "x"), "x", "signalEventDefinition"},
		{"several definitions", through(`<intermediateCatchEvent id="x"><timerEventDefinition/><messageEventDefinition/></intermediateCatchEvent>`, "x"), "x", "several"},
		{"empty catch", through(`<intermediateCatchEvent id="x"/>`, "x"), "x", "timers and messages"},
		{"transaction", through(`<transaction id="x"/>`, "x"), "x", "plain subprocess"},
		{"ad-hoc subprocess", through(`<adHocSubProcess id="x"/>`, "x"), "x", "plain subprocess"},
		{"event subprocess", through(`<subProcess id="x" triggeredByEvent="true"/>`, "x"), "x", "plain subprocess"},
		{"message start", `<startEvent id="x"><messageEventDefinition/></startEvent>` + e + flows("x>e"), "x", "none start"},
		{"terminate end", s + `<endEvent id="x"><terminateEventDefinition/></endEvent>` + flows("s>x"), "x", "none end"},
		{"error boundary", through(`<userTask id="a"/>`, "a") + `<boundaryEvent id="x" attachedToRef="a"><errorEventDefinition/></boundaryEvent>` + flows("x>e"), "x", "Only timers"},
		{"instantiating receive", through(`<receiveTask id="x" instantiate="true"/>`, "x"), "x", "receive task"},
		{"foreign thing", through(`<userTask id="a"/>`, "a") + `<choreographyTask id="x"/>`, "x", "Redraw"},
		{"compensation", through(`<userTask id="x" isForCompensation="true"/>`, "x"), "x", "isForCompensation"},
		{"quantity", through(`<userTask id="x" startQuantity="2"/>`, "x"), "x", "startQuantity"},
		{"standard loop", through(`<userTask id="x"><standardLoopCharacteristics/></userTask>`, "x"), "x", "standardLoop"},
		{"standard loop of a subprocess", through(`<subProcess id="x"><standardLoopCharacteristics/><startEvent id="s2"/><endEvent id="e2"/>`+flows("s2>e2")+`</subProcess>`, "x"), "x", "standardLoop"},
		{"time date", through(timer(`<timeDate>2026-01-01</timeDate>`), "x"), "x", "timeDate"},
		{"time cycle", through(timer(`<timeCycle>R3/P1D</timeCycle>`), "x"), "x", "timeCycle"},
		{"no duration", through(timer(``), "x"), "x", "timeDuration"},
		{"odd duration", through(timer(`<timeDuration>five days</timeDuration>`), "x"), "x", "five days"},
		{"service without call", through(`<serviceTask id="x"/>`, "x"), "x", "tb:call"},
		{"rule without rule", through(`<businessRuleTask id="x" tb:result="y"/>`, "x"), "x", "tb:rule"},
		{"rule with a dotted result", through(`<businessRuleTask id="x" tb:rule="1" tb:result="y.z"/>`, "x"), "x", "tb:result"},
		{"broken rule", through(`<businessRuleTask id="x" tb:rule="1 +" tb:result="y"/>`, "x"), "x", "1 +"},
		{"receive without message", through(`<receiveTask id="x"/>`, "x"), "x", "messageRef"},
		{"unknown message", through(`<receiveTask id="x" messageRef="none"/>`, "x"), "x", "messageRef"},
		{"call without process", through(`<callActivity id="x"/>`, "x"), "x", "calledElement"},
		{"loop without list", through(loop(`>`), "x"), "x", "tb:collection"},
		{"loop by number", through(loop(`tb:collection="l"><loopCardinality>3</loopCardinality>`), "x"), "x", "loopCardinality"},
		{"loop until", through(loop(`tb:collection="l"><completionCondition>true</completionCondition>`), "x"), "x", "completionCondition"},
		{"loop of a receive task", through(`<receiveTask id="x" messageRef="msg"><multiInstanceLoopCharacteristics tb:collection="l"/></receiveTask>`, "x"), "x", "multi-instance"},
		{"no start", `<userTask id="x"/>` + e + flows("x>e"), "p", "start event"},
		{"no start inside", through(`<subProcess id="x"><endEvent id="e2"/></subProcess>`, "x"), "x", "start event"},
		{"two starts", s + `<startEvent id="x"/>` + e + flows("s>e", "x>e"), "x", "already"},
		{"duplicate id", s + e + `<userTask id="e"/>` + flows("s>e"), "e", "already used"},
		{"no id", s + e + `<userTask name="x"/>` + flows("s>e"), "", "no id"},
		{"dangling source", s + e + flows("s>e", "nowhere>e"), "nowhere-e", "no such element"},
		{"dangling target", s + e + flows("s>e", "s>nowhere"), "s-nowhere", "no such element"},
		{"dangling boundary", s + e + `<boundaryEvent id="x" attachedToRef="no"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>` + flows("s>e", "x>e"), "x", "no such element"},
		{"boundary on an event", s + e + `<boundaryEvent id="x" attachedToRef="e"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>` + flows("s>e", "x>e"), "x", "cannot sit"},
		{"crossing out", through(`<subProcess id="a"><startEvent id="s2"/><userTask id="u"/><endEvent id="e2"/>`+flows("s2>u", "u>e2")+`</subProcess>`, "a") + `<userTask id="w"/>` + flows("u>w", "w>e"), "u-w", "border"},
		{"crossing in", through(`<subProcess id="a"><startEvent id="s2"/><userTask id="u"/><endEvent id="e2"/>`+flows("s2>u", "u>e2")+`</subProcess>`, "a") + flows("s>u"), "s-u", "border"},
		{"unconnected", s + e + `<userTask id="x"/>` + flows("s>e"), "x", "reached"},
		{"island", s + e + `<userTask id="x"/><userTask id="y"/>` + flows("s>e", "x>y", "y>x"), "x", "reached"},
		{"no way out", s + e + `<exclusiveGateway id="g"/><userTask id="x"/><userTask id="y"/>` + flows("s>g", "g>e: true", "g>x: false", "x>y", "y>x"), "x", "No end"},
		{"task without outgoing", s + `<userTask id="x"/>` + flows("s>x"), "x", "outgoing"},
		{"gateway without outgoing", s + `<parallelGateway id="x"/>` + flows("s>x"), "x", "outgoing"},
		{"start with incoming", s + e + `<userTask id="u"/>` + flows("s>u", "u>s"), "s", "incoming"},
		{"end with outgoing", s + e + `<userTask id="u"/>` + flows("s>e", "e>u", "u>e"), "e", "outgoing"},
		{"task that splits", s + e + `<userTask id="x"/><endEvent id="e2"/>` + flows("s>x", "x>e", "x>e2"), "x", "gateway behind"},
		{"condition after a task", s + e + `<userTask id="x"/>` + flows("s>x", "x>e: true"), "x-e", "exclusive gateways"},
		{"condition after a parallel gateway", s + e + `<parallelGateway id="x"/><endEvent id="e2"/>` + flows("s>x", "x>e: true", "x>e2"), "x-e", "exclusive gateways"},
		{"choice without condition", s + e + `<exclusiveGateway id="x"/><endEvent id="e2"/>` + flows("s>x", "x>e: true", "x>e2"), "x-e2", "without a condition"},
		{"default of another", s + e + `<exclusiveGateway id="x" default="s-x"/><endEvent id="e2"/>` + flows("s>x", "x>e: true", "x>e2: false"), "x", "does not leave"},
		{"broken condition", s + e + `<exclusiveGateway id="x" default="x-e2"/><endEvent id="e2"/>` + flows("s>x", "x>e: 1 +", "x>e2"), "x-e", "cannot be read"},
		{"condition that is a number", s + e + `<exclusiveGateway id="x" default="x-e2"/><endEvent id="e2"/>` + flows("s>x", "x>e: 1 + 1", "x>e2"), "x-e", "yes or no"},
		{"join that waits for ever", s + `<exclusiveGateway id="g" default="g-x"/><parallelGateway id="x"/><userTask id="u"/>` + e + flows("s>g", "g>u: v", "g>x", "u>x", "x>e"), "x", "wait for ever"},
		{"join inside that waits for ever", through(`<subProcess id="a"><startEvent id="s2"/><exclusiveGateway id="g" default="g-x"/><parallelGateway id="x"/><userTask id="u"/><endEvent id="e2"/>`+flows("s2>g", "g>u: v", "g>x", "u>x", "x>e2")+`</subProcess>`, "a"), "x", "wait for ever"},
		{"join behind a timer", s + `<parallelGateway id="g"/><userTask id="u"/><userTask id="w"/><parallelGateway id="x"/><endEvent id="e2"/><boundaryEvent id="b" attachedToRef="u"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>` + e + flows("s>g", "g>u", "g>w", "u>x", "w>x", "x>e", "b>e2"), "x", "wait for ever"},
		{"branches without end", s + `<parallelGateway id="g"/><exclusiveGateway id="x"/><userTask id="u"/>` + e + flows("s>x", "x>g", "g>x", "g>u", "u>e"), "g", "multiply"},
		{"second process", s + e + flows("s>e") + `</process><process id="q">`, "q", "file of its own"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(model(tt.body))
			first := refused(t, err)
			if first.ElementID != tt.element || !strings.Contains(first.Message.EN, tt.word) {
				t.Errorf("got %v\nwant element %q and %q", err, tt.element, tt.word)
			}
			if first.Line < 5 || first.Col < 1 {
				if tt.element != "p" {
					t.Errorf("got place %d:%d, want that of the element", first.Line, first.Col)
				}
			}
		})
	}
}

// TestTaken holds drawings that look odd and are sound.
func TestTaken(t *testing.T) {
	s, e := `<startEvent id="s"/>`, `<endEvent id="e"/>`
	for name, body := range map[string]string{
		"start to end":          s + e + flows("s>e"),
		"a notice on each turn": s + `<exclusiveGateway id="m"/><userTask id="u"/><parallelGateway id="g"/><serviceTask id="n" tb:call="notify"/><endEvent id="e2"/><exclusiveGateway id="x" default="x-e"/>` + e + flows("s>m", "m>u", "u>g", "g>n", "n>e2", "g>x", "x>m: again", "x>e"),
		"alternatives met by a task": s + `<exclusiveGateway id="x" default="x-b"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>` + e +
			flows("s>x", "x>a: v", "x>b", "a>c", "b>c", "c>e"),
		"branches met by a task":         s + `<parallelGateway id="x"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>` + e + flows("s>x", "x>a", "x>b", "a>c", "b>c", "c>e"),
		"a gateway that does nothing":    s + `<parallelGateway id="x"/><exclusiveGateway id="y"/>` + e + flows("s>x", "x>y", "y>e"),
		"a way whose condition is alone": s + `<exclusiveGateway id="x"/><userTask id="u"/>` + e + flows("s>x", "x>u: v", "u>e"),
	} {
		t.Run(name, func(t *testing.T) { parse(t, body) })
	}
}

// refused is the first of the faults, all of which must be well made.
func refused(t testing.TB, err error) *Error {
	t.Helper()
	var all Errors
	if !errors.As(err, &all) || len(all) == 0 || len(all) > maxFaults || !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want Errors", err)
	}
	for _, e := range all {
		bilingual(t, e)
		if e.Line < 1 || e.Col < 1 {
			t.Errorf("no place: %v", e)
		}
	}
	var first *Error
	errors.As(err, &first)
	return first
}

// TestPlaces holds line and column, in characters.
func TestPlaces(t *testing.T) {
	_, err := Parse(model("<!-- 中文 --><startEvent id=\"s\"/>\n  <!-- 一二 --> <task id=\"x\"/>"))
	got := refused(t, err)
	if want := (Error{ElementID: "x", Line: 6, Col: 15, Message: got.Message}); *got != want {
		t.Errorf("got %v, want %v", got, &want)
	}
}

// TestBombs holds that files made to hurt are refused, and early: each would
// take minutes or gigabytes if it were played out.
func TestBombs(t *testing.T) {
	repeat := strings.Repeat
	tests := []struct {
		name string
		src  []byte
		word string
	}{
		{"empty", nil, "not a BPMN"},
		{"not XML", []byte("{}"), "not a BPMN"},
		{"HTML", []byte("<html/>"), "not a BPMN"},
		{"BPMN 1", []byte(`<definitions xmlns="http://schema.omg.org/spec/BPMN/1.0"/>`), "not a BPMN"},
		{"cut short", model("")[:200], "broken"},
		{"two roots", append(model(""), model("")[39:]...), "second root"},
		{"text behind", append(model(""), "x"...), "text after"},
		{"encoding", bytes.Replace(model("<!-- é -->"), []byte("UTF-8"), []byte("ISO-8859-1"), 1), "UTF-8"},
		{"not UTF-8", bytes.Replace(model("<a/>"), []byte("<a/>"), []byte("<a>\xff</a>"), 1), "broken"},
		{"entities", bytes.Replace(model(""), []byte("<definitions"), []byte(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><definitions`), 1), "DTD"},
		{"DTD inside", model(`<!ENTITY a "b">`), "DTD"},
		{"DTD behind", append(model(""), `<!DOCTYPE x>`...), "DTD"},
		{"unknown entity", model(`<documentation>&lol;</documentation>`), "broken"},
		{"depth", model(repeat(`<subProcess id="x">`, 50_000)), "levels"},
		{"foreign depth", model(repeat(`<x:a xmlns:x="y">`, 50_000)), "levels"},
		{"elements", model(repeat(`<a/>`, 200_000)), "elements"},
		{"size", model(repeat(" ", maxBytes)), "too large"},
		{"flow elements", model(tasks(maxNodes + 50)), "elements"},
		{"fragments", model(`<documentation>` + repeat(`a<!---->`, 100_000) + `</documentation>`), "start event"},
		{"long id", model(`<userTask id="` + repeat("x", 100_000) + `"/>`), "no id"},
		{"long condition", model(`<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="e"/>` + flows("s>g", "g>e: "+repeat("(", 5_000))), "cannot be read"},
		{"many long conditions", model(`<startEvent id="s"/>` + flows(many(60, "s>s: "+repeat("a+", 8_000))...)), "wrong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.src)
			if first := refused(t, err); !strings.Contains(first.Message.EN, tt.word) {
				t.Errorf("got %.300v, want %q", err, tt.word)
			}
		})
	}
}

func tasks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`<userTask id="` + name(i) + `"/>`)
	}
	return b.String()
}

// many repeats a flow n times, each time with an id of its own.
func many(n int, line string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line
		if i > 0 {
			lines[i] = strings.Replace(line, "s>s", "s>s"+name(i), 1)
		}
	}
	return lines
}

// TestModels parses the models of testdata, and those of the folder named by
// TONGBAN_MIWG where it is set (the BPMN Model Interchange Working Group's
// files): each parses or is refused by element id.
func TestModels(t *testing.T) {
	want := map[string]string{
		"review": "", "pools": "", "called": "",
		"interchange-tasks":   "task_2 task_3",
		"interchange-events":  "catch_signal end_terminate",
		"interchange-process": "process_second",
	}
	files, _ := filepath.Glob("testdata/*.bpmn")
	got := map[string]string{}
	for _, name := range files {
		got[strings.TrimSuffix(filepath.Base(name), ".bpmn")] = refusals(t, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused elements (-want +got):\n%s", diff)
	}
	if dir := os.Getenv("TONGBAN_MIWG"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "*.bpmn"))
		if len(files) == 0 {
			t.Errorf("no models in %s", dir)
		}
		for _, name := range files {
			t.Logf("%s: refused %s", filepath.Base(name), refusals(t, name))
		}
	}
}

// refusals names the elements for which the file is refused.
func refusals(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(src)
	if err == nil {
		if string(d.Source()) != string(src) || len(d.Hash) != 64 {
			t.Errorf("%s: the source is not kept as it is", name)
		}
		return ""
	}
	refused(t, err)
	var all Errors
	var ids []string
	errors.As(err, &all)
	for _, e := range all {
		if e.ElementID == "" {
			t.Errorf("%s: refused without an element: %v", name, e)
		}
		ids = append(ids, e.ElementID)
	}
	return strings.Join(ids, " ")
}

// TestElements holds what a Definition tells about itself.
func TestElements(t *testing.T) {
	d := file(t, "review")
	if got, want := d.Name.ZH+"|"+d.Name.EN, "联合审查|Joint review"; got != want {
		t.Errorf("name: got %q, want %q", got, want)
	}
	accept, ok := d.Element("accept")
	if !ok {
		t.Fatal("no element accept")
	}
	want := &Element{ID: "accept", Kind: UserTask, Attrs: map[string]string{"name-en": "Accept", "duty": "accept", "agency": "lead", "days": "5"}}
	want.Name.ZH, want.Name.EN = "受理", "Accept"
	if diff := cmp.Diff(want, accept); diff != "" {
		t.Errorf("element (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pay"}, d.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"agencies", "amount", "decision", "large", "task.accept.outcome"}, d.Variables()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	inner, _ := d.Element("check")
	if inner.Scope != "checks" || d.Elements()[0].ID != "start" {
		t.Errorf("got scope %q and first element %q, want checks and start", inner.Scope, d.Elements()[0].ID)
	}
}
