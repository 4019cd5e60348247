package eligibility

import (
	"math"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// lowerer turns formulas into nodes over the columns of one population.
type lowerer struct {
	*graph
	schema *Schema
	words  func(col int) []string // the dictionary of a text column
	day    workday.Date
	texts  map[string]int32 // text questions that were already asked
}

// formula is the node of those for whom f is Yes (want) or No (not want). Those
// for whom it is Unknown are in neither.
func (l *lowerer) formula(f criterion.Formula, want bool) int32 {
	switch f := f.(type) {
	case criterion.Const:
		if f.Value == want {
			return everyone
		}
	case criterion.And:
		return l.parts(f.Parts, want, want)
	case criterion.Or:
		return l.parts(f.Parts, want, !want)
	case criterion.Not:
		return l.formula(f.Part, !want)
	case criterion.Choose:
		return l.or(
			l.and(l.formula(f.If, true), l.formula(f.Then, want)),
			l.and(l.formula(f.If, false), l.formula(f.Else, want)))
	case criterion.Known:
		known := l.known(f.Var)
		if want {
			return known
		}
		return l.rest(known)
	case criterion.Is:
		if col, ok := l.schema.at[f.Var]; ok {
			v := int64(b2i(want))
			return l.inSpans(col, spans{{v, v}})
		}
	case criterion.Text:
		return l.text(f, want)
	case criterion.Compare:
		return l.compare(f, want)
	}
	return nobody
}

// parts joins parts by and, or else by or: what a conjunction affirms and what a
// disjunction denies needs all of them.
func (l *lowerer) parts(parts []criterion.Formula, want, all bool) int32 {
	args := make([]int32, len(parts))
	for i, p := range parts {
		args[i] = l.formula(p, want)
	}
	if all {
		return l.and(args...)
	}
	return l.or(args...)
}

func (l *lowerer) known(name string) int32 {
	if col, ok := l.schema.at[name]; ok {
		return l.inSpans(col, everything())
	}
	return nobody
}

// text asks the dictionary once and the subjects by codes.
func (l *lowerer) text(f criterion.Text, want bool) int32 {
	col, ok := l.schema.at[f.Var]
	if !ok {
		return nobody
	}
	question := key(opWords, col, int64(b2i(want))) + f.Op
	for _, v := range f.Values {
		question += "\x00" + v
	}
	if at, ok := l.texts[question]; ok {
		return at
	}
	words := l.words(col)
	set := make(wordSet, (len(words)+63)/64)
	numbers := make([]int64, len(set))
	for i, word := range words {
		if f.Holds(word) == want {
			set[i>>6] |= 1 << (i & 63)
		}
	}
	for i, w := range set {
		numbers[i] = int64(w)
	}
	at := l.put(key(opWords, col, numbers...), node{op: opWords, col: col, words: set})
	l.texts[question] = at
	return at
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// opposite is what a comparison denies: of known values exactly one of the two
// holds.
var opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

func (l *lowerer) compare(f criterion.Compare, want bool) int32 {
	op := f.Op
	if !want {
		op = opposite[op]
	}
	if literal, ok := f.Right.(criterion.Float64); ok {
		v, ok := f.Left.(criterion.Var)
		col, there := l.schema.at[v.Name]
		if !ok || !there {
			return nobody
		}
		return l.inSpans(col, l.decimals(col, op, literal.Value))
	}
	return l.compareNumbers(op, l.number(f.Left), l.number(f.Right))
}

// decimals is the raw values that compare so with a number written out. It asks
// the very doubles that a rule sees.
func (l *lowerer) decimals(col int, op string, literal float64) spans {
	unit := math.Pow10(l.schema.attributes[col].Decimals)
	return solve(op, span{math.MinInt64 + 1, math.MaxInt64}, true, func(raw int64) int {
		switch v := float64(raw) / unit; {
		case v < literal:
			return -1
		case v > literal:
			return 1
		}
		return 0
	})
}

// number lowers a number; what has no column is folded.
func (l *lowerer) number(n criterion.Number) *number {
	switch n := n.(type) {
	case criterion.Int64:
		return &number{value: n.Value}
	case criterion.Day:
		return &number{value: rawDay(n.Value)}
	case criterion.Today:
		return &number{value: rawDay(l.day)}
	case criterion.Var:
		if col, ok := l.schema.at[n.Name]; ok {
			return &number{op: opColumn, col: col}
		}
	case criterion.Age:
		return l.binary(opDiv, l.binary(opMonths, l.number(n.From), l.number(n.To)), &number{value: 12})
	case criterion.Months:
		return l.binary(opMonths, l.number(n.From), l.number(n.To))
	case criterion.Days:
		return l.binary(opSub, l.number(n.To), l.number(n.From))
	case criterion.Add:
		return l.binary(opAdd, l.number(n.Left), l.number(n.Right))
	case criterion.Sub:
		return l.binary(opSub, l.number(n.Left), l.number(n.Right))
	case criterion.Mul:
		return l.binary(opMul, l.number(n.Left), l.number(n.Right))
	case criterion.Div:
		return l.binary(opDiv, l.number(n.Left), l.number(n.Right))
	case criterion.Cond:
		return l.cond(l.formula(n.If, true), l.formula(n.If, false), l.number(n.Then), l.number(n.Else))
	}
	return &number{op: opNone}
}

func (l *lowerer) cond(yes, no int32, a, b *number) *number {
	switch {
	case yes == everyone:
		return a
	case no == everyone:
		return b
	case yes == nobody && no == nobody:
		return &number{op: opNone}
	}
	return &number{op: opCond, yes: yes, no: no, a: a, b: b}
}

func (l *lowerer) binary(op numberOp, a, b *number) *number {
	switch {
	case a.op == opNone || b.op == opNone:
		return &number{op: opNone}
	case a.op == opConst && b.op == opConst:
		v, ok := op.apply(a.value, b.value)
		if !ok {
			return &number{op: opNone}
		}
		return &number{value: v}
	}
	return &number{op: op, a: a, b: b}
}

// columns adds the columns that n reads.
func (n *number) columns(into []int) []int {
	switch {
	case n == nil:
	case n.op == opColumn && !slices.Contains(into, n.col):
		into = append(into, n.col)
	default:
		into = n.b.columns(n.a.columns(into))
	}
	return into
}
