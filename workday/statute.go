package workday

import (
	"time"

	"github.com/tongban/tongban/internal/i18n"
)

// Provision is a time limit that the law itself sets. A city may commit itself
// to less, never to more.
type Provision int

// The provisions, by whose turn it is.
const (
	Supplement        Provision = iota // the agency: tell once, whole, what is missing; silence means accepted
	Decision                           // the agency: decide, from acceptance on
	DecisionExtension                  // the agency: once, with approval and reasons told
	JointDecision                      // several agencies together: decide
	JointExtension                     // several agencies together: once, with approval and reasons told
	Delivery                           // the agency: hand over the licence, from the decision on
	Hearing                            // the agency: hold a hearing that was asked for
	HearingRequest                     // the applicant: ask for a hearing, once told of the right to it
	Review                             // the applicant: ask for administrative review of the decision
	Suit                               // the applicant: go to court against the decision
)

// Limit is what a provision says. A limit in working days counts neither the day
// of the event nor public holidays; the others are calendar time.
type Limit struct {
	Name          i18n.Text
	Period        Period
	Citation      i18n.Text
	EffectiveDate Date // the day on which this wording of the law came into force
}

// Limits lists every provision.
func Limits() map[Provision]Limit {
	permit := func(article i18n.Text) i18n.Text { return i18n.M("statute.permit", "article", article) }
	from2004 := civil(2004, 7, 1)
	return map[Provision]Limit{
		Supplement: {i18n.M("statute.supplement"), Period{WorkDays: 5}, permit(i18n.M("statute.art32")), from2004},
		Decision:   {i18n.M("statute.decision"), Period{WorkDays: 20}, permit(i18n.M("statute.art42")), from2004},
		DecisionExtension: {i18n.M("statute.decisionExtension"), Period{WorkDays: 10},
			permit(i18n.M("statute.art42")), from2004},
		JointDecision: {i18n.M("statute.joint"), Period{WorkDays: 45}, permit(i18n.M("statute.art42joint")), from2004},
		JointExtension: {i18n.M("statute.jointExtension"), Period{WorkDays: 15},
			permit(i18n.M("statute.art42joint")), from2004},
		Delivery:       {i18n.M("statute.delivery"), Period{WorkDays: 10}, permit(i18n.M("statute.art44")), from2004},
		Hearing:        {i18n.M("statute.hearing"), Period{WorkDays: 20}, permit(i18n.M("statute.art47")), from2004},
		HearingRequest: {i18n.M("statute.hearingRequest"), Period{WorkDays: 5}, permit(i18n.M("statute.art47")), from2004},
		Review:         {i18n.M("statute.review"), Period{Days: 60}, i18n.M("statute.reviewLaw"), civil(2024, 1, 1)},
		Suit:           {i18n.M("statute.suit"), Period{Months: 6}, i18n.M("statute.suitLaw"), civil(2015, 5, 1)},
	}
}

func civil(year int, month time.Month, day int) Date {
	d, _ := DateFrom(year, month, day)
	return d
}

// Limit is what the provision says.
func (p Provision) Limit() Limit { return Limits()[p] }

// Citation is the article that sets the limit.
func (p Provision) Citation() i18n.Text { return p.Limit().Citation }

// EffectiveDate is the day on which the article came into force.
func (p Provision) EffectiveDate() Date { return p.Limit().EffectiveDate }

// By is the instant until which the provision gives time, from an event on:
// receipt for Supplement, acceptance for Decision, the decision for Delivery,
// Review and Suit.
func (c *Calendar) By(p Provision, event time.Time) time.Time {
	return c.After(event, p.Limit().Period)
}

// Stop is a time during which a limit does not run: a special procedure (hearing,
// test, inspection, expert review: 行政许可法 art. 45) or an applicant who is to
// supplement. A zero Until is a stop that still lasts.
type Stop struct{ From, Until time.Time }

// DeadlineWithStops is Deadline where the clock stood still at times: a working
// day counts when the clock runs at its end. A stop that begins and ends within
// one day costs nothing; those that overlap count once. While a stop lasts there
// is no deadline, and running is false.
func (c *Calendar) DeadlineWithStops(from time.Time, workdays int, stops []Stop) (deadline time.Time, running bool) {
	last := c.Add(DateOf(from, c.zone), workdays)
	for _, stop := range merged(stops) {
		first := DateOf(stop.From, c.zone)
		if begin := DateOf(from, c.zone).AddDays(1); first.Before(begin) {
			first = begin // days up to the first are not counted anyway
		}
		if first.After(last) {
			break
		}
		if stop.Until.IsZero() {
			return time.Time{}, false
		}
		resumed := DateOf(stop.Until, c.zone)
		if resumed.After(first) {
			last = c.Add(last, c.Between(first.AddDays(-1), resumed.AddDays(-1)))
		}
	}
	return c.End(last), true
}
