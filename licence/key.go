package licence

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/tongban/tongban/licence/sdjwt"
)

// Keys are the signing keys of the issuing agencies: one P-256 key each, in a
// file AGENCY.pem (PKCS #8) that only its owner may read. A key is made the
// first time it is asked for. All nodes of a deployment share one directory;
// two that make a key at once end up with the same one. It is safe for
// concurrent use.
type Keys struct {
	dir string

	mu   sync.Mutex // guards made
	made map[string]signer
}

// signer is a loaded key.
type signer struct {
	key *ecdsa.PrivateKey
	jwk sdjwt.JWK
}

// OpenKeys opens the directory, making it if missing.
func OpenKeys(dir string) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("licence.OpenKeys: %w", err)
	}
	return &Keys{dir: dir, made: map[string]signer{}}, nil
}

var agencyID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// signer is the key of the agency.
func (k *Keys) signer(agency string) (signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.made[agency]; ok {
		return s, nil
	}
	if !agencyID.MatchString(agency) {
		return signer{}, fmt.Errorf("licence: %q is no agency id that a key file can be named after", agency)
	}
	path := filepath.Join(k.dir, agency+".pem")
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = k.create(path); err == nil {
			key, err = readKey(path)
		}
	}
	if err != nil {
		return signer{}, fmt.Errorf("licence: key of %s: %w", agency, err)
	}
	jwk, err := sdjwt.NewJWK(&key.PublicKey)
	if err != nil {
		return signer{}, err
	}
	s := signer{key, jwk}
	k.made[agency] = s
	return s, nil
}

// create writes a fresh key, whole or not at all, and leaves a key alone that
// somebody else wrote first.
func (k *Keys) create(path string) (err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(k.dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	werr := pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %o); make it 0600", path, info.Mode().Perm())
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(src)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("%s is not a PKCS #8 key in PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%s is not a P-256 key", path)
	}
	return key, nil
}
