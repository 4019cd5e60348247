package eligibility

import (
	"math"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// table is an expression over one column, worked out beforehand for each of its
// codes: an age for each day of birth.
type table struct {
	col    int
	values []int32 // by code; noValue where there is none
}

const (
	maxTableBits = 16
	noValue      = math.MinInt32
)

// measure finds out how large n can be, by the codes of its columns, and marks
// what cannot overflow.
func (n *number) measure(columns []column) (e extent) {
	if n == nil {
		return e
	}
	a, b := n.a.measure(columns), n.b.measure(columns)
	switch n.op {
	case opConst:
		e.add(n.value)
	case opColumn:
		e.add(columns[n.col].Base)
		e.add(columns[n.col].raw(columns[n.col].last()))
	case opCond:
		e.join(a)
		e.join(b)
	case opMonths, opDiv: // smaller than its parts
		e = extent{-maxInt, maxInt, a.any && b.any}
		n.tight = true
		return e
	case opAdd, opSub, opMul:
		ok := a.any && b.any
		for _, x := range []int64{a.lo, a.hi} {
			for _, y := range []int64{b.lo, b.hi} {
				v, fits := n.op.apply(x, y)
				ok = ok && fits
				e.add(v)
			}
		}
		if !ok {
			return extent{}
		}
	}
	n.tight = e.any && -maxTight <= e.lo && e.hi <= maxTight
	if !n.tight {
		return extent{}
	}
	return e
}

const maxTight = 1 << 62

// tabulate finds the greatest parts of n that ask one column of few bits and
// cost more than a look-up, and adds a table for each.
func (n *number) tabulate(columns []column, into map[*number]*table, same map[string]*table) {
	if n == nil || n.op == opConst || n.op == opColumn || n.op == opNone {
		return
	}
	if col, ok := n.alone(); ok && columns[col].Bits <= maxTableBits && n.slow() {
		k := n.text()
		t, ok := same[k]
		if !ok {
			t = n.table(col, &columns[col])
			same[k] = t
		}
		if t != nil {
			into[n] = t
			return
		}
	}
	n.a.tabulate(columns, into, same)
	n.b.tabulate(columns, into, same)
}

// alone is the only column that n asks, where it asks no node.
func (n *number) alone() (col int, ok bool) {
	asked := n.columns(nil)
	return append(asked, -1)[0], len(asked) == 1 && len(n.tests(nil)) == 0
}

// slow reports whether n counts months or divides.
func (n *number) slow() bool {
	return n != nil && (n.op == opMonths || n.op == opDiv || n.a.slow() || n.b.slow())
}

// table is nil where a value does not fit.
func (n *number) table(col int, c *column) *table {
	t := &table{col: col, values: make([]int32, c.last()+1)}
	t.values[0] = noValue
	for code := uint64(1); code <= c.last(); code++ {
		v, ok := n.eval(only{col, c.raw(code)})
		switch {
		case !ok:
			t.values[code] = noValue
		case v <= noValue || v > math.MaxInt32:
			return nil
		default:
			t.values[code] = int32(v)
		}
	}
	return t
}

// run puts values in the place of codes.
func (t *table) run(into *vector, lanes *some) {
	for _, at := range lanes.list() {
		value := t.values[into.v[at%Lanes]]
		if into.v[at%Lanes] = int64(value); value == noValue {
			into.known[at>>6%kernel.Words] &^= 1 << (at & 63)
		}
	}
}
