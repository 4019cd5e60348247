package outreach

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// Key signs the links that end letters. Who knows it can end anybody's letters,
// and nothing else.
type Key []byte

// OpenKey reads the key of a file, or makes it at the first start. Of two
// processes that start at once, one wins and both use its key.
func OpenKey(file string) (Key, error) {
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // never fails
		if err := place(file, fresh); err != nil {
			return nil, fmt.Errorf("outreach.OpenKey: %w", err)
		}
		key, err = os.ReadFile(file)
	}
	if err == nil && len(key) != 32 {
		err = fmt.Errorf("%s: got %d bytes, want 32", file, len(key))
	}
	if err != nil {
		return nil, fmt.Errorf("outreach.OpenKey: %w", err)
	}
	return key, nil
}

// place puts the bytes into the file, whole, unless it is there.
func place(file string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), "key-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Stop is what a signed link ends: offers to a party over a channel.
type Stop struct {
	Party   party.ID
	Channel Channel
}

// Token is the stop as a link carries it. It holds for as long as the key does:
// a letter may be opened late.
func (k Key) Token(s Stop) string {
	text := string(s.Channel) + ":" + string(s.Party)
	return base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + base64.RawURLEncoding.EncodeToString(k.sum(text))
}

// Read gives the stop of a token; NotFound where the key has not signed it.
func (k Key) Read(token string) (Stop, error) {
	wrong := fault.New(fault.NotFound, "outreach.Read", i18n.M("offer.stop.bad"))
	text, sum, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return Stop{}, wrong
	}
	got, err := base64.RawURLEncoding.Strict().DecodeString(sum)
	if err != nil || !hmac.Equal(got, k.sum(string(raw))) {
		return Stop{}, wrong
	}
	channel, id, _ := strings.Cut(string(raw), ":")
	if !slices.Contains(Channels(), Channel(channel)) {
		return Stop{}, wrong
	}
	return Stop{Party: party.ID(id), Channel: Channel(channel)}, nil
}

func (k Key) sum(text string) []byte {
	h := hmac.New(sha256.New, k)
	h.Write([]byte("stop\n" + text))
	return h.Sum(nil)
}
