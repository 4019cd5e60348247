package process

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// caller is a process with the id that calls another.
func caller(id, calls string) []byte {
	src := string(model(`<startEvent id="s"/><callActivity id="c" calledElement="` + calls + `"/><endEvent id="e"/>` + flows("s>c", "c>e")))
	return []byte(strings.Replace(src, `<process id="p"`, `<process id="`+id+`"`, 1))
}

func TestLink(t *testing.T) {
	all := map[string]*Definition{}
	for id, calls := range map[string]string{"a": "b", "b": "pay", "x": "y", "y": "x", "z": "nowhere", "self": "self"} {
		d, err := Parse(caller(id, calls))
		if err != nil {
			t.Fatal(err)
		}
		all[id] = d
	}
	all["pay"] = file(t, "called")
	for id, word := range map[string]string{"a": "", "b": "", "pay": "", "x": "leads back", "y": "leads back", "self": "leads back", "z": "not there"} {
		err := all[id].Link(all)
		if word == "" {
			if err != nil {
				t.Errorf("%s: got %v, want it linked", id, err)
			}
			continue
		}
		if first := refused(t, err); first.ElementID != "c" || !strings.Contains(first.Message.EN, word) {
			t.Errorf("%s: got %v, want %q at c", id, first, word)
		}
	}
	d := all["a"]
	s, effects, err := d.Start(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"await-message paid t3 paid"}, show(effects)); diff != "" {
		t.Errorf("start (-want +got):\n%s", diff)
	}
	want := []Token{{ID: "t1", Element: "c"}, {ID: "t2", Element: "c", Within: "t1"}, {ID: "t3", Element: "paid", Within: "t2"}}
	if diff := cmp.Diff(want, s.Tokens()); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	s, effects, err = d.Correlate(decode(t, encode(t, s)), "paid", Vars{"receipt": "17"})
	if err != nil || !s.Done() || s.Vars()["receipt"] != "17" {
		t.Errorf("got %s, %v, want done with the receipt", encode(t, s), err)
	}
	if diff := cmp.Diff([]string{"ended e"}, show(effects)); diff != "" {
		t.Errorf("correlate (-want +got):\n%s", diff)
	}
}

// TestByteOrderMark holds that a file that Windows tools begin with a mark is
// read, and that places still count from the first character seen.
func TestByteOrderMark(t *testing.T) {
	if _, err := Parse(append([]byte("\ufeff"), model(resting[0].body)...)); err != nil {
		t.Errorf("got %v, want it read", err)
	}
	_, err := Parse(append([]byte("\ufeff"), model(`<task id="x"/>`)...))
	if got := refused(t, err); got.Line != 5 || got.Col != 1 {
		t.Errorf("got %d:%d, want 5:1", got.Line, got.Col)
	}
}
