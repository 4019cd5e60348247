package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/source"
)

// Problem is one fault of a pack: where it is, what is wrong and what to do
// about it, in both languages. String is "file:line:col message fix".
type Problem = source.Problem

// sortProblems puts problems in the order in which one would read the files,
// and drops those that say the same twice.
func sortProblems(all []Problem) []Problem {
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.Compact(all)
}

// nearest is the name that a slip of the pen may have meant: at most two edits
// away and less than a third of its length; "" where there is none.
func nearest(word string, names []string) string {
	best, found := 3, ""
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := edits(word, name, best); d < best && 3*d < max(len(word), len(name)) {
			best, found = d, name
		}
	}
	return found
}

// edits is the Levenshtein distance of two words in characters, or bound where
// it is not below that.
func edits(a, b string, bound int) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if len(x)-len(y) >= bound || len(y)-len(x) >= bound {
		return bound
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := diagonal
			if r != s {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return min(row[len(y)], bound)
}
