// Package sdjwt makes and reads SD-JWTs (RFC 9901) in the form that licences
// use: a JWT signed with ES256, flat claims, each of which is either plain in
// the payload or behind a salted digest in _sd, and the disclosures that open
// those digests. It neither knows what a licence is nor whom to trust, and it
// touches no clock, no file and no database.
//
// What RFC 9901 allows and licences do not use is refused when read: nested and
// array disclosures, digests by another hash, a key-binding JWT.
package sdjwt

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
)

// Type is the typ header of an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc).
const Type = "dc+sd-jwt"

// MaxSize is how many bytes a token may have to be read at all.
const MaxSize = 64 << 10

// saltSize is 128 bits, as RFC 9901 section 9.3 asks.
const saltSize = 16

// Header is the protected header. Crit is there to be refused.
type Header struct {
	Alg  string   `json:"alg"`
	Typ  string   `json:"typ"`
	Kid  string   `json:"kid,omitempty"`
	Crit []string `json:"crit,omitempty"`
}

// Disclosure opens one claim. Text is its encoded form, over which its digest
// is taken.
type Disclosure struct {
	Salt, Name, Value string
	Text              string
}

// Digest is the base64url SHA-256 of the disclosure's text.
func (d Disclosure) Digest() string { return Digest(d.Text) }

// Digest is the base64url SHA-256 of an encoded disclosure.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// NewDisclosure makes the disclosure of a claim with a fresh salt.
func NewDisclosure(random io.Reader, name, value string) (Disclosure, error) {
	raw := make([]byte, saltSize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return Disclosure{}, fmt.Errorf("sdjwt: salt: %w", err)
	}
	d := Disclosure{Salt: base64.RawURLEncoding.EncodeToString(raw), Name: name, Value: value}
	src, err := json.Marshal([]string{d.Salt, d.Name, d.Value})
	if err != nil {
		return Disclosure{}, fmt.Errorf("sdjwt: %w", err)
	}
	d.Text = base64.RawURLEncoding.EncodeToString(src)
	return d, nil
}

// Sign makes a token: plain stays in the payload, hidden goes behind digests,
// whose order says nothing of the claims' order. plain must be free of _sd,
// _sd_alg and of the names in hidden.
func Sign(key *ecdsa.PrivateKey, kid string, plain map[string]any, hidden []Disclosure) (string, error) {
	payload := make(map[string]any, len(plain)+2)
	for name, value := range plain {
		payload[name] = value
	}
	digests := make([]string, len(hidden))
	for i, d := range hidden {
		if _, taken := payload[d.Name]; taken || structural(d.Name) {
			return "", fmt.Errorf("sdjwt: claim %q cannot be disclosed by choice: the name is taken", d.Name)
		}
		digests[i] = d.Digest()
	}
	slices.Sort(digests)
	if len(digests) > 0 {
		payload["_sd"] = digests
		payload["_sd_alg"] = "sha-256"
	}
	jwt, err := signJWT(key, Header{Alg: "ES256", Typ: Type, Kid: kid}, payload)
	if err != nil {
		return "", err
	}
	return join(jwt, hidden), nil
}

func join(jwt string, disclosures []Disclosure) string {
	var b strings.Builder
	b.WriteString(jwt)
	b.WriteByte('~')
	for _, d := range disclosures {
		b.WriteString(d.Text)
		b.WriteByte('~')
	}
	return b.String()
}

func signJWT(key *ecdsa.PrivateKey, header Header, payload map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("sdjwt: %w", err)
	}
	p, err := json.Marshal(payload)
	if err != nil {
		return "", fmt.Errorf("sdjwt: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(p)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("sdjwt: sign: %w", err)
	}
	var sig [64]byte // RFC 7518 section 3.4: r and s, 32 bytes each
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig[:]), nil
}

// Select keeps of a token only the disclosures of the named claims. Names that
// the token does not disclose by choice change nothing.
func Select(token string, names []string) (string, error) {
	t, err := Parse(token)
	if err != nil {
		return "", err
	}
	kept := slices.DeleteFunc(slices.Clone(t.Disclosures), func(d Disclosure) bool { return !slices.Contains(names, d.Name) })
	return join(t.JWT, kept), nil
}

// errSignature is deliberately one for every way in which a signature is wrong.
var errSignature = errors.New("sdjwt: the signature does not match")

// Verify checks the issuer's signature over the JWT.
func (t *Token) Verify(key *ecdsa.PublicKey) error {
	sum := sha256.Sum256([]byte(t.signed))
	if len(t.signature) != 64 {
		return errSignature
	}
	r := new(big.Int).SetBytes(t.signature[:32])
	s := new(big.Int).SetBytes(t.signature[32:])
	if !ecdsa.Verify(key, sum[:], r, s) {
		return errSignature
	}
	return nil
}
