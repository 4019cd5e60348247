package identity

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// attempt is one begun sign-in. It lives in a cookie of its own, so that
// beginning one stores nothing, and two tabs may each have one.
type attempt struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Return   string `json:"r"`
}

const (
	attemptLife = 15 * time.Minute
	deskHome    = "/desk"
)

// Handler serves SignInPath, CallbackPath and SignOutPath. It belongs behind
// Sessions.
func (g *Gate) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+SignInPath, g.page(g.signIn))
	mux.HandleFunc("GET "+CallbackPath, g.page(g.callback))
	mux.HandleFunc("POST "+SignOutPath, g.page(g.signOut))
	return ui.Secure(http.NewCrossOriginProtection().Handler(mux))
}

func (g *Gate) page(fn func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := fn(w, r); err != nil {
			g.Fail(w, r, err)
		}
	}
}

// fail is the error page of web/ui in the reader's language.
func (g *Gate) fail(w http.ResponseWriter, r *http.Request, err error) {
	lang := i18n.ZH
	if c, e := r.Cookie("lang"); e == nil {
		lang = i18n.ParseLang(c.Value)
	}
	ui.Fail(ui.With(r.Context(), ui.Frame{Lang: lang, URL: r.URL, Home: path.Home}), w, r, g.Log, err)
}

// signIn sends the reader to the provider. Whoever came by another of the
// site's names goes to the one that the provider sends people back to, since a
// cookie stays with its host.
func (g *Gate) signIn(w http.ResponseWriter, r *http.Request) error {
	back := path.Local(r.URL.Query().Get("return"))
	if home, err := url.Parse(g.URL); err == nil && home.Host != r.Host {
		if r.URL.Query().Has("again") {
			return fault.New(fault.Invalid, "identity.signIn", i18n.M("identity.signIn.host", "url", g.URL))
		}
		http.Redirect(w, r, g.URL+SignInPath+"?"+url.Values{"return": {back}, "again": {"1"}}.Encode(), http.StatusSeeOther)
		return nil
	}
	p, err := g.discover(r.Context())
	if err != nil {
		return err
	}
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Return: back}
	raw, _ := json.Marshal(a) // strings alone: cannot fail
	http.SetCookie(w, g.attemptCookie(a.State, base64.RawURLEncoding.EncodeToString(raw), int(attemptLife.Seconds())))
	http.Redirect(w, r, g.flow(p).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
	return nil
}

func (g *Gate) attemptCookie(state, value string, age int) *http.Cookie {
	return &http.Cookie{Name: "signin-" + state[:8], Value: value, Path: CallbackPath, MaxAge: age, Secure: g.https, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

// callback ends a sign-in: the reader comes back from the provider.
func (g *Gate) callback(w http.ResponseWriter, r *http.Request) error {
	a, err := begun(r)
	if err != nil {
		return err
	}
	http.SetCookie(w, g.attemptCookie(a.State, "", -1))
	if r.URL.Query().Get("error") != "" { // the reader said no, or the provider did
		return fault.New(fault.Denied, "identity.callback", i18n.M("identity.signIn.refused"))
	}
	claims, idToken, err := g.redeem(r, a)
	if err != nil {
		return err
	}
	ctx := r.Context()
	st, err := g.admit(ctx, claims)
	if err != nil {
		return err
	}
	if !held(ctx) {
		return fault.New(fault.Internal, "identity.callback", i18n.Text{})
	}
	// A fresh token, so that one planted before the sign-in is worth nothing.
	if err := g.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	st.IDToken = idToken
	g.keep(ctx, st)
	http.Redirect(w, r, landing(st, a.Return), http.StatusSeeOther)
	return nil
}

// landing is where one goes after signing in: back, or to one's own home.
func landing(st stay, back string) string {
	if st.Kind == string(policy.Officer) && back == path.Home {
		return deskHome
	}
	return back
}

// begun is the attempt that the callback ends. The state in the address must be
// that of a cookie of this browser.
func begun(r *http.Request) (attempt, error) {
	bad := fault.New(fault.Invalid, "identity.callback", i18n.M("identity.signIn.stale"))
	state := r.URL.Query().Get("state")
	if len(state) < 8 {
		return attempt{}, bad
	}
	c, err := r.Cookie("signin-" + state[:8])
	if err != nil {
		return attempt{}, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return attempt{}, bad
	}
	var a attempt
	if err := json.Unmarshal(raw, &a); err != nil || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 {
		return attempt{}, bad
	}
	a.Return = path.Local(a.Return)
	return a, nil
}

// redeem turns the code into what the provider says of the reader.
func (g *Gate) redeem(r *http.Request, a attempt) (Claims, string, error) {
	const op = "identity.redeem"
	ctx := oidc.ClientContext(r.Context(), g.Client)
	p, err := g.discover(ctx)
	if err != nil {
		return Claims{}, "", err
	}
	token, err := g.flow(p).Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Claims{}, "", fault.Wrap(fault.Invalid, op, i18n.M("identity.signIn.stale"), err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := p.Verifier(&oidc.Config{ClientID: g.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Claims{}, "", fault.Wrap(fault.Unavailable, op, i18n.M("identity.provider.away"), err)
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(a.Nonce)) != 1 {
		return Claims{}, "", fault.New(fault.Invalid, op, i18n.M("identity.signIn.stale"))
	}
	var c Claims
	if err := idToken.Claims(&c); err != nil {
		return Claims{}, "", fault.Wrap(fault.Unavailable, op, i18n.M("identity.provider.away"), err)
	}
	if c.thin() { // some providers tell more when they are asked
		if info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token)); err == nil && info.Subject == c.Subject {
			err = info.Claims(&c)
			if err != nil {
				return Claims{}, "", fault.Wrap(fault.Unavailable, op, i18n.M("identity.provider.away"), err)
			}
		}
	}
	return c, raw, nil
}

// signOut ends the session here and, where it can, at the provider.
func (g *Gate) signOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	st, ok := g.stay(ctx)
	if held(ctx) {
		if err := g.sessions.Destroy(ctx); err != nil {
			return err
		}
	}
	to := path.Home
	if ok {
		to = g.farewell(r, st)
	}
	if u, err := url.Parse(to); err == nil && u.Host != "" && u.Host != r.Host {
		return g.leaveFor(w, to)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// farewell is the provider's own sign-out (OpenID Connect RP-Initiated Logout
// 1.0), or the home page where it has none or cannot be asked.
func (g *Gate) farewell(r *http.Request, st stay) string {
	p, err := g.discover(r.Context())
	if err != nil {
		return path.Home
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&more); err != nil || more.End == "" {
		return path.Home
	}
	u, err := url.Parse(more.End)
	if err != nil {
		return path.Home
	}
	q := u.Query()
	q.Set("id_token_hint", st.IDToken)
	q.Set("client_id", g.ClientID)
	q.Set("post_logout_redirect_uri", g.URL+"/")
	u.RawQuery = q.Encode()
	return u.String()
}

var leaving = template.Must(template.New("leaving").Parse(
	`<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>{{.Title}}</title><p><a href="{{.To}}">{{.Title}}</a></p></html>`))

// leaveFor goes on to another site by a page: the content security policy lets
// a form lead nowhere but here, its redirects included.
func (g *Gate) leaveFor(w http.ResponseWriter, to string) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Refresh", "0; url="+to)
	title := i18n.M("identity.signOut.on")
	return leaving.Execute(w, struct{ Title, To string }{title.ZH + " " + title.EN, to})
}
