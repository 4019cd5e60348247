package licence

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/internal/store"
	"github.com/tongban/tongban/licence/sdjwt"
	"github.com/tongban/tongban/licence/verify"
)

// Trust is what a verifier needs to know of this city: its issuers and their
// keys, its types of licence, the ledger's verifier key (may be empty) and the
// licences that are revoked by now. It makes the keys of issuers that have not
// issued yet.
func (s *Store) Trust(ctx context.Context, q db.Queryer, ledgerKey string) (verify.Trust, error) {
	t := verify.Trust{
		Origin: s.origin, At: s.clock(), Ledger: ledgerKey,
		Issuers: map[string]verify.Issuer{}, Types: map[string]verify.Type{}, Revoked: []string{},
	}
	for _, typ := range s.types {
		claims := map[string]i18n.Text{}
		for _, c := range typ.Claims {
			claims[c.Key] = c.Label
		}
		t.Types[typ.ID] = verify.Type{Name: typ.Name, Issuer: typ.Issuer, Claims: claims}
		if _, ok := t.Issuers[typ.Issuer]; ok {
			continue
		}
		key, err := s.keys.signer(typ.Issuer)
		if err != nil {
			return verify.Trust{}, fmt.Errorf("licence.Trust: %w", err)
		}
		t.Issuers[typ.Issuer] = verify.Issuer{Name: s.agencies[typ.Issuer].Name, Keys: []sdjwt.JWK{key.jwk}}
	}
	revoked, err := store.New(q).RevokedLicences(ctx)
	if err != nil {
		return verify.Trust{}, fmt.Errorf("licence.Trust: %w", err)
	}
	t.Revoked = append(t.Revoked, revoked...)
	return t, nil
}

// TrustFile is Trust as the JSON file that verify.ParseTrust reads.
func (s *Store) TrustFile(ctx context.Context, q db.Queryer, ledgerKey string) ([]byte, error) {
	t, err := s.Trust(ctx, q, ledgerKey)
	if err != nil {
		return nil, err
	}
	src, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("licence.TrustFile: %w", err)
	}
	return append(src, '\n'), nil
}
