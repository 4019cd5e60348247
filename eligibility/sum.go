package eligibility

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// sum is a sum of constants under conditions, such as a score. It is added up
// bit by bit for 64 subjects at once: bit p of the sums is one word.
type sum struct {
	terms [][]addend // of each term at most one addend applies
	width int        // bits of the greatest sum
}

// addend is what a term adds where a node holds; value is 0 or more.
type addend struct {
	when  int32
	value uint64
}

// maxSum bounds the magnitude of a sum, so that nothing can overflow.
const maxSum = 1 << 40

// sums compares two numbers whose difference is a sum of constants under
// conditions; ok is false where it is anything else.
func (l *lowerer) sums(op string, a, b *number) (at int32, ok bool) {
	s, offset := &sum{}, int64(0)
	if !l.addTerms(s, &offset, a, 1) || !l.addTerms(s, &offset, b, -1) {
		return 0, false
	}
	var greatest uint64
	var k strings.Builder
	var args []int32
	for _, term := range s.terms {
		var most uint64
		k.WriteByte(';')
		for _, x := range term {
			most = max(most, x.value)
			args = append(args, x.when)
			fmt.Fprintf(&k, "%d:%d,", x.when, x.value)
		}
		greatest += most
	}
	s.width = bits.Len64(greatest)
	in := solve(op, span{0, int64(greatest)}, true, func(v int64) int {
		switch v += offset; {
		case v < 0:
			return -1
		case v > 0:
			return 1
		}
		return 0
	})
	return l.put(key(opSum, 0, in.numbers()...)+k.String(), node{op: opSum, in: in, sum: s, args: unique(args)}), true
}

// addTerms adds sign*n to the sum; what makes addends 0 or more goes into the
// offset.
func (l *lowerer) addTerms(s *sum, offset *int64, n *number, sign int64) bool {
	switch n.op {
	case opAdd:
		return l.addTerms(s, offset, n.a, sign) && l.addTerms(s, offset, n.b, sign)
	case opSub:
		return l.addTerms(s, offset, n.a, sign) && l.addTerms(s, offset, n.b, -sign)
	}
	pieces, ok := l.pieces(n)
	if !ok || len(s.terms) > 200 {
		return false
	}
	var term []addend
	least := int64(maxSum)
	for _, p := range pieces {
		switch {
		case p.n.op == opNone:
			continue
		case p.n.op != opConst || p.n.value > maxSum/1000 || p.n.value < -maxSum/1000:
			return false
		}
		least = min(least, sign*p.n.value)
	}
	for _, p := range pieces {
		if p.n.op == opConst {
			term = append(term, addend{p.when, uint64(sign*p.n.value - least)})
		}
	}
	if len(term) > 0 {
		*offset += least
	}
	s.terms = append(s.terms, term)
	return true
}

// run sets the lanes of which every term is known and the sum is in a set.
func (s *sum) run(dst *kernel.Bitmap, arena []kernel.Bitmap, slots []uint32, in spans) {
	var planes, add [64]uint64
	for w := range dst {
		known := ^uint64(0)
		clear(planes[:s.width])
		for _, term := range s.terms {
			clear(add[:s.width])
			var some uint64
			for _, x := range term {
				when := arena[slots[x.when]][w]
				some |= when
				for v := x.value; v != 0; v &= v - 1 {
					add[bits.TrailingZeros64(v)] |= when
				}
			}
			if known &= some; known == 0 {
				break
			}
			var carry uint64
			for p := range s.width {
				a, b := planes[p], add[p]
				planes[p] = a ^ b ^ carry
				carry = a&b | carry&(a^b)
			}
		}
		if known != 0 {
			known &= within(planes[:s.width], in)
		}
		dst[w] = known
	}
}

// within is the subjects whose sums are in a set; a plane is a bit of the sums.
func within(planes []uint64, in spans) (out uint64) {
	for _, x := range in {
		out |= atLeast(planes, uint64(x.lo)) &^ atLeast(planes, uint64(x.hi)+1)
	}
	return out
}

func atLeast(planes []uint64, value uint64) uint64 {
	if bits.Len64(value) > len(planes) {
		return 0
	}
	more, same := uint64(0), ^uint64(0)
	for p := len(planes) - 1; p >= 0; p-- {
		if value>>p&1 == 1 {
			same &= planes[p]
		} else {
			more |= same & planes[p]
			same &^= planes[p]
		}
	}
	return more | same
}

// has is the same of one subject.
func (s *sum) has(r row, in spans) bool {
	var total int64
	for _, term := range s.terms {
		known := false
		for _, x := range term {
			if r.truth(x.when) {
				total += int64(x.value)
				known = true
				break
			}
		}
		if !known {
			return false
		}
	}
	return in.has(total)
}
