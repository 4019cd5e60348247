// Package verify checks a licence that somebody shows, away from the city's
// database and its network: a token (SD-JWT VC, RFC 9901) against a trust file.
// It opens no file and no connection, and imports nothing that opens a
// database; a test holds that.
//
// Every check is made and told, passed or not, with one line for people in both
// languages. A licence is good only when all of them pass. What a check cannot
// know offline it says: the status is that of the trust file's snapshot, and a
// licence without a holder's key proves what is written in it, not that the
// person who shows it is the holder.
package verify

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/sdjwt"
)

// The checks, in the order in which they are made and told.
const (
	CheckSignature    = "signature"    // the issuer's key signed it, nobody changed it
	CheckIssuer       = "issuer"       // the agency is known and may issue this type
	CheckDates        = "dates"        // it holds now
	CheckStatus       = "status"       // not revoked as of the snapshot
	CheckDisclosures  = "disclosures"  // what is shown belongs to it
	CheckPresentation = "presentation" // how it is bound to who shows it
)

// Check is one check and its outcome.
type Check struct {
	ID   string    `json:"id"`
	Pass bool      `json:"pass"`
	Line i18n.Text `json:"line"`
}

// Claim is one thing that the licence says. Chosen is true for what the holder
// chose to show, false for what every showing contains.
type Claim struct {
	Key    string    `json:"key"`
	Label  i18n.Text `json:"label"`
	Value  string    `json:"value"`
	Chosen bool      `json:"chosen"`
}

// Result is what was found. Its fields other than Checks may be believed only
// when Valid is true. Withheld counts the claims that are not shown.
type Result struct {
	Valid      bool      `json:"valid"`
	Checks     []Check   `json:"checks"`
	ID         string    `json:"id"`
	Identifier string    `json:"identifier"` // national identifier, GB/T 36904
	Type       i18n.Text `json:"type"`
	Issuer     i18n.Text `json:"issuer"`
	IssuedAt   time.Time `json:"issuedAt"`
	ValidFrom  time.Time `json:"validFrom"`
	ValidUntil time.Time `json:"validUntil,omitzero"` // first instant at which it no longer holds; zero: until revoked
	Claims     []Claim   `json:"claims"`
	Withheld   int       `json:"withheld"`
	AsOf       time.Time `json:"asOf"` // of the snapshot
}

// Verify checks a token at the time now, in whose zone dates are told. An error is an Invalid fault: what was
// given is not a licence of this kind at all. A licence that is one and is not
// good gives a Result with Valid false.
func Verify(token string, trust Trust, now time.Time) (Result, error) {
	t, err := sdjwt.Parse(strings.TrimSpace(token))
	if err != nil {
		return Result{}, unreadable(err)
	}
	p, err := readPayload(t.Payload)
	if err != nil {
		return Result{}, fault.Wrap(fault.Invalid, "verify.Verify", i18n.M("verify.token.payload"), err)
	}
	agency, issuer, known := trust.issuer(p.Iss)
	typ, typed := trust.licenceType(p.VCT)
	r := Result{
		ID: p.ID, Identifier: p.Identifier, Type: typ.Name, Issuer: issuer.Name,
		IssuedAt: p.IssuedAt, ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil,
		Claims: claims(t, typ), Withheld: max(0, len(t.Digests)-len(t.Disclosures)), AsOf: trust.At,
	}
	r.add(checkSignature(t, issuer))
	r.add(checkIssuer(known, issuer, typed, typ, agency))
	r.add(checkDates(p, now))
	r.add(checkStatus(p, trust, now))
	r.add(checkDisclosures(r.Claims, r.Withheld))
	r.add(checkPresentation(p))
	r.Valid = !slices.ContainsFunc(r.Checks, func(c Check) bool { return !c.Pass })
	return r, nil
}

func (r *Result) add(c Check) { r.Checks = append(r.Checks, c) }

// unreadable says what is wrong with a token that cannot be taken apart.
func unreadable(err error) error {
	const op = "verify.Verify"
	message := i18n.M("verify.token.garbled")
	switch {
	case errors.Is(err, sdjwt.ErrSize):
		message = i18n.M("verify.token.size")
	case errors.Is(err, sdjwt.ErrKind):
		message = i18n.M("verify.token.kind")
	case errors.Is(err, sdjwt.ErrAlgorithm):
		message = i18n.M("verify.token.algorithm")
	case errors.Is(err, sdjwt.ErrKeyBinding):
		message = i18n.M("verify.token.keyBinding")
	case errors.Is(err, sdjwt.ErrDisclosure):
		message = i18n.M("verify.token.disclosure")
	}
	return fault.Wrap(fault.Invalid, op, message, err)
}

// payload is the part of a licence that is about the licence itself.
type payload struct {
	Iss, VCT, ID, Identifier string
	IssuedAt, ValidFrom      time.Time
	ValidUntil               time.Time // zero: none
	Bound                    bool      // cnf: bound to a holder's key
	Status                   bool      // status: refers to a status list
}

func readPayload(m map[string]any) (payload, error) {
	var p payload
	var errs [7]error
	p.Iss, errs[0] = text(m, "iss")
	p.VCT, errs[1] = text(m, "vct")
	p.ID, errs[2] = text(m, "jti")
	p.Identifier, errs[3] = text(m, "identifier")
	p.IssuedAt, errs[4] = instant(m, "iat")
	p.ValidFrom, errs[5] = instant(m, "nbf")
	if _, ok := m["exp"]; ok {
		p.ValidUntil, errs[6] = instant(m, "exp")
	}
	_, p.Bound = m["cnf"]
	_, p.Status = m["status"]
	return p, errors.Join(errs[:]...)
}

func text(m map[string]any, name string) (string, error) {
	s, ok := m[name].(string)
	if !ok || s == "" {
		return "", errors.New(name + " is not a text")
	}
	return s, nil
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253402300799

func instant(m map[string]any, name string) (time.Time, error) {
	n, ok := m[name].(json.Number)
	if !ok {
		return time.Time{}, errors.New(name + " is not a number")
	}
	s, err := n.Int64()
	if err != nil || s <= 0 || s > maxSeconds {
		return time.Time{}, errors.New(name + " is not a time in seconds")
	}
	return time.Unix(s, 0).UTC(), nil
}

// Reserved reports whether the name belongs to the licence itself, so that a
// type of licence cannot have a claim of that name.
func Reserved(name string) bool {
	return slices.Contains([]string{
		"iss", "sub", "aud", "iat", "nbf", "exp", "jti", "vct", "vct#integrity", "cnf", "status", "identifier",
		"_sd", "_sd_alg", "...",
	}, name)
}

// claims are what the token shows, plain ones first, each part by name.
func claims(t *sdjwt.Token, typ Type) []Claim {
	var all []Claim
	for name, value := range t.Payload {
		if s, ok := value.(string); ok && !Reserved(name) {
			all = append(all, Claim{Key: name, Label: typ.label(name), Value: s})
		}
	}
	for _, d := range t.Disclosures {
		all = append(all, Claim{Key: d.Name, Label: typ.label(d.Name), Value: d.Value, Chosen: true})
	}
	slices.SortFunc(all, func(a, b Claim) int {
		if a.Chosen != b.Chosen {
			if b.Chosen {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Key, b.Key)
	})
	return all
}

func (t Type) label(claim string) i18n.Text {
	if label, ok := t.Claims[claim]; ok {
		return label
	}
	return i18n.Same(claim)
}
