package main

import (
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// elderlyAllowance is the job of a woman of 72 who reads large type.
func elderlyAllowance(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	url := runCity(t)
	elder := arrives(t, b, url, size, lang)
	elder.ClickIn("header", elder.word("ui.elder.on"))
	elder.Check("home")
	elder.signsIn("chen-guilan")
	elder.Check("home-signed-in")
	elder.finds("敬老卡", in(lang, "老年综合津贴", "Elderly"))
	elder.Check("service-signed-in")
	elder.Sees(elder.word("ui.call", "number", "12345"))
	elder.applies("elderly", "portal.service.start", nil)
	elder.submits(1)
	officers := opens(t, b, url, browser.Desktop, lang, "mzj-officer", "mzj-decider")
	officers.finish(func() bool { return elder.closed(1) })
	elder.holds(in(lang, "敬老卡", "Elderly card"))
	elder.told(in(lang, "老年综合津贴", "Elderly"))
}

// noCrimeRecord is the job of a foreigner who reads English: her account says
// so, and nobody has to switch the language for her.
func noCrimeRecord(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	url := runCity(t)
	emma := arrives(t, b, url, size, lang)
	emma.signsIn("emma-brown")
	emma.finds("criminal record", "criminal record")
	emma.Check("service-signed-in")
	emma.applies("no-crime", "portal.service.start", map[string]string{"until-year": "2026", "until-month": "11", "until-day": "20"})
	emma.submits(1)
	officers := opens(t, b, url, browser.Desktop, i18n.ZH, "crj-officer", "crj-decider")
	officers.finish(func() bool { return emma.closed(1) })
	emma.holds("criminal record")
	emma.told("criminal record")
}
