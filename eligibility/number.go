package eligibility

import (
	"math"
	"math/bits"
)

// number is an expression over the columns of one subject, in raw values.
type number struct {
	op    numberOp
	col   int   // opColumn
	value int64 // opConst
	a, b  *number
	yes   int32 // opCond: the nodes of those for whom the test holds
	no    int32 // and does not
	tight bool  // no value of it, or on the way to it, needs more than 62 bits, strays apart
}

type numberOp uint8

const (
	opConst numberOp = iota
	opColumn
	opAdd
	opSub
	opMul
	opDiv
	opMonths // completed months from day a to day b
	opCond   // a where yes, b where no
	opNone   // unknown
)

// row is one subject as expressions and nodes see it.
type row interface {
	get(column int) (raw int64, ok bool)
	truth(node int32) bool
}

// eval is the value for one subject; ok is false where it is unknown.
func (n *number) eval(r row) (v int64, ok bool) {
	switch n.op {
	case opConst:
		return n.value, true
	case opColumn:
		return r.get(n.col)
	case opNone:
		return 0, false
	case opCond:
		switch {
		case r.truth(n.yes):
			return n.a.eval(r)
		case r.truth(n.no):
			return n.b.eval(r)
		}
		return 0, false
	}
	a, ok := n.a.eval(r)
	if !ok {
		return 0, false
	}
	b, ok := n.b.eval(r)
	if !ok {
		return 0, false
	}
	return n.op.apply(a, b)
}

// apply is an operator on two known values; ok is false where it overflows or
// divides by zero.
func (op numberOp) apply(a, b int64) (v int64, ok bool) {
	switch op {
	case opAdd:
		v = a + b
		return v, (a^v)&(b^v) >= 0
	case opSub:
		v = a - b
		return v, (a^b)&(a^v) >= 0
	case opMul:
		return multiply(a, b)
	case opDiv:
		if b == 0 || a == math.MinInt64 && b == -1 {
			return 0, false
		}
		return a / b, true
	case opMonths:
		return (monthKey(b) - monthKey(a)) / keysAMonth, true
	}
	return 0, false
}

func multiply(a, b int64) (int64, bool) {
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > 1<<63 || lo == 1<<63 && !negative {
		return 0, false
	}
	if negative {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// keysAMonth is more than the days of any month, so that keys of dates divide
// into completed months: cut off towards zero, in both directions alike.
const keysAMonth = 31

// monthKey is 31 keys for each month since year 0, plus the day of the month
// from 0. (Days to civil date: Howard Hinnant, chrono-compatible algorithms.)
func monthKey(day int64) int64 {
	z := day + dayZero + 305 // days since 0000-03-01
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := doy - (153*mp+2)/5
	return ((yoe+era*400)*12+mp+2)*keysAMonth + d
}

// line is what is known of an expression over exactly one column: whether it
// grows or falls with it.
type line struct {
	col   int // -1: none, the expression is constant
	rises bool
}

// monotone finds out whether n never falls, or never rises, as its only column
// does; ok is false where that cannot be told.
func (n *number) monotone() (l line, ok bool) {
	switch n.op {
	case opConst:
		return line{-1, true}, true
	case opColumn:
		return line{n.col, true}, true
	case opCond, opNone:
		return l, false
	}
	a, aok := n.a.monotone()
	b, bok := n.b.monotone()
	switch {
	case !aok || !bok || a.col >= 0 && b.col >= 0:
		return l, false
	case a.col < 0 && b.col < 0:
		return line{-1, true}, true
	}
	switch left := a.col >= 0; n.op {
	case opAdd:
		if left {
			return a, true
		}
		return b, true
	case opSub, opMonths: // a falls in months, and so does b in a difference
		rises := n.op == opSub
		if left {
			return line{a.col, a.rises == rises}, true
		}
		return line{b.col, b.rises != rises}, true
	case opMul:
		l, factor := a, n.b
		if !left {
			l, factor = b, n.a
		}
		return l.times(factor)
	case opDiv:
		if left {
			return a.times(n.b)
		}
	}
	return l, false
}

func (l line) times(factor *number) (line, bool) {
	v, ok := factor.eval(nil)
	if !ok {
		return l, false
	}
	return line{l.col, l.rises == (v >= 0)}, true
}
