package outreach

import (
	"fmt"
	"time"
)

// Quiet is the hours of each day in which nothing is sent, in minutes after
// midnight, From included, To not. They may go over midnight; From equal to To
// is no hours at all.
type Quiet struct{ From, To int }

// ParseQuiet reads hours written as "21:00-08:00"; an empty text is no hours.
func ParseQuiet(s string) (Quiet, error) {
	if s == "" {
		return Quiet{}, nil
	}
	var fromHour, fromMinute, toHour, toMinute int
	n, err := fmt.Sscanf(s, "%2d:%2d-%2d:%2d", &fromHour, &fromMinute, &toHour, &toMinute)
	q := Quiet{From: 60*fromHour + fromMinute, To: 60*toHour + toMinute}
	if err != nil || n != 4 || fromHour < 0 || fromHour > 23 || toHour < 0 || toHour > 23 || q.String() != s {
		return Quiet{}, fmt.Errorf("outreach.ParseQuiet: %q: want hours such as 21:00-08:00", s)
	}
	return q, nil
}

// String is the hours as ParseQuiet reads them.
func (q Quiet) String() string {
	if q.From == q.To {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", q.From/60, q.From%60, q.To/60, q.To%60)
}

// After is the first instant, not before t, at which sending is allowed: t
// itself outside the quiet hours, else their end. Hours are those of the zone.
func (q Quiet) After(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	minute := 60*local.Hour() + local.Minute()
	days := 0
	switch {
	case q.From < q.To && (minute < q.From || minute >= q.To), q.From > q.To && minute < q.From && minute >= q.To, q.From == q.To:
		return t
	case q.From > q.To && minute >= q.From:
		days = 1
	}
	return time.Date(local.Year(), local.Month(), local.Day()+days, q.To/60, q.To%60, 0, 0, zone).UTC()
}
