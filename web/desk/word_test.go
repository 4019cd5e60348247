package desk

import (
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 1: "1", casework.CountLimit - 1: "999", casework.CountLimit: "1000+", casework.CountLimit + 1: "1000+"} {
		if got := count(n); got != want {
			t.Errorf("count(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestLeft(t *testing.T) {
	for days, want := range map[int][2]string{
		5:  {"还剩 5 个工作日", "5 working days left"},
		1:  {"还剩 1 个工作日", "1 working day left"},
		0:  {"今天到期", "Due today"},
		-1: {"超期 1 个工作日", "1 working day late"},
		-7: {"超期 7 个工作日", "7 working days late"},
	} {
		for i, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if got := left(ui.With(t.Context(), ui.Frame{Lang: lang}), days); got != want[i] {
				t.Errorf("left(%d) in %s: got %q, want %q", days, lang, got, want[i])
			}
		}
	}
}

func TestMasked(t *testing.T) {
	for number, want := range map[string]string{"310106195403129925": "••••••••••••••9925", "E1234567": "••••4567", "1234": "1234", "": ""} {
		if got := masked(number); got != want {
			t.Errorf("masked(%q): got %q, want %q", number, got, want)
		}
	}
}

// A cell that a spreadsheet would take for a formula is made inert.
func TestInert(t *testing.T) {
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+1": "'+1", "-x": "'-x", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "陈桂兰": "陈桂兰", "": ""} {
		if got := inert(cell); got != want {
			t.Errorf("inert(%q): got %q, want %q", cell, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{15: "15 B", 2048: "2 KB", 3 << 20: "3.0 MB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestBars(t *testing.T) {
	l := load{Open: 4, Red: 1, Green: 3, most: 8}
	want := []bar{{"red", "0.00%", "12.50%"}, {"green", "12.50%", "37.50%"}}
	got := l.bars()
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("bars: got %v, want %v", got, want)
	}
	if got := (load{}).bars(); got != nil {
		t.Errorf("bars of an agency without cases: got %v, want none", got)
	}
}

// Every event that a case can have is said in the desk's own words or in the
// domain's, and what an officer did is never told as if the reader had.
func TestHappened(t *testing.T) {
	ctx := ui.With(t.Context(), ui.Frame{Lang: i18n.EN})
	for _, kind := range []string{"submitted", "waiting", "released", "accepted", "accepted-by-silence", "refused", "supplement", "supplied", "reviewed",
		"consulted", "answered", "suspended", "resumed", "extended", "rejected", "notified", "done", "delivered", "withdrawn"} {
		e := casework.Event{Kind: kind, Note: i18n.Same("You did it"), Data: map[string]string{"due": "2026-12-01", "count": "2", "days": "10", "choice": "approve",
			"task.en": "Review", "procedure.en": "Hearing", "agency.en": "Police"}}
		got := happened(ctx, e)
		if got == "" || got == "You did it" || len(got) > 5 && got[:5] == "desk." {
			t.Errorf("%s: got %q", kind, got)
		}
	}
	if got := happened(ctx, casework.Event{Kind: "issued", Note: i18n.Same("Issued: card")}); got != "Issued: card" {
		t.Errorf("issued: got %q, want the domain's sentence", got)
	}
}
