package form

import (
	"net/url"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
)

// Read takes the fields of one step (of all steps, for a negative step) out of a
// posted HTML form. Spaces around are cut, full-width digits made plain, numbers
// and identifiers cleaned of what people type for the eye, money turned from yuan
// into fen; empty answers are left out. A date is one input, KEY, or the three
// KEY-year, KEY-month and KEY-day (a year and month the first two). A text that does not read as its field's
// type is kept as it was typed, so that the page can show it again, and gives a
// fault; what the value must be beyond its type, Validate and Step say. Readonly
// fields are never read: the caller fills them.
func (f *Form) Read(values url.Values, step int) (map[string]any, []fault.Field) {
	data := map[string]any{}
	var faults []fault.Field
	for _, field := range f.Fields {
		if field.Readonly || step >= 0 && (step >= len(f.Steps) || f.StepOf(field.Key) != step) {
			continue
		}
		value, message := field.read(values)
		if !message.IsZero() {
			faults = append(faults, fault.Field{Pointer: pointer(field.Key), Message: message})
		}
		if field.Type == "boolean" && value == nil && field.Widget == "checkbox" {
			value = false // an empty checkbox is not posted
		}
		if !empty(value) {
			data[field.Key] = value
		}
	}
	return data, faults
}

// read is the typed value of a field, nil for no answer, and what is wrong with
// the text; then the value is the text.
func (f *Field) read(values url.Values) (any, i18n.Text) {
	switch f.Widget {
	case "checkboxes":
		return f.readList(values[f.Key]), i18n.Text{}
	case "date", "year-month":
		return f.readDate(values)
	}
	raw := clean(last(values[f.Key]))
	if raw == "" {
		return nil, i18n.Text{}
	}
	switch {
	case f.Widget == "money":
		return f.typedOr(raw, readFen)
	case f.Type == "integer":
		return f.typedOr(raw, readInteger)
	case f.Type == "number":
		return f.typedOr(raw, readDecimal)
	case f.Type == "boolean":
		return f.typedOr(raw, readBool)
	}
	return f.readText(raw), i18n.Text{}
}

func last(all []string) string {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i] != "" {
			return all[i]
		}
	}
	return ""
}

func (f *Field) typedOr(raw string, read func(string) (any, bool)) (any, i18n.Text) {
	if value, ok := read(raw); ok {
		return value, i18n.Text{}
	}
	return raw, f.typeMessage()
}

func (f *Field) readList(all []string) any {
	var list []any
	for _, s := range all {
		if s = clean(s); s != "" {
			list = append(list, s)
		}
	}
	if list == nil {
		return nil
	}
	return list
}

func (f *Field) readText(raw string) string {
	switch f.Widget {
	case "citizen-id", "uscc":
		return identifier.Canonical(raw)
	case "phone":
		return readPhone(raw)
	case "email":
		return strings.ReplaceAll(narrow(raw), " ", "")
	case "textarea":
		return strings.ReplaceAll(raw, "\r\n", "\n")
	}
	return raw
}

// readDate reads one input or, where it is not posted, the three (two for a
// year and month).
func (f *Field) readDate(values url.Values) (any, i18n.Text) {
	raw := clean(last(values[f.Key]))
	if !values.Has(f.Key) {
		raw = joined(values, f)
	}
	if raw == "" {
		return nil, i18n.Text{}
	}
	if value, ok := readDay(raw, f.Widget == "year-month"); ok {
		return value, i18n.Text{}
	}
	if f.Widget == "year-month" {
		return raw, i18n.M("form.yearMonth")
	}
	if value, ok := shapeOfDay(raw); ok {
		return raw, i18n.M("form.noSuchDay", "date", value)
	}
	return raw, i18n.M("form.date")
}

func joined(values url.Values, f *Field) string {
	suffixes := []string{"-year", "-month", "-day"}
	if f.Widget == "year-month" {
		suffixes = suffixes[:2]
	}
	parts := make([]string, len(suffixes))
	any := false
	for i, suffix := range suffixes {
		parts[i] = strings.ReplaceAll(narrow(clean(last(values[f.Key+suffix]))), "-", "")
		any = any || parts[i] != ""
	}
	if !any {
		return ""
	}
	return strings.Join(parts, "-")
}
