package process

import (
	"encoding/json"
	"testing"
)

// five is a process of five tasks as packs have them.
const five = `<startEvent id="s"/><userTask id="accept" tb:duty="accept"/><exclusiveGateway id="ok" default="ok-no"/><endEvent id="no"/>
<parallelGateway id="split"/><userTask id="b"/><userTask id="c"/><parallelGateway id="join"/><userTask id="decide"/>
<serviceTask id="issue" tb:call="issue"/><endEvent id="e"/>`

func fiveTasks(b *testing.B) (*Definition, Vars) {
	b.Helper()
	d := parse(b, five+flows("s>accept", "accept>ok", "ok>no", "ok>split: task.accept.outcome == 'approve'",
		"split>b", "split>c", "b>join", "c>join", "join>decide", "decide>issue", "issue>e"))
	vars := Vars{"applicant_name": "陈桂兰", "birth": "1953-04-01", "bank": "6222020200112233445", "amount": 150.0, "agree": true,
		"scenario": Vars{"kind": "new", "way": "online"}}
	return d, vars
}

func BenchmarkStart(b *testing.B) {
	d, vars := fiveTasks(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := d.Start(vars); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAdvance is one task completion, the State read from JSON and written
// back.
func BenchmarkAdvance(b *testing.B) {
	d, vars := fiveTasks(b)
	s, _, err := d.Start(vars)
	if err != nil {
		b.Fatal(err)
	}
	src := []byte(encode(b, s))
	b.ReportAllocs()
	for b.Loop() {
		var s State
		if err := json.Unmarshal(src, &s); err != nil {
			b.Fatal(err)
		}
		s, _, err := d.Complete(s, "t1", Vars{"outcome": "approve"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCase is a whole case: start, five completions, the end.
func BenchmarkCase(b *testing.B) {
	d, vars := fiveTasks(b)
	b.ReportAllocs()
	for b.Loop() {
		s, _, err := d.Start(vars)
		for err == nil && !s.Done() {
			s, _, err = d.Complete(s, s.Tokens()[0].ID, Vars{"outcome": "approve"})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	src := model(five + flows("s>accept", "accept>ok", "ok>no", "ok>split: task.accept.outcome == 'approve'",
		"split>b", "split>c", "b>join", "c>join", "join>decide", "decide>issue", "issue>e"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}
