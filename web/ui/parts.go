package ui

import (
	"context"
	"strconv"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Errors gives each field's mistake by its key, to hand out to the fields.
type Errors map[string]i18n.Text

// ErrorsOf sorts mistakes by the key of their field.
func ErrorsOf(fields []fault.Field) Errors {
	errors := Errors{}
	for _, f := range fields {
		if id := FieldID(f.Pointer); errors[id].IsZero() {
			errors[id] = f.Message
		}
	}
	return errors
}

// problems links each mistake to its field on the same page.
func problems(ctx context.Context, fields []fault.Field) []Problem {
	list := make([]Problem, len(fields))
	for i, f := range fields {
		list[i].Text = In(ctx, f.Message)
		if id := FieldID(f.Pointer); id != "" {
			list[i].Href = "#" + id
		}
	}
	return list
}

// FieldID is the id of the element that a JSON pointer into a form means:
// "/name" is "name", "/children/0/name" is "children-0-name".
func FieldID(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", "-")
}

func jobID(i int) string { return "task-" + strconv.Itoa(i+1) + "-status" }

// shape is the icon that goes with a tone in a tag.
func shape(t Tone) string {
	switch t {
	case Green:
		return "circle-check"
	case Amber:
		return "triangle-alert"
	case Red:
		return "octagon-alert"
	case Blue:
		return "circle"
	default:
		return "square"
	}
}

// sign is the icon that goes with a tone in a notice.
func sign(t Tone) string {
	if t == Plain || t == Blue {
		return "info"
	}
	return shape(t)
}
