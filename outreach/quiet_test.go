package outreach

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuietAfter(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	at := func(s string) time.Time {
		t.Helper()
		got, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	tests := []struct{ hours, from, want string }{
		{"21:00-08:00", "2026-11-23 20:59", "2026-11-23 20:59"},
		{"21:00-08:00", "2026-11-23 21:00", "2026-11-24 08:00"},
		{"21:00-08:00", "2026-11-30 23:30", "2026-12-01 08:00"},
		{"21:00-08:00", "2026-11-24 00:00", "2026-11-24 08:00"},
		{"21:00-08:00", "2026-11-24 07:59", "2026-11-24 08:00"},
		{"21:00-08:00", "2026-11-24 08:00", "2026-11-24 08:00"},
		{"12:00-14:00", "2026-11-24 11:59", "2026-11-24 11:59"},
		{"12:00-14:00", "2026-11-24 12:00", "2026-11-24 14:00"},
		{"12:00-14:00", "2026-11-24 14:00", "2026-11-24 14:00"},
		{"", "2026-11-24 03:00", "2026-11-24 03:00"},
	}
	for _, tt := range tests {
		q, err := ParseQuiet(tt.hours)
		if err != nil {
			t.Fatalf("%s: %v", tt.hours, err)
		}
		if got := q.After(at(tt.from).UTC(), zone); !got.Equal(at(tt.want)) {
			t.Errorf("%s at %s: got %s, want %s", tt.hours, tt.from, got.In(zone).Format("2006-01-02 15:04"), tt.want)
		}
	}
}

func TestParseQuietRefuses(t *testing.T) {
	for _, s := range []string{"21-8", "21:00", "24:00-08:00", "21:60-08:00", "21:00-08:00 ", "9:00-10:00", "21:00-21:00", "abc", "-1:00-08:00"} {
		if q, err := ParseQuiet(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, q)
		}
	}
}

// TestQuietProperty sees that nothing is ever held back for a day or more, that
// what After gives is not quiet itself, and that hours read back as written.
func TestQuietProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quiet{From: rapid.IntRange(0, 1439).Draw(t, "from"), To: rapid.IntRange(0, 1439).Draw(t, "to")}
		at := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 600_000).Draw(t, "minute"), rapid.IntRange(0, 59).Draw(t, "second"), 0, time.UTC)
		after := q.After(at, time.UTC)
		if after.Before(at) || after.Sub(at) >= 24*time.Hour {
			t.Errorf("%s at %s: got %s", q, at, after)
		}
		if again := q.After(after, time.UTC); !again.Equal(after) {
			t.Errorf("%s: %s is allowed, yet is put off to %s", q, after, again)
		}
		if back, err := ParseQuiet(q.String()); err != nil || back.String() != q.String() {
			t.Errorf("%s: got %s back (%v)", q, back, err)
		}
	})
}
