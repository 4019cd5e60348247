package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/fault"
)

// model is a BPMN file around the body of one process "p".
func model(body string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="https://tongban.org/ns/bpmn" id="defs">
<message id="msg" name="paid"/>
<process id="p" name="流程" tb:name-en="Process">
` + body + `
</process>
</definitions>`)
}

// flows draws sequence flows from lines such as "a>b" or "a>b: x > 3". The id
// of a flow is "a-b".
func flows(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		ends, condition, _ := strings.Cut(line, ":")
		from, to, _ := strings.Cut(ends, ">")
		fmt.Fprintf(&b, `<sequenceFlow id="%s-%s" sourceRef="%s" targetRef="%s">`, from, to, from, to)
		if condition != "" {
			fmt.Fprintf(&b, "<conditionExpression><![CDATA[%s]]></conditionExpression>", condition)
		}
		b.WriteString("</sequenceFlow>\n")
	}
	return b.String()
}

func parse(t testing.TB, body string) *Definition {
	t.Helper()
	d, err := Parse(model(body))
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, body)
	}
	return d
}

func file(t testing.TB, name string) *Definition {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name+".bpmn"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%s): %v", name, err)
	}
	return d
}

// at names the elements of all live tokens, sorted.
func at(s State) string {
	var ids []string
	for _, t := range s.Tokens() {
		ids = append(ids, t.Element)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// tokenAt is the first token, or armed timer, at the element.
func tokenAt(t testing.TB, s State, element string) string {
	t.Helper()
	for _, k := range s.Live {
		if k.Node == element && k.Loop == nil {
			return name(k.ID)
		}
	}
	t.Fatalf("no token at %s; live: %s", element, at(s))
	return ""
}

// show writes effects as "kind element token [period|message]".
func show(effects []Effect) []string {
	lines := []string{}
	for _, e := range effects {
		line := fmt.Sprintf("%s %s %s %s", e.Kind, e.Element.ID, e.Token, e.Period+e.Message)
		if e.Vars != nil {
			line += fmt.Sprint(e.Vars)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// tester is what a test and a rapid check have in common.
type tester interface {
	Helper()
	Fatal(...any)
}

func encode(t tester, s State) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func decode(t tester, src string) State {
	t.Helper()
	var s State
	if err := json.Unmarshal([]byte(src), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// bilingual fails unless the fault speaks both languages.
func bilingual(t testing.TB, err error) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Message.ZH == "" || f.Message.EN == "" || f.Message.ZH == f.Message.EN {
		t.Errorf("got %v, want a message in both languages", err)
	}
}
