// Package i18n holds every sentence a person reads that is not part of a city
// pack. A sentence has a key ("form.required") and one text in Chinese and one
// in English, both kept in messages/<prefix>.yaml, where <prefix> is the part
// of the key before the first dot. Chinese is the first language; a text that
// lacks one of the two fails the package's test.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Lang is a language of the pages: ZH or EN.
type Lang string

// The languages that every text has.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// ParseLang returns the language that s names ("zh-CN", "en-GB", "en"), and ZH
// for everything else.
func ParseLang(s string) Lang {
	if strings.HasPrefix(strings.ToLower(s), "en") {
		return EN
	}
	return ZH
}

// Tag is the BCP 47 tag of the language for an HTML lang attribute.
func (l Lang) Tag() string {
	if l == EN {
		return "en"
	}
	return "zh-CN"
}

// Other is the language that a page offers to switch to.
func (l Lang) Other() Lang {
	if l == EN {
		return ZH
	}
	return EN
}

// Text is one sentence in every language.
type Text struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en"`
}

// In returns the text in language l, and the other language's where l has none.
func (t Text) In(l Lang) string {
	if l == EN && t.EN != "" || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}

// IsZero reports whether the text is empty in both languages.
func (t Text) IsZero() bool { return t.ZH == "" && t.EN == "" }

// Same is a text that reads alike in both languages: a number, a code, a name.
func Same(s string) Text { return Text{ZH: s, EN: s} }

//go:embed messages/*.yaml
var files embed.FS

var load = sync.OnceValues(func() (map[string]Text, error) { return read(files) })

func read(fsys fs.FS) (map[string]Text, error) {
	names, err := fs.Glob(fsys, "messages/*.yaml")
	if err != nil {
		return nil, err
	}
	all := map[string]Text{}
	for _, name := range names {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var part map[string]Text
		if err := yaml.UnmarshalWithOptions(src, &part, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		prefix := strings.TrimSuffix(strings.TrimPrefix(name, "messages/"), ".yaml") + "."
		for key, text := range part {
			if !strings.HasPrefix(key, prefix) {
				return nil, fmt.Errorf("%s: key %q does not begin with %q", name, key, prefix)
			}
			all[key] = text
		}
	}
	return all, nil
}

// M is the message of a key in both languages. Arguments come in pairs of a
// placeholder's name and its value: M("form.tooLong", "max", 60) fills {max};
// a value that is a Text is filled in each language. An unknown key gives the
// key itself, so that a page still renders; TestKeys keeps that from landing.
func M(key string, args ...any) Text {
	all, err := load()
	if err != nil {
		return Same(key)
	}
	text, ok := all[key]
	if !ok {
		return Same(key)
	}
	if len(args) == 0 {
		return text
	}
	return Text{ZH: fill(text.ZH, ZH, args), EN: fill(text.EN, EN, args)}
}

// T is M in one language.
func T(l Lang, key string, args ...any) string { return M(key, args...).In(l) }

func fill(s string, l Lang, args []any) string {
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		value := args[i+1]
		if t, ok := value.(Text); ok {
			value = t.In(l)
		}
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(value))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Keys lists every key, sorted; it fails where a file of messages is broken.
func Keys() ([]string, error) {
	all, err := load()
	if err != nil {
		return nil, err
	}
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys, nil
}
