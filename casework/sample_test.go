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

// sample is a value that the field takes.
func sample(t *testing.T, f *form.Field) any {
	t.Helper()
	if len(f.Choices) > 0 {
		if f.Widget == "checkboxes" {
			return []string{f.Choices[0].Value}
		}
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
