package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// signingKey is the key that ID tokens and access tokens are signed with.
type signingKey struct {
	id  string
	key *ecdsa.PrivateKey
}

func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k signingKey) Key() any                                    { return k.key }
func (k signingKey) ID() string                                  { return k.id }

// verifyKey is the public half, as the provider publishes it.
type verifyKey struct{ signingKey }

func (k verifyKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k verifyKey) Use() string                        { return "sig" }
func (k verifyKey) Key() any                           { return &k.key.PublicKey }

// openKey reads the key of the file, making it if missing; "" makes one that is
// not kept.
func openKey(file string) (signingKey, error) {
	if file == "" {
		return makeKey()
	}
	src, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return keepKey(file)
	}
	if err != nil {
		return signingKey{}, err
	}
	block, _ := pem.Decode(src)
	if block == nil {
		return signingKey{}, fmt.Errorf("%s: no PEM block", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return signingKey{}, fmt.Errorf("%s: %w", file, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return signingKey{}, fmt.Errorf("%s: not a P-256 key", file)
	}
	return named(key)
}

func makeKey() (signingKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signingKey{}, err
	}
	return named(key)
}

func keepKey(file string) (signingKey, error) {
	k, err := makeKey()
	if err != nil {
		return signingKey{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return signingKey{}, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return signingKey{}, err
	}
	return k, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// named gives the key an id that follows from it.
func named(key *ecdsa.PrivateKey) (signingKey, error) {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return signingKey{}, err
	}
	sum := sha256.Sum256(der)
	return signingKey{id: base64.RawURLEncoding.EncodeToString(sum[:9]), key: key}, nil
}
