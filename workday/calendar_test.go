package workday_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/workday"
)

// calendar is a city's file with the notices for the turns of the years 2019,
// 2020 and 2025 to 2026, and a few make-up days of the years between.
const calendar = `
years:
  2018:
    off: [2018-02-15..2018-02-21, 2018-12-30..2018-12-31]
    on: [2018-02-11, 2018-02-24, 2018-12-29]
  2019:
    off: [2019-01-01, 2019-05-01..2019-05-04]
    on: [2019-04-28, 2019-05-05]
  2020:
    off: [2020-01-24..2020-02-02, 2020-10-01..2020-10-08]
    on: [2020-01-19, 2020-09-27, 2020-10-10]
  2021: {off: [2021-10-01..2021-10-07], on: [2021-09-26, 2021-10-09]}
  2022: {off: [2022-01-31..2022-02-06], on: [2022-01-29, 2022-01-30]}
  2023: {off: [2023-09-29..2023-10-06], on: [2023-10-07, 2023-10-08]}
  2024: {off: [2024-02-10..2024-02-17], on: [2024-02-04, 2024-02-18]}
  2025: {off: [2025-10-01..2025-10-08], on: [2025-09-28, 2025-10-11]}
  2026:
    off: [2026-01-01..2026-01-03, 2026-02-15..2026-02-23, 2026-10-01..2026-10-07]
    on: [2026-01-04, 2026-02-14, 2026-02-28, 2026-09-20, 2026-10-10]
`

func shanghai() *time.Location { return time.FixedZone("CST", 8*60*60) }

