package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/i18n"
)

const (
	maxDepth   = 32      // objects and arrays in one another
	maxMembers = 20_000  // values in all
	maxString  = 200_000 // bytes of one string
)

// badJSON is what is wrong with the form of a body, and where.
type badJSON struct {
	pointer string
	message i18n.Text
}

// checkJSON looks at a body before it is decoded: one JSON text in UTF-8, not
// too deep, no member twice, no control characters but tab and line ends in its
// strings. It is nil where the body may be decoded.
func checkJSON(body []byte) *badJSON {
	if !utf8.Valid(body) {
		return &badJSON{message: i18n.M("api.json.utf8")}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	c := &jsonCheck{d: d}
	if bad := c.value(nil); bad != nil {
		return bad
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &badJSON{message: i18n.M("api.json.syntax", "at", d.InputOffset())}
	}
	return nil
}

type jsonCheck struct {
	d      *json.Decoder
	values int
}

func (c *jsonCheck) value(path []string) *badJSON {
	t, err := c.d.Token()
	if err != nil {
		return c.broken(path)
	}
	if c.values++; c.values > maxMembers {
		return &badJSON{pointer(path...), i18n.M("api.json.many", "max", maxMembers)}
	}
	switch t := t.(type) {
	case json.Delim:
		if len(path) >= maxDepth {
			return &badJSON{message: i18n.M("api.json.deep", "max", maxDepth)}
		}
		if t == '{' {
			return c.object(path)
		}
		return c.array(path)
	case string:
		return checkText(path, t)
	}
	return nil
}

func (c *jsonCheck) object(path []string) *badJSON {
	seen := map[string]bool{}
	for c.d.More() {
		t, err := c.d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return c.broken(path)
		}
		at := append(path[:len(path):len(path)], key)
		if seen[key] {
			return &badJSON{pointer(at...), i18n.M("api.json.twice")}
		}
		seen[key] = true
		if bad := checkText(path, key); bad != nil {
			return bad
		}
		if bad := c.value(at); bad != nil {
			return bad
		}
	}
	return c.end(path)
}

func (c *jsonCheck) array(path []string) *badJSON {
	for i := 0; c.d.More(); i++ {
		if bad := c.value(append(path[:len(path):len(path)], strconv.Itoa(i))); bad != nil {
			return bad
		}
	}
	return c.end(path)
}

func (c *jsonCheck) end(path []string) *badJSON {
	if _, err := c.d.Token(); err != nil {
		return c.broken(path)
	}
	return nil
}

func (c *jsonCheck) broken(path []string) *badJSON {
	return &badJSON{pointer(path...), i18n.M("api.json.syntax", "at", c.d.InputOffset())}
}

func checkText(path []string, s string) *badJSON {
	if len(s) > maxString {
		return &badJSON{pointer(path...), i18n.M("api.json.long", "max", maxString)}
	}
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return &badJSON{pointer(path...), i18n.M("api.json.control")}
		}
	}
	return nil
}
