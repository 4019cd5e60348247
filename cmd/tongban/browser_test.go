package main

import (
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// TestBrowser walks the main jobs in a real browser, at the width of a phone
// and of a desk, in Chinese and in English. Every page on the way is held to
// the rules of package browser.
func TestBrowser(t *testing.T) {
	b := browser.Open(t)
	journeys := []struct {
		name string
		size browser.Size
		lang i18n.Lang
		walk func(*testing.T, *browser.Browser, browser.Size, i18n.Lang)
	}{
		{"new-born-phone", browser.Phone, i18n.ZH, newBorn},
		{"new-born-desktop-english", browser.Desktop, i18n.EN, newBorn},
		{"start-business-phone-english", browser.Phone, i18n.EN, startBusiness},
		{"start-business-desktop", browser.Desktop, i18n.ZH, startBusiness},
		{"elderly-allowance-large-type", browser.Phone, i18n.ZH, elderlyAllowance},
		{"all-pages-phone", browser.Phone, i18n.ZH, allPages},
		{"all-pages-desktop-english", browser.Desktop, i18n.EN, allPages},
		{"grant-declined-phone", browser.Phone, i18n.ZH, grantDeclined},
		{"grant-declined-desktop-english", browser.Desktop, i18n.EN, grantDeclined},
		{"no-crime-record-english", browser.Phone, i18n.EN, noCrimeRecord},
	}
	for _, j := range journeys {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			j.walk(t, b, j.size, j.lang)
		})
	}
}
