package process

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
)

const multi = `<multiInstanceLoopCharacteristics tb:collection="list" tb:item="item"/>`

// resting is every way in which a token can rest, each in a process of its own.
var resting = []struct {
	name   string
	body   string
	at     string // the element whose token, or timer, meets the events
	answer map[string]string
}{
	{"user task", `<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"complete": "done"}},
	{"service task", `<startEvent id="s"/><serviceTask id="a" tb:call="issue"/><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"complete": "done"}},
	{"receive task", `<startEvent id="s"/><receiveTask id="a" messageRef="msg"/><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"complete": "done", "correlate": "done"}},
	{"message catch", `<startEvent id="s"/><intermediateCatchEvent id="a"><messageEventDefinition messageRef="msg"/></intermediateCatchEvent><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"correlate": "done"}},
	{"timer catch", `<startEvent id="s"/><intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>P5WD</timeDuration></timerEventDefinition></intermediateCatchEvent><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"fire": "done"}},
	{"subprocess", `<startEvent id="s"/><subProcess id="a"><startEvent id="s2"/><userTask id="u"/><endEvent id="e2"/>` + flows("s2>u", "u>e2") + `</subProcess><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		nil},
	{"inside a subprocess", `<startEvent id="s"/><subProcess id="sub"><startEvent id="s2"/><userTask id="a"/><endEvent id="e2"/>` + flows("s2>a", "a>e2") + `</subProcess><endEvent id="e"/>` + flows("s>sub", "sub>e"), "a",
		map[string]string{"complete": "done"}},
	{"host of a boundary timer", timed(`<userTask id="a"/>`, true), "a",
		map[string]string{"complete": "done"}},
	{"interrupting boundary timer", timed(`<userTask id="a"/>`, true), "t",
		map[string]string{"fire": "late"}},
	{"non-interrupting boundary timer", timed(`<userTask id="a"/>`, false), "t",
		map[string]string{"fire": "a late"}},
	{"boundary timer of a subprocess", timed(`<subProcess id="a"><startEvent id="s2"/><userTask id="u"/><endEvent id="e2"/>`+flows("s2>u", "u>e2")+`</subProcess>`, true), "t",
		map[string]string{"fire": "late"}},
	{"waiting join", `<startEvent id="s"/><parallelGateway id="f"/><userTask id="u"/><parallelGateway id="a"/><endEvent id="e"/>` + flows("s>f", "f>a", "f>u", "u>a", "a>e"), "a",
		nil},
	{"parallel instance", `<startEvent id="s"/><userTask id="a">` + multi + `</userTask><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"complete": "a"}},
	{"sequential instance", `<startEvent id="s"/><userTask id="a">` + strings.Replace(multi, "Characteristics", `Characteristics isSequential="true"`, 1) + `</userTask><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		map[string]string{"complete": "a"}},
	{"instance of a subprocess", `<startEvent id="s"/><subProcess id="a">` + multi + `<startEvent id="s2"/><userTask id="u"/><endEvent id="e2"/>` + flows("s2>u", "u>e2") + `</subProcess><endEvent id="e"/>` + flows("s>a", "a>e"), "a",
		nil},
}

// timed is a process whose activity "a" has the boundary timer "t".
func timed(activity string, interrupting bool) string {
	return fmt.Sprintf(`<startEvent id="s"/>%s<boundaryEvent id="t" attachedToRef="a" cancelActivity="%v"><timerEventDefinition><timeDuration>P3WD</timeDuration></timerEventDefinition></boundaryEvent>
<userTask id="late"/><endEvent id="e"/><endEvent id="e3"/>`, activity, interrupting) + flows("s>a", "a>e", "t>late", "late>e3")
}

