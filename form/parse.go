package form

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

// The bounds of a form and of the fields that set none.
const (
	maxFields       = 200
	defaultText     = 200
	defaultTextarea = 2000
	maxText         = 10000
	maxChoices      = 500
)

const annotation = "x-tongban"

var (
	keyForm    = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,59}$`)
	stepForm   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	sourceForm = regexp.MustCompile(`^[a-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+$`)
)

// Parse reads and checks a form from YAML or JSON. The error is
// source.Problems: every fault with file, line and column.
func Parse(name string, src []byte) (*Form, error) {
	root, err := source.Parse(name, src)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(src)
	base := path.Base(name)
	p := &parser{Decoder: &source.Decoder{File: name}, places: map[string]*source.Value{}}
	p.form = &Form{
		ID: strings.TrimSuffix(base, path.Ext(base)), Hash: hex.EncodeToString(sum[:]), source: slices.Clone(src),
		byKey: map[string]*Field{}, shows: map[string]*show{},
	}
	p.read(root)
	if err := p.Problems.Err(); err != nil {
		return nil, err
	}
	return p.form, nil
}

// parser is one run of Parse.
type parser struct {
	*source.Decoder
	form   *Form
	places map[string]*source.Value // field key -> its schema
}

func (p *parser) fault(at *source.Value, message i18n.Text) { p.Fault(at, message, i18n.Text{}) }

func (p *parser) read(root *source.Value) {
	root = p.Map(root)
	if root == nil {
		return
	}
	p.Known(root, "$schema", "$id", "$comment", "title", "description", "type", "required", "properties", "additionalProperties",
		"dependentRequired", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", annotation)
	if t := p.Need(root, "type"); t != nil && p.String(t) != "object" {
		p.fault(t, i18n.M("form.parse.object"))
	}
	if extra := root.Get("additionalProperties"); extra != nil && (extra.Scalar != false) {
		p.fault(extra, i18n.M("form.parse.closed"))
	}
	p.fields(p.Map(p.Need(root, "properties")))
	p.required(p.List(root.Get("required")))
	p.annotations(p.Map(p.Need(root, annotation)))
	p.noReferences(root)
	if len(p.Problems) > 0 {
		return // what follows would only repeat them
	}
	p.compileShows()
	p.compileSchema(root)
}

func (p *parser) fields(properties *source.Value) {
	if properties == nil {
		return
	}
	if len(properties.Entries) > maxFields {
		p.fault(properties, i18n.M("form.parse.fields", "max", maxFields))
		return
	}
	for _, e := range properties.Entries {
		if !keyForm.MatchString(e.Key) || reserved(e.Key) {
			p.FaultKey(e, i18n.M("form.parse.key", "key", e.Key), i18n.M("form.parse.keyFix"))
			continue
		}
		f := p.field(e)
		p.form.Fields = append(p.form.Fields, f)
		p.form.byKey[f.Key] = f
		p.places[f.Key] = e.Value
	}
}

// reserved are the names that rules over a case give another meaning, and the
// words of CEL.
func reserved(key string) bool {
	return slices.Contains(strings.Fields("scenario task decision today party true false null in as break const continue else for "+
		"function if import let loop package namespace return var void while has"), key)
}

func (p *parser) required(list *source.Value) {
	if list == nil {
		return
	}
	for _, item := range list.Items {
		key := p.String(item)
		f := p.form.byKey[key]
		if f == nil {
			p.fault(item, i18n.M("form.parse.noField", "key", key))
			continue
		}
		f.Required = true
	}
}

func (p *parser) annotations(top *source.Value) {
	if top == nil {
		return
	}
	p.Known(top, "title", "steps")
	p.form.Title = p.Text(top.Get("title"))
	steps := p.List(p.Need(top, "steps"))
	if steps == nil {
		return
	}
	asked := map[string]bool{}
	var inOrder []*Field
	for _, item := range steps.Items {
		step := p.step(item)
		for i, key := range step.Fields {
			at := item.Get("fields").Items[i]
			switch f := p.form.byKey[key]; {
			case f == nil:
				p.fault(at, i18n.M("form.parse.noField", "key", key))
			case asked[key]:
				p.fault(at, i18n.M("form.parse.twice", "key", key))
			default:
				asked[key] = true
				inOrder = append(inOrder, f)
			}
		}
		p.form.Steps = append(p.form.Steps, step)
	}
	for _, f := range p.form.Fields {
		if !asked[f.Key] {
			p.fault(p.places[f.Key], i18n.M("form.parse.noStep", "key", f.Key))
		}
	}
	if len(inOrder) == 0 {
		p.fault(steps, i18n.M("form.parse.empty"))
	}
	p.form.Fields = inOrder
}

func (p *parser) step(v *source.Value) Step {
	m := p.Map(v)
	if m == nil {
		return Step{}
	}
	p.Known(m, "id", "title", "hint", "fields")
	step := Step{
		ID: p.String(p.Need(m, "id")), Title: p.Text(p.Need(m, "title")), Hint: p.Text(m.Get("hint")),
		Fields: p.Strings(p.Need(m, "fields")),
	}
	if id := m.Get("id"); id != nil {
		if !stepForm.MatchString(step.ID) {
			p.fault(id, i18n.M("form.parse.stepID", "id", step.ID))
		}
		if slices.ContainsFunc(p.form.Steps, func(s Step) bool { return s.ID == step.ID }) {
			p.fault(id, i18n.M("form.parse.stepTwice", "id", step.ID))
		}
	}
	return step
}

// noReferences refuses $ref and its kin anywhere: a form is whole in its file.
func (p *parser) noReferences(v *source.Value) {
	for _, e := range v.Entries {
		switch e.Key {
		case "$ref", "$dynamicRef", "$anchor", "$dynamicAnchor", "$defs", "$vocabulary":
			p.FaultKey(e, i18n.M("form.parse.reference", "key", e.Key), i18n.Text{})
		}
		p.noReferences(e.Value)
	}
	for _, item := range v.Items {
		p.noReferences(item)
	}
}
