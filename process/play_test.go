package process

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
)

// play drives a process and holds, after every event, what is true of all
// processes: effects account for the State, JSON carries it, nothing given is
// changed, a refused event changes nothing.
type play struct {
	t     *rapid.T
	def   *Definition
	s     State
	open  map[string]EffectKind // by token: what the effects have opened and not taken back
	ended int
}

func newPlay(t *rapid.T, def *Definition) *play {
	return &play{t: t, def: def, open: map[string]EffectKind{}}
}

func (p *play) start(vars Vars) {
	s, effects, err := p.def.Start(vars)
	if err != nil {
		p.t.Fatalf("Start: %v\n%s", err, p.def.Source())
	}
	p.take(s, effects, "")
}

func (p *play) complete(label string, out Vars) {
	token := p.token(label)
	p.act("complete "+label, token, func() (State, []Effect, error) { return p.def.Complete(p.s, token, out) })
}

func (p *play) fire(label string) {
	token := p.token(label)
	p.act("fire "+label, token, func() (State, []Effect, error) { return p.def.Fire(p.s, token) })
}

// correlate hands the message over and returns the label of its receiver.
func (p *play) correlate(message string, out Vars) string {
	for _, k := range p.s.Live {
		if n := p.def.nodes[k.Node]; n.Kind == ReceiveTask && k.Loop == nil {
			label := p.label(k)
			p.act("correlate "+label, name(k.ID), func() (State, []Effect, error) { return p.def.Correlate(p.s, message, out) })
			return label
		}
	}
	p.t.Fatalf("nothing waits for %s", message)
	return ""
}

func (p *play) act(what, token string, event func() (State, []Effect, error)) {
	before := encode(p.t, p.s)
	next, effects, err := event()
	if err != nil {
		p.t.Fatalf("%s: %v\nstate %s\n%s", what, err, before, p.def.Source())
	}
	if again, _, err := event(); err != nil || encode(p.t, again) != encode(p.t, next) {
		p.t.Fatalf("%s: the second time gives another state", what)
	}
	if after := encode(p.t, p.s); after != before {
		p.t.Fatalf("%s: the state given was changed\nfrom %s\nto   %s", what, before, after)
	}
	p.take(next, effects, token)
	for _, refused := range []func() (State, []Effect, error){
		func() (State, []Effect, error) { return p.def.Complete(p.s, token, nil) },
		func() (State, []Effect, error) { return p.def.Fire(p.s, token) },
	} {
		if _, _, err := refused(); !fault.Is(err, fault.Conflict) {
			p.t.Fatalf("%s, then the same token again: got %v, want a conflict", what, err)
		}
	}
}

// take accounts for the effects and goes on from the State as JSON gives it
// back. used is the token that the event has used up.
func (p *play) take(s State, effects []Effect, used string) {
	delete(p.open, used)
	for _, e := range effects {
		_, open := p.open[e.Token]
		switch e.Kind {
		case Ended:
			p.ended++
		case CloseTask, ClearTimer:
			if !open || (e.Kind == ClearTimer) != (p.open[e.Token] == SetTimer) {
				p.t.Fatalf("%s of %s, which is %q", e.Kind, e.Token, p.open[e.Token])
			}
			delete(p.open, e.Token)
		default:
			if open {
				p.t.Fatalf("%s: token %s is opened twice", e.Kind, e.Token)
			}
			p.open[e.Token] = e.Kind
		}
	}
	p.s = decode(p.t, encode(p.t, s))
	var want []string
	for _, k := range s.Live {
		if p.def.nodes[k.Node].waits() && k.Loop == nil {
			want = append(want, name(k.ID))
		}
	}
	if got := slices.Sorted(maps.Keys(p.open)); !slices.Equal(got, sorted(want)) {
		p.t.Fatalf("effects leave %v open, the state has %v\n%s", got, want, encode(p.t, s))
	}
	if done := len(s.Tokens()) == 0; s.Done() != done || (p.ended == 1) != done || p.ended > 1 {
		p.t.Fatalf("done %v, %d live tokens, ended %d times", s.Done(), len(s.Tokens()), p.ended)
	}
	if next, closing := p.def.Cancel(s); !next.Done() || len(closing) != len(p.open) {
		p.t.Fatalf("cancel: got %v, want %v closed", show(closing), p.open)
	}
}

// compare holds the open leaves of the oracle against the State.
func (p *play) compare(want []leaf) {
	var a, b []string
	for _, l := range want {
		a = append(a, l.label)
	}
	for _, k := range p.s.Live {
		if p.def.nodes[k.Node].waits() && k.Loop == nil {
			b = append(b, p.label(k))
		}
	}
	if !slices.Equal(sorted(a), sorted(b)) {
		p.t.Fatalf("open: got  %v\nwant %v\nstate %s\n%s", sorted(b), sorted(a), encode(p.t, p.s), p.def.Source())
	}
}

// label is the element with the places in the loops around it: "n3[0][1]".
func (p *play) label(k token) string {
	path, at := "", k.Node
	for k.Up != 0 {
		up := p.s.Live[slices.IndexFunc(p.s.Live, func(t token) bool { return t.ID == k.Up })]
		if up.Loop != nil {
			path = fmt.Sprintf("[%d]%s", k.Turn, path)
		}
		k = up
	}
	return at + path
}

func (p *play) token(label string) string {
	for _, k := range p.s.Live {
		if k.Loop == nil && p.label(k) == label {
			return name(k.ID)
		}
	}
	p.t.Fatalf("no token at %s: %s", label, encode(p.t, p.s))
	return ""
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}
