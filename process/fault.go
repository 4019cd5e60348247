package process

import (
	"fmt"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Error is one thing wrong with a BPMN file: the element, its place (line and
// column in characters, from 1) and what to do about it.
type Error struct {
	ElementID string
	Line, Col int
	Message   i18n.Text
}

// Error is place, element and the English message.
func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s: %s", e.Line, e.Col, e.ElementID, e.Message.EN)
}

// Unwrap is the error as an Invalid fault.
func (e *Error) Unwrap() error { return fault.New(fault.Invalid, "process.Parse", e.Message) }

// Errors is all that is wrong with a file, in the order of the file; it is the
// error of Parse and Link, and errors.As finds the first *Error in it.
type Errors []*Error

// Error is one line for each.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// refuse is a fault of the running game that names the element.
func refuse(kind fault.Kind, op string, message i18n.Text) error {
	return fault.New(kind, "process."+op, message)
}
