// Package source reads the text files of a city pack (YAML, and JSON with it)
// as a tree that keeps line and column, and gathers every fault of a file
// before it gives up, so that an author mends them in one go.
package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
)

// Problem is one fault in a file. Line and Col count from 1 and are 0 where the
// fault has no place. Fix says what to do; it may be empty.
type Problem struct {
	File      string
	Line, Col int
	Message   i18n.Text
	Fix       i18n.Text
}

// String is the fault in English in the form file:line:col message; fix.
func (p Problem) String() string { return p.In(i18n.EN) }

// In is the fault in a language, in the form file:line:col message; fix.
func (p Problem) In(lang i18n.Lang) string {
	s := fmt.Sprintf("%s:%d:%d %s", p.File, p.Line, p.Col, p.Message.In(lang))
	if !p.Fix.IsZero() {
		s += " " + p.Fix.In(lang)
	}
	return s
}

// Problems are the faults of one file or more. As an error it is one line each.
type Problems []Problem

// Error lists the faults in English.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is the faults in order of place, or nil where there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return ps
}
