package form

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// member is one of the forms that a merged form is made of.
type member struct {
	form *Form
	keys map[string]string // its key -> the merged key
}

// project is the data of the merged form as the member sees it.
func (m member) project(data map[string]any) map[string]any {
	own := make(map[string]any, len(m.keys))
	for key, merged := range m.keys {
		if value, ok := data[merged]; ok {
			own[key] = value
		}
	}
	return own
}

// Merge makes one form of several: a field that forms share (by Field.Shared)
// is asked once, where it comes first; the others keep their key, or take one
// with the form's id before it where the key is taken. The map says, for each
// form's id and each of its fields, under which merged key its value is. Steps
// stay in order; those whose fields were all asked before are left out.
//
// Values are checked by the members' own rules, so a shared field must please
// all of them. It fails with an Invalid fault where the same shared field has
// another type, widget or choices in another form, and where two forms have the
// same id.
func Merge(id string, forms ...*Form) (*Form, map[string]map[string]string, error) {
	b := &merger{form: &Form{ID: id, byKey: map[string]*Field{}}, shared: map[string]*Field{}, keys: map[string]map[string]string{}}
	hash := sha256.New()
	for _, f := range forms {
		if b.keys[f.ID] != nil {
			return nil, nil, fault.New(fault.Invalid, "form.Merge", i18n.M("form.merge.twice", "form", f.ID))
		}
		if err := b.add(f); err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(hash, "%s %s\n", f.ID, f.Hash)
	}
	b.form.Hash = hex.EncodeToString(hash.Sum(nil))
	return b.form, b.keys, nil
}

// merger is one run of Merge.
type merger struct {
	form   *Form
	shared map[string]*Field            // shared name -> merged field
	keys   map[string]map[string]string // form id -> key -> merged key
}

func (b *merger) add(f *Form) error {
	keys := make(map[string]string, len(f.Fields))
	fresh := map[string]bool{} // own keys that are asked here first
	for _, field := range f.Fields {
		if field.Shared == "" || b.shared[field.Shared] == nil {
			keys[field.Key] = b.append(f, field)
			fresh[field.Key] = true
			continue
		}
		merged := b.shared[field.Shared]
		if err := merged.join(field); err != nil {
			return err
		}
		keys[field.Key] = merged.Key
	}
	for _, step := range f.Steps {
		b.step(f, step, keys, fresh)
	}
	b.keys[f.ID] = keys
	members := []member{{f, keys}}
	if f.members != nil { // merged forms are flattened
		members = nil
		for _, m := range f.members {
			through := map[string]string{}
			for own, key := range m.keys {
				through[own] = keys[key]
			}
			members = append(members, member{m.form, through})
		}
	}
	b.form.members = append(b.form.members, members...)
	return nil
}

// append gives the merged form a field of its own and returns its key.
func (b *merger) append(f *Form, field *Field) string {
	merged := *field
	merged.Choices = slices.Clone(field.Choices)
	if b.form.byKey[merged.Key] != nil {
		merged.Key = b.free(f.ID, field.Key)
	}
	b.form.Fields = append(b.form.Fields, &merged)
	b.form.byKey[merged.Key] = &merged
	if field.Shared != "" {
		b.shared[field.Shared] = &merged
	}
	return merged.Key
}

// free is a key that is not taken: the form's id, then the key, then a number.
func (b *merger) free(id, key string) string {
	base := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, id) + "_" + key
	for n, name := 2, base; ; n++ {
		if b.form.byKey[name] == nil {
			return name
		}
		name = fmt.Sprintf("%s_%d", base, n)
	}
}

func (b *merger) step(f *Form, step Step, keys map[string]string, fresh map[string]bool) {
	merged := step
	merged.Fields = nil
	for _, key := range step.Fields {
		if fresh[key] {
			merged.Fields = append(merged.Fields, keys[key])
		}
	}
	if merged.Fields == nil {
		return
	}
	if slices.ContainsFunc(b.form.Steps, func(s Step) bool { return s.ID == merged.ID }) {
		merged.ID = f.ID + "-" + step.ID
	}
	b.form.Steps = append(b.form.Steps, merged)
}

// join takes into a merged field what another form asks of it: the narrower of
// both. Their schemas are each checked on their own.
func (f *Field) join(other *Field) error {
	same := f.Type == other.Type && f.Widget == other.Widget &&
		slices.EqualFunc(f.Choices, other.Choices, func(a, b Choice) bool { return a.Value == b.Value })
	if !same {
		return fault.New(fault.Invalid, "form.Merge", i18n.M("form.merge.differs", "field", f.Label, "shared", f.Shared))
	}
	f.Required = f.Required || other.Required
	f.Readonly = f.Readonly && other.Readonly
	f.MaxLength = min(f.MaxLength, other.MaxLength)
	f.Min = narrower(f.Min, other.Min, func(a, b float64) bool { return a > b })
	f.Max = narrower(f.Max, other.Max, func(a, b float64) bool { return a < b })
	if f.Fill == "" {
		f.Fill = other.Fill
	}
	if f.Hint.IsZero() {
		f.Hint = other.Hint
	}
	if other.Show == "" {
		f.Show = "" // asked in any case
	}
	return nil
}

func narrower(a, b *float64, better func(a, b float64) bool) *float64 {
	if a == nil || b != nil && better(*b, *a) {
		return b
	}
	return a
}
