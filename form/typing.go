package form

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tongban/tongban/workday"
)

// blank reports what counts as space at the ends of a text: spaces of every
// width and the marks of no width that come along when text is copied.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u200e' || r == '\u200f'
}

// clean is a typed text without blanks around it and with plain digits.
func clean(s string) string {
	s = strings.TrimFunc(s, blank)
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
}

// narrow makes every full-width letter and mark of ASCII plain.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000':
			return ' '
		case r == '。':
			return '.'
		case r == '−' || r == '—' || r == '–':
			return '-'
		}
		return r
	}, s)
}

// figures is a number without what is typed for the eye.
func figures(s string) string {
	return strings.Map(func(r rune) rune {
		if blank(r) || r == ',' || r == '，' || r == '_' {
			return -1
		}
		return r
	}, narrow(s))
}

var (
	wholeForm   = regexp.MustCompile(`^-?[0-9]{1,16}$`)
	decimalForm = regexp.MustCompile(`^-?[0-9]{1,16}(\.[0-9]{1,10})?$`)
	yuanForm    = regexp.MustCompile(`^(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?$`)
	dayForm     = regexp.MustCompile(`^([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月?)$`)
	packedForm  = regexp.MustCompile(`^([0-9]{4})([0-9]{2})([0-9]{2})?$`)
)

func readInteger(raw string) (any, bool) {
	s := figures(raw)
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && wholeForm.MatchString(s) && n <= maxWhole && n >= -maxWhole
}

func readDecimal(raw string) (any, bool) {
	s := figures(raw)
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && decimalForm.MatchString(s) && !math.IsInf(n, 0)
}

// readFen reads an amount in yuan ("1,234.5", "￥12", "12元") as fen. It never
// goes through a floating-point number.
func readFen(raw string) (any, bool) {
	s := strings.TrimSuffix(strings.TrimLeft(figures(raw), "¥￥$"), "元")
	m := yuanForm.FindStringSubmatch(s)
	if m == nil {
		return nil, false
	}
	fen, err := strconv.ParseInt(m[1]+m[2]+(m[3] + "00")[:2], 10, 64)
	return fen, err == nil
}

func readBool(raw string) (any, bool) {
	switch strings.ToLower(raw) {
	case "true", "on", "yes", "1":
		return true, true
	case "false", "off", "no", "0":
		return false, true
	}
	return nil, false
}

// readPhone takes out spaces, brackets and the country code of China; a hyphen
// stays in a landline.
func readPhone(raw string) string {
	s := strings.Map(func(r rune) rune {
		if blank(r) || r == '(' || r == ')' {
			return -1
		}
		return r
	}, narrow(raw))
	if rest, ok := strings.CutPrefix(s, "+86"); ok {
		s = strings.TrimPrefix(rest, "-")
	}
	if strings.HasPrefix(s, "0") {
		return s
	}
	return strings.ReplaceAll(s, "-", "")
}

// readDay reads a date, or a year and month, in the ways people write them.
func readDay(raw string, monthOnly bool) (any, bool) {
	year, month, day, ok := dayOf(raw, monthOnly)
	if !ok {
		return nil, false
	}
	d, ok := workday.DateFrom(year, time.Month(month), day)
	if monthOnly {
		return fmt.Sprintf("%04d-%02d", year, month), ok
	}
	return d.String(), ok
}

func dayOf(raw string, monthOnly bool) (year, month, day int, ok bool) {
	s := strings.ReplaceAll(narrow(raw), " ", "")
	m := dayForm.FindStringSubmatch(s)
	if m == nil {
		m = packedForm.FindStringSubmatch(s)
	}
	if m == nil || (m[3] == "") != monthOnly {
		return 0, 0, 0, false
	}
	year, _ = strconv.Atoi(m[1])
	month, _ = strconv.Atoi(m[2])
	day, _ = strconv.Atoi(m[3])
	if monthOnly {
		day = 1
	}
	return year, month, day, true
}

// shapeOfDay is how a date that does not exist was meant.
func shapeOfDay(raw string) (string, bool) {
	year, month, day, ok := dayOf(raw, false)
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day), ok
}
