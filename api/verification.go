package api

import (
	"context"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/licence/verify"
)

// ShownToken is what somebody shows.
type ShownToken struct {
	Token string `json:"token" minLength:"1" maxLength:"100000" doc:"An SD-JWT VC (RFC 9901)."`
}

type verifyInput struct{ Body ShownToken }

type textOutput struct {
	Type string `header:"Content-Type"`
	Body []byte
}

type consistencyInput struct {
	Old int64 `query:"old" minimum:"0" required:"true"`
	New int64 `query:"new" minimum:"0" required:"true"`
}

type leafInput struct {
	Licence string `path:"licence" maxLength:"100"`
}

// trustLife is how long issuers and their keys are kept in mind. Whether a
// licence is revoked is asked each time.
const trustLife = time.Minute

func (s *server) verificationOperations() {
	const tag = "verification"
	route(s, open, post("verifyLicence", "/api/v1/verifications", tag, "Verify a licence",
		"Every check is told, passed or not. A licence that is not good is an answer (200, valid false); 422 is for what is no licence at all."), s.verifyLicence)
	route(s, open, get("getTrust", "/api/v1/trust", tag, "Get the trust file", "What a verifier needs offline: issuers, keys, revoked licences. For tongban verify."), s.getTrust)
	route(s, open, get("getCheckpoint", "/api/v1/ledger/checkpoint", tag, "Get the ledger's newest checkpoint", "A signed note."), s.checkpoint, fault.NotFound)
	route(s, open, get("proveConsistency", "/api/v1/ledger/consistency", tag, "Prove that the ledger only grew", "Both sizes are those of published checkpoints."), s.consistency, fault.NotFound)
	route(s, open, get("proveLicence", "/api/v1/ledger/licences/{licence}", tag, "Prove a licence's issue in the ledger", "The record holds a hash, no content."),
		s.proveLicence, fault.NotFound, fault.Conflict)
}

func (s *server) verifyLicence(ctx context.Context, in *verifyInput) (*body[verify.Result], error) {
	trust, err := s.trusted(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock()
	trust.At, trust.Revoked = now, nil
	result, err := verify.Verify(in.Body.Token, trust, now)
	if err != nil {
		return nil, err
	}
	l, err := s.Licences.Get(ctx, s.DB.Reader(), result.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil && l.Status == licence.Revoked {
		trust.Revoked = []string{l.ID}
		result, err = verify.Verify(in.Body.Token, trust, now)
		if err != nil {
			return nil, err
		}
	}
	return &body[verify.Result]{result}, nil
}

// trusted is the trust file without its list of what is revoked, which is asked
// for one licence at a time.
func (s *server) trusted(ctx context.Context) (verify.Trust, error) {
	s.trust.mu.Lock()
	defer s.trust.mu.Unlock()
	if now := s.Clock(); now.After(s.trust.until) {
		trust, err := s.Licences.Trust(ctx, s.DB.Reader(), s.LedgerKey)
		if err != nil {
			return verify.Trust{}, err
		}
		s.trust.trust, s.trust.until = trust, now.Add(trustLife)
	}
	return s.trust.trust, nil
}

func (s *server) getTrust(ctx context.Context, _ *struct{}) (*body[verify.Trust], error) {
	trust, err := s.Licences.Trust(ctx, s.DB.Reader(), s.LedgerKey)
	if err != nil {
		return nil, err
	}
	return &body[verify.Trust]{trust}, nil
}

func (s *server) checkpoint(ctx context.Context, _ *struct{}) (*textOutput, error) {
	note, err := s.Ledger.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return &textOutput{Type: "text/plain; charset=utf-8", Body: note}, nil
}

func (s *server) consistency(ctx context.Context, in *consistencyInput) (*body[ledger.ConsistencyProof], error) {
	proof, err := s.Ledger.Consistency(ctx, in.Old, in.New)
	if err != nil {
		return nil, err
	}
	return &body[ledger.ConsistencyProof]{proof}, nil
}

func (s *server) proveLicence(ctx context.Context, in *leafInput) (*body[ledger.Proof], error) {
	proof, err := s.Ledger.Prove(ctx, in.Licence)
	if err != nil {
		return nil, err
	}
	return &body[ledger.Proof]{proof}, nil
}
