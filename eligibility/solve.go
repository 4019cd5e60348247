package eligibility

import (
	"math"
	"slices"
	"strconv"

	"github.com/tongban/tongban/criterion"
)

// solve is the values x of a domain for which "f(x) op 0" holds, f giving -1, 0
// or 1 and never falling (rises) or never rising as x does.
func solve(op string, domain span, rises bool, f func(int64) int) spans {
	// from is the first x of the domain with f(x) beyond (or at) zero.
	from := func(beyond func(int) bool) (x int64, ok bool) {
		if !beyond(f(domain.hi)) {
			return 0, false
		}
		lo, hi := domain.lo, domain.hi
		for lo < hi {
			mid := lo + int64((uint64(hi)-uint64(lo))/2)
			if beyond(f(mid)) {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		return lo, true
	}
	tail := func(beyond func(int) bool) spans {
		if x, ok := from(beyond); ok {
			return spans{{x, domain.hi}}
		}
		return nil
	}
	sign := 1
	if !rises {
		sign = -1
	}
	notLess := tail(func(s int) bool { return sign*s >= 0 }) // rises: f >= 0; else f <= 0
	more := tail(func(s int) bool { return sign*s > 0 })     // rises: f > 0; else f < 0
	all := spans{domain}
	if !rises {
		op = mirrored(op)
	}
	switch op {
	case ">=":
		return notLess
	case ">":
		return more
	case "<":
		return all.and(notLess.not())
	case "<=":
		return all.and(more.not())
	case "==":
		return notLess.and(more.not())
	}
	return all.and(notLess.and(more.not()).not()) // !=
}

// mirrored is an operator with its sides changed.
func mirrored(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

// holds reports whether "a op b" holds.
func holds(op string, a, b int64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// domain is the raw values that a column can have.
func (l *lowerer) domain(col int) span {
	switch l.schema.attributes[col].Type {
	case criterion.Int:
		return span{-maxInt, maxInt}
	case criterion.Date:
		return span{1 - dayZero, lastDay}
	}
	return span{math.MinInt64 + 1, math.MaxInt64}
}

// compareNumbers is the node of those for whom "a op b" holds. In this order it
// is: a constant answer; spans of one column; the cases of a condition; a sum of
// constants; else expressions, lane by lane.
func (l *lowerer) compareNumbers(op string, a, b *number) int32 {
	switch {
	case a.op == opNone || b.op == opNone:
		return nobody
	case a.op == opConst && b.op == opConst:
		if holds(op, a.value, b.value) {
			return everyone
		}
		return nobody
	case a.op == opConst:
		a, b, op = b, a, mirrored(op)
	}
	if b.op == opConst {
		if at, ok := l.interval(op, a, b.value); ok {
			return at
		}
	}
	if at, ok := l.cases(op, a, b); ok {
		return at
	}
	if at, ok := l.sums(op, a, b); ok {
		return at
	}
	c := &compare{op: op, a: a, b: b, need: b.strict(a.strict(nil))}
	k := keyOf(opCompare, nil) + op + a.text() + b.text()
	return l.put(k, node{op: opCompare, calc: c, args: unique(a.tests(b.tests(nil)))})
}

// interval is "a op value" as spans of the only column of a.
func (l *lowerer) interval(op string, a *number, value int64) (at int32, ok bool) {
	way, ok := a.monotone()
	if !ok || way.col < 0 {
		return 0, false
	}
	domain := l.domain(way.col)
	at1 := func(x int64) (int64, bool) { return a.eval(only{way.col, x}) }
	if _, ok := at1(domain.lo); !ok {
		return 0, false
	}
	if _, ok := at1(domain.hi); !ok {
		return 0, false
	}
	in := solve(op, domain, way.rises, func(x int64) int {
		v, _ := at1(x)
		switch {
		case v < value:
			return -1
		case v > value:
			return 1
		}
		return 0
	})
	return l.inSpans(way.col, in), true
}

// only is a row of which one column is known.
type only struct {
	col   int
	value int64
}

func (o only) get(col int) (int64, bool) { return o.value, col == o.col }
func (o only) truth(int32) bool          { return false }

// maxCases bounds how many cases a comparison is taken apart into.
const maxCases = 12

// piece is a number in the case that a node holds.
type piece struct {
	when int32
	n    *number
}

// pieces takes n apart into cases without conditions; ok is false where they
// are too many.
func (l *lowerer) pieces(n *number) (out []piece, ok bool) {
	switch n.op {
	case opConst, opColumn, opNone:
		return []piece{{everyone, n}}, true
	case opCond:
		a, aok := l.pieces(n.a)
		b, bok := l.pieces(n.b)
		if !aok || !bok || len(a)+len(b) > maxCases {
			return nil, false
		}
		for _, p := range a {
			out = append(out, piece{l.and(n.yes, p.when), p.n})
		}
		for _, p := range b {
			out = append(out, piece{l.and(n.no, p.when), p.n})
		}
		return out, true
	}
	a, aok := l.pieces(n.a)
	b, bok := l.pieces(n.b)
	if !aok || !bok || len(a)*len(b) > maxCases {
		return nil, false
	}
	for _, x := range a {
		for _, y := range b {
			out = append(out, piece{l.and(x.when, y.when), l.binary(n.op, x.n, y.n)})
		}
	}
	return out, true
}

// cases compares case by case, where there are conditions and few of them.
func (l *lowerer) cases(op string, a, b *number) (at int32, ok bool) {
	if !a.conditional() && !b.conditional() {
		return 0, false
	}
	pa, aok := l.pieces(a)
	pb, bok := l.pieces(b)
	if !aok || !bok || len(pa)*len(pb) > maxCases {
		return 0, false
	}
	var args []int32
	for _, x := range pa {
		for _, y := range pb {
			args = append(args, l.and(x.when, y.when, l.compareNumbers(op, x.n, y.n)))
		}
	}
	return l.or(args...), true
}

// strict adds the columns without which n has no value: all but those of branches.
func (n *number) strict(into []int) []int {
	switch {
	case n == nil || n.op == opCond:
		return into
	case n.op == opColumn && !slices.Contains(into, n.col):
		return append(into, n.col)
	}
	return n.b.strict(n.a.strict(into))
}

func (n *number) conditional() bool {
	return n != nil && (n.op == opCond || n.a.conditional() || n.b.conditional())
}

// tests adds the nodes that n asks.
func (n *number) tests(into []int32) []int32 {
	if n == nil {
		return into
	}
	if n.op == opCond {
		into = append(into, n.yes, n.no)
	}
	return n.b.tests(n.a.tests(into))
}

// text is n written out, by which equal expressions are known.
func (n *number) text() string {
	if n == nil {
		return "_"
	}
	b := []byte{'(', byte('a' + n.op)}
	for _, v := range []int64{int64(n.col), n.value, int64(n.yes), int64(n.no)} {
		b = append(strconv.AppendInt(b, v, 36), ' ')
	}
	return string(slices.Concat(b, []byte(n.a.text()), []byte(n.b.text()), []byte{')'}))
}
