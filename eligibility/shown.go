package eligibility

import (
	"strconv"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// FactShown is one thing that a condition read, in words for the person whom
// it is about: "Date of birth: 12 March 1961 (Population register)".
type FactShown struct {
	Attribute string    // its id; "score()" for the points
	Label     i18n.Text // what it is
	Value     i18n.Text // with its unit; what to say where it is unknown
	Source    i18n.Text // the register's name; empty for the points
	Known     bool
}

// scoreReading is how a trace names the sum of the score tables.
const scoreReading = "score()"

// shown lists what a trace read, each once, without the day that was asked for.
func (b *Book) shown(t criterion.Trace) []FactShown {
	var all []FactShown
	seen := map[string]bool{}
	var walk func(t criterion.Trace)
	walk = func(t criterion.Trace) {
		for _, r := range t.Reads {
			if fact, ok := b.fact(r); ok && !seen[r.Name] {
				seen[r.Name] = true
				all = append(all, fact)
			}
		}
		for _, part := range t.Parts {
			walk(part)
		}
	}
	walk(t)
	return all
}

func (b *Book) fact(r criterion.Reading) (FactShown, bool) {
	f := FactShown{Attribute: r.Name, Known: r.Value != nil, Value: i18n.M("eligibility.book.unknown")}
	if r.Name == scoreReading {
		f.Label = i18n.M("eligibility.book.score")
		if n, ok := r.Value.(int64); ok {
			f.Value = i18n.Same(strconv.FormatInt(n, 10))
		}
		return f, true
	}
	a, ok := b.attributes[r.Name]
	if !ok {
		return f, false
	}
	f.Label, f.Source = a.Label, b.registers[a.Resource()]
	if f.Known {
		f.Value = Written(a, r.Value)
	}
	return f, true
}

// Written is the value of an attribute in words: a date written out, yes or no,
// a number with its unit, a text as the attribute's words have it. value is as
// registers give it; what does not fit is written as unknown.
func Written(a catalog.Attribute, value any) i18n.Text {
	fitted, ok := a.Fit(value)
	if !ok {
		return i18n.M("eligibility.book.unknown")
	}
	switch v := fitted.(type) {
	case bool:
		if v {
			return i18n.M("eligibility.book.yes")
		}
		return i18n.M("eligibility.book.no")
	case string:
		if w, ok := a.Words[v]; ok {
			return w
		}
		return i18n.Same(v)
	case int64:
		return measured(grouped(strconv.FormatInt(v, 10)), a.Unit)
	case float64:
		return measured(grouped(strconv.FormatFloat(v, 'f', -1, 64)), a.Unit)
	case interface{ String() string }: // workday.Date
		return i18n.Written(v.String())
	}
	return i18n.M("eligibility.book.unknown")
}

// measured puts the unit behind a number.
func measured(number string, unit i18n.Text) i18n.Text {
	if unit.IsZero() {
		return i18n.Same(number)
	}
	return i18n.Text{ZH: number + unit.ZH, EN: number + " " + unit.EN}
}

// grouped puts a comma before every three digits of the whole part, from five
// digits on: 1500, 15,000. What counts years or codes is never so long.
func grouped(number string) string {
	sign, digits := "", number
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, rest, point := strings.Cut(digits, ".")
	if len(whole) < 5 {
		return number
	}
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if point {
		b.WriteString("." + rest)
	}
	return sign + b.String()
}
