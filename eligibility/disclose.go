package eligibility

import (
	"cmp"
	"math"
	"slices"

	"github.com/tongban/tongban/catalog"
)

// Figure is a count as it may be told: exact where Low is High, else the
// bounds that what else is told leaves anyway. Counts below LeastCohort, none
// among them, are never told.
type Figure struct{ Low, High int }

// Exact reports whether the figure is a count.
func (f Figure) Exact() bool { return f.Low == f.High }

// Small reports whether all that is told is that the count is below LeastCohort.
func (f Figure) Small() bool { return f.Low == 0 && f.High == LeastCohort-1 }

// FigureOf is a count by itself.
func FigureOf(n int) Figure {
	if n < LeastCohort {
		return Figure{0, LeastCohort - 1}
	}
	return Figure{n, n}
}

// Part is a part of a count beside the count itself, such as those of the
// entitled who have it already: it is told only where neither it nor what is
// left is small.
func Part(whole, part int) Figure {
	f, _ := split(FigureOf(whole), part, whole-part)
	return f
}

func (f Figure) plus(g Figure) Figure { return Figure{f.Low + g.Low, f.High + g.High} }

// split is the two parts of a figure.
func split(whole Figure, part, rest int) (Figure, Figure) {
	least := LeastCohort - 1
	switch {
	case !whole.Exact():
		return Figure{0, whole.High}, Figure{0, whole.High}
	case part < LeastCohort:
		return Figure{0, least}, Figure{max(whole.Low-least, 0), whole.High}
	case rest < LeastCohort:
		return Figure{max(whole.Low-least, 0), whole.High}, Figure{0, least}
	}
	return Figure{part, part}, Figure{rest, rest}
}

// Disclosure is a Difference as it may be told: no figure of it is about fewer
// than LeastCohort people, and none can be worked out from the others.
type Disclosure struct {
	ShiftTold
	Areas  []AreaTold
	Ages   []AgeTold
	Before CostTold
	After  CostTold
}

// ShiftTold is a Shift as it may be told.
type ShiftTold struct{ Before, After, Gain, Lose Figure }

// AreaTold is an AreaShift as it may be told.
type AreaTold struct {
	Area string
	ShiftTold
}

// AgeTold is an AgeShift as it may be told.
type AgeTold struct {
	From, To int
	ShiftTold
}

// CostTold is a Cost as it may be told: About where the sum is only near it,
// Hidden where there is no sum to tell.
type CostTold struct {
	Year, Once             int64
	About, Hidden, Without bool
}

// Told is the difference as it may be told.
//
// Three groups do not overlap: who keeps, who loses, who gains. Before is the
// first two and is told elsewhere too, After the first and the third. So where one
// of the three is small, After is told as bounds, not as a count.
func (d Difference) Told() Disclosure {
	t := Disclosure{ShiftTold: d.Shift.told()}
	areas, ages := make([]Shift, len(d.Areas)), make([]Shift, len(d.Ages))
	for i, a := range d.Areas {
		areas[i] = a.Shift
	}
	for i, a := range d.Ages {
		ages[i] = a.Shift
	}
	for i, s := range rowsTold(d.Shift, areas) {
		t.Areas = append(t.Areas, AreaTold{d.Areas[i].Area, s})
	}
	for i, s := range rowsTold(d.Shift, ages) {
		t.Ages = append(t.Ages, AgeTold{d.Ages[i].From, d.Ages[i].To, s})
	}
	t.Before, t.After = d.Before.told(d.Shift.Before, t.ShiftTold.Before), d.After.told(d.Shift.After, t.ShiftTold.After)
	if !t.ShiftTold.After.Exact() { // side by side, both to the same unit
		unit := max(d.Before.unit(d.Shift.Before), d.After.unit(d.Shift.After))
		t.Before, t.After = t.Before.rounded(unit), t.After.rounded(unit)
	}
	return t
}

func (s Shift) told() ShiftTold {
	t := ShiftTold{Before: FigureOf(s.Before), Gain: FigureOf(s.Gain)}
	lose, keep := split(t.Before, s.Lose, s.Before-s.Lose)
	t.Lose, t.After = lose, keep.plus(t.Gain)
	return t
}

