package outreach

import (
	"math"

	"github.com/tongban/tongban/workday"
)

// Worth is what an offer is ranked by.
type Worth struct {
	Yearly    int64        // yuan in the first year; 0 where nothing is paid or the sum is not known
	Deadline  workday.Date // the last day to take it up; zero: none
	Documents int          // pieces of evidence that the party itself must hand in
	Made      workday.Date // since when it is offered
}

const (
	perDoubling = 40  // for each doubling of the sum
	unpaid      = 100 // of what pays nothing, a right or a permit: as much as about five yuan
	deadline    = 120 // on the last day; less by four for each day before it
	perPaper    = 15  // less for each piece of evidence, up to six
	fresh       = 30  // on its first day; less by one for each day after it
)

// Rank says how high an offer stands on a day, the higher the better. Money
// counts by its order of magnitude, so that a subsidy of a million does not push
// everything else away; then come how soon it is over, how little must be handed
// in, and how new it is. With the rest equal more money is never ranked lower,
// nor a nearer deadline, nor fewer documents, nor a newer offer.
func Rank(w Worth, today workday.Date) int64 {
	score := int64(unpaid)
	if w.Yearly > 0 {
		score = max(score, int64(math.Log2(float64(w.Yearly))*perDoubling))
	}
	if !w.Deadline.IsZero() {
		score += max(0, deadline-4*int64(max(0, w.Deadline.Sub(today))))
	}
	score -= perPaper * int64(min(max(w.Documents, 0), 6))
	if !w.Made.IsZero() {
		score += max(0, fresh-int64(max(0, today.Sub(w.Made))))
	}
	return score
}

// yearly is what an amount comes to in the first year.
func yearly(amount int64, per string) int64 {
	if per == "month" {
		return 12 * amount
	}
	return amount
}
