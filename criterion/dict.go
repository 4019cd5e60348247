// Package criterion evaluates the rules of a city: who is entitled, which
// evidence applies, which way a process goes. A rule is one expression in CEL
// (the Common Expression Language), compiled once and evaluated often.
//
// A rule sees variables, which may be dotted ("scenario.kind",
// "task.review.outcome") and are given as nested maps. A Dict declares them
// with their types; the open Dict allows any name and checks no type before the
// rule runs.
//
// Truth has three values. A variable that is absent (or nil) is unknown, and
// so is a rule, unless what is known decides it already: "a && b" is No as soon
// as one of the two is false. Result.Missing names the variables that would
// decide it. has(x) is always known: it says whether x is there.
//
// Time is the variable today, a civil date that the caller gives; no rule reads
// a clock. Besides CEL's own functions there are
//
//	today()            the variable today
//	date(s)            the civil date of a text "2006-01-02"
//	age(birth[, on])   completed years of life, on today unless a date is given
//	days(from, to)     whole days from one date to another; negative when reversed
//	months(from, to)   completed months from one date to another
//	min(a, b)          the smaller of two numbers of one type
//	max(a, b)          the greater of two numbers of one type
//
// Someone born on 29 February completes a year on 1 March of a common year. The
// names of CEL types (list, type, string ...) are free for variables.
//
// Whole numbers are CEL ints wherever the type is open, so that a number that
// went through JSON still counts; a variable of type Double is always a double.
//
// The work of one evaluation is bounded: sources are short, and a rule that
// loops over a list stops at a fixed cost, the same on every machine.
//
// One text has three uses. Besides Eval, a rule explains itself clause by clause
// (Explain), says what remains to be decided (Residual), and becomes a tree that
// runs over a whole population (Formula), where it uses no more than that allows.
// All are read off the one checked syntax tree, in which every variable of the
// dictionary is one identifier whatever its dots, has(x) is the identifier "has:x",
// and today(), age(x) and the dictionary's definitions are expanded; so they
// cannot disagree with Eval, and a property test holds them to it.
package criterion

import (
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
)

// Type is the type of a variable.
type Type string

// The types. A Date is given as the text "2006-01-02", a time.Time, or
// anything that marshals itself to such a text. Any is checked when the rule
// runs; below a Map, any dotted name is allowed and is Any.
const (
	Any    Type = "any"
	Bool   Type = "bool"
	Int    Type = "int"
	Double Type = "double"
	String Type = "string"
	Date   Type = "date"
	List   Type = "list"
	Map    Type = "map"
)

// celTypes is what the checker calls each type.
func (t Type) cel() *cel.Type {
	switch t {
	case Bool:
		return cel.BoolType
	case Int:
		return cel.IntType
	case Double:
		return cel.DoubleType
	case String:
		return cel.StringType
	case Date:
		return cel.TimestampType
	case List:
		return cel.ListType(cel.DynType)
	case Map:
		return cel.MapType(cel.StringType, cel.DynType)
	}
	return cel.DynType
}

func typeOf(t *cel.Type) Type {
	switch t.Kind() {
	case cel.BoolKind:
		return Bool
	case cel.IntKind, cel.UintKind:
		return Int
	case cel.DoubleKind:
		return Double
	case cel.StringKind:
		return String
	case cel.TimestampKind:
		return Date
	case cel.ListKind:
		return List
	case cel.MapKind:
		return Map
	}
	return Any
}

// Dict is the dictionary of variables that a rule may use. It is read-only and
// safe for concurrent use. The variable today is in every dictionary.
type Dict struct {
	vars map[string]Type // nil: open
	defs []*definition
	env  func() (*cel.Env, error)
}

// New is a dictionary of exactly the variables given. Names may be dotted.
func New(vars map[string]Type) *Dict {
	d := &Dict{vars: make(map[string]Type, len(vars)+1), env: base}
	for name, t := range vars {
		d.vars[name] = t
	}
	d.vars[todayName] = Date
	return d
}

// Open is the dictionary in which every name is a variable of type Any.
func Open() *Dict { return &Dict{env: base} }

// Names lists the declared variables, sorted; an open dictionary declares today
// alone.
func (d *Dict) Names() []string {
	if d.vars == nil {
		return []string{todayName}
	}
	names := make([]string, 0, len(d.vars))
	for name := range d.vars {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// find is the variable that a dotted chain of names reads, and its type. The
// chain "scenario.kind.length" over a String "scenario.kind" reads just
// "scenario.kind", and the checker then refuses the rest.
func (d *Dict) find(chain string) (name string, t Type, ok bool) {
	if chain == todayName {
		return chain, Date, true
	}
	if d.vars == nil {
		return chain, Any, true
	}
	for name = chain; ; {
		if t, ok = d.vars[name]; ok {
			break
		}
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return "", "", false
		}
		name = name[:dot]
	}
	if name != chain && (t == Map || t == Any) {
		return chain, Any, true
	}
	return name, t, true
}

// base is the environment that every rule shares: the functions, no variables.
var base = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxSource),
		cel.ParserRecursionLimit(maxDepth),
		cel.ParserErrorRecoveryLimit(2),
		cel.Macros(macros()...),
	}
	return cel.NewEnv(append(options, functions()...)...)
})
