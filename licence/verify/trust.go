package verify

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/sdjwt"
)

// Trust is the trust file: whose signatures count, for which licences, and what
// was revoked when the file was made. It says nothing of any holder. A verifier
// fetches it from the city's portal whenever it is online.
type Trust struct {
	Origin  string            `json:"origin"`           // the city's address; every iss and vct begins with it
	At      time.Time         `json:"at"`               // when the snapshot was taken
	Issuers map[string]Issuer `json:"issuers"`          // by agency id
	Types   map[string]Type   `json:"types"`            // by licence type id
	Ledger  string            `json:"ledger,omitempty"` // verifier key of the log, as of golang.org/x/mod/sumdb/note
	Revoked []string          `json:"revoked"`          // licence ids
}

// Issuer is an agency and the keys that it signs, or signed, licences with.
type Issuer struct {
	Name i18n.Text   `json:"name"`
	Keys []sdjwt.JWK `json:"keys"`
}

// Type is a type of licence: its name, the agency that may issue it, and the
// names of its claims.
type Type struct {
	Name   i18n.Text            `json:"name"`
	Issuer string               `json:"issuer"`
	Claims map[string]i18n.Text `json:"claims,omitempty"`
}

// ParseTrust reads a trust file. Keys that it does not know are left aside, so
// that an older verifier reads a newer file.
func ParseTrust(src []byte) (Trust, error) {
	const op = "verify.ParseTrust"
	var t Trust
	if err := json.Unmarshal(src, &t); err != nil {
		return Trust{}, fault.Wrap(fault.Invalid, op, i18n.M("verify.trust.unreadable"), err)
	}
	if t.Origin == "" || t.At.IsZero() || len(t.Issuers) == 0 {
		return Trust{}, fault.New(fault.Invalid, op, i18n.M("verify.trust.incomplete"))
	}
	for _, issuer := range t.Issuers {
		for _, key := range issuer.Keys {
			if _, err := key.Public(); err != nil {
				return Trust{}, fault.Wrap(fault.Invalid, op, i18n.M("verify.trust.badKey", "issuer", issuer.Name), err)
			}
		}
	}
	return t, nil
}

// Iss is the iss claim of an agency's licences.
func Iss(origin, agency string) string { return origin + "/agency/" + agency }

// VCT is the vct claim of a type of licence.
func VCT(origin, licenceType string) string { return origin + "/licence-type/" + licenceType }

// issuer finds the agency behind an iss claim.
func (t Trust) issuer(iss string) (id string, issuer Issuer, ok bool) {
	for id, issuer := range t.Issuers {
		if Iss(t.Origin, id) == iss {
			return id, issuer, true
		}
	}
	return "", Issuer{}, false
}

// licenceType finds the type behind a vct claim.
func (t Trust) licenceType(vct string) (typ Type, ok bool) {
	for id, typ := range t.Types {
		if VCT(t.Origin, id) == vct {
			return typ, true
		}
	}
	return Type{}, false
}

func (t Trust) revoked(id string) bool { return slices.Contains(t.Revoked, id) }