// rowsTold is the rows of a table whose last line is total.
func rowsTold(total Shift, rows []Shift) []ShiftTold {
	befores := columnTold(total.Before, rows, func(s Shift) int { return s.Before })
	gains := columnTold(total.Gain, rows, func(s Shift) int { return s.Gain })
	hidden, most := hiddenParts(total, rows, befores)
	told := make([]ShiftTold, len(rows))
	for i, s := range rows {
		t := ShiftTold{Before: befores[i], Gain: gains[i]}
		lose, keep := split(befores[i], s.Lose, s.Before-s.Lose)
		if hidden[i] && befores[i].Exact() {
			lose = Figure{0, min(befores[i].High, most)}
			keep = Figure{befores[i].Low - lose.High, befores[i].High}
		}
		t.Lose, t.After = lose, keep.plus(t.Gain)
		told[i] = t
	}
	return told
}

// columnTold is one column of a table, whose sum is told where it is not small.
func columnTold[T any](total int, rows []T, of func(T) int) []Figure {
	c := Cohort{Total: total, Groups: make([]Group, len(rows))}
	for i, s := range rows {
		c.Groups[i].Count = of(s)
	}
	c.hide()
	rest := 0
	for i, s := range rows {
		if c.Groups[i].Hidden {
			rest += of(s)
		}
	}
	figures := make([]Figure, len(rows))
	for i, s := range rows {
		figures[i] = Figure{of(s), of(s)}
		if c.Groups[i].Hidden {
			figures[i] = Figure{0, max(rest, LeastCohort-1)}
		}
	}
	return figures
}

// hiddenParts says of which rows it is not told how many lose: those where few
// lose or few keep, and as many others as it takes that the sums of those hidden,
// which the last line leaves over, are not small either. most is the sum of those
// who lose in them.
func hiddenParts(total Shift, rows []Shift, befores []Figure) (hidden []bool, most int) {
	hidden = make([]bool, len(rows))
	lose, keep, groups := 0, 0, 0
	hide := func(i int) {
		hidden[i] = true
		if lose, keep = lose+rows[i].Lose, keep+rows[i].Before-rows[i].Lose; rows[i].Before > 0 {
			groups++
		}
	}
	small := func(n int) bool { return n > 0 && n < LeastCohort }
	var others []int
	for i, s := range rows {
		if !befores[i].Exact() || s.Lose < LeastCohort || s.Before-s.Lose < LeastCohort {
			hide(i)
			continue
		}
		others = append(others, i)
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(rows[a].Before, rows[b].Before) })
	for _, i := range others {
		if !small(lose) && !small(keep) && (groups != 1 || lose == 0 || keep == 0) {
			break
		}
		hide(i)
	}
	if total.Lose < LeastCohort {
		lose = 0
	}
	return hidden, max(lose, LeastCohort-1)
}

// told is a cost as it may be told, of so many of whom this much is told.
func (c Cost) told(n int, f Figure) CostTold {
	switch {
	case c.Without:
		return CostTold{Without: true}
	case f.Low == 0 || c.Known < LeastCohort:
		return CostTold{Hidden: true}
	}
	return CostTold{Year: c.Year, Once: c.Once, About: c.Known < n}
}

// unit is what a small group costs, at the least, as 1, 2 or 5 and noughts: sums
// rounded to it do not say whether there are a few more or a few less.
func (c Cost) unit(n int) int64 {
	few := float64(LeastCohort) * float64(c.Year+c.Once) / float64(max(n, 1))
	unit := math.Pow(10, math.Floor(math.Log10(max(few, 1))))
	for _, times := range []float64{1, 2, 5} {
		if times*unit >= few {
			return int64(times * unit)
		}
	}
	return int64(10 * unit)
}

func (c CostTold) rounded(unit int64) CostTold {
	if c.Without || c.Hidden {
		return c
	}
	c.Year, c.Once, c.About = (c.Year+unit/2)/unit*unit, (c.Once+unit/2)/unit*unit, true
	return c
}

// CountTold is a Count as it may be told.
type CountTold struct {
	Yes      Figure
	Held     Figure   // of Yes
	Near     Figure   // who lack one condition, whichever
	Nearness []Figure // by condition, as Count.Near has them
	Cost     CostTold
}

// Told is a count of p, made with Options.Near and Options.Amounts, as it may be
// told.
func (c Count) Told(p *catalog.Policy) CountTold {
	t := CountTold{Yes: FigureOf(c.Yes), Held: Part(c.Yes, c.Held), Cost: costOf(p, c).told(c.Yes, FigureOf(c.Yes))}
	near := 0
	for _, m := range c.Near {
		near += m.Count
	}
	t.Near, t.Nearness = FigureOf(near), columnTold(near, c.Near, func(m Missed) int { return m.Count })
	return t
}
