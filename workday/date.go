package workday

import (
	"fmt"
	"time"
)

// Date is a civil date without time or zone, from 0001-01-01 to 9999-12-31.
// The zero Date is none. Dates compare with == and may be keys of maps.
type Date struct {
	n int32 // days, 0001-01-01 is 1
}

const (
	layout  = "2006-01-02"
	maxDate = 3652059 // 9999-12-31
)

// epoch is the midnight (UTC) of day 1.
func epoch() time.Time { return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC) }

// DateFrom is the date of a year, month and day; ok is false where there is no
// such day (February 30th, month 13, year 0).
func DateFrom(year int, month time.Month, day int) (d Date, ok bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
		return Date{}, false
	}
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day {
		return Date{}, false
	}
	return fromUTC(t), true
}

// ParseDate reads a date in the form 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("workday: %q is not a date of the form %s", s, layout)
	}
	return fromUTC(t), nil
}

// DateOf is the civil date of the instant t in zone.
func DateOf(t time.Time, zone *time.Location) Date {
	year, month, day := t.In(zone).Date()
	return fromUTC(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func fromUTC(t time.Time) Date {
	const secondsADay = 24 * 60 * 60
	return clamp((t.Unix()-epoch().Unix())/secondsADay + 1)
}

func clamp(n int64) Date { return Date{int32(max(1, min(n, maxDate)))} }

func (d Date) utc() time.Time { return epoch().AddDate(0, 0, int(d.n)-1) }

// IsZero reports whether d is none.
func (d Date) IsZero() bool { return d.n == 0 }

// Equal reports whether the dates are the same; it is what == says.
func (d Date) Equal(e Date) bool { return d == e }

// Before reports whether d is earlier than e. None is before every date.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.n > e.n }

// Compare is -1, 0 or 1 as d is before, the same as or after e.
func (d Date) Compare(e Date) int {
	switch {
	case d.n < e.n:
		return -1
	case d.n > e.n:
		return 1
	}
	return 0
}

// Sub is the number of days from e to d.
func (d Date) Sub(e Date) int { return int(d.n - e.n) }

// AddDays is the date n days later (earlier for a negative n). None stays none;
// dates outside the range stop at its ends.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	return clamp(int64(d.n) + int64(n))
}

// AddMonths is the same day n months later, or the last day of that month where
// it has no such day (January 31st and a month is February 28th or 29th).
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return d
	}
	n = max(-2*12*9999, min(n, 2*12*9999))
	year, month, day := d.Date()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return fromUTC(first.AddDate(0, 0, min(day, last)-1))
}

// Date is the year, month and day of d; all are 0 for none.
func (d Date) Date() (year int, month time.Month, day int) {
	if d.IsZero() {
		return 0, 0, 0
	}
	return d.utc().Date()
}

// Weekday is the day of the week; Sunday for none.
func (d Date) Weekday() time.Weekday { return time.Weekday(d.n % 7) }

// In is the instant at which d begins in zone; the zero time for none.
func (d Date) In(zone *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	year, month, day := d.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// YearsUntil is the age on the given date of someone born on d, by the rule of
// the civil code: a year is full on the birthday; of February 29th, on March 1st
// in a common year.
func (d Date) YearsUntil(on Date) int {
	y1, m1, d1 := d.Date()
	y2, m2, d2 := on.Date()
	if m2 < m1 || m2 == m1 && d2 < d1 {
		return y2 - y1 - 1
	}
	return y2 - y1
}

// String is the date in the form 2006-01-02, empty for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(layout)
}

// MarshalText writes what String gives.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes; an empty text is none.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
