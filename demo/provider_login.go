package demo

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

const loginPath = Base + "/login"

// loginURL is the page on which one chooses whom to be.
func loginURL(request, query string) string {
	q := url.Values{"id": {request}}
	if query != "" {
		q.Set("q", query)
	}
	return loginPath + "?" + q.Encode()
}

// loginView is what the page shows.
type loginView struct {
	Request  string
	Query    string
	People   []user
	Officers []user
}

func (p *Provider) showLogin(w http.ResponseWriter, r *http.Request) {
	ctx := p.frame(w, r)
	v := loginView{Request: r.URL.Query().Get("id"), Query: r.URL.Query().Get("q")}
	if !p.store.has(v.Request) {
		ui.Fail(ctx, w, r, p.log, fault.Wrap(fault.Invalid, "demo.login", i18n.M("demo.login.gone"), errGone))
		return
	}
	v.People, v.Officers = p.users.search(v.Query)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := loginPage(v).Render(ctx, w); err != nil {
		p.log.InfoContext(ctx, "page not written", "path", loginPath, "error", err)
	}
}

// login ends the sign-in as the chosen one and hands back to the library.
func (p *Provider) login(w http.ResponseWriter, r *http.Request) {
	ctx := p.frame(w, r)
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	request, who := r.PostFormValue("id"), r.PostFormValue("user")
	u, ok := p.users.byID(who)
	if !ok {
		ui.Fail(ctx, w, r, p.log, fault.New(fault.Invalid, "demo.login", i18n.M("demo.token.unknown", "name", who)))
		return
	}
	if err := p.store.choose(request, u.ID); err != nil {
		ui.Fail(ctx, w, r, p.log, fault.Wrap(fault.Invalid, "demo.login", i18n.M("demo.login.gone"), err))
		return
	}
	http.Redirect(w, r, Base+"/authorize/callback?"+url.Values{"id": {request}}.Encode(), http.StatusSeeOther)
}

// frame is what stands around the page: the city's name, in the language and
// size that the portal keeps in its cookies.
func (p *Provider) frame(w http.ResponseWriter, r *http.Request) context.Context {
	return ui.With(r.Context(), ui.Frame{Lang: i18n.ParseLang(look(w, r, "lang")), Elder: look(w, r, "elder") == "on", URL: r.URL,
		Now: clock.System(), Zone: p.city.Calendar.Zone(), Brand: p.city.Profile.Portal, Home: path.Home, Hotline: p.city.Profile.Hotline})
}

// look is a reader's choice: in the address, which is then kept, or kept.
func look(w http.ResponseWriter, r *http.Request, name string) string {
	if v := r.URL.Query().Get(name); v == "zh" || v == "en" || v == "on" || v == "off" {
		http.SetCookie(w, &http.Cookie{Name: name, Value: v, Path: "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return v
	}
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}
