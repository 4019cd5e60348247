package eligibility

import (
	"cmp"
	"math"
	"slices"
)

// span is the raw values from lo to hi, both among them.
type span struct{ lo, hi int64 }

// spans is a set of raw values: sorted spans that neither touch nor overlap.
type spans []span

func everything() spans { return spans{{math.MinInt64, math.MaxInt64}} }

func (s spans) has(v int64) bool {
	for _, x := range s {
		if v >= x.lo && v <= x.hi {
			return true
		}
	}
	return false
}

// not is every value that s lacks.
func (s spans) not() spans {
	var out spans
	from := int64(math.MinInt64)
	for _, x := range s {
		if x.lo > from {
			out = append(out, span{from, x.lo - 1})
		}
		if x.hi == math.MaxInt64 {
			return out
		}
		from = x.hi + 1
	}
	return append(out, span{from, math.MaxInt64})
}

// and is the values that both have.
func (s spans) and(t spans) spans {
	var out spans
	for i, j := 0, 0; i < len(s) && j < len(t); {
		lo, hi := max(s[i].lo, t[j].lo), min(s[i].hi, t[j].hi)
		if lo <= hi {
			out = append(out, span{lo, hi})
		}
		if s[i].hi < t[j].hi {
			i++
		} else {
			j++
		}
	}
	return out
}

// or is the values that either has.
func (s spans) or(t spans) spans {
	all := slices.Concat(s, t)
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.lo, b.lo) })
	var out spans
	for _, x := range all {
		if n := len(out); n > 0 && (out[n-1].hi == math.MaxInt64 || x.lo <= out[n-1].hi+1) {
			out[n-1].hi = max(out[n-1].hi, x.hi)
			continue
		}
		out = append(out, x)
	}
	return out
}
