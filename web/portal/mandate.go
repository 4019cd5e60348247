package portal

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// mandatesView is who may act for someone, and for whom they may act.
type mandatesView struct {
	Given  []mandateLine
	Held   []mandateLine
	Groups []group // services that one may give a mandate for
	May    bool    // give mandates: the principal, never an agent
	Typed  grantForm
	Wrong  []fault.Field
	Done   bool
}

type mandateLine struct {
	party.Mandate
	Other    string // the agent's or the principal's name
	Live     bool
	Services string // empty: all
}

// grantForm is what was typed.
type grantForm struct {
	Name, Number, Kind string
	Months             int
	Services           []string
}

// months are the lengths that are offered, the house's limit for a helper
// being two years.
var months = []int{1, 6, 12, 24}

func (p *portal) mandates(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.mandatesView(ctx)
	if err != nil {
		return err
	}
	v.Done = r.URL.Query().Has("done")
	v.Typed = grantForm{Kind: party.Helper, Months: 6}
	return p.show(ctx, w, r, mandatesPage(v))
}

func (p *portal) mandatesView(ctx context.Context) (mandatesView, error) {
	s := session(ctx)
	given, held, err := p.Parties.Mandates(ctx, p.DB.Reader(), s.For.ID)
	if err != nil {
		return mandatesView{}, err
	}
	v := mandatesView{Groups: p.groups(p.offers(func(one *catalog.Service) bool { return true }))}
	v.May = p.Policy.Allow(principal(ctx), policy.MandateGrant, policy.Resource{Type: policy.TypeMandate, Owner: s.For.ID}) == nil
	if v.Given, err = p.lines(ctx, given, func(m party.Mandate) party.ID { return m.Agent }); err != nil {
		return mandatesView{}, err
	}
	v.Held, err = p.lines(ctx, held, func(m party.Mandate) party.ID { return m.Principal })
	return v, err
}

func (p *portal) lines(ctx context.Context, all []party.Mandate, other func(party.Mandate) party.ID) ([]mandateLine, error) {
	lines := make([]mandateLine, 0, len(all))
	for _, m := range all {
		whom, err := p.Parties.Get(ctx, p.DB.Reader(), other(m))
		if err != nil {
			return nil, err
		}
		line := mandateLine{Mandate: m, Other: whom.Name, Live: m.Live(p.Clock())}
		line.Services = each(ctx, m.Services, func(ctx context.Context, id string) string {
			if o, ok := p.offer(id); ok {
				return ui.In(ctx, o.Name)
			}
			return id
		})
		lines = append(lines, line)
	}
	return lines, nil
}

// grant gives a mandate to a person who is named by number and name, both: a
// number alone tells nobody who it belongs to.
func (p *portal) grant(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	typed := grantForm{Name: strings.TrimSpace(r.PostForm.Get("name")), Number: identifier.Canonical(r.PostForm.Get("number")),
		Kind: r.PostForm.Get("kind"), Services: r.PostForm["services"]}
	typed.Months, _ = strconv.Atoi(r.PostForm.Get("months")) // none of the offered ones is refused below
	err := p.give(ctx, typed)
	if err == nil {
		return gone(w, r, path.Mandates+"?done=yes")
	}
	kind, message, fields := fault.Shown(err)
	if kind != fault.Invalid {
		return err
	}
	v, err := p.mandatesView(ctx)
	if err != nil {
		return err
	}
	v.Typed, v.Wrong = typed, orWhole(fields, message)
	return p.again(ctx, w, r, mandatesPage(v))
}

func (p *portal) give(ctx context.Context, typed grantForm) error {
	const op = "portal.grant"
	s := session(ctx)
	if err := p.Policy.Allow(principal(ctx), policy.MandateGrant, policy.Resource{Type: policy.TypeMandate, Owner: s.For.ID}); err != nil {
		return err
	}
	if !slices.Contains(months, typed.Months) {
		return fault.Fields(op, fault.Field{Pointer: "/until", Message: i18n.M("portal.mandates.chooseMonths")})
	}
	agent, err := p.named(ctx, typed)
	if err != nil {
		return err
	}
	m := party.Mandate{Principal: s.For.ID, Agent: agent.ID, Kind: typed.Kind, Services: typed.Services, GrantedBy: s.Self.ID,
		From: p.Clock(), Until: p.Clock().AddDate(0, typed.Months, 0)}
	return p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return p.Parties.Grant(ctx, tx, m) })
}

// named finds a person by the number of a citizen id or a passport, where the
// name is right too.
func (p *portal) named(ctx context.Context, typed grantForm) (party.Party, error) {
	for _, kind := range []string{identifier.CitizenID, identifier.Passport} {
		one, err := p.Parties.ByIdentifier(ctx, p.DB.Reader(), kind, typed.Number)
		if err == nil && (one.Name == typed.Name || strings.EqualFold(one.Latin, typed.Name)) {
			return one, nil
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return party.Party{}, err
		}
	}
	return party.Party{}, fault.Fields("portal.grant", fault.Field{Pointer: "/number", Message: i18n.M("portal.mandates.nobody")})
}

func (p *portal) revoke(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	s := session(ctx)
	err := p.Policy.Allow(principal(ctx), policy.MandateRevoke, policy.Resource{Type: policy.TypeMandate, ID: r.PathValue("mandate"), Owner: s.For.ID})
	if err != nil {
		return err
	}
	err = p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return p.Parties.Revoke(ctx, tx, r.PathValue("mandate"), s.Self.ID)
	})
	if err != nil {
		return err
	}
	return gone(w, r, path.Mandates+"?done=yes")
}

// ends says until when a mandate runs, or that it is over.
func (l mandateLine) ends(ctx context.Context) string {
	switch {
	case !l.RevokedAt.IsZero():
		return ui.T(ctx, "portal.mandates.revoked", "time", ui.Moment(ctx, l.RevokedAt))
	case l.Until.IsZero():
		return ui.T(ctx, "portal.mandates.open")
	case !l.Live:
		return ui.T(ctx, "portal.mandates.ended", "day", ui.Day(ctx, l.Until.Add(-time.Millisecond)))
	default:
		return ui.T(ctx, "portal.mandates.until", "day", ui.Day(ctx, l.Until.Add(-time.Millisecond)))
	}
}

// ownRule reports whether the mandate is one that people give and end by
// themselves, and no register's.
func (l mandateLine) ownRule() bool {
	rule, ok := party.RuleOf(l.Kind)
	return ok && !rule.Register
}
