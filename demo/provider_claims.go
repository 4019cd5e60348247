package demo

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/tongban/tongban/internal/id"
)

var errNotOffered = errors.New("the demo's provider does not offer this")

// CreateAccessToken names a token; the library makes it.
func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return id.New(), time.Now().Add(time.Hour), nil
}

// GetClientByClientID is the one client.
func (s *storage) GetClientByClientID(_ context.Context, asked string) (op.Client, error) {
	if asked != clientID {
		return nil, errors.New("no such client")
	}
	return s.client, nil
}

// AuthorizeClientIDSecret checks the client's secret.
func (s *storage) AuthorizeClientIDSecret(_ context.Context, asked, secret string) error {
	if asked != clientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.client.secret)) != 1 {
		return errors.New("no such client, or a wrong secret")
	}
	return nil
}

// SetUserinfoFromRequest fills an ID token.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	return s.describe(info, r.GetSubject())
}

// SetUserinfoFromToken fills the userinfo endpoint's answer.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	return s.describe(info, subject)
}

// SetUserinfoFromScopes does nothing, as the library asks.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// GetPrivateClaimsFromScopes fills an access token.
func (s *storage) GetPrivateClaimsFromScopes(_ context.Context, userID, _ string, _ []string) (map[string]any, error) {
	u, ok := s.users.byID(userID)
	if !ok {
		return nil, errors.New("no such user")
	}
	return u.Claims, nil
}

func (s *storage) describe(info *oidc.UserInfo, userID string) error {
	u, ok := s.users.byID(userID)
	if !ok {
		return errors.New("no such user")
	}
	info.Subject = u.ID
	for key, value := range u.Claims {
		info.AppendClaims(key, value)
	}
	return nil
}

// TerminateSession does nothing: the provider keeps no session.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// RevokeToken does nothing: tokens here are short and of no use elsewhere.
func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error { return nil }

// CreateAccessAndRefreshTokens is not offered.
func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errNotOffered
}

// TokenRequestByRefreshToken is not offered.
func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errNotOffered
}

// GetRefreshTokenInfo is not offered.
func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// SetIntrospectionFromToken is not offered.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}

// GetKeyByIDAndClientID is not offered.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

// ValidateJWTProfileScopes is not offered.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}
