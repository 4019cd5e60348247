package workday

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Period is a length of time as law and processes write it: working days,
// calendar days and months, or hours and minutes. It compares with ==.
type Period struct {
	WorkDays       int // P5WD
	Months, Days   int // P1Y is 12 months, P2W is 14 days
	Hours, Minutes int // PT2H30M
}

// maxPeriod bounds each part of a period.
const maxPeriod = 100_000

var (
	workForm = regexp.MustCompile(`^P([0-9]{1,5})WD$`)
	isoForm  = regexp.MustCompile(`^P(?:([0-9]{1,4})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?)?$`)
)

// ParsePeriod reads P5WD (working days) or an ISO 8601 duration of years, months,
// weeks, days, hours and minutes: P10D, P6M, PT2H, P1DT12H. Working days stand
// alone.
func ParsePeriod(s string) (Period, error) {
	if m := workForm.FindStringSubmatch(s); m != nil {
		return Period{WorkDays: whole(m[1])}, nil
	}
	m := isoForm.FindStringSubmatch(s)
	if m == nil || s == "P" || strings.HasSuffix(s, "T") {
		return Period{}, fmt.Errorf("workday: %q is not a period such as P5WD, P10D or PT2H", s)
	}
	p := Period{
		Months: whole(m[1])*12 + whole(m[2]), Days: whole(m[3])*7 + whole(m[4]),
		Hours: whole(m[5]), Minutes: whole(m[6]),
	}
	if p.Months > maxPeriod || p.Days > maxPeriod {
		return Period{}, fmt.Errorf("workday: %q is too long", s)
	}
	return p, nil
}

// whole is the number that a pattern found; 0 for none.
func whole(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// String is the period as ParsePeriod reads it; PT0M for none.
func (p Period) String() string {
	if p.WorkDays > 0 {
		return fmt.Sprintf("P%dWD", p.WorkDays)
	}
	s, clock := "P", "T"
	for _, part := range []struct {
		n    int
		unit string
	}{{p.Months, "M"}, {p.Days, "D"}} {
		if part.n > 0 {
			s += strconv.Itoa(part.n) + part.unit
		}
	}
	for _, part := range []struct {
		n    int
		unit string
	}{{p.Hours, "H"}, {p.Minutes, "M"}} {
		if part.n > 0 {
			clock += strconv.Itoa(part.n) + part.unit
		}
	}
	switch {
	case clock != "T":
		return s + clock
	case s == "P":
		return "PT0M"
	}
	return s
}

// After is the instant at which the period after t ends. Working days end as
// Deadline says. Days and months leave out the day of t and end with their last
// day, and where offices do not work on it, with the next working day (民法典
// art. 201-203). Hours and minutes are exact, counted from the end of the days
// where there are any.
func (c *Calendar) After(t time.Time, p Period) time.Time {
	if p.WorkDays > 0 {
		return c.Deadline(t, p.WorkDays)
	}
	if p.Months > 0 || p.Days > 0 {
		last := DateOf(t, c.zone).AddMonths(p.Months).AddDays(p.Days)
		t = c.End(c.Next(last))
	}
	return t.Add(time.Duration(p.Hours)*time.Hour + time.Duration(p.Minutes)*time.Minute)
}
