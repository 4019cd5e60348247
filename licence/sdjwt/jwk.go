package sdjwt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// JWK is a public P-256 key as RFC 7517 writes it. It has no private part.
type JWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	Kid string `json:"kid,omitempty"`
	Alg string `json:"alg,omitempty"`
	Use string `json:"use,omitempty"`
}

const coordinate = 32 // bytes of a P-256 coordinate

// NewJWK is the JWK of a P-256 key; its kid is the RFC 7638 thumbprint.
func NewJWK(key *ecdsa.PublicKey) (JWK, error) {
	point, err := key.Bytes() // 4, x, y
	if err != nil || len(point) != 1+2*coordinate {
		return JWK{}, fmt.Errorf("sdjwt: not a P-256 key: %w", err)
	}
	k := JWK{
		Kty: "EC", Crv: "P-256",
		X:   base64.RawURLEncoding.EncodeToString(point[1 : 1+coordinate]),
		Y:   base64.RawURLEncoding.EncodeToString(point[1+coordinate:]),
		Alg: "ES256", Use: "sig",
	}
	k.Kid = k.Thumbprint()
	return k, nil
}

// Thumbprint is the RFC 7638 SHA-256 thumbprint, base64url.
func (k JWK) Thumbprint() string {
	sum := sha256.Sum256([]byte(`{"crv":"` + k.Crv + `","kty":"` + k.Kty + `","x":"` + k.X + `","y":"` + k.Y + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Public is the key; an error where it is of another kind or no point of the
// curve.
func (k JWK) Public() (*ecdsa.PublicKey, error) {
	if k.Kty != "EC" || k.Crv != "P-256" {
		return nil, errors.New("sdjwt: only P-256 keys are taken")
	}
	x, errX := decodeBase64(k.X)
	y, errY := decodeBase64(k.Y)
	if err := errors.Join(errX, errY); err != nil || len(x) != coordinate || len(y) != coordinate {
		return nil, errors.New("sdjwt: the coordinates of the key are not 32 bytes of base64url")
	}
	point := append(append([]byte{4}, x...), y...)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, fmt.Errorf("sdjwt: %w", err)
	}
	return key, nil
}
