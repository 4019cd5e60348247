package workday_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tongban/tongban/workday"
)

func date(t testing.TB, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", s, err)
	}
	return d
}

func TestDateInFiles(t *testing.T) {
	type file struct {
		From  workday.Date   `yaml:"from" json:"from"`
		Until workday.Date   `yaml:"until,omitempty" json:"until,omitzero"`
		Days  []workday.Date `yaml:"days" json:"days"`
	}
	var f file
	if err := yaml.Unmarshal([]byte("from: 2026-01-01\ndays: [2026-02-28, \"2024-02-29\"]\n"), &f); err != nil {
		t.Fatal(err)
	}
	if f.From != date(t, "2026-01-01") || f.Days[1] != date(t, "2024-02-29") || !f.Until.IsZero() {
		t.Errorf("yaml gave %+v", f)
	}
	got, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"from":"2026-01-01","days":["2026-02-28","2024-02-29"]}`; string(got) != want {
		t.Errorf("JSON = %s, want %s", got, want)
	}
	var back file
	if err := json.Unmarshal(got, &back); err != nil || back.From != f.From {
		t.Errorf("JSON back = %+v, %v; want %+v", back, err, f)
	}
	if err := yaml.Unmarshal([]byte("from: 2026-02-30\n"), &f); err == nil {
		t.Error("2026-02-30 was taken as a date")
	}
}

func TestDate(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*60*60)
	tests := []struct{ name, got, want string }{
		{"add a day over New Year", date(t, "2025-12-31").AddDays(1).String(), "2026-01-01"},
		{"take a day in a leap year", date(t, "2024-03-01").AddDays(-1).String(), "2024-02-29"},
		{"a month from January 31st", date(t, "2026-01-31").AddMonths(1).String(), "2026-02-28"},
		{"a month back from March 31st", date(t, "2024-03-31").AddMonths(-1).String(), "2024-02-29"},
		{"thirteen months", date(t, "2025-12-31").AddMonths(14).String(), "2027-02-28"},
		{"evening in UTC is tomorrow here", workday.DateOf(time.Date(2026, 1, 1, 16, 0, 0, 0, time.UTC), shanghai).String(), "2026-01-02"},
		{"a moment before is today", workday.DateOf(time.Date(2026, 1, 1, 15, 59, 59, 999, time.UTC), shanghai).String(), "2026-01-01"},
		{"none stays none", workday.Date{}.AddDays(3).AddMonths(1).String(), ""},
		{"the range ends", date(t, "9999-12-31").AddDays(1).String(), "9999-12-31"},
		{"the range begins", date(t, "0001-01-01").AddDays(-1).String(), "0001-01-01"},
		{"the day begins in its zone", date(t, "2026-01-02").In(shanghai).UTC().Format(time.RFC3339), "2026-01-01T16:00:00Z"},
		{"weekday", date(t, "2026-11-23").Weekday().String(), "Monday"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestDateAgreesWithTime(t *testing.T) {
	d := date(t, "0001-01-01")
	for at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2105; at = at.AddDate(0, 0, 13) {
		if got, want := d.String(), at.Format("2006-01-02"); got != want || d.Weekday() != at.Weekday() {
			t.Fatalf("got %s %s, want %s %s", got, d.Weekday(), want, at.Weekday())
		}
		if made, ok := workday.DateFrom(at.Date()); !ok || made != d {
			t.Fatalf("DateFrom(%s) = %s, %v", at, made, ok)
		}
		d = d.AddDays(13)
	}
}

func TestDateFromRefuses(t *testing.T) {
	for _, ymd := range [][3]int{{2026, 2, 29}, {2026, 13, 1}, {2026, 0, 1}, {0, 1, 1}, {10000, 1, 1}, {2026, 4, 31}, {2026, 1, 0}, {2026, 1, -1}} {
		if d, ok := workday.DateFrom(ymd[0], time.Month(ymd[1]), ymd[2]); ok {
			t.Errorf("DateFrom(%v) = %s, want none", ymd, d)
		}
	}
}

func TestYearsUntil(t *testing.T) {
	for _, tt := range []struct {
		born, on string
		want     int
	}{
		{"1961-11-23", "2026-11-22", 64},
		{"1961-11-23", "2026-11-23", 65},
		{"1960-02-29", "2025-02-28", 64},
		{"1960-02-29", "2025-03-01", 65},
		{"2026-01-01", "2025-12-31", -1},
	} {
		if got := date(t, tt.born).YearsUntil(date(t, tt.on)); got != tt.want {
			t.Errorf("age on %s of one born on %s = %d, want %d", tt.on, tt.born, got, tt.want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-01-01", "2024-02-29", "0000-01-01", "2026-1-1", "", "２０２６-01-01", "9999-12-31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := workday.ParseDate(s)
		if err != nil {
			return
		}
		if d.String() != s {
			t.Errorf("ParseDate(%q).String() = %q", s, d)
		}
	})
}
