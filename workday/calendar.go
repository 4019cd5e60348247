package workday

import (
	"slices"
	"sort"
	"time"
)

// Calendar says which days are working days in one city. It is read-only and
// safe for concurrent use.
type Calendar struct {
	zone  *time.Location
	off   []Date // weekdays that are public holidays, sorted, each once
	on    []Date // days at weekends that are worked instead, sorted, each once
	years map[int]bool
}

// New is a calendar from the days that differ from plain Mondays to Fridays:
// off are public holidays, on are make-up days. Days that do not differ (a
// holiday on a Sunday) may be given and change nothing; a day given as both is
// worked.
func New(zone *time.Location, off, on []Date) *Calendar {
	c := &Calendar{zone: zone, years: map[int]bool{}}
	for _, d := range on {
		c.years[year(d)] = true
		if weekend(d) {
			c.on = append(c.on, d)
		}
	}
	for _, d := range off {
		c.years[year(d)] = true
		if !weekend(d) && !slices.Contains(on, d) {
			c.off = append(c.off, d)
		}
	}
	c.off, c.on = sorted(c.off), sorted(c.on)
	return c
}

func sorted(dates []Date) []Date {
	slices.SortFunc(dates, Date.Compare)
	return slices.Compact(dates)
}

func year(d Date) int { y, _, _ := d.Date(); return y }

func weekend(d Date) bool {
	return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
}

// Zone is the city's time zone.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Knows reports whether the calendar has the holidays of the year. Dates that
// are counted through a year that it does not know are provisional.
func (c *Calendar) Knows(year int) bool { return c.years[year] }

// IsWorkday reports whether offices work on d.
func (c *Calendar) IsWorkday(d Date) bool {
	if d.IsZero() {
		return false
	}
	if weekend(d) {
		return has(c.on, d)
	}
	return !has(c.off, d)
}

func has(dates []Date, d Date) bool {
	_, found := slices.BinarySearchFunc(dates, d, Date.Compare)
	return found
}

// Between is the number of working days after a up to and with b; negative
// where b is before a.
func (c *Calendar) Between(a, b Date) int { return c.count(b) - c.count(a) }

// count is the number of working days from 0001-01-01 (a Monday) to d.
func (c *Calendar) count(d Date) int {
	weeks, days := int(d.n)/7, int(d.n)%7
	return weeks*5 + min(days, 5) - upTo(c.off, d) + upTo(c.on, d)
}

func upTo(dates []Date, d Date) int {
	return sort.Search(len(dates), func(i int) bool { return dates[i].After(d) })
}

// Add is the n-th working day after d, and d itself for n = 0 (worked or not).
// A negative n counts backwards.
func (c *Calendar) Add(d Date, n int) Date {
	if n == 0 || d.IsZero() {
		return d
	}
	if n < 0 {
		return c.nth(c.count(d.AddDays(-1)) + 1 + n)
	}
	return c.nth(c.count(d) + n)
}

// nth is the date on which count first reaches n.
func (c *Calendar) nth(n int) Date {
	i := sort.Search(maxDate, func(i int) bool { return c.count(Date{int32(i + 1)}) >= n })
	return clamp(int64(i) + 1)
}

// Next is d where it is a working day, else the first working day after it.
func (c *Calendar) Next(d Date) Date {
	if c.IsWorkday(d) {
		return d
	}
	return c.Add(d, 1)
}

// End is the instant at which d ends in the city: the midnight after it.
func (c *Calendar) End(d Date) time.Time { return d.AddDays(1).In(c.zone) }

// Deadline is the instant at which the n-th working day after the day of from
// ends. That day itself is not counted, whatever the hour; for n = 0 the
// deadline is its end.
func (c *Calendar) Deadline(from time.Time, workdays int) time.Time {
	return c.End(c.Add(DateOf(from, c.zone), workdays))
}

// Remaining is the number of whole working days left after today until the
// deadline: n just after Deadline(now, n), and 0 on the last day. Once the
// deadline has passed it is negative: the working days begun since, at least -1.
func (c *Calendar) Remaining(now, deadline time.Time) int {
	today := DateOf(now, c.zone)
	last := DateOf(deadline.Add(-1), c.zone)
	left := c.Between(today, last)
	if now.Before(deadline) {
		return left
	}
	return min(left, -1)
}
