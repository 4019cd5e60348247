package form

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/workday"
)

// maxUnknown is how many unknown fields are told one by one.
const maxUnknown = 20

// Validate says what is wrong with the values: at most one message for each
// field, in the order of the form, then one for each key that is no field. It is
// empty where the values may be submitted.
func (f *Form) Validate(data map[string]any) []fault.Field {
	return append(f.check(data, nil), f.unknown(data)...)
}

// Step is Validate for the fields of one step; a step that is not there has no
// faults.
func (f *Form) Step(data map[string]any, step int) []fault.Field {
	if step < 0 || step >= len(f.Steps) {
		return nil
	}
	return f.check(data, f.Steps[step].Fields)
}

// check validates the fields given, or all for nil.
func (f *Form) check(data map[string]any, only []string) []fault.Field {
	messages := f.messages(data)
	var faults []fault.Field
	for _, field := range f.Fields {
		if message, wrong := messages[field.Key]; wrong && (only == nil || slices.Contains(only, field.Key)) {
			faults = append(faults, fault.Field{Pointer: pointer(field.Key), Message: message})
		}
	}
	return faults
}

// pointer is the RFC 6901 pointer to a field.
func pointer(key string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func (f *Form) unknown(data map[string]any) []fault.Field {
	var keys []string
	for key := range data {
		if f.byKey[key] == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var faults []fault.Field
	for _, key := range keys[:min(len(keys), maxUnknown)] {
		faults = append(faults, fault.Field{Pointer: pointer(clip(key)), Message: i18n.M("form.unknown", "key", clip(key))})
	}
	return faults
}

// clip makes a stranger's key fit to be shown.
func clip(key string) string {
	key = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(key, ""))
	if runes := []rune(key); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return key
}

// messages is the first thing wrong with each field.
func (f *Form) messages(data map[string]any) map[string]i18n.Text {
	found := map[string]i18n.Text{}
	for _, m := range f.members {
		for key, message := range m.form.messages(m.project(data)) {
			if _, told := found[m.keys[key]]; !told {
				found[m.keys[key]] = message
			}
		}
	}
	if f.members != nil {
		return found
	}
	shown := f.shown(data)
	values := make(map[string]any, len(data))
	for key := range shown {
		field, value := f.byKey[key], data[key]
		if empty(value) {
			continue
		}
		typed, ok := field.typed(value)
		if !ok {
			found[key] = field.typeMessage()
			typed = field.placeholder() // so that it does not count as missing
		}
		if message, bad := field.characters(typed); bad {
			found[key] = message
		}
		values[key] = typed
	}
	f.schemaMessages(values, shown, found)
	for key, value := range values {
		if _, told := found[key]; told {
			continue
		}
		if s, ok := value.(string); ok {
			if message := f.byKey[key].widgetMessage(s); !message.IsZero() {
				found[key] = message
			}
		}
	}
	return found
}

func (f *Field) placeholder() any {
	return map[string]any{"string": "", "boolean": false, "array": []any{}, "number": 0.0, "integer": int64(0)}[f.Type]
}

// schemaMessages adds what the schema says, the gravest for each field, to
// fields that nothing was said about yet.
func (f *Form) schemaMessages(values map[string]any, shown map[string]bool, found map[string]i18n.Text) {
	ranks := map[string]int{}
	for _, v := range f.violations(values) {
		for _, key := range v.keys() {
			field := f.byKey[key]
			if field == nil || !shown[key] {
				continue
			}
			_, told := found[key]
			rank := v.rank()
			if told && rank >= ranks[key] {
				continue
			}
			found[key], ranks[key] = field.message(v), rank
		}
	}
}

// characters refuses what no honest keyboard types: control characters, marks
// that turn the direction of text round, bytes that are no text.
func (f *Field) characters(v any) (i18n.Text, bool) {
	for _, s := range append(stringList(v), asStrings(v)...) {
		bad := func(r rune) bool {
			lines := f.Widget == "textarea" && (r == '\n' || r == '\r' || r == '\t')
			return !lines && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Noncharacter_Code_Point, r) ||
				r == '\u2028' || r == '\u2029')
		}
		if !utf8.ValidString(s) || strings.ContainsFunc(s, bad) {
			return i18n.M("form.control", "label", f.Label), true
		}
	}
	return i18n.Text{}, false
}

func asStrings(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	return nil
}

var (
	mobile   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	landline = regexp.MustCompile(`^0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?$`)
	abroad   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	areaCode = regexp.MustCompile(`^[1-9][0-9]{5}([0-9]{3}){0,2}$`)
	month    = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)
)

// widgetMessage is what is wrong with a text by the rules of its widget; zero
// for nothing.
func (f *Field) widgetMessage(s string) i18n.Text {
	switch f.Widget {
	case "citizen-id":
		return identifierMessage(identifier.CheckCitizenID(s))
	case "uscc":
		return identifierMessage(identifier.CheckUSCC(s))
	case "date":
		if d, err := workday.ParseDate(s); err != nil || year(d) < 1800 {
			return dateMessage(s)
		}
	case "year-month":
		if !month.MatchString(s) || s < "1800" {
			return i18n.M("form.yearMonth")
		}
	case "phone":
		if !mobile.MatchString(s) && !landline.MatchString(s) && !abroad.MatchString(s) {
			return i18n.M("form.phone")
		}
	case "email":
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
			return i18n.M("form.email")
		}
	case "area":
		if !areaCode.MatchString(s) {
			return i18n.M("form.area")
		}
	}
	return i18n.Text{}
}

func year(d workday.Date) int { y, _, _ := d.Date(); return y }

func identifierMessage(err error) i18n.Text {
	if err == nil {
		return i18n.Text{}
	}
	_, message, _ := fault.Shown(err)
	return message
}

// dateMessage tells a date that does not exist from a text that is no date.
func dateMessage(s string) i18n.Text {
	if _, err := time.Parse("2006-01-02", s[:min(len(s), 8)]+"01"); err == nil && len(s) == 10 {
		return i18n.M("form.noSuchDay", "date", s)
	}
	return i18n.M("form.date")
}