// TestEveryStateMeetsEveryEvent is the whole table: what each way of resting
// answers to each event. What the answer map leaves out is refused as a
// Conflict and changes nothing.
func TestEveryStateMeetsEveryEvent(t *testing.T) {
	for _, tt := range resting {
		d := parse(t, tt.body)
		s, _, err := d.Start(Vars{"list": []any{"x", "y"}})
		if err != nil {
			t.Fatalf("%s: Start: %v", tt.name, err)
		}
		token, before := tokenAt(t, s, tt.at), encode(t, s)
		events := map[string]func() (State, []Effect, error){
			"complete":  func() (State, []Effect, error) { return d.Complete(s, token, nil) },
			"fire":      func() (State, []Effect, error) { return d.Fire(s, token) },
			"correlate": func() (State, []Effect, error) { return d.Correlate(s, "paid", nil) },
			"complete another": func() (State, []Effect, error) {
				return d.Complete(s, "t99", nil)
			},
			"fire another":      func() (State, []Effect, error) { return d.Fire(s, "t0") },
			"correlate another": func() (State, []Effect, error) { return d.Correlate(s, "unpaid", nil) },
		}
		for event, act := range events {
			t.Run(tt.name+"/"+event, func(t *testing.T) {
				got := answer(t, act)
				want := tt.answer[event]
				if want == "" {
					want = "conflict"
				}
				if got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				if after := encode(t, s); after != before {
					t.Errorf("the state given was changed:\ngot  %s\nwant %s", after, before)
				}
			})
		}
		t.Run(tt.name+"/cancel", func(t *testing.T) {
			if next, _ := d.Cancel(s); !next.Done() {
				t.Errorf("got %s, want done", encode(t, next))
			}
		})
	}
}

// TestNotRunning holds that states that are done, not begun, or of another
// process refuse every event, and that cancelling them is harmless.
func TestNotRunning(t *testing.T) {
	d := parse(t, resting[0].body)
	s, _, _ := d.Start(nil)
	done, _, err := d.Complete(s, "t1", nil)
	if err != nil || !done.Done() {
		t.Fatalf("got %s, %v, want done", encode(t, done), err)
	}
	for what, state := range map[string]State{
		"done": done, "zero": {},
		"another process": decode(t, strings.Replace(encode(t, s), `"p"`, `"q"`, 1)),
		"unknown element": decode(t, strings.Replace(encode(t, s), `"a"`, `"z"`, 1)),
	} {
		for event, act := range map[string]func() (State, []Effect, error){
			"complete":  func() (State, []Effect, error) { return d.Complete(state, "t1", nil) },
			"fire":      func() (State, []Effect, error) { return d.Fire(state, "t1") },
			"correlate": func() (State, []Effect, error) { return d.Correlate(state, "paid", nil) },
		} {
			if got := answer(t, act); got != "conflict" {
				t.Errorf("%s, %s: got %q, want a conflict", what, event, got)
			}
		}
		if next, effects := d.Cancel(state); !next.Done() || len(effects) > 0 {
			t.Errorf("%s, cancel: got %s and %v, want done and nothing", what, encode(t, next), show(effects))
		}
	}
}

// answer is where the tokens are after the event, "done", or "conflict".
func answer(t *testing.T, act func() (State, []Effect, error)) string {
	t.Helper()
	next, effects, err := act()
	switch {
	case fault.Is(err, fault.Conflict):
		bilingual(t, err)
		if effects != nil {
			t.Errorf("effects of a refused event: %v", show(effects))
		}
		return "conflict"
	case err != nil:
		t.Fatalf("got %v", err)
	case next.Done():
		return "done"
	}
	return at(next)
}

