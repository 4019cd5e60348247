package i18n

import (
	"html"
	"regexp"
)

// chinese is a run of Chinese: characters, with the digits, letters and marks
// that stand between two of them, as in an address.
var chinese = regexp.MustCompile(`\p{Han}(?:[\p{Han}0-9A-Za-z，。、：；（）《》“”·\-]*[\p{Han}。）》”])?`)

// Mark is an English text as HTML, with its Chinese parts marked as such for
// those who listen to it.
func Mark(text string) string {
	return chinese.ReplaceAllString(html.EscapeString(text), `<span lang="`+ZH.Tag()+`">$0</span>`)
}
