package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// tour is the addresses of one reader's pages, each with the name of its kind;
// the name of a page that lists equals, each with a button, ends in "*".
type tour [][2]string

// walk opens and checks the pages in standard type, and in Chinese in large
// type too.
func (p *person) walk(pages tour) {
	p.t.Helper()
	for _, elder := range []string{"off", "on"} {
		if elder == "on" && p.lang == i18n.EN {
			continue
		}
		p.Open(pages[0][1] + "?elder=" + elder)
		for _, page := range pages {
			p.Open(page[1])
			p.diagram()
			if kind, list := strings.CutSuffix(page[0], "*"); list {
				p.CheckList(kind)
			} else {
				p.Check(kind)
			}
		}
	}
	if p.lang == i18n.ZH {
		p.Open(pages[0][1] + "?elder=off")
	}
}

// public is what everybody may read.
var public = tour{
	{"home", "/"}, {"search", "/search?q=%E4%BD%8E%E4%BF%9D"}, {"search-empty", "/search?q=zzzz"}, {"residents", "/residents"}, {"firms", "/firms"},
	{"sector", "/sectors/medical"}, {"event", "/events/new-born"}, {"service", "/services/elderly-allowance"}, {"service-offline", "/services/passport"},
	{"about", "/about"}, {"accessibility", "/accessibility"}, {"privacy", "/privacy"}, {"offline", "/offline"}, {"verify", "/verify"},
	{"sign-in", "/signin"}, {"not-found", "/nowhere"}, {"api-docs", "/api/docs"},
}

// allPages looks at every kind of page of portal and desk, the rare ones and
// those of mistakes too, in standard and in large type.
func allPages(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	url := runCity(t)
	anybody := arrives(t, b, url, size, lang)
	anybody.walk(public)
	if lost := anybody.Unfocused(); len(lost) > 0 {
		t.Errorf("the focus cannot be seen on %q", lost)
	}

	newcomer := arrives(t, b, url, size, lang)
	newcomer.signsIn("zhao-ziqi")
	newcomer.Open("/basket")
	newcomer.Check("basket-empty")
	newcomer.Open("/cases")
	newcomer.Check("cases-empty")
	newcomer.Open("/messages")
	newcomer.Check("messages-empty")
	draft := newcomer.drafts()
	newcomer.walk(tour{{"draft", draft}, {"scenario", draft + "/scenario"}, {"step", draft + "/steps/2"}, {"correct", draft + "/correct?field=phone"},
		{"evidence", draft + "/evidence"}, {"check", draft + "/check"}, {"discard", draft + "/discard"}, {"basket", "/basket"},
		{"licences", "/licences"}, {"me", "/me"}, {"mandates", "/me/mandates"}, {"profile", "/me/profile"}, {"apply", "/apply?service=resident-insurance"}})
	newcomer.mistakes(draft)
	newcomer.Open(draft + "/check")
	newcomer.submits(1)
	newcomer.ClickOn("main .tb-list a")
	one := newcomer.Path()

	officer := opens(t, b, url, size, lang, "gaj-officer")
	officer.notice(one)
	newcomer.walk(tour{{"case-supplement", one}, {"supplement", one + "/supplement"}, {"withdraw", one + "/withdraw"}, {"messages", "/messages"}})
	newcomer.Open(one + "/supplement")
	newcomer.Attach("main input[type=file]", photograph(t))
	newcomer.ClickIn("main", newcomer.word("portal.evidence.send"))
	newcomer.reads("portal.supplement.have")
	newcomer.Fill(map[string]string{"note": in(lang, "已补交", "Here it is")})
	newcomer.click("portal.supplement.button")
	newcomer.reads("portal.case.told")

	decider := opens(t, b, url, size, lang, "gaj-decider")
	decider.measures("/desk" + one)
	counterAndOverview(t, b, url, size, lang)
}

// drafts fills in an application up to the page before submission, and gives
// the draft's address.
func (p *person) drafts() string {
	p.t.Helper()
	p.Open("/services/residence-registration")
	p.applies("residence", "portal.service.start", map[string]string{"since-year": "2026", "since-month": "8", "since-day": "1", "hukou_city": "合肥",
		"address": "上海市徐汇区通办路7号公寓1106室", "landlord": "示例公寓公司"})
	return filepath.Dir(p.Path())
}

