// Package identity says who is asking. People sign in with an OpenID Connect
// provider (authorization code with PKCE, RFC 7636) and then hold a session;
// programs show an access token of the same provider as a bearer token (RFC
// 6750). Both become the same Sitting: a policy.Principal with the party behind
// it and the party that it acts for.
//
// Invariants:
//   - Nothing is kept of a password; a session's row holds the hash of what the
//     cookie holds.
//   - For whom one acts is checked against the mandates on every request. A
//     mandate that has ended stops the next request, not the next sign-in.
//   - A bearer token is taken only where it was issued for this API.
//
// The claims that a provider gives are described at Claims.
package identity

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Addresses of the pages of signing in and out, below the origin.
const (
	SignInPath   = "/signin/start"
	CallbackPath = "/signin/callback"
	SignOutPath  = "/signout"
)

// Options say which provider vouches for people, and for whom.
type Options struct {
	Issuer       string // the provider, exactly as it names itself
	ClientID     string
	ClientSecret string
	URL          string        // origin of every page, without a slash at its end
	Audience     string        // that bearer tokens must name; empty: URL + "/api/v1"
	Life         time.Duration // of a session; 0: 12 hours
	Client       *http.Client  // that reaches the provider; nil: one with a time limit
}

// Deps is what a Gate works with; Fail alone may be nil.
type Deps struct {
	DB      *db.DB
	Parties *party.Store
	Policy  *policy.Policy
	Log     *slog.Logger
	// Fail shows an error page; nil shows that of web/ui.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
}

// Gate signs people in and out and tells who asks. It is safe for concurrent
// use.
type Gate struct {
	Options
	Deps
	sessions *scs.SessionManager
	https    bool

	mu       sync.Mutex // guards what follows
	provider *oidc.Provider
	away     error     // why the provider was not found
	again    time.Time // when to look for it again
}

// pause is how long a provider that was not found is not looked for again, so
// that those who wait for it do not wait for each other.
const pause = 3 * time.Second

// New is a gate. It talks to nobody yet: the provider is looked up when it is
// first needed, so that public pages are there while the provider is not.
func New(o Options, d Deps) *Gate {
	o.URL = strings.TrimSuffix(o.URL, "/")
	if o.Audience == "" {
		o.Audience = o.URL + "/api/v1"
	}
	if o.Life == 0 {
		o.Life = 12 * time.Hour
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second}
	}
	g := &Gate{Options: o, Deps: d, https: strings.HasPrefix(o.URL, "https://")}
	if g.Fail == nil {
		g.Fail = g.fail
	}
	g.sessions = g.manager()
	return g
}

// discover is the provider's own description of itself, asked for once. The
// fault is Unavailable.
func (g *Gate) discover(ctx context.Context) (*oidc.Provider, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.provider != nil {
		return g.provider, nil
	}
	if clock.System().Before(g.again) {
		return nil, g.away
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pause) // one reader who leaves does not fail the rest
	defer cancel()
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, g.Client), g.Issuer)
	if err != nil {
		g.away = fault.Wrap(fault.Unavailable, "identity.discover", i18n.M("identity.provider.away"), err)
		g.again = clock.System().Add(pause)
		return nil, g.away
	}
	g.provider = p
	return p, nil
}

// flow is the authorization code flow with the provider.
func (g *Gate) flow(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: g.ClientID, ClientSecret: g.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: g.URL + CallbackPath, Scopes: []string{oidc.ScopeOpenID, "profile"}}
}