func parsed(t testing.TB) *workday.Calendar {
	t.Helper()
	c, err := workday.Parse("calendar.yaml", []byte(calendar), shanghai())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestIsWorkday(t *testing.T) {
	c := parsed(t)
	for day, want := range map[string]bool{
		"2018-02-11": true, "2018-02-15": false, "2018-02-22": true, "2018-02-24": true, "2018-02-25": false,
		"2018-12-29": true, "2018-12-30": false, "2018-12-31": false, "2019-01-01": false, "2019-01-02": true,
		"2019-04-28": true, "2019-05-03": false, "2019-05-04": false, "2019-05-05": true,
		"2020-01-19": true, "2020-01-23": true, "2020-01-31": false, "2020-02-03": true, "2020-10-08": false, "2020-10-10": true, "2020-10-11": false,
		"2021-09-26": true, "2021-10-09": true, "2021-10-07": false, "2022-01-29": true, "2022-01-30": true, "2022-02-07": true,
		"2023-10-06": false, "2023-10-07": true, "2023-10-08": true, "2024-02-04": true, "2024-02-09": true, "2024-02-18": true,
		"2025-09-28": true, "2025-10-08": false, "2025-10-11": true, "2025-12-31": true,
		"2026-01-01": false, "2026-01-02": false, "2026-01-03": false, "2026-01-04": true, "2026-01-05": true,
		"2026-02-14": true, "2026-02-23": false, "2026-02-28": true, "2026-10-10": true,
		"2027-01-01": true, "2027-01-02": false, // not announced: a plain Friday and Saturday
	} {
		if got := c.IsWorkday(date(t, day)); got != want {
			t.Errorf("IsWorkday(%s) = %v, want %v", day, got, want)
		}
	}
	if c.IsWorkday(workday.Date{}) {
		t.Error("none is a working day")
	}
	if !c.Knows(2026) || c.Knows(2027) {
		t.Errorf("Knows(2026), Knows(2027) = %v, %v; want true, false", c.Knows(2026), c.Knows(2027))
	}
}

func TestDeadline(t *testing.T) {
	c := parsed(t)
	for _, tt := range []struct {
		name, from string
		days       int
		want       string
	}{
		{"plain week", "2026-11-23 09:00", 5, "2026-12-01 00:00"},
		{"the hour does not count: first moment", "2026-11-23 00:00", 1, "2026-11-25 00:00"},
		{"the hour does not count: last moment", "2026-11-23 23:59", 1, "2026-11-25 00:00"},
		{"handed in on a Saturday", "2026-11-28 10:00", 1, "2026-12-01 00:00"},
		{"none, on a Saturday: the end of that day", "2026-11-28 10:00", 0, "2026-11-29 00:00"},
		{"over New Year with a make-up Sunday", "2025-12-31 17:00", 1, "2026-01-05 00:00"},
		{"over New Year, two days", "2025-12-31 17:00", 2, "2026-01-06 00:00"},
		{"over Spring Festival with make-up Saturdays on both sides", "2026-02-13 09:00", 6, "2026-03-01 00:00"},
		{"make-up Saturday is the last day", "2026-10-09 09:00", 1, "2026-10-11 00:00"},
		{"across the National Day week", "2025-09-26 09:00", 5, "2025-10-11 00:00"},
		{"twenty days", "2018-12-10 09:00", 20, "2019-01-09 00:00"},
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", tt.from, shanghai())
		if err != nil {
			t.Fatal(err)
		}
		got := c.Deadline(from.UTC(), tt.days)
		if s := got.In(shanghai()).Format("2006-01-02 15:04"); s != tt.want {
			t.Errorf("%s: Deadline(%s, %d) = %s, want %s", tt.name, tt.from, tt.days, s, tt.want)
		}
		if left := c.Remaining(from, got); left != tt.days && tt.days > 0 {
			t.Errorf("%s: Remaining at once = %d, want %d", tt.name, left, tt.days)
		}
	}
}

func TestRemaining(t *testing.T) {
	c := parsed(t)
	deadline := c.End(date(t, "2026-01-06"))
	for _, tt := range []struct {
		now  string
		want int
	}{
		{"2025-12-30T09:00:00+08:00", 4}, // 31, 4th (make-up), 5th, 6th
		{"2026-01-01T09:00:00+08:00", 3},
		{"2026-01-03T23:59:59+08:00", 3},
		{"2026-01-04T00:00:00+08:00", 2},
		{"2026-01-06T00:00:00+08:00", 0},
		{"2026-01-06T23:59:59+08:00", 0},
		{"2026-01-07T00:00:00+08:00", -1},
		{"2026-01-08T12:00:00+08:00", -2},
		{"2026-01-11T12:00:00+08:00", -3},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Remaining(now.UTC(), deadline); got != tt.want {
			t.Errorf("Remaining at %s = %d, want %d", tt.now, got, tt.want)
		}
	}
	friday := c.End(date(t, "2026-11-27"))
	if got := c.Remaining(friday, friday); got != -1 {
		t.Errorf("Remaining on the Saturday after = %d, want -1: late is late", got)
	}
}

func TestAddBackwards(t *testing.T) {
	c := parsed(t)
	for _, tt := range []struct {
		from string
		days int
		want string
	}{
		{"2026-01-05", -1, "2026-01-04"}, {"2026-01-04", -1, "2025-12-31"}, {"2026-01-02", -2, "2025-12-30"}, {"2026-01-02", 0, "2026-01-02"},
	} {
		if got := c.Add(date(t, tt.from), tt.days); got.String() != tt.want {
			t.Errorf("Add(%s, %d) = %s, want %s", tt.from, tt.days, got, tt.want)
		}
	}
	if got := c.Next(date(t, "2026-01-01")).String(); got != "2026-01-04" {
		t.Errorf("Next(2026-01-01) = %s, want 2026-01-04", got)
	}
}

// naive counts day by day.
func naive(off, on map[workday.Date]bool, from workday.Date, days int) workday.Date {
	for days > 0 {
		from = from.AddDays(1)
		if works(off, on, from) {
			days--
		}
	}
	return from
}

func works(off, on map[workday.Date]bool, d workday.Date) bool {
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	return weekend && on[d] || !weekend && (!off[d] || on[d])
}

func TestAgainstNaiveCounter(t *testing.T) {
	start := date(t, "2025-12-20")
	rapid.Check(t, func(t *rapid.T) {
		off, on := map[workday.Date]bool{}, map[workday.Date]bool{}
		var offs, ons []workday.Date
		for _, n := range rapid.SliceOfN(rapid.IntRange(-5, 120), 0, 40).Draw(t, "off") {
			offs, off[start.AddDays(n)] = append(offs, start.AddDays(n)), true
		}
		for _, n := range rapid.SliceOfN(rapid.IntRange(-5, 120), 0, 20).Draw(t, "on") {
			ons, on[start.AddDays(n)] = append(ons, start.AddDays(n)), true
		}
		c := workday.New(shanghai(), offs, ons)
		from := start.AddDays(rapid.IntRange(-10, 130).Draw(t, "from"))
		days := rapid.IntRange(0, 90).Draw(t, "days")
		at := from.In(shanghai()).Add(time.Duration(rapid.IntRange(0, 24*3600-1).Draw(t, "second")) * time.Second)

		want := naive(off, on, from, days)
		deadline := c.Deadline(at, days)
		if got := workday.DateOf(deadline.Add(-1), shanghai()); got != want {
			t.Fatalf("Deadline(%s, %d) ends %s, the naive counter says %s", from, days, got, want)
		}
		if got := c.IsWorkday(from); got != works(off, on, from) {
			t.Fatalf("IsWorkday(%s) = %v", from, got)
		}
		if got := c.Remaining(at, deadline); got != days {
			t.Fatalf("Remaining(%s, %s) = %d, want %d", at, deadline, got, days)
		}
		if back := c.Add(want, -days); days > 0 && c.Between(back, want) != days {
			t.Fatalf("%d days back from %s is %s, %d working days away", days, want, back, c.Between(back, want))
		}
		stopsAgree(t, c, off, on, at, days)
	})
}

// stopsAgree compares DeadlineWithStops with a walk that looks, at the end of
// each day, whether the clock runs.
func stopsAgree(t *rapid.T, c *workday.Calendar, off, on map[workday.Date]bool, from time.Time, days int) {
	var stops []workday.Stop
	for range rapid.IntRange(0, 4).Draw(t, "stops") {
		begin := from.Add(time.Duration(rapid.IntRange(-100, 2000).Draw(t, "stop")) * time.Hour)
		stops = append(stops, workday.Stop{From: begin, Until: begin.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "hours")) * time.Hour)})
	}
	d, left := workday.DateOf(from, shanghai()), days
	for left > 0 {
		d = d.AddDays(1)
		end, stopped := c.End(d), false
		for _, s := range stops {
			stopped = stopped || s.From.Before(end) && !s.Until.Before(end)
		}
		if works(off, on, d) && !stopped {
			left--
		}
	}
	got, running := c.DeadlineWithStops(from, days, stops)
	if !running || got != c.End(d) {
		t.Fatalf("DeadlineWithStops(%s, %d, %v) = %s, %v; the walk says %s", from, days, stops, got, running, c.End(d))
	}
}

