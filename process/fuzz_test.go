package process

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// seeds adds the models of testdata and the processes of the state table.
func seeds(f *testing.F, add func(src []byte)) {
	f.Helper()
	files, _ := filepath.Glob("testdata/*.bpmn")
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		add(src)
	}
	for _, r := range resting {
		add(model(r.body))
	}
}

// FuzzParse holds that any bytes give a Definition that can be played, or
// Errors with places and both languages.
func FuzzParse(f *testing.F) {
	seeds(f, func(src []byte) { f.Add(src) })
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := Parse(src)
		if err != nil {
			var all Errors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("got %v, want Errors", err)
			}
			for _, e := range all {
				if e.Line < 1 || e.Col < 1 || e.Message.IsZero() {
					t.Fatalf("a fault without place or message: %v", e)
				}
			}
			return
		}
		_ = d.Link(map[string]*Definition{d.ID: d})
		if s, _, err := d.Start(Vars{"list": []any{1}}); err == nil {
			d.Cancel(s)
		}
	})
}

// FuzzRun plays random events on the models: each byte picks a token, or one
// that is not there, and what to do with it.
func FuzzRun(f *testing.F) {
	var defs []*Definition
	all := map[string]*Definition{}
	seeds(f, func(src []byte) {
		if d, err := Parse(src); err == nil {
			defs, all[d.ID] = append(defs, d), d
		}
	})
	for i, d := range defs {
		if err := d.Link(all); err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), []byte("\x00\x11\x22\x33abcdefghijklmnopqrstuvwxyz"), int64(120_000))
	}
	f.Fuzz(func(t *testing.T, which uint8, events []byte, amount int64) {
		d := defs[int(which)%len(defs)]
		s, _, err := d.Start(Vars{"list": []any{"x"}, "agencies": []any{"gaj", "wjw"}, "amount": amount})
		if err != nil {
			return
		}
		for _, b := range events {
			token, out := "t"+string(b), Vars{"outcome": "approve", "decision": "approve"}
			if n := len(s.Live); n > 0 && b&3 != 3 {
				token = name(s.Live[int(b>>2)%n].ID)
			}
			before, live := encode(t, s), len(s.Live)
			var next State
			switch b & 3 {
			case 0:
				next, _, err = d.Complete(s, token, out)
			case 1:
				next, _, err = d.Fire(s, token)
			default:
				next, _, err = d.Correlate(s, []string{"paid", "opinion"}[b>>2&1], out)
			}
			if err != nil && encode(t, next) != before {
				t.Fatalf("a refused event changed the state\nfrom %s\nto   %s", before, encode(t, next))
			}
			if err == nil && live == 0 {
				t.Fatalf("an event was taken by a state that is done: %s", before)
			}
			s = decode(t, encode(t, next))
		}
	})
}

// FuzzState holds that a stored State that was damaged is refused or played,
// and never panics.
func FuzzState(f *testing.F) {
	d, err := Parse(model(resting[14].body))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"process":"p","next":4,"tokens":[{"id":1,"at":"a","loop":{"left":1,"outcomes":[null]}},{"id":2,"at":"a","up":1},{"id":3,"at":"u","up":2}],"vars":{}}`))
	f.Add([]byte(`{"process":"p","next":3,"tokens":[{"id":1,"at":"a","loop":{"left":-1}},{"id":2,"at":"a","up":1,"host":1}]}`))
	f.Add([]byte(`{"process":"p","next":1}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		var s State
		if json.Unmarshal(src, &s) != nil {
			return
		}
		for _, token := range []string{"t1", "t2", "t3"} {
			_, _, _ = d.Complete(s, token, Vars{"outcome": 1})
			_, _, _ = d.Fire(s, token)
		}
		_, _, _ = d.Correlate(s, "", nil)
		if next, _ := d.Cancel(s); !next.Done() {
			t.Fatalf("cancel leaves %s", encode(t, next))
		}
		s.Tokens()
	})
}
