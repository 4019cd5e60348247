package main

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// TestForYouInBrowser walks the pages of what one is entitled to: at the width
// of a phone and of a desk, in both languages, in large type.
func TestForYouInBrowser(t *testing.T) {
	b := browser.Open(t)
	journeys := []struct {
		name  string
		size  browser.Size
		lang  i18n.Lang
		large bool
	}{
		{"phone", browser.Phone, i18n.ZH, false},
		{"desktop-english", browser.Desktop, i18n.EN, false},
		{"phone-large-type", browser.Phone, i18n.ZH, true},
	}
	for _, j := range journeys {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			entitled(t, b, j.size, j.lang, j.large)
		})
	}
}

// entitled is the job of a woman of 72 who looks at what the city found for
// her, refuses one thing, takes it back, applies for another and settles how
// often she wants to hear.
func entitled(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang, large bool) {
	elder := arrives(t, b, runCity(t), size, lang)
	if large {
		elder.ClickIn("header", elder.word("ui.elder.on"))
	}
	elder.signsIn("chen-guilan")
	if !large { // her account says large type
		elder.Open("/?elder=off")
	}
	elder.Wait(`(() => { const r = new XMLHttpRequest(); r.open("GET", "/", false); r.send(); return /为您找到 [1-9]|We found [1-9]/.test(r.responseText); })()`)
	elder.Open("/")
	elder.Check("home-found")
	elder.ClickOn(".tb-found a")
	allowance := in(lang, "老年综合津贴", "Elderly")
	elder.reads("portal.forYou.title", "portal.forYou.offers", "portal.forYou.near", "portal.forYou.why")
	elder.Sees(allowance)
	elder.Check("for-you")
	elder.Press(elder.word("portal.forYou.why"))
	elder.Check("for-you-why")

	count := func() int { return strings.Count(elder.Text(), elder.word("portal.forYou.why")) }
	before := count()
	elder.ClickOn(".tb-offers li:nth-child(2) form[action$=dismiss] button")
	elder.Check("for-you-dismissed")
	if got := count(); got != before-1 {
		t.Errorf("one refused: got %d offers, want %d", got, before-1)
	}
	elder.ClickOn(".tb-notice form button")
	if got := count(); got != before {
		t.Errorf("taken back: got %d offers, want %d", got, before)
	}

	elder.Open("/for-you/preferences")
	elder.Check("preferences")
	elder.Fill(map[string]string{"weekly": "0"})
	elder.click("portal.settings.save")
	elder.reads("portal.settings.saved")
	elder.Check("preferences-saved")

	elder.Open("/for-you")
	elder.ClickOn(".tb-offers form[action$=apply] button")
	if !strings.HasPrefix(elder.Path(), "/drafts/") {
		t.Fatalf("applying leads to %s, want the draft", elder.Path())
	}
	elder.Sees(allowance)
	elder.Open("/for-you")
	elder.reads("portal.forYou.goOn")
	elder.Check("for-you-begun")

	elder.Open("/for-you/preferences")
	elder.Fill(map[string]string{"offers": "off"})
	elder.click("portal.settings.save")
	elder.Open("/for-you")
	elder.reads("portal.forYou.off")
	elder.Check("for-you-off")
}
