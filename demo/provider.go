package demo

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/web/ui"
)

// Base is where the provider stands, below the origin.
const Base = "/demo/id"

const (
	clientID  = "tongban"
	tokenLife = 12 * time.Hour
)

// ProviderOptions are what a Provider needs to know. KeyFile keeps the signing
// key, so that tokens outlive a restart; empty: a fresh key each time.
type ProviderOptions struct {
	URL     string // origin that people type
	City    *catalog.City
	KeyFile string
	Log     *slog.Logger
}

// Provider is an OpenID Connect provider in the binary, in which one signs in
// as any of the pack's people and officers by choosing them. It is the only
// part of signing in that the demo replaces: the rest runs as in a city. It
// answers below Base.
type Provider struct {
	url    string
	users  *users
	store  *storage
	op     *op.Provider
	log    *slog.Logger
	city   *catalog.City
	routes http.Handler
}

// NewProvider is the provider of the city's people.
func NewProvider(o ProviderOptions) (*Provider, error) {
	url := strings.TrimSuffix(o.URL, "/")
	key, err := openKey(o.KeyFile)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "demo.NewProvider", i18n.Text{}, err)
	}
	p := &Provider{url: url, users: newUsers(o.City), log: o.Log, city: o.City}
	p.store = newStorage(p.users, key, client{secret: rand.Text(), url: url})
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true, SupportedUILocales: []language.Tag{language.Chinese, language.English},
		SupportedScopes: []string{"openid", "profile"}, DefaultLogoutRedirectURI: url + "/"}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return nil, fault.Wrap(fault.Internal, "demo.NewProvider", i18n.Text{}, err)
	}
	options := []op.Option{op.WithCORSOptions(nil)}
	if strings.HasPrefix(url, "http://") {
		options = append(options, op.WithAllowInsecure())
	}
	p.op, err = op.NewProvider(config, p.store, op.StaticIssuer(p.issuer()), options...)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "demo.NewProvider", i18n.Text{}, err)
	}
	p.routes = p.handler()
	return p, nil
}

func (p *Provider) issuer() string { return p.url + Base }

// ServeHTTP answers below Base: the sign-in page and the provider's endpoints.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.routes.ServeHTTP(w, r) }

func (p *Provider) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+loginPath, ui.Secure(http.HandlerFunc(p.showLogin)))
	mux.Handle("POST "+loginPath, ui.Secure(http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.login))))
	mux.Handle(Base+"/", http.StripPrefix(Base, p.op))
	return mux
}

// Login is what a gate needs to sign people in with this provider.
func (p *Provider) Login() identity.Options {
	return identity.Options{Issuer: p.issuer(), ClientID: clientID, ClientSecret: p.store.client.secret, URL: p.url,
		Audience: p.audience(), Client: p.Client()}
}

func (p *Provider) audience() string { return p.url + "/api/v1" }

// Token is an access token for the API in the name of a persona or an officer,
// given by id or by name, and how long it is good. Errors: NotFound, and
// Invalid for a firm, which acts through people.
func (p *Provider) Token(ctx context.Context, who string) (string, time.Duration, error) {
	const operation = "demo.Token"
	u, ok := p.users.find(who)
	if !ok {
		if p.users.firm(who) {
			return "", 0, fault.Fields(operation, fault.Field{Pointer: "/persona", Message: i18n.M("demo.token.firm")})
		}
		return "", 0, fault.New(fault.NotFound, operation, i18n.M("demo.token.unknown", "name", who))
	}
	request := grant{subject: u.ID, audience: []string{p.audience()}}
	token, err := op.CreateJWT(ctx, p.issuer(), request, time.Now().Add(tokenLife), id.New(), p.store.client, p.store)
	if err != nil {
		return "", 0, fault.Wrap(fault.Internal, operation, i18n.Text{}, err)
	}
	return token, tokenLife, nil
}

// grant is a token asked for outside a sign-in.
type grant struct {
	subject  string
	audience []string
}

func (g grant) GetSubject() string    { return g.subject }
func (g grant) GetAudience() []string { return g.audience }
func (g grant) GetScopes() []string   { return nil }
