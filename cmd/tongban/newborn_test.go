package main

import (
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// newBorn is the whole life event: a mother finds it, fills in what the city
// does not know, submits once, follows six cases while the officers of four
// agencies handle them, and holds the licences at the end.
func newBorn(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	url := runCity(t)
	mother := arrives(t, b, url, size, lang)
	mother.Check("home")
	mother.signsIn("zhang-min")
	mother.Check("home-signed-in")
	mother.finds(in(lang, "生孩子", "newborn"), in(lang, "新生儿出生", "A new baby"))
	mother.Check("event")
	mother.applies("new-born", "portal.event.start", map[string]string{"babies": "1", "account": "6222000000000000003"})
	mother.submits(6)
	mother.Sees(casework.Waiting.Name().In(lang))
	mother.ClickIn("main", in(lang, "社会保障卡", "Social security card"))
	mother.reads("portal.case.otherCase")
	mother.Check("case-waiting")

	officers := opens(t, b, url, size, lang, "gaj-officer", "gaj-decider", "ybj-officer", "ybj-decider", "rsj-officer", "rsj-decider")
	officers.finish(func() bool { return mother.closed(6) })

	mother.Check("cases")
	mother.holds(in(lang, "出生医学证明", "certificate of birth"), in(lang, "预防接种证", "Vaccination"), in(lang, "户口簿", "Household register"),
		in(lang, "参保凭证", "insurance"), in(lang, "社会保障卡", "Social security card"))
	mother.told(in(lang, "新生儿报户口", "Hukou for a newborn"))
}

// in is the one of two texts that a reader of the language sees.
func in(lang i18n.Lang, zh, en string) string { return i18n.Text{ZH: zh, EN: en}.In(lang) }
