package main

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// office is the officers of a journey. They take turns at one window, each in a
// session of their own.
type office struct {
	*person
	seats []browser.Seat
}

// opens lets officers sign in at the desk. The last one sits there.
func opens(t *testing.T, b *browser.Browser, url string, size browser.Size, lang i18n.Lang, ids ...string) *office {
	t.Helper()
	o := &office{person: &person{Window: b.Window(t, url, size), t: t, lang: lang}}
	for _, id := range ids {
		o.Rise()
		o.Open("/desk?lang=" + string(lang))
		o.click("portal.signIn.button")
		o.ClickOn("form:has([name=user][value=" + id + "]) button")
		o.seats = append(o.seats, o.Rise())
	}
	o.Sit(o.seats[len(o.seats)-1])
	return o
}

// finish lets the officers do what is in their inboxes, one after the other,
// until done says that nothing is left. What the city passes on by itself comes
// while they work.
func (o *office) finish(done func() bool) {
	o.t.Helper()
	for range 10 {
		if done() {
			return
		}
		for _, seat := range o.seats {
			o.Sit(seat)
			o.Open("/desk")
			o.reads("desk.inbox.title")
			o.Check("inbox")
			if !o.Has("a[data-row]") {
				continue
			}
			for o.ClickOn("a[data-row]"); strings.HasPrefix(o.Path(), "/desk/cases/"); o.click("desk.done.next") {
				o.task()
			}
		}
	}
	o.t.Fatalf("the officers do not come to an end: %s", o.Text())
}

// task does what the page of a case asks of the officer.
func (o *office) task() {
	o.t.Helper()
	o.diagram()
	o.Check("desk-case")
	switch text := o.Text(); {
	case strings.Contains(text, o.word("desk.accept.button")):
		o.click("desk.accept.button")
	case strings.Contains(text, o.word("desk.review.button")):
		o.Fill(o.choices(nil))
		o.click("desk.review.button")
	case strings.Contains(text, o.word("desk.deliver.button")):
		o.click("desk.deliver.button")
	case strings.Contains(text, o.word("desk.decide.button")):
		o.click("desk.decide.button")
		o.Check("desk-decision")
		o.Fill(o.choices(nil))
		o.click("desk.decide.preview")
		o.Check("desk-letter-preview")
		o.click("desk.decide.confirmApprove")
	default:
		o.t.Fatalf("%s: nothing to do: %s", o.Path(), text)
	}
	o.Check("desk-case-done")
}

// diagram waits until the process of the case, if the page has one, is drawn.
func (p *person) diagram() {
	p.t.Helper()
	p.Wait(`!document.querySelector("[data-diagram]") || document.querySelector("[data-diagram] svg .djs-element")`)
}
