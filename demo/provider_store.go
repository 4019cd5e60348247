package demo

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/tongban/tongban/internal/id"
)

const (
	requestLife = 30 * time.Minute // for which a begun sign-in is kept
	maxRequests = 10_000           // begun sign-ins kept at once
)

// storage is what the provider library keeps, in memory: begun sign-ins, until
// they are done or forgotten. The library asks for its time from the machine,
// and so does this.
type storage struct {
	users  *users
	key    signingKey
	client client

	mu       sync.Mutex // guards what follows
	requests map[string]*request
	codes    map[string]string // code -> request
}

func newStorage(u *users, key signingKey, c client) *storage {
	return &storage{users: u, key: key, client: c, requests: map[string]*request{}, codes: map[string]string{}}
}

// request is one begun sign-in. It is not changed once it is shared: a change
// puts a new one in its place.
type request struct {
	oidc.AuthRequest
	id   string
	user string // empty: not chosen yet
	at   time.Time
}

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return []string{"demo"} }
func (r *request) GetAudience() []string              { return []string{r.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.at }
func (r *request) GetClientID() string                { return r.ClientID }
func (r *request) GetNonce() string                   { return r.Nonce }
func (r *request) GetRedirectURI() string             { return r.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }
func (r *request) GetScopes() []string                { return r.Scopes }
func (r *request) GetState() string                   { return r.State }
func (r *request) GetSubject() string                 { return r.user }
func (r *request) Done() bool                         { return r.user != "" }
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

var errGone = errors.New("no such sign-in, or it has been forgotten")

// CreateAuthRequest begins a sign-in. One without PKCE is refused.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("code_challenge with S256 is needed")
	}
	r := &request{AuthRequest: *asked, id: id.New(), at: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range s.requests {
		if r.at.Sub(old.at) > requestLife || len(s.requests) >= maxRequests {
			delete(s.requests, id)
		}
	}
	s.requests[r.id] = r
	return r, nil
}

// choose ends the sign-in as the user.
func (s *storage) choose(requestID, userID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.requests[requestID]
	if !ok {
		return errGone
	}
	done := *old
	done.user, done.at = userID, time.Now()
	s.requests[requestID] = &done
	return nil
}

func (s *storage) has(requestID string) bool {
	_, err := s.AuthRequestByID(context.Background(), requestID)
	return err == nil
}

// AuthRequestByID is a begun sign-in.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.requests[id]; ok {
		return r, nil
	}
	return nil, errGone
}

// AuthRequestByCode is the sign-in that the code was given for. A code is good
// once.
func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id, ok := s.codes[code]
	delete(s.codes, code)
	s.mu.Unlock()
	if !ok {
		return nil, errGone
	}
	return s.AuthRequestByID(ctx, id)
}

// SaveAuthCode keeps the code of a sign-in.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, request := range s.codes {
		if s.requests[request] == nil {
			delete(s.codes, old)
		}
	}
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest forgets a sign-in that is done.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

// SigningKey is the key to sign with.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

// SignatureAlgorithms are those of the key.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

// KeySet is what the provider publishes.
func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{verifyKey{s.key}}, nil }

// Health is always good: there is nothing to reach.
func (s *storage) Health(context.Context) error { return nil }
