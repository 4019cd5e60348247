package workday_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/workday"
)

func TestPeriod(t *testing.T) {
	c := parsed(t)
	from := time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC) // Monday 10:30 in the city
	for _, tt := range []struct{ text, canonical, want string }{
		{"P5WD", "P5WD", "2026-12-01 00:00"},
		{"P10D", "P10D", "2026-12-04 00:00"},
		{"P5D", "P5D", "2026-12-01 00:00"}, // ends on a Saturday: the next working day
		{"P2W", "P14D", "2026-12-08 00:00"},
		{"P1M", "P1M", "2026-12-24 00:00"},
		{"P1Y2M", "P14M", "2028-01-25 00:00"}, // 2028-01-23 is a Sunday
		{"PT2H", "PT2H", "2026-11-23 12:30"},
		{"PT1H30M", "PT1H30M", "2026-11-23 12:00"},
		{"P1DT12H", "P1DT12H", "2026-11-25 12:00"},
		{"PT0M", "PT0M", "2026-11-23 10:30"},
		{"P0WD", "PT0M", "2026-11-23 10:30"},
	} {
		p, err := workday.ParsePeriod(tt.text)
		if err != nil {
			t.Errorf("ParsePeriod(%s): %v", tt.text, err)
			continue
		}
		if got := p.String(); got != tt.canonical {
			t.Errorf("ParsePeriod(%s).String() = %s, want %s", tt.text, got, tt.canonical)
		}
		if got := c.After(from, p).In(shanghai()).Format("2006-01-02 15:04"); got != tt.want {
			t.Errorf("After(%s) = %s, want %s", tt.text, got, tt.want)
		}
	}
	for _, s := range []string{"", "P", "PT", "5WD", "P5WD1D", "P-1D", "P1.5D", "P1S", "PT1D", "P1H", "p1d", "P1D ", "P999999WD", "P1WDT1H", "P9999Y"} {
		if p, err := workday.ParsePeriod(s); err == nil {
			t.Errorf("ParsePeriod(%q) = %v, want an error", s, p)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"P5WD", "P10D", "PT2H", "P1Y2M3W4DT5H6M", "P", "PT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := workday.ParsePeriod(s)
		if err != nil {
			return
		}
		again, err := workday.ParsePeriod(p.String())
		if err != nil || again != p {
			t.Errorf("ParsePeriod(%q) = %+v, written %s, read again %+v, %v", s, p, p, again, err)
		}
	})
}

func TestStatute(t *testing.T) {
	c := parsed(t)
	event := time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC)
	want := map[workday.Provision]string{
		workday.Supplement: "P5WD 2026-01-13", workday.Decision: "P20WD 2026-02-03", workday.DecisionExtension: "P10WD 2026-01-20",
		workday.JointDecision: "P45WD 2026-03-14", workday.JointExtension: "P15WD 2026-01-27", workday.Delivery: "P10WD 2026-01-20",
		workday.Hearing: "P20WD 2026-02-03", workday.HearingRequest: "P5WD 2026-01-13",
		workday.Review: "P60D 2026-03-07", workday.Suit: "P6M 2026-07-07",
	}
	limits := workday.Limits()
	if len(limits) != len(want) {
		t.Errorf("there are %d provisions, want %d", len(limits), len(want))
	}
	for p, l := range limits {
		got := l.Period.String() + " " + c.By(p, event).In(shanghai()).Format("2006-01-02")
		if got != want[p] {
			t.Errorf("%s: got %s, want %s", l.Name.EN, got, want[p])
		}
		for _, text := range []string{l.Name.ZH, l.Name.EN, p.Citation().ZH, p.Citation().EN} {
			if text == "" || text[0] == 's' && len(text) > 7 && text[:8] == "statute." {
				t.Errorf("%v lacks a text: %+v", p, l)
			}
		}
		if p.EffectiveDate().IsZero() {
			t.Errorf("%s has no effective date", l.Name.EN)
		}
	}
}
