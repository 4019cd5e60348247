package i18n

import "time"

// Day is the date of t, in t's zone, in words: "2026年12月7日", "7 December 2026".
func Day(t time.Time) Text {
	return Text{ZH: t.Format("2006年1月2日"), EN: t.Format("2 January 2006")}
}

// Month is the month of t, in t's zone, in words.
func Month(t time.Time) Text {
	return Text{ZH: t.Format("2006年1月"), EN: t.Format("January 2006")}
}

// Written is a value as registers write it, in words where it is a date
// (2026-12-07) or a month (2026-12); else as it is.
func Written(value string) Text {
	if t, err := time.Parse("2006-01-02", value); err == nil {
		return Day(t)
	}
	if t, err := time.Parse("2006-01", value); err == nil {
		return Month(t)
	}
	return Same(value)
}
