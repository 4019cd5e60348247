package bench

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/workday"
)

// The peers get each rule as a good hand would write it for them: an age against
// a number becomes a date against a day, and a double is compared as the whole
// number of its last digits, as it is stored.

// lastDay is the greatest day.
const lastDay = 3652059

// span is the days from and to, both included, in which a variable satisfies a
// comparison; outside turns it round. An empty span has from after to.
type span struct {
	name     string
	from, to int64
	outside  bool
}

// spanOf is the span of a comparison of one date, or of the age, months or days
// between it and a fixed day, with a constant; ok is false for other
// comparisons.
func spanOf(c criterion.Compare, today workday.Date) (s span, ok bool) {
	op, left, right := c.Op, c.Left, c.Right
	limit, ok := constant(right, today)
	if !ok {
		if limit, ok = constant(left, today); !ok {
			return s, false
		}
		op, left = mirrored(op), right
	}
	name, measure, ok := measured(left, today)
	if !ok {
		return s, false
	}
	sign := int64(1)
	if measure(1) > measure(lastDay) {
		sign = -1
	}
	// reach is the first day on which sign*measure is at least n.
	reach := func(n int64) int64 {
		return int64(sort.Search(lastDay, func(i int) bool { return sign*measure(int64(i)+1) >= n })) + 1
	}
	limit *= sign
	if sign < 0 {
		op = mirrored(op)
	}
	s = span{name: name, from: 1, to: lastDay}
	switch op {
	case ">=":
		s.from = reach(limit)
	case ">":
		s.from = reach(limit + 1)
	case "<=":
		s.to = reach(limit+1) - 1
	case "<":
		s.to = reach(limit) - 1
	default:
		s.from, s.to, s.outside = reach(limit), reach(limit+1)-1, op == "!="
	}
	return s, true
}

// mirrored is the operator of the comparison with its sides changed.
func mirrored(op string) string {
	return map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}[op]
}

// turned is the operator that holds where op does not.
func turned(op string) string {
	return map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[op]
}

func constant(n criterion.Number, today workday.Date) (int64, bool) {
	switch n := n.(type) {
	case criterion.Int64:
		return n.Value, true
	case criterion.Day:
		return crowd.DayOf(n.Value), true
	case criterion.Today:
		return crowd.DayOf(today), true
	}
	return 0, false
}

// measured is the one date that a number measures, and how.
func measured(n criterion.Number, today workday.Date) (name string, measure func(day int64) int64, ok bool) {
	var from, to criterion.Number
	count := func(from, to int64) int64 { return to - from }
	switch n := n.(type) {
	case criterion.Var:
		return n.Name, func(day int64) int64 { return day }, n.Type == criterion.Date
	case criterion.Age:
		from, to, count = n.From, n.To, func(from, to int64) int64 { return monthsOf(from, to) / 12 }
	case criterion.Months:
		from, to, count = n.From, n.To, monthsOf
	case criterion.Days:
		from, to = n.From, n.To
	default:
		return "", nil, false
	}
	if v, isVar := from.(criterion.Var); isVar {
		fixed, ok := constant(to, today)
		return v.Name, func(day int64) int64 { return count(day, fixed) }, ok
	}
	if v, isVar := to.(criterion.Var); isVar {
		fixed, ok := constant(from, today)
		return v.Name, func(day int64) int64 { return count(fixed, day) }, ok
	}
	return "", nil, false
}

// monthsOf is the completed months from one day to another.
func monthsOf(from, to int64) int64 {
	if to < from {
		return -monthsOf(to, from)
	}
	y1, m1, d1 := crowd.DateOf(from).Date()
	y2, m2, d2 := crowd.DateOf(to).Date()
	n := int64(y2-y1)*12 + int64(m2-m1)
	if d2 < d1 {
		n--
	}
	return n
}

// scaled is a comparison of a double with a literal, as one of the whole
// number of its last digits: v op limit. Where no value is equal to the literal,
// never is set, and op == is false and != true.
func scaled(op string, limit float64, decimals int) (newOp string, n int64, never bool) {
	// the literal's shortest decimal form, moved by so many places
	digits := strconv.FormatFloat(limit, 'f', -1, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	for len(fraction) < decimals {
		fraction += "0"
	}
	rest := strings.Trim(fraction[decimals:], "0")
	n, err := strconv.ParseInt(whole+fraction[:decimals], 10, 64)
	if err != nil {
		n = int64(math.Copysign(math.MaxInt32, limit))
	}
	if rest == "" {
		return op, n, false
	}
	if limit < 0 {
		n-- // n is below the literal, n+1 above it
	}
	switch op {
	case "<", "<=":
		return "<=", n, false
	case ">", ">=":
		return ">", n, false
	}
	return op, n, true
}