func TestOpenStop(t *testing.T) {
	c := parsed(t)
	from := date(t, "2026-11-23").In(shanghai())
	open := []workday.Stop{{From: from.AddDate(0, 0, 2)}}
	if _, running := c.DeadlineWithStops(from, 5, open); running {
		t.Error("a clock that stands still has a deadline")
	}
	if got, running := c.DeadlineWithStops(from, 1, open); !running || got != c.Deadline(from, 1) {
		t.Errorf("a stop after the deadline changes it: %s, %v", got, running)
	}
	overlapping := append(open, workday.Stop{From: from.AddDate(0, 0, 1), Until: from.AddDate(0, 0, 9)})
	if _, running := c.DeadlineWithStops(from, 5, overlapping); running {
		t.Error("an open stop that another overlaps is forgotten")
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"years: []", "f:1:8 A map of keys"},
		{"{}", `"years" is missing.`},
		{"years: {x: {}}", `f:1:9 "x" is not a year.`},
		{"years: {2026: {of: []}}", `f:1:16 Unknown key "of".`},
		{"years: {2026: {off: [2026-02-30]}}", "f:1:22 A date or a range"},
		{"years: {2026: {off: [2026-02-03..2026-02-01]}}", "f:1:22 A date or a range"},
		{"years: {2026: {off: [2026-01-01..2026-12-31]}}", "at most 60 days"},
		{"years: {2026: {off: [2025-12-31]}}", "f:1:22 2025-12-31 is not in 2026."},
		{"years: {2026: {off: [2026-01-01, 2026-01-01]}}", "f:1:34 2026-01-01 is given twice."},
		{"years: {2026: {off: [2026-01-01], on: [2026-01-01]}}", "2026-01-01 is given twice."},
		{"years: {2026: {on: [2026-01-05]}}", "2026-01-05 is not at a weekend"},
	} {
		_, err := workday.Parse("f", []byte(tt.src), time.UTC)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%s) = %v, want %q in it", tt.src, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(calendar))
	f.Add([]byte("years: {2026: {off: [2026-01-01..], on: 3}}"))
	f.Add([]byte("years: {2026: }"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := workday.Parse("f", src, time.UTC)
		if err == nil {
			c.Deadline(time.Unix(0, 0), 20)
		}
	})
}

func BenchmarkDeadline(b *testing.B) {
	c := parsed(b)
	from := date(b, "2026-01-05").In(shanghai())
	for b.Loop() {
		c.Deadline(from, 20)
	}
}
