package portal

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// look is how a reader wants pages: from the address (?lang=en, ?elder=on),
// else the cookie of an earlier choice, else the signed-in person's own.
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

func lookOf(r *http.Request, s Session) look {
	l := look{lang: s.Self.Lang, elder: s.Self.Elder}
	if l.lang == "" {
		l.lang = i18n.ZH
	}
	if len(r.Header["Cookie"]) > 0 {
		l.fromCookies(r)
	}
	if r.URL.RawQuery == "" {
		return l
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

func (l *look) fromCookies(r *http.Request) {
	if c, err := r.Cookie(langCookie); err == nil {
		l.lang = i18n.ParseLang(c.Value)
	}
	if c, err := r.Cookie(elderCookie); err == nil {
		l.elder = c.Value == "on"
	}
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

// frame is r's context with the portal's frame around the page.
func (p *portal) frame(r *http.Request, l look, s Session, known bool) context.Context {
	profile := p.City.Profile
	f := ui.Frame{
		Lang: l.lang, Elder: l.elder, URL: r.URL, Now: p.Clock(), Zone: p.zone,
		Brand: profile.Portal, Home: path.Home, Search: path.Search, Hotline: profile.Hotline,
	}
	ctx := ui.With(r.Context(), f)
	f.Nav = nav(ctx, r.URL.Path, known, p.unread(r, s, known))
	f.Footer = []ui.Link{
		{Label: ui.T(ctx, "portal.nav.about"), Href: path.About},
		{Label: ui.T(ctx, "portal.nav.accessibility"), Href: path.Accessibility},
		{Label: ui.T(ctx, "portal.nav.privacy"), Href: path.Privacy},
		{Label: ui.T(ctx, "portal.nav.verify"), Href: path.Verify},
	}
	f.Account = account(ctx, r, s, known)
	if known && s.For.ID != s.Self.ID {
		f.Acting = &ui.Acting{For: s.For.Name, Kind: mandateKind(ctx, s.Kind), Leave: path.Acting}
		if s.Principal.Kind == policy.Officer { // a clerk at a counter: the desk ends it
			f.Acting.Leave = path.IntakeEnd
		}
	}
	return context.WithValue(ui.With(r.Context(), f), sessionKey{}, s)
}

type sessionKey struct{}

// session is who is signed in, of a context that frame made.
func session(ctx context.Context) Session {
	s, _ := ctx.Value(sessionKey{}).(Session)
	return s
}

// signedIn reports whether anybody is.
func signedIn(ctx context.Context) bool { return session(ctx).Self.ID != "" }

// unread is how many messages wait; a page is shown without the number rather
// than not at all.
func (p *portal) unread(r *http.Request, s Session, known bool) int {
	if !known || s.Principal.Services != nil { // not all of them are the agent's to read
		return 0
	}
	n, err := p.Messages.Unread(r.Context(), s.For.ID)
	if err != nil {
		p.Log.WarnContext(r.Context(), "unread messages not counted", "error", err)
	}
	return n
}

func nav(ctx context.Context, here string, known bool, unread int) []ui.Link {
	var links []ui.Link
	switch {
	case !known:
		links = append(links,
			ui.Link{Label: ui.T(ctx, "portal.nav.home"), Href: path.Home},
			ui.Link{Label: ui.T(ctx, "portal.nav.residents"), Href: path.Residents},
			ui.Link{Label: ui.T(ctx, "portal.nav.firms"), Href: path.Firms},
			ui.Link{Label: ui.T(ctx, "portal.nav.cases"), Href: path.Cases})
	case ui.Elder(ctx):
		links = append(links,
			ui.Link{Label: ui.T(ctx, "portal.nav.cases"), Href: path.Cases},
			ui.Link{Label: ui.T(ctx, "portal.nav.licences"), Href: path.Licences},
			ui.Link{Label: ui.T(ctx, "portal.nav.messages"), Href: path.Messages, Count: unread})
	default:
		links = append(links,
			ui.Link{Label: ui.T(ctx, "portal.nav.basket"), Href: path.Basket},
			ui.Link{Label: ui.T(ctx, "portal.nav.cases"), Href: path.Cases},
			ui.Link{Label: ui.T(ctx, "portal.nav.licences"), Href: path.Licences},
			ui.Link{Label: ui.T(ctx, "portal.nav.messages"), Href: path.Messages, Count: unread},
			ui.Link{Label: ui.T(ctx, "portal.nav.me"), Href: path.Me})
	}
	for i := range links {
		links[i].Current = links[i].Href == here
	}
	return links
}

func account(ctx context.Context, r *http.Request, s Session, known bool) []ui.Link {
	if !known {
		back := r.URL.Path
		return []ui.Link{{Label: ui.T(ctx, "portal.nav.signIn"), Href: path.SignInTo(back), Icon: "log-in"}}
	}
	links := []ui.Link{{Label: s.Self.Name, Href: path.Me, Icon: "user", Self: !ui.Elder(ctx)}}
	if s.Principal.Kind == policy.Officer { // a clerk came from the desk
		links[0].Self = false
		links[0].Href, links[0].Label = path.Desk, ui.T(ctx, "portal.nav.desk")
		links[0].Icon = "arrow-left"
	}
	return append(links, ui.Link{Label: ui.T(ctx, "portal.nav.signOut"), Href: path.SignOut, Icon: "log-out", Post: true})
}

func mandateKind(ctx context.Context, kind string) string {
	switch kind {
	case "legal-representative":
		return ui.T(ctx, "portal.mandate.legalRepresentative")
	case "agent":
		return ui.T(ctx, "portal.mandate.agent")
	case "parent":
		return ui.T(ctx, "portal.mandate.parent")
	case "helper":
		return ui.T(ctx, "portal.mandate.helper")
	default:
		return kind
	}
}
