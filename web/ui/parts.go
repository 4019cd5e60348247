package ui

import (
	"strconv"
	"strings"
)

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
