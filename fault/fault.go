// Package fault is the one error type that crosses floors. A fault has a kind,
// which every edge turns into a status or a page in the same way, the operation
// that failed, a message for the user in both languages, and, for bad input,
// one entry for each field. What went wrong inside stays in Err and in the log;
// it is never shown.
package fault

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/tongban/tongban/internal/i18n"
)

// Kind says what sort of failure it is, and so what the user can do about it.
type Kind int

// The kinds. Internal is the zero value: an error that nobody classified.
const (
	Internal        Kind = iota
	Invalid              // the input is wrong; Fields says where
	Unauthenticated      // nobody is logged in
	Denied               // logged in, and may not
	NotFound             // not there, or not to be known about
	Conflict             // the state has moved on: stale version, task already done
	TooLarge             // more bytes than allowed
	Unsupported          // a media type that is not taken
	Unavailable          // try again later
)

var kinds = map[Kind]struct {
	name   string
	status int
}{
	Internal:        {"internal", http.StatusInternalServerError},
	Invalid:         {"invalid", http.StatusUnprocessableEntity},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized},
	Denied:          {"denied", http.StatusForbidden},
	NotFound:        {"not-found", http.StatusNotFound},
	Conflict:        {"conflict", http.StatusConflict},
	TooLarge:        {"too-large", http.StatusRequestEntityTooLarge},
	Unsupported:     {"unsupported", http.StatusUnsupportedMediaType},
	Unavailable:     {"unavailable", http.StatusServiceUnavailable},
}

// String is the kind's name, used in problem types and logs.
func (k Kind) String() string { return kinds[k].name }

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return kinds[k].status }

// Field is one mistake in the input. Pointer is an RFC 6901 JSON pointer into
// the input ("/bank"); Message says in plain words how to mend it.
type Field struct {
	Pointer string    `json:"pointer"`
	Message i18n.Text `json:"message"`
}

// Error is a fault. Message is for the user; Op and Err are for the log.
type Error struct {
	Kind    Kind
	Op      string
	Message i18n.Text
	Fields  []Field
	Err     error
}

// Error is the text for the log: operation, kind, inner error.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Op, e.Kind)
	if e.Message.EN != "" {
		s += ": " + e.Message.EN
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s: %s", f.Pointer, f.Message.EN)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap is the inner error.
func (e *Error) Unwrap() error { return e.Err }

// New is a fault with a message for the user.
func New(kind Kind, op string, message i18n.Text) *Error {
	return &Error{Kind: kind, Op: op, Message: message}
}

// Wrap classifies err, with a message for the user.
func Wrap(kind Kind, op string, message i18n.Text, err error) *Error {
	return &Error{Kind: kind, Op: op, Message: message, Err: err}
}

// Fields is an Invalid fault for the given mistakes.
func Fields(op string, fields ...Field) *Error {
	return &Error{Kind: Invalid, Op: op, Message: i18n.M("fault.invalid"), Fields: fields}
}

// KindOf is the kind of the first fault in err's chain, else Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Shown is what a user may see of err: its kind, its message (a general one of
// the kind where it has none) and its fields. Internal errors show no message
// of their own.
func Shown(err error) (Kind, i18n.Text, []Field) {
	var e *Error
	if !errors.As(err, &e) || e.Kind == Internal {
		return Internal, i18n.M("fault.internal"), nil
	}
	message := e.Message
	if message.IsZero() {
		message = i18n.M("fault." + e.Kind.String())
	}
	return e.Kind, message, e.Fields
}