// TestEffects plays whole cases and compares every effect.
func TestEffects(t *testing.T) {
	type step struct {
		do   string // "complete ELEMENT", "fire ELEMENT", "correlate MESSAGE", "cancel"
		out  Vars
		want []string
	}
	tests := []struct {
		name  string
		body  string
		vars  Vars
		steps []step
	}{
		{"a task and its boundary timer", timed(`<userTask id="a"/>`, true), nil, []step{
			{"start", nil, []string{"open-task a t1", "set-timer t t2 P3WD"}},
			{"complete a", nil, []string{"clear-timer t t2", "ended e"}}}},
		{"the timer breaks the task off", timed(`<userTask id="a"/>`, true), nil, []step{
			{"start", nil, []string{"open-task a t1", "set-timer t t2 P3WD"}},
			{"fire t", nil, []string{"close-task a t1", "open-task late t3"}},
			{"complete late", nil, []string{"ended e3"}}}},
		{"the timer leaves the task", timed(`<userTask id="a"/>`, false), nil, []step{
			{"start", nil, []string{"open-task a t1", "set-timer t t2 P3WD"}},
			{"fire t", nil, []string{"open-task late t3"}},
			{"complete a", nil, []string{}},
			{"complete late", nil, []string{"ended e3"}}}},
		{"the timer breaks a subprocess off", timed(`<subProcess id="a"><startEvent id="s2"/><parallelGateway id="g"/><userTask id="u"/><receiveTask id="r" messageRef="msg"/>
<boundaryEvent id="t2" attachedToRef="r"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="e2"/>`+
			flows("s2>g", "g>u", "g>r", "u>e2", "r>e2", "t2>e2")+`</subProcess>`, true), nil, []step{
			{"start", nil, []string{"set-timer t t2 P3WD", "open-task u t3", "await-message r t4 paid", "set-timer t2 t5 P1D"}},
			{"fire t", nil, []string{"close-task u t3", "close-task r t4", "clear-timer t2 t5", "open-task late t6"}}}},
		{"parallel instances", resting[12].body, Vars{"list": []any{"x", "y"}}, []step{
			{"start", nil, []string{"open-task a t2 map[item:x]", "open-task a t3 map[item:y]"}},
			{"complete a", Vars{"outcome": "approve"}, []string{}},
			{"complete a", Vars{"outcome": "reject"}, []string{"ended e"}}}},
		{"sequential instances", resting[13].body, Vars{"list": []any{"x", "y"}}, []step{
			{"start", nil, []string{"open-task a t2 map[item:x]"}},
			{"complete a", nil, []string{"open-task a t3 map[item:y]"}},
			{"complete a", nil, []string{"ended e"}}}},
		{"no instances", resting[12].body, Vars{"list": []any{}}, []step{
			{"start", nil, []string{"ended e"}}}},
		{"cancelled", timed(`<userTask id="a"/>`, true), nil, []step{
			{"start", nil, []string{"open-task a t1", "set-timer t t2 P3WD"}},
			{"cancel", nil, []string{"close-task a t1", "clear-timer t t2"}}}},
		{"a rule and a choice", `<startEvent id="s"/><businessRuleTask id="r" tb:rule="amount * 2 > 10" tb:result="large"/><exclusiveGateway id="g" default="g-e"/>
<serviceTask id="n" tb:call="notify"/><endEvent id="e"/><endEvent id="e2"/>` + flows("s>r", "r>g", "g>n: large", "g>e", "n>e2"), Vars{"amount": 6.0}, []step{
			{"start", nil, []string{"call-service n t1"}},
			{"complete n", nil, []string{"ended e2"}}}},
		{"message and timer in a row", `<startEvent id="s"/><intermediateCatchEvent id="m"><messageEventDefinition messageRef="msg"/></intermediateCatchEvent>
<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition></intermediateCatchEvent><endEvent id="e"/>` + flows("s>m", "m>w", "w>e"), nil, []step{
			{"start", nil, []string{"await-message m t1 paid"}},
			{"correlate paid", nil, []string{"set-timer w t2 PT2H"}},
			{"fire w", nil, []string{"ended e"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := parse(t, tt.body)
			var s State
			for _, step := range tt.steps {
				var effects []Effect
				var err error
				verb, arg, _ := strings.Cut(step.do, " ")
				switch verb {
				case "start":
					s, effects, err = d.Start(tt.vars)
				case "complete":
					s, effects, err = d.Complete(s, tokenAt(t, s, arg), step.out)
				case "fire":
					s, effects, err = d.Fire(s, tokenAt(t, s, arg))
				case "correlate":
					s, effects, err = d.Correlate(s, arg, step.out)
				case "cancel":
					s, effects = d.Cancel(s)
				}
				if err != nil {
					t.Fatalf("%s: %v", step.do, err)
				}
				if diff := cmp.Diff(step.want, show(effects)); diff != "" {
					t.Errorf("%s: effects (-want +got):\n%s", step.do, diff)
				}
				s = decode(t, encode(t, s))
			}
		})
	}
}

// TestVars holds what results become.
func TestVars(t *testing.T) {
	d := parse(t, `<startEvent id="s"/><userTask id="a">`+multi+`</userTask><userTask id="b"/><endEvent id="e"/>`+flows("s>a", "a>b", "b>e"))
	given := Vars{"list": []any{1.0, 2.0}, "form": Vars{"x": 1.0}}
	s, _, err := d.Start(given)
	for _, step := range []struct {
		token string
		out   Vars
	}{
		{"t3", Vars{"outcome": "no", "form": Vars{"y": 2.0}}},
		{"t2", Vars{"outcome": "yes"}},
		{"t4", Vars{"outcome": "approve", "decision": "approve"}},
	} {
		if err == nil {
			s, _, err = d.Complete(s, step.token, step.out)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	want := Vars{
		"list": []any{1.0, 2.0}, "form": Vars{"x": 1.0, "y": 2.0}, "decision": "approve",
		"task": Vars{"a": Vars{"outcome": "yes", "outcomes": []any{"yes", "no"}}, "b": Vars{"outcome": "approve"}},
	}
	if diff := cmp.Diff(want, s.Vars()); diff != "" {
		t.Errorf("vars (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Vars{"list": []any{1.0, 2.0}, "form": Vars{"x": 1.0}}, given); diff != "" {
		t.Errorf("the variables given were changed (-want +got):\n%s", diff)
	}
	if _, _, err := d.Complete(s, "t4", nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("completed again: got %v, want a conflict", err)
	}
}

// TestCannotGoOn holds the faults of a process that cannot go on; each names
// the element.
func TestCannotGoOn(t *testing.T) {
	start, end := `<startEvent id="s"/>`, `<endEvent id="e"/>`
	tests := []struct {
		name, body, element string
		vars                Vars
	}{
		{"no way", start + `<exclusiveGateway id="g"/><endEvent id="e2"/>` + end + flows("s>g", "g>e: x > 3", "g>e2: x < 3"), "g", Vars{"x": 3}},
		{"no way for want of a variable", start + `<exclusiveGateway id="g"/><endEvent id="e2"/>` + end + flows("s>g", "g>e: x > 3", "g>e2: x < 3"), "x", nil},
		{"a condition fails", start + `<exclusiveGateway id="g" default="g-e2"/><endEvent id="e2"/>` + end + flows("s>g", "g>e: x > 3", "g>e2"), "g", Vars{"x": "three"}},
		{"a rule lacks a variable", start + `<businessRuleTask id="r" tb:rule="x + 1" tb:result="y"/>` + end + flows("s>r", "r>e"), "r", nil},
		{"no collection", start + `<userTask id="a">` + multi + `</userTask>` + end + flows("s>a", "a>e"), "list", nil},
		{"too many items", start + `<userTask id="a">` + multi + `</userTask>` + end + flows("s>a", "a>e"), "a", Vars{"list": make([]any, maxItems+1)}},
		{"endless", start + `<exclusiveGateway id="g" default="g-g2"/><exclusiveGateway id="g2"/>` + end + flows("s>g2", "g2>g", "g>g2", "g>e: false"), "g", nil},
		{"too many tokens", start + `<subProcess id="a">` + multi + `<startEvent id="s2"/><userTask id="u">` + multi + `</userTask><endEvent id="e2"/>` + flows("s2>u", "u>e2") + `</subProcess>` + end + flows("s>a", "a>e"), "u", Vars{"list": make([]any, 400)}},
		{"unlinked", start + `<callActivity id="c" calledElement="q"/>` + end + flows("s>c", "c>e"), "c", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, effects, err := parse(t, tt.body).Start(tt.vars)
			if !fault.Is(err, fault.Invalid) || effects != nil || s.Done() {
				t.Fatalf("got %s, %v, %v, want an invalid fault alone", encode(t, s), show(effects), err)
			}
			bilingual(t, err)
			if !strings.Contains(err.Error(), tt.element) {
				t.Errorf("got %q, want it to name %q", err, tt.element)
			}
		})
	}
}

// TestStuck holds that a State in which nothing can move any more is refused
// and not stored. Parse lets no such drawing through, so the State is tampered
// with.
func TestStuck(t *testing.T) {
	d := parse(t, `<startEvent id="s"/><parallelGateway id="f"/><userTask id="u"/><userTask id="v"/><parallelGateway id="j"/><endEvent id="e"/>`+
		flows("s>f", "f>u", "f>v", "u>j", "v>j", "j>e"))
	s := decode(t, `{"process":"p","next":3,"tokens":[{"id":1,"at":"u"}],"vars":{}}`)
	next, effects, err := d.Complete(s, "t1", nil)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "stuck at j") || effects != nil {
		t.Errorf("got %v, %v, want a fault that names j", show(effects), err)
	}
	if got, want := encode(t, next), encode(t, s); got != want {
		t.Errorf("got state %s, want it as it was: %s", got, want)
	}
}
