package ui

import (
	"context"
	"io"
	"regexp"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/i18n"
)

// number is a case's: it is read out and copied as one, so it never breaks.
var number = regexp.MustCompile(`\b[0-9]{8}-[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

// Said is a text in which people's names, addresses or own words may stand: on
// an English page its Chinese parts are marked as such, for those who listen.
// A Chinese page marks nothing: its readers meet Latin names every day.
func Said(text string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		html := templ.EscapeString(text)
		if Lang(ctx) == i18n.EN {
			html = i18n.Mark(text)
		}
		html = number.ReplaceAllString(html, `<span class="tb-nowrap">$0</span>`)
		_, err := io.WriteString(w, html)
		return err
	})
}
