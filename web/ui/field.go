package ui

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// Answer is what a form field shows besides its question.
type Answer struct {
	Value   any              // as form.Form keeps it; nil for none
	Typed   url.Values       // what was posted, on a page that comes back: shown as it was typed
	Error   i18n.Text        // zero for none
	From    *form.Provenance // where the value came from; nil for typed by the applicant
	Correct string           // where "this is not right" leads; empty: not offered
	Areas   []form.Choice    // the city's areas, for the widget area
}

// text is the field's answer as it stands in a text input.
func (a Answer) text(f *form.Field) string {
	if a.Typed != nil {
		return a.Typed.Get(f.Key)
	}
	if f.Widget == "money" {
		if fen, ok := whole(a.Value); ok {
			return strings.ReplaceAll(Yuan(fen), ",", "")
		}
	}
	return plain(a.Value)
}

// part is one of the three inputs of a date: "year", "month" or "day".
func (a Answer) part(f *form.Field, part string) string {
	if a.Typed != nil {
		return a.Typed.Get(f.Key + "-" + part)
	}
	pieces := strings.Split(plain(a.Value), "-")
	i := slices.Index([]string{"year", "month", "day"}, part)
	if i >= len(pieces) {
		return ""
	}
	return strings.TrimLeft(pieces[i], "0")
}

// has reports whether a choice is taken.
func (a Answer) has(f *form.Field, value string) bool {
	if a.Typed != nil {
		return slices.Contains(a.Typed[f.Key], value)
	}
	switch v := a.Value.(type) {
	case []string:
		return slices.Contains(v, value)
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return plain(one) == value })
	}
	return a.Value != nil && plain(a.Value) == value
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == float64(int64(v))
	}
	n, err := strconv.ParseInt(plain(v), 10, 64)
	return n, err == nil
}

// Value is an answer as a reader reads it: a choice's label, a date in words,
// an amount in yuan. Areas are the city's, for the widget area.
func Value(ctx context.Context, f *form.Field, v any, areas []form.Choice) string {
	switch f.Widget {
	case "money":
		if fen, ok := whole(v); ok {
			return T(ctx, "ui.money.yuan", "amount", Yuan(fen))
		}
	case "date":
		if d, err := workday.ParseDate(plain(v)); err == nil {
			return Day(ctx, d.In(zone(ctx)))
		}
	case "checkbox":
		return T(ctx, yesNo(plain(v) == "true"))
	case "checkboxes":
		return labels(ctx, f, v)
	case "area":
		return choiceLabel(ctx, areas, plain(v))
	}
	return choiceLabel(ctx, f.Choices, plain(v))
}

func yesNo(yes bool) string {
	if yes {
		return "ui.yes"
	}
	return "ui.no"
}

func labels(ctx context.Context, f *form.Field, v any) string {
	var said []string
	for _, c := range f.Choices {
		if (Answer{Value: v}).has(f, c.Value) {
			said = append(said, In(ctx, c.Label))
		}
	}
	return strings.Join(said, T(ctx, "ui.list.comma"))
}

func choiceLabel(ctx context.Context, choices []form.Choice, value string) string {
	for _, c := range choices {
		if c.Value == value {
			return In(ctx, c.Label)
		}
	}
	return value
}

func zone(ctx context.Context) *time.Location {
	if z := From(ctx).Zone; z != nil {
		return z
	}
	return time.UTC
}

// described lists the ids of what explains a field, for aria-describedby.
func described(key string, hint, failed, from bool) string {
	var ids []string
	if hint {
		ids = append(ids, key+"-hint")
	}
	if failed {
		ids = append(ids, key+"-error")
	}
	if from {
		ids = append(ids, key+"-from")
	}
	return strings.Join(ids, " ")
}

func (a Answer) described(f *form.Field) string {
	return described(f.Key, !f.Hint.IsZero(), !a.Error.IsZero(), a.From != nil)
}

// input is how a text widget's input differs from plain text.
type input struct{ kind, mode, width string }

func inputOf(f *form.Field) input {
	switch f.Widget {
	case "phone":
		return input{"tel", "tel", "govuk-input--width-20"}
	case "email":
		return input{"email", "email", ""}
	case "number":
		return input{"text", "decimal", "govuk-input--width-10"}
	case "money":
		return input{"text", "decimal", "govuk-input--width-10"}
	case "citizen-id", "uscc":
		return input{"text", "", "govuk-input--width-20"}
	}
	return input{"text", "", ""}
}

// ChoiceID is the id of the i-th choice; the first has the field's own, so
// that the error summary can lead to it.
func ChoiceID(key string, i int) string {
	if i == 0 {
		return key
	}
	return key + "-" + strconv.Itoa(i+1)
}

func dateID(key, part string, i int) string {
	if i == 0 {
		return key
	}
	return key + "-" + part
}

// dateParts are the inputs of a date, or of a year and month.
func dateParts(f *form.Field) []string {
	if f.Widget == "year-month" {
		return []string{"year", "month"}
	}
	return []string{"year", "month", "day"}
}

func dateLength(i int) int {
	if i == 0 {
		return 4
	}
	return 2
}

func datePart(ctx context.Context, part string) string {
	switch part {
	case "year":
		return T(ctx, "ui.date.year")
	case "month":
		return T(ctx, "ui.date.month")
	default:
		return T(ctx, "ui.date.day")
	}
}
