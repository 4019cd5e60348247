package casework_test

import (
	"io"
	"log/slog"
	"testing"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/workday"
)

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func today(w *world) workday.Date { return workday.DateOf(w.clock.Now(), w.city.Calendar.Zone()) }

// samples are fields that a general value does not suit.
var samples = map[string]any{
	"account":        "6222020000000001",
	"certificate_no": "X999000001",
	"from_day":       "2026-12-01",
	"until_day":      "2027-11-30",
	"firm_kind":      "one",
	"holder_count":   int64(1),
}

// sample is a value that the field takes.
func sample(t *testing.T, f *form.Field) any {
	t.Helper()
	if v, ok := samples[f.Key]; ok {
		return v
	}
	if f.Widget == "checkboxes" {
		var all []string
		for _, c := range f.Choices {
			all = append(all, c.Value)
		}
		return all
	}
	if len(f.Choices) > 0 {
		return f.Choices[0].Value
	}
	switch f.Widget {
	case "date":
		return "2026-11-02"
	case "year-month":
		return "2026-11"
	case "phone":
		return "19900000001"
	case "email":
		return "someone@example.com"
	case "citizen-id":
		return "11010519491231002X"
	case "uscc":
		return "91350100M000100Y43"
	case "area":
		return "310115"
	case "checkbox":
		return true
	case "money", "number":
		if f.Min != nil && *f.Min > 1 {
			return int64(*f.Min)
		}
		return int64(1)
	}
	if f.Type == "integer" || f.Type == "number" {
		return int64(1)
	}
	return "示例内容"
}
