package outreach

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/workday"
)

func day(t testing.TB, s string) workday.Date {
	t.Helper()
	if s == "" {
		return workday.Date{}
	}
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRank(t *testing.T) {
	today := day(t, "2026-11-23")
	worth := func(yuan int64, deadline string, documents int, made string) Worth {
		return Worth{Yearly: yuan, Deadline: day(t, deadline), Documents: documents, Made: day(t, made)}
	}
	tests := []struct {
		name          string
		higher, lower Worth
	}{
		{"more money", worth(9000, "", 0, ""), worth(900, "", 0, "")},
		{"money over none", worth(900, "", 0, ""), worth(0, "", 0, "")},
		{"the last week over a little more money", worth(900, "2026-11-27", 0, ""), worth(1200, "", 0, "")},
		{"a million over the last week", worth(1_000_000, "", 0, ""), worth(900, "2026-11-27", 0, "")},
		{"nothing to hand in over three papers", worth(900, "", 0, ""), worth(900, "", 3, "")},
		{"new over old", worth(900, "", 0, "2026-11-23"), worth(900, "", 0, "2026-10-01")},
		{"a far deadline counts for nothing, so papers decide", worth(900, "", 0, ""), worth(900, "2028-01-01", 1, "")},
	}
	for _, tt := range tests {
		if high, low := Rank(tt.higher, today), Rank(tt.lower, today); high <= low {
			t.Errorf("%s: got %d and %d, want the first higher", tt.name, high, low)
		}
	}
	if got, want := Rank(worth(0, "", 0, ""), today), int64(unpaid); got != want {
		t.Errorf("what pays nothing: got %d, want %d", got, want)
	}
	if got := yearly(75, "month"); got != 900 {
		t.Errorf("75 a month: got %d a year, want 900", got)
	}
}

// TestRankNeverFalls sees that an offer that is better in one respect and equal
// in all others never ranks lower.
func TestRankNeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, _ := workday.ParseDate("2026-01-01")
		today := base.AddDays(rapid.IntRange(0, 400).Draw(t, "today"))
		w := Worth{Yearly: rapid.Int64Range(0, 1<<40).Draw(t, "yearly"), Documents: rapid.IntRange(-1, 20).Draw(t, "documents"),
			Deadline: base.AddDays(rapid.IntRange(0, 800).Draw(t, "deadline")), Made: base.AddDays(rapid.IntRange(0, 400).Draw(t, "made"))}
		score := Rank(w, today)
		richer, nearer, easier, newer := w, w, w, w
		richer.Yearly += rapid.Int64Range(1, 1<<40).Draw(t, "more")
		easier.Documents -= rapid.IntRange(1, 5).Draw(t, "fewer")
		newer.Made = newer.Made.AddDays(rapid.IntRange(1, 50).Draw(t, "newer"))
		nearer.Deadline = nearer.Deadline.AddDays(-rapid.IntRange(1, 50).Draw(t, "nearer"))
		for name, better := range map[string]Worth{"richer": richer, "nearer": nearer, "easier": easier, "newer": newer} {
			if got := Rank(better, today); got < score {
				t.Errorf("%s: got %d, want at least %d", name, got, score)
			}
		}
	})
}
