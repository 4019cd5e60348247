package desk

import (
	"context"
	"strconv"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/web/ui"
)

// figure is a count as it may be told, in words.
func figure(ctx context.Context, f eligibility.Figure) string {
	number := func(n int) string { return ui.Yuan(100 * int64(n)) }
	switch {
	case f.Exact():
		return number(f.Low)
	case f.Small():
		return ui.T(ctx, "rule.few", "n", eligibility.LeastCohort)
	case f.Low == 0:
		return ui.T(ctx, "rule.hidden")
	}
	return ui.T(ctx, "rule.between", "from", number(f.Low), "to", number(f.High))
}

// cost is what a policy costs, in words.
func cost(ctx context.Context, c eligibility.CostTold) string {
	switch {
	case c.Without:
		return ui.T(ctx, "rule.cost.none")
	case c.Hidden:
		return ui.T(ctx, "rule.hidden")
	}
	key, sum := "rule.cost.year", c.Year
	if c.Once > 0 {
		key, sum = "rule.cost.once", c.Once
	}
	if c.About {
		return ui.T(ctx, "rule.cost.about", "sum", ui.T(ctx, key, "sum", ui.Yuan(100*sum)))
	}
	return ui.T(ctx, key, "sum", ui.Yuan(100*sum))
}

// middle is the middle of what is told, for a bar.
func middle(f eligibility.Figure) float64 { return float64(f.Low+f.High) / 2 }

// where says where in its text a mistake is, before the mistake itself.
func where(ctx context.Context, m misplaced) string {
	if m.Line == 0 {
		return ""
	}
	return ui.T(ctx, "rule.desk.where", "line", m.Line, "col", m.Col)
}

// told is a mistake in one line: in which rule, where in it, and what.
func told(ctx context.Context, m misplaced) string {
	return ui.T(ctx, "rule.desk.told", "rule", m.Label, "what", where(ctx, m)+ui.In(ctx, m.Message))
}

// amountsTitle heads the tables of amounts, with the unit of their rows.
func amountsTitle(ctx context.Context, a *catalog.Amount) string {
	switch a.Per {
	case catalog.PerMonth:
		return ui.T(ctx, "rule.desk.amountsMonth")
	case catalog.PerYear:
		return ui.T(ctx, "rule.desk.amountsYear")
	}
	return ui.T(ctx, "rule.desk.amountsOnce")
}

// wrongID is the id of a mistake at its field.
func wrongID(key string, i int) string { return key + "-error-" + strconv.Itoa(i) }

// rowsOf is how many lines a text area shows of a rule.
func rowsOf(text string) string {
	n := 0
	for line := range strings.Lines(text) {
		n += 1 + len([]rune(line))/60
	}
	return strconv.Itoa(min(max(n, 1), 12))
}

// pickWord says how the rows of a table are put together.
func pickWord(ctx context.Context, pick string) string {
	switch pick {
	case catalog.PickMax:
		return ui.T(ctx, "rule.desk.pickMax")
	case catalog.PickSum:
		return ui.T(ctx, "rule.desk.pickSum")
	}
	return ui.T(ctx, "rule.desk.pickFirst")
}
