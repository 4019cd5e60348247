package sdjwt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Token is an SD-JWT taken apart. Nothing in it is trusted until Verify was
// called with a key that is.
type Token struct {
	JWT         string // the issuer-signed part
	Header      Header
	Payload     map[string]any // without _sd and _sd_alg; numbers are json.Number
	Digests     []string       // _sd
	Disclosures []Disclosure   // in the token's order

	signed    string
	signature []byte
}

// The ways in which a token cannot be read. A caller tells them apart with
// errors.Is; anything else is a token that is cut or garbled.
var (
	ErrSize       = errors.New("sdjwt: the token is too large")
	ErrAlgorithm  = errors.New("sdjwt: only ES256 and SHA-256 are taken, and no critical extension")
	ErrKind       = errors.New("sdjwt: not a credential of typ " + Type)
	ErrKeyBinding = errors.New("sdjwt: a key-binding JWT is not supported")
	ErrDisclosure = errors.New("sdjwt: the disclosures do not belong to the token")
)

// maxDisclosures bounds the work for one token.
const maxDisclosures = 200

// Parse takes a token apart and holds its disclosures against its digests: each
// must be there once, and its name must not be a plain claim's. It does not
// check the signature.
func Parse(token string) (*Token, error) {
	if len(token) > MaxSize {
		return nil, ErrSize
	}
	parts := strings.Split(token, "~")
	if len(parts) < 2 {
		return nil, errors.New("sdjwt: no ~ ends the token: it is not an SD-JWT or was cut")
	}
	if parts[len(parts)-1] != "" {
		return nil, ErrKeyBinding
	}
	if len(parts)-2 > maxDisclosures {
		return nil, ErrSize
	}
	t := &Token{JWT: parts[0]}
	if err := t.parseJWT(); err != nil {
		return nil, err
	}
	for _, text := range parts[1 : len(parts)-1] {
		if err := t.addDisclosure(text); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Token) parseJWT() error {
	parts := strings.Split(t.JWT, ".")
	if len(parts) != 3 {
		return errors.New("sdjwt: a JWT has three parts")
	}
	t.signed = parts[0] + "." + parts[1]
	if err := decodePart(parts[0], &t.Header); err != nil {
		return fmt.Errorf("sdjwt: header: %w", err)
	}
	switch {
	case t.Header.Typ != Type:
		return ErrKind
	case t.Header.Alg != "ES256" || len(t.Header.Crit) > 0:
		return ErrAlgorithm
	}
	if err := decodePart(parts[1], &t.Payload); err != nil {
		return fmt.Errorf("sdjwt: payload: %w", err)
	}
	sig, err := decodeBase64(parts[2])
	if err != nil {
		return fmt.Errorf("sdjwt: signature: %w", err)
	}
	t.signature = sig
	return t.takeDigests()
}

// takeDigests moves _sd and _sd_alg out of the payload.
func (t *Token) takeDigests() error {
	if alg, ok := t.Payload["_sd_alg"]; ok && alg != "sha-256" {
		return ErrAlgorithm
	}
	if sd, ok := t.Payload["_sd"]; ok {
		list, ok := sd.([]any)
		if !ok {
			return ErrDisclosure
		}
		for _, one := range list {
			digest, ok := one.(string)
			if !ok || slices.Contains(t.Digests, digest) {
				return ErrDisclosure
			}
			t.Digests = append(t.Digests, digest)
			if len(t.Digests) > maxDisclosures {
				return ErrSize
			}
		}
	}
	delete(t.Payload, "_sd")
	delete(t.Payload, "_sd_alg")
	for name, value := range t.Payload {
		if structural(name) || nested(value) {
			return fmt.Errorf("%w: claim %q is nested", ErrDisclosure, name)
		}
	}
	return nil
}

// nested reports whether a plain value hides disclosures of its own.
func nested(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if structural(name) || nested(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, nested)
	}
	return false
}

// structural reports whether RFC 9901 gives the name a meaning of its own.
func structural(name string) bool { return name == "_sd" || name == "_sd_alg" || name == "..." }

func (t *Token) addDisclosure(text string) error {
	d, err := ParseDisclosure(text)
	if err != nil {
		return err
	}
	if !slices.Contains(t.Digests, d.Digest()) {
		return ErrDisclosure
	}
	if _, taken := t.Payload[d.Name]; taken || structural(d.Name) {
		return ErrDisclosure
	}
	if slices.ContainsFunc(t.Disclosures, func(e Disclosure) bool { return e.Name == d.Name }) {
		return ErrDisclosure
	}
	t.Disclosures = append(t.Disclosures, d)
	return nil
}

// ParseDisclosure reads one encoded disclosure: three strings, salt, name,
// value. Values of another type, and those of arrays, are refused.
func ParseDisclosure(text string) (Disclosure, error) {
	src, err := decodeBase64(text)
	if err != nil {
		return Disclosure{}, fmt.Errorf("%w: %w", ErrDisclosure, err)
	}
	var list []*string
	if err := strict(src, &list); err != nil {
		return Disclosure{}, fmt.Errorf("%w: %w", ErrDisclosure, err)
	}
	if len(list) != 3 || slices.Contains(list, nil) {
		return Disclosure{}, ErrDisclosure
	}
	return Disclosure{Salt: *list[0], Name: *list[1], Value: *list[2], Text: text}, nil
}

func decodePart(part string, into any) error {
	src, err := decodeBase64(part)
	if err != nil {
		return err
	}
	return strict(src, into)
}

// strict decodes exactly one JSON value of valid UTF-8.
func strict(src []byte, into any) error {
	if !utf8.Valid(src) {
		return errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// decodeBase64 takes base64url without padding, in its one canonical spelling.
func decodeBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("line break in base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}