// mistakes sends forms that cannot be taken: each page comes back with its
// summary, and what was typed is still there.
func (p *person) mistakes(draft string) {
	p.t.Helper()
	back := func(kind, kept string) {
		p.t.Helper()
		if !p.Has(".govuk-error-summary a, .govuk-error-summary strong") || !strings.Contains(p.Text(), p.word("ui.error.title")) {
			p.t.Fatalf("%s: no summary of the mistakes: %s", p.Path(), p.Text())
		}
		for _, c := range p.Controls() {
			if kept != "" && c.Name == kept && c.Value == "" {
				p.t.Errorf("%s: what was typed into %s is lost", p.Path(), kept)
			}
		}
		p.Check(kind)
	}
	p.Open(draft + "/steps/1")
	p.Fill(map[string]string{"phone": "12 abc"})
	p.click("portal.step.next")
	back("step-wrong", "phone")
	p.Fill(map[string]string{"phone": "19900000004"})
	p.click("portal.step.next")
	p.Open(draft + "/correct?field=phone")
	p.click("portal.correct.button")
	back("correct-wrong", "")
	p.Open("/me/mandates")
	p.Fill(map[string]string{"name": "无此人"})
	p.click("portal.mandates.button")
	back("mandates-wrong", "name")
	p.Open("/verify")
	p.Fill(map[string]string{"token": "eyJ.not.a.licence"})
	p.click("portal.verify.button")
	p.Check("verify-wrong")
	p.Open("/desk")
	p.reads("desk.denied.title")
	p.Check("desk-denied")
}

// notice asks for missing documents, on the officer's pages of a case.
func (p *person) notice(one string) {
	p.t.Helper()
	deskCase := "/desk" + one
	p.walk(tour{{"inbox", "/desk"}, {"desk-case", deskCase}, {"desk-supplement", deskCase + "/supplement"}, {"corrections", "/desk/corrections"}, {"desk-not-found", "/desk/nowhere"}})
	p.Open(deskCase)
	p.ClickIn("main", p.word("desk.accept.refuse"))
	p.click("desk.decide.preview")
	p.Check("desk-decision-wrong")
	p.Open(deskCase + "/supplement")
	p.click("desk.supplement.preview")
	p.Check("desk-supplement-wrong")
	boxes := p.Controls()
	p.Fill(map[string]string{boxes[0].Name: "yes", boxes[1].Name: in(p.lang, "请补交清晰的照片", "Please send a clear photograph")})
	p.click("desk.supplement.preview")
	p.Check("desk-supplement-preview")
	p.click("desk.supplement.send")
	p.diagram()
	p.Check("desk-case-supplement")
	p.Open(deskCase + "/notice")
	p.Check("desk-notice")
}

// measures looks at what else can be done to a case, and at the letter.
func (p *person) measures(deskCase string) {
	p.t.Helper()
	p.Open(deskCase)
	p.click("desk.accept.button")
	p.walk(tour{{"desk-consult", deskCase + "/consult"}, {"desk-suspend", deskCase + "/suspend"}, {"desk-extend", deskCase + "/extend"}})
	p.Open(deskCase + "/consult")
	p.ClickOn("main form button[type=submit]")
	p.Check("desk-consult-wrong")
}

// counterAndOverview are the pages of the clerk at the counter and of the
// supervisor.
func counterAndOverview(t *testing.T, b *browser.Browser, url string, size browser.Size, lang i18n.Lang) {
	t.Helper()
	clerk := opens(t, b, url, size, lang, "sq-clerk")
	clerk.walk(tour{{"intake", "/desk/intake"}, {"intake-nobody", "/desk/intake?q=zzzz"}, {"intake-found*", "/desk/intake?q=%E9%99%88"}})
	clerk.Open("/desk/intake?q=%E9%99%88%E6%A1%82%E5%85%B0")
	clerk.ClickIn("main", clerk.word("desk.intake.start"))
	clerk.CheckList("intake-for")
	clerk.Sees("陈桂兰")
	clerk.Open("/cases") // on the portal, in the applicant's name, and back
	clerk.ClickIn("header", clerk.word("portal.nav.desk"))
	if clerk.Path() != "/desk/intake" {
		t.Errorf("back to the desk: got %s", clerk.Path())
	}

	opens(t, b, url, size, lang, "dsj-supervisor").walk(tour{{"overview", "/desk/overview"}})
}
