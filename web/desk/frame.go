package desk

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// look is how a reader wants pages: from the address (?lang=en, ?elder=on), else
// the cookie of an earlier choice. The cookies are those of the portal.
type look struct {
	lang  i18n.Lang
	elder bool
	asked bool // chosen in this request's address: to be kept
}

const (
	langCookie  = "lang"
	elderCookie = "elder"
	year        = 365 * 24 * 60 * 60 // seconds
)

func lookOf(r *http.Request) look {
	l := look{lang: i18n.ZH}
	if c, err := r.Cookie(langCookie); err == nil {
		l.lang = i18n.ParseLang(c.Value)
	}
	if c, err := r.Cookie(elderCookie); err == nil {
		l.elder = c.Value == "on"
	}
	q := r.URL.Query()
	if v := q.Get("lang"); v != "" {
		l.lang, l.asked = i18n.ParseLang(v), true
	}
	if v := q.Get("elder"); v != "" {
		l.elder, l.asked = v == "on", true
	}
	return l
}

// keep remembers a choice made in the address for a year.
func (l look) keep(w http.ResponseWriter, r *http.Request) {
	if !l.asked {
		return
	}
	elder := "off"
	if l.elder {
		elder = "on"
	}
	for name, value := range map[string]string{langCookie: string(l.lang), elderCookie: elder} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: year, HttpOnly: true,
			Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	}
}

// frame is r's context with the desk's frame around the page.
func (d *desk) frame(r *http.Request, l look, s identity.Sitting) context.Context {
	profile := d.City.Profile
	f := ui.Frame{Lang: l.lang, Elder: l.elder, URL: r.URL, Now: d.Clock(), Zone: d.zone,
		Brand: i18n.M("desk.brand", "portal", profile.Portal), Home: pathHome}
	ctx := ui.With(r.Context(), f)
	f.Nav = d.nav(ctx, r.URL.Path, s.Principal)
	f.Account = d.account(ctx, s)
	f.Footer = []ui.Link{{Label: ui.T(ctx, "desk.nav.portal"), Href: path.Home}, {Label: ui.T(ctx, "desk.nav.accessibility"), Href: path.Accessibility}}
	if present(s) {
		f.Acting = &ui.Acting{For: s.For.Name, Kind: ui.T(ctx, "desk.intake.present"), Leave: pathIntakeEnd}
	}
	return ui.With(r.Context(), f)
}

// present reports whether an applicant is at the counter.
func present(s identity.Sitting) bool {
	return s.Principal.Kind == policy.Officer && s.For.ID != "" && s.For.ID != s.Self.ID
}

// visitor is who is signed in.
func visitor(ctx context.Context) identity.Sitting {
	s, _ := identity.From(ctx)
	return s
}

// nav lists the places that the reader may use, and no others.
func (d *desk) nav(ctx context.Context, here string, pr policy.Principal) []ui.Link {
	var links []ui.Link
	add := func(href, label string, may bool) {
		if may {
			links = append(links, ui.Link{Label: label, Href: href, Current: href == here})
		}
	}
	add(pathHome, ui.T(ctx, "desk.nav.inbox"), d.may(pr, policy.InboxView))
	add(pathIntake, ui.T(ctx, "desk.nav.intake"), d.may(pr, policy.IntakeStart))
	add(pathOverview, ui.T(ctx, "desk.nav.overview"), d.may(pr, policy.TeamView))
	add(pathGrants, ui.T(ctx, "grant.desk.title"), d.givesGrants(pr))
	add(pathPolicies, ui.T(ctx, "rule.desk.title"), d.seesRules(pr))
	add(pathCorrections, ui.T(ctx, "desk.nav.corrections"), d.may(pr, policy.FactAsk) && d.keepsRegister(pr.Agency))
	return links
}

// may reports whether pr may use one of the desk's places.
func (d *desk) may(pr policy.Principal, a policy.Action) bool {
	if pr.Kind != policy.Officer {
		return false
	}
	types := map[policy.Action]string{policy.InboxView: policy.TypeInbox, policy.IntakeStart: policy.TypeParty, policy.TeamView: policy.TypeTeam,
		policy.FactAsk: policy.TypeFact}
	r := policy.Resource{Type: types[a]}
	if a == policy.InboxView || a == policy.FactAsk {
		r.Agencies, r.Area = []string{pr.Agency}, pr.Area
	}
	return d.Policy.Allow(pr, a, r) == nil
}

// keepsRegister reports whether the agency keeps a register that others read.
func (d *desk) keepsRegister(agency string) bool {
	for _, r := range d.City.Resources {
		if r.Agency == agency {
			return true
		}
	}
	return false
}

func (d *desk) account(ctx context.Context, s identity.Sitting) []ui.Link {
	if s.Principal.Kind == policy.Public {
		return nil
	}
	name := s.Principal.Name
	if s.Principal.Agency != "" {
		name += " · " + ui.In(ctx, d.agency(s.Principal.Agency).Short)
	}
	home := pathHome
	if s.Principal.Kind == policy.Citizen {
		home = path.Me
	}
	return []ui.Link{
		{Label: name, Href: home, Icon: "user", Self: home == pathHome && !ui.Elder(ctx)},
		{Label: ui.T(ctx, "desk.nav.signOut"), Href: path.SignOut, Icon: "log-out", Post: true},
	}
}
