package portal

import (
	"context"
	"net/http"
	"slices"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// forYouView is what someone is entitled to, and of what one condition is
// missing.
type forYouView struct {
	outreach.View
	Undo     string                 // the offer that was just taken off the list; empty: none
	Arranged int                    // grants that come without applying, and are not over
	Past     map[string]grant.Grant // the last of those that are, by policy
}

// Gone is the offer that was just taken off the list.
func (v forYouView) Gone() (outreach.Card, bool) {
	i := slices.IndexFunc(v.Dismissed, func(c outreach.Card) bool { return c.ID == v.Undo })
	if i < 0 {
		return outreach.Card{}, false
	}
	return v.Dismissed[i], true
}

func (p *portal) forYou(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.Offers.Look(ctx, principal(ctx).Actor)
	if err != nil {
		return err
	}
	grants, err := p.Grants.Of(ctx, principal(ctx), session(ctx).For.ID)
	if err != nil && !fault.Is(err, fault.Denied) {
		return err
	}
	page := forYouView{View: v, Undo: r.URL.Query().Get("dismissed"), Past: map[string]grant.Grant{}}
	for _, g := range slices.Backward(grants) { // the newest is the first
		if g.Status.Over() {
			page.Past[g.Policy] = g
		} else {
			page.Arranged++
		}
	}
	return p.show(ctx, w, r, p.forYouPage(page))
}

// applyForOffer opens the prefilled draft of an offer's service.
func (p *portal) applyForOffer(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	one, err := p.Offers.Begin(ctx, principal(ctx).Actor, r.PathValue("offer"))
	if err != nil {
		return err
	}
	if one.Service == "" {
		return notFound("portal.applyForOffer")
	}
	d, err := p.Office.OpenDraft(ctx, principal(ctx), casework.Target{Service: one.Service})
	if err != nil {
		return err
	}
	return gone(w, r, p.resume(d))
}

func (p *portal) dismissOffer(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("offer")
	err := p.Offers.Dismiss(ctx, principal(ctx).Actor, id)
	if err != nil && !fault.Is(err, fault.Conflict) { // gone by itself meanwhile: as wished
		return err
	}
	return gone(w, r, path.ForYou+"?dismissed="+id)
}

func (p *portal) undoOffer(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	err := p.Offers.Undo(ctx, principal(ctx).Actor, r.PathValue("offer"))
	if err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return gone(w, r, path.ForYou)
}

// found is how many offers wait for whom the reader acts for, and whether the
// reader may see them. A page is shown without the number rather than not at all.
func (p *portal) found(ctx context.Context) (n int, may bool) {
	if !signedIn(ctx) {
		return 0, false
	}
	actor := principal(ctx).Actor
	err := p.Offers.May(ctx, p.DB.Reader(), actor)
	if err == nil {
		n, err = p.Offers.Count(ctx, actor.For)
	}
	if err != nil && !fault.Is(err, fault.Denied) {
		p.Log.WarnContext(ctx, "offers not counted", "error", err)
	}
	return n, err == nil
}

// online reports whether one can apply for the offer here and now.
func (p *portal) online(c outreach.Card) bool {
	o, ok := p.offer(c.Service)
	return ok && o.Now.Online() && !c.Ahead && !c.Granted
}

// answers names the agency that answers for a policy, with its telephone.
func (p *portal) answers(policy *catalog.Policy) catalog.Agency {
	a, _ := p.City.Agency(policy.Agency)
	return a
}

// phone is where to ask about a policy: the agency's, else the city's number.
func (p *portal) phone(policy *catalog.Policy) string {
	if a := p.answers(policy); a.Phone != "" {
		return a.Phone
	}
	return p.City.Profile.Hotline
}

// papers says how much an applicant must hand in.
func papers(ctx context.Context, n int) string {
	if n == 0 {
		return ui.T(ctx, "portal.forYou.noPapers")
	}
	return ui.T(ctx, "portal.forYou.papers", "n", n)
}

// unknown reports whether the city lacks a fact for the condition.
func unknown(c eligibility.ConditionResult) bool { return c.Verdict == criterion.Unknown }

// lacking are the facts of a condition that the city does not have.
func lacking(ctx context.Context, c eligibility.ConditionResult) string {
	var words []string
	for _, f := range c.Facts {
		if !f.Known {
			words = append(words, ui.In(ctx, f.Label))
		}
	}
	return ways(ctx, words, func(_ context.Context, s string) string { return s })
}

// met are the conditions that hold.
func met(d eligibility.Decision) []eligibility.ConditionResult {
	return slices.DeleteFunc(slices.Clone(d.Conditions), func(c eligibility.ConditionResult) bool { return c.Verdict != criterion.Yes })
}
