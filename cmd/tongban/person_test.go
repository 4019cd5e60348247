package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// person is somebody at a window, who reads one language.
type person struct {
	*browser.Window
	t    *testing.T
	lang i18n.Lang
}

// word is a message as the pages say it.
func (p *person) word(key string, args ...any) string {
	p.t.Helper()
	text := i18n.T(p.lang, key, args...)
	if text == key {
		p.t.Fatalf("there is no message %s", key)
	}
	return text
}

// click presses the link or button in the main part that says the message.
func (p *person) click(key string, args ...any) {
	p.t.Helper()
	p.ClickIn("main", p.word(key, args...))
}

// reads fails unless the messages can be read.
func (p *person) reads(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		p.Sees(p.word(key))
	}
}

// arrives opens the home page in the person's language.
func arrives(t *testing.T, b *browser.Browser, url string, size browser.Size, lang i18n.Lang) *person {
	t.Helper()
	p := &person{Window: b.Window(t, url, size), t: t, lang: lang}
	p.Open("/")
	if lang == i18n.EN {
		p.ClickIn("header", i18n.T(i18n.ZH, "ui.lang.other"))
	}
	return p
}

// signsIn goes through the sign-in page and the demo's provider, where one
// chooses whom to be.
func (p *person) signsIn(id string) {
	p.t.Helper()
	p.ClickIn("header", p.word("portal.nav.signIn"))
	p.Check("sign-in")
	p.click("portal.signIn.button")
	p.CheckList("demo-login")
	p.Fill(map[string]string{"q": id})
	p.click("demo.login.find")
	p.ClickOn("form:has([name=user][value=" + id + "]) button")
}

// applies goes from the page of a service or life event to the page on which
// everything is checked, answering what is asked.
func (p *person) applies(kind string, start string, answers map[string]string) {
	p.t.Helper()
	p.click(start)
	if p.Path() == "/apply" {
		p.Check("apply")
		p.click("portal.apply.start")
	}
	for range 30 {
		if p.Has(".govuk-error-summary") {
			p.t.Fatalf("%s is not taken: %s\n%+v", p.Path(), p.Text(), p.Controls())
		}
		switch at := p.Path(); {
		case strings.HasSuffix(at, "/scenario"):
			p.Check("scenario")
			p.Fill(p.choices(answers))
			p.click("portal.step.next")
		case strings.Contains(at, "/steps/"):
			p.Check("step-" + kind + filepath.Base(at))
			p.Fill(p.choices(answers))
			p.click("portal.step.next")
		case strings.HasSuffix(at, "/evidence"):
			p.Check("evidence")
			p.proves()
			p.click("portal.evidence.next")
		case strings.HasSuffix(at, "/check"):
			p.reads("portal.check.title")
			p.Check("check")
			return
		default:
			p.t.Fatalf("lost at %s: %s", at, p.Text())
		}
	}
	p.t.Fatalf("no end at %s: %s", p.Path(), p.Text())
}

// choices are the given answers to what the page asks, and the first choice
// where one must be made and none is.
func (p *person) choices(answers map[string]string) map[string]string {
	p.t.Helper()
	made := map[string]string{}
	for _, c := range p.Controls() {
		given, ok := answers[c.Name]
		switch {
		case ok && given != c.Value:
			made[c.Name] = given
		case !ok && c.Value == "" && len(c.Choices) > 0 && (c.Type != "checkbox" || len(c.Choices) > 1):
			made[c.Name] = c.Choices[0]
		}
	}
	return made
}

// proves hands in whatever is still needed: pledges where that is enough,
// else a photograph.
func (p *person) proves() {
	p.t.Helper()
	for range 10 {
		if !p.Has(".tb-todo") {
			return
		}
		if p.Has(".tb-todo input[name=agree]") {
			p.Fill(map[string]string{"agree": "yes"})
			p.ClickIn(".tb-todo", p.word("portal.evidence.pledgeButton"))
		} else {
			p.Attach(".tb-todo input[type=file]", photograph(p.t))
			p.ClickIn(".tb-todo", p.word("portal.evidence.send"))
		}
		p.Check("evidence-done")
	}
	p.t.Fatalf("evidence has no end: %s", p.Text())
}

// photograph is a small picture in a file.
func photograph(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "photo.png")
	if err := os.WriteFile(name, []byte("\x89PNG\r\n\x1a\nsample"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// finds searches for words and follows the hit.
func (p *person) finds(words, hit string) {
	p.t.Helper()
	p.Fill(map[string]string{"q": words})
	p.ClickIn("main", p.word("ui.search.button"))
	p.Check("search")
	p.ClickIn("main", hit)
}

// submits hands in what was checked, and goes on to the list of cases.
func (p *person) submits(cases int) {
	p.t.Helper()
	p.click("portal.check.submit")
	p.reads("portal.receipt.title")
	if cases > 1 {
		p.Sees(p.word("portal.receipt.cases", "n", cases))
	}
	p.Check("receipt")
	p.click("portal.receipt.follow")
	p.Check("cases")
}

// closed reports whether all cases have ended well; one that has ended
// otherwise fails the test.
func (p *person) closed(cases int) bool {
	p.t.Helper()
	p.Open("/cases")
	text := p.Text()
	for _, s := range []casework.Status{casework.Refused, casework.Rejected, casework.Withdrawn, casework.Supplementing} {
		if strings.Contains(text, s.Name().In(p.lang)) {
			p.t.Fatalf("a case is %s: %s", s, text)
		}
	}
	return strings.Count(text, casework.Closed.Name().In(p.lang)) == cases
}

// holds looks at the licences: each is there, and each can be shown as a QR
// code and is found genuine by whoever scans it.
func (p *person) holds(licences ...string) {
	p.t.Helper()
	for _, name := range licences {
		p.Open("/licences")
		p.Check("licences")
		p.ClickIn("main", name)
		p.reads("portal.licence.says", "portal.licence.present")
		if !p.Has("img.tb-qr") {
			p.t.Errorf("%s: the licence %q has no QR code", p.Path(), name)
		}
		p.Check("licence")
	}
	p.click("portal.licence.try")
	p.reads("portal.verify.valid")
	p.Check("verified")
}

// told looks at the messages: one of them is about the service. From there
// the case's page shows how it went.
func (p *person) told(service string) {
	p.t.Helper()
	p.Open("/messages")
	p.Sees(service)
	p.Check("messages")
	p.Open("/cases")
	p.ClickIn("main", service)
	p.reads("portal.case.decision", "portal.case.approved", "portal.case.history")
	p.Check("case-closed")
}

// actsFor switches to somebody who has given a mandate; the bar says so.
func (p *person) actsFor(name string) {
	p.t.Helper()
	p.Open("/me")
	p.Check("me")
	p.Fill(map[string]string{"for": name})
	p.click("portal.me.switch")
	p.Sees(p.word("ui.acting.for"), name)
	p.Check("acting")
}
