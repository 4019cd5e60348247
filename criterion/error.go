package criterion

import (
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Pos is a place in a rule's source: line and column in characters, from 1.
type Pos struct{ Line, Col int }

// Error is a mistake in a rule, or what went wrong when it ran (then Pos is the
// zero Pos). To the rest of the house it is an Invalid fault.
type Error struct {
	Pos     Pos
	Message i18n.Text
}

// Error is the place and the English message.
func (e *Error) Error() string {
	if e.Pos == (Pos{}) {
		return "criterion: " + e.Message.EN
	}
	return fmt.Sprintf("criterion: %d:%d: %s", e.Pos.Line, e.Pos.Col, e.Message.EN)
}

// Unwrap is the error as a fault.
func (e *Error) Unwrap() error { return fault.New(fault.Invalid, "criterion", e.Message) }

func at(l common.Location) Pos { return Pos{max(l.Line(), 1), max(l.Column()+1, 1)} }

func firstOf(issues *cel.Issues) (Pos, string) {
	e := issues.Errors()[0]
	return at(e.Location), e.Message
}

func syntaxError(issues *cel.Issues) *Error {
	pos, message := firstOf(issues)
	message = strings.TrimPrefix(message, "Syntax error: ")
	return &Error{Pos: pos, Message: i18n.M("criterion.compile.syntax", "detail", message)}
}

// unknownName says which name the dictionary lacks and which one comes nearest.
func unknownName(parsed *cel.Ast, u use, dict *Dict) *Error {
	pos := at(parsed.NativeRep().SourceInfo().GetStartLocation(u.id))
	return &Error{Pos: pos, Message: suggest(u.chain, dict.Names(),
		func(near string) i18n.Text {
			return i18n.M("criterion.compile.nameNear", "name", u.chain, "near", near)
		},
		i18n.M("criterion.compile.name", "name", u.chain))}
}

var (
	noFunction = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

// checkError puts the checker's message into plain words.
func checkError(issues *cel.Issues, env *cel.Env, dict *Dict) *Error {
	pos, message := firstOf(issues)
	if m := noFunction.FindStringSubmatch(message); m != nil {
		return &Error{Pos: pos, Message: suggest(m[1], functionNames(env, dict),
			func(near string) i18n.Text {
				return i18n.M("criterion.compile.functionNear", "name", m[1], "near", near)
			},
			i18n.M("criterion.compile.function", "name", m[1]))}
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return &Error{Pos: pos, Message: i18n.M("criterion.compile.types", "op", operator(m[1]), "types", readable(m[2]))}
	}
	return &Error{Pos: pos, Message: i18n.M("criterion.compile.check", "detail", message)}
}

// functionNames are the functions that may be called by name.
func functionNames(env *cel.Env, dict *Dict) []string {
	names := []string{"today", "has"}
	for _, d := range dict.defs {
		names = append(names, d.name)
	}
	for name := range env.Functions() {
		if !strings.ContainsAny(name, "_@!") {
			names = append(names, name)
		}
	}
	return names
}

// operator is how a rule writes the operator that the checker calls "_<_".
func operator(name string) string { return strings.Trim(name, "_") }

// readable turns "(timestamp, string)" into "date, string".
func readable(args string) string {
	args = strings.NewReplacer("(", "", ")", "", "timestamp", "date", ".", ", ").Replace(args)
	return strings.TrimPrefix(args, ", ")
}

// suggest is near(candidate) for the candidate closest to name, at most three
// letters and a third of them away; else none.
func suggest(name string, candidates []string, near func(string) i18n.Text, none i18n.Text) i18n.Text {
	best, distance := "", min(len([]rune(name))/3, 3)+1
	for _, c := range candidates {
		if d := edits(name, c, distance+1); d < distance || d == distance && best != "" && c < best {
			best, distance = c, d
		}
	}
	if best == "" {
		return none
	}
	return near(best)
}

// edits is the Levenshtein distance of two names, or limit where it is more.
func edits(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 200 || len(s)-len(t) >= limit || len(t)-len(s) >= limit {
		return limit
	}
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return min(row[len(t)], limit)
}
