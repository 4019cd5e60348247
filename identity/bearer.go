package identity

import (
	"context"
	"net/http"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// ActingFor is the header in which a program says for whom it acts: a party's
// id. A citizen needs a live mandate, an officer the clerk's role.
const ActingFor = "Tongban-Acting-For"

// maxToken bounds the work that a token can cause before it is refused.
const maxToken = 16 << 10

// Bearer is who sends the request, by its bearer token; the zero Sitting, the
// public, without one. A session's cookie does not count here, so that no other
// site's page can use it. Errors: Unauthenticated for a token that is not good,
// Denied for acting without a mandate, Unavailable.
func (g *Gate) Bearer(r *http.Request) (Sitting, error) {
	const op = "identity.Bearer"
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		if r.Header.Get(ActingFor) != "" {
			return Sitting{}, fault.New(fault.Unauthenticated, op, i18n.Text{})
		}
		return Sitting{}, nil
	}
	scheme, token, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxToken {
		return Sitting{}, fault.New(fault.Unauthenticated, op, i18n.M("identity.bearer.form"))
	}
	ctx := r.Context()
	claims, err := g.verify(ctx, token)
	if err != nil {
		return Sitting{}, err
	}
	st, err := g.admit(ctx, claims)
	if err != nil {
		return Sitting{}, err
	}
	st.For = party.ID(r.Header.Get(ActingFor))
	return g.sit(ctx, st)
}

// verify is what a good access token says.
func (g *Gate) verify(ctx context.Context, token string) (Claims, error) {
	const op = "identity.verify"
	p, err := g.discover(ctx)
	if err != nil {
		return Claims{}, err
	}
	parsed, err := p.Verifier(&oidc.Config{ClientID: g.Audience}).Verify(ctx, token)
	if err != nil {
		return Claims{}, fault.Wrap(fault.Unauthenticated, op, i18n.M("identity.bearer.bad"), err)
	}
	var c Claims
	if err := parsed.Claims(&c); err != nil {
		return Claims{}, fault.Wrap(fault.Unauthenticated, op, i18n.M("identity.bearer.bad"), err)
	}
	return c, nil
}
