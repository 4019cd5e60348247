package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (t Table) pick() string { return cmp.Or(t.Pick, PickFirst) }

// Rule is the table as one CEL expression with a whole number for a value.
func (t Table) Rule() string {
	switch t.pick() {
	case PickSum:
		return folded(t.Rows, func(sum, row string) string { return sum + " + " + bracket(row) })
	case PickMax:
		if rows, ok := descending(t.Rows); ok {
			return chain(rows)
		}
		return folded(t.Rows, func(greatest, row string) string { return "max(" + greatest + ", " + row + ")" })
	}
	return chain(t.Rows)
}

// chain is the value of the first row that holds.
func chain(rows []TableRow) string {
	var b strings.Builder
	for _, r := range rows {
		if r.When == "" {
			return b.String() + bracket(r.Value)
		}
		fmt.Fprintf(&b, "%s ? %s : ", bracket(r.When), bracket(r.Value))
	}
	return b.String() + "0"
}

// folded joins the rows, each 0 where it does not hold.
func folded(rows []TableRow, join func(all, row string) string) string {
	all := "0"
	for i, r := range rows {
		row := chain([]TableRow{r})
		if i == 0 {
			all = bracket(row)
			continue
		}
		all = join(all, row)
	}
	return all
}

// descending sorts rows by their values, the greatest first, where all values
// are numbers written out: then the greatest that holds is the first that does,
// and a smaller row that is unknown does not make it unknown.
func descending(rows []TableRow) ([]TableRow, bool) {
	values := make(map[string]int64, len(rows))
	for _, r := range rows {
		n, err := strconv.ParseInt(strings.TrimSpace(r.Value), 10, 64)
		if err != nil {
			return nil, false
		}
		values[r.Value] = n
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b TableRow) int { return cmp.Compare(values[b.Value], values[a.Value]) })
	return rows, true
}

// bracket puts an expression in brackets. A comment at its end must not hide
// the bracket.
func bracket(src string) string {
	if strings.Contains(src, "//") {
		return "(" + src + "\n)"
	}
	return "(" + src + ")"
}

// ScoreRule is the sum of the score tables as one CEL expression; "" where
// there are none.
func (p *Policy) ScoreRule() string { return total(p.Score) }

// AmountRule is the amount as one CEL expression in whole yuan; "" where there
// are no tables.
func (p *Policy) AmountRule() string {
	if p.Amount == nil {
		return ""
	}
	sum := total(p.Amount.Tables)
	if p.Amount.Cap > 0 && sum != "" {
		return fmt.Sprintf("min(%s, %d)", sum, p.Amount.Cap)
	}
	return sum
}

func total(tables []Table) string {
	var parts []string
	for _, t := range tables {
		parts = append(parts, bracket(t.Rule()))
	}
	return strings.Join(parts, " + ")
}
