package source

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
)

// Decoder takes values out of a tree and notes what does not fit. A value that
// is absent (nil) reads as zero without a fault; presence is asked with Need.
type Decoder struct {
	File     string
	Problems Problems
}

// Fault notes a fault at a value; at nil it has the file's first place.
func (d *Decoder) Fault(at *Value, message, fix i18n.Text) {
	p := Problem{File: d.File, Line: 1, Col: 1, Message: message, Fix: fix}
	if at != nil {
		p.Line, p.Col = at.Line, at.Col
	}
	d.Problems = append(d.Problems, p)
}

// FaultKey notes a fault at the key of an entry.
func (d *Decoder) FaultKey(e Entry, message, fix i18n.Text) {
	d.Fault(&Value{Line: e.Line, Col: e.Col}, message, fix)
}

// Map is the value where it is a map, else nil with a fault.
func (d *Decoder) Map(v *Value) *Value { return d.kind(v, Map, i18n.M("source.wantMap")) }

// List is the value where it is a list, else nil with a fault.
func (d *Decoder) List(v *Value) *Value { return d.kind(v, List, i18n.M("source.wantList")) }

func (d *Decoder) kind(v *Value, kind Kind, message i18n.Text) *Value {
	if v == nil || v.Kind == kind {
		return v
	}
	d.Fault(v, message, i18n.Text{})
	return nil
}

// Known notes every key of a map that is not among those given.
func (d *Decoder) Known(v *Value, keys ...string) {
	if v == nil {
		return
	}
	for _, e := range v.Entries {
		if !slices.Contains(keys, e.Key) {
			d.FaultKey(e, i18n.M("source.unknownKey", "key", e.Key), i18n.M("source.knownKeys", "keys", strings.Join(keys, ", ")))
		}
	}
}

// Need is the value of a map's key, with a fault where it is absent.
func (d *Decoder) Need(v *Value, key string) *Value {
	got := v.Get(key)
	if got == nil && v != nil {
		d.Fault(v, i18n.M("source.missing", "key", key), i18n.Text{})
	}
	return got
}

// String reads a string.
func (d *Decoder) String(v *Value) string {
	s, _ := scalar[string](d, v, i18n.M("source.wantString"))
	return s
}

// Bool reads true or false.
func (d *Decoder) Bool(v *Value) bool {
	b, _ := scalar[bool](d, v, i18n.M("source.wantBool"))
	return b
}

// Int reads a whole number; ok is false where there is none.
func (d *Decoder) Int(v *Value) (n int64, ok bool) {
	return scalar[int64](d, v, i18n.M("source.wantInt"))
}

// Number reads a number; ok is false where there is none.
func (d *Decoder) Number(v *Value) (f float64, ok bool) {
	if v != nil && v.Kind == Scalar {
		if n, whole := v.Scalar.(int64); whole {
			return float64(n), true
		}
	}
	return scalar[float64](d, v, i18n.M("source.wantNumber"))
}

// Strings reads a list of strings.
func (d *Decoder) Strings(v *Value) []string {
	var all []string
	if list := d.List(v); list != nil {
		for _, item := range list.Items {
			all = append(all, d.String(item))
		}
	}
	return all
}

// Text reads a text {zh, en} that has both languages.
func (d *Decoder) Text(v *Value) i18n.Text {
	m := d.Map(v)
	if m == nil {
		return i18n.Text{}
	}
	d.Known(m, "zh", "en")
	text := i18n.Text{ZH: d.String(m.Get("zh")), EN: d.String(m.Get("en"))}
	if text.ZH == "" || text.EN == "" {
		d.Fault(m, i18n.M("source.bothLanguages"), i18n.Text{})
	}
	return text
}

func scalar[T any](d *Decoder, v *Value, message i18n.Text) (T, bool) {
	var zero T
	if v == nil {
		return zero, false
	}
	got, ok := v.Scalar.(T)
	if v.Kind != Scalar || !ok {
		d.Fault(v, message, i18n.Text{})
		return zero, false
	}
	return got, true
}
