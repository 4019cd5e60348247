package form

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

const (
	draft     = "https://json-schema.org/draft/2020-12/schema"
	schemaURL = "tongban:form"
)

// closed refuses to load any schema from elsewhere.
type closed struct{}

// Load implements jsonschema.URLLoader.
func (closed) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not loaded", url) }

// compileSchema compiles the file as JSON Schema, with what the annotations add
// to it: no fields but those named, a longest length, the choices as enum.
func (p *parser) compileSchema(root *source.Value) {
	if s := root.Get("$schema"); s != nil && strings.TrimSuffix(p.String(s), "#") != draft {
		p.fault(s, i18n.M("form.parse.draft", "draft", draft))
		return
	}
	doc, _ := root.Plain().(map[string]any)
	delete(doc, "$id") // the form's own name would only shift the places of faults
	doc["additionalProperties"] = false
	properties, _ := doc["properties"].(map[string]any)
	for key, property := range properties {
		if m, ok := property.(map[string]any); ok {
			p.form.byKey[key].complete(m)
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(closed{})
	if err := compiler.AddResource(schemaURL, doc); err != nil {
		p.fault(root, i18n.M("form.parse.schema", "detail", err.Error()))
		return
	}
	schema, err := compiler.Compile(schemaURL)
	if err != nil {
		p.schemaFault(root, err)
		return
	}
	p.form.schema = schema
}

// complete writes into a property's schema what its field says beyond it.
func (f *Field) complete(m map[string]any) {
	switch f.Type {
	case "string":
		m["maxLength"] = int64(f.MaxLength)
	case "array":
		m["uniqueItems"] = true
	}
	if len(f.Choices) == 0 || f.Type == "boolean" {
		return
	}
	enum := make([]any, 0, len(f.Choices))
	for _, c := range f.Choices {
		var value any = c.Value
		if n, err := strconv.ParseInt(c.Value, 10, 64); err == nil && f.Type == "integer" {
			value = n
		}
		enum = append(enum, value)
	}
	if items, ok := m["items"].(map[string]any); ok {
		m = items
	}
	if m["enum"] == nil {
		m["enum"] = enum
	}
}

// schemaFault reports where the file is not good JSON Schema.
func (p *parser) schemaFault(root *source.Value, err error) {
	var invalid *jsonschema.SchemaValidationError
	var validation *jsonschema.ValidationError
	if !errors.As(err, &invalid) || !errors.As(invalid.Err, &validation) {
		p.fault(root, i18n.M("form.parse.schema", "detail", err.Error()))
		return
	}
	for len(validation.Causes) > 0 {
		validation = validation.Causes[0]
	}
	message := i18n.M("form.parse.schema", "detail", validation.Error())
	if format, ok := validation.ErrorKind.(*kind.Format); ok && format.Want == "regex" {
		message = i18n.M("form.parse.pattern", "detail", format.Err)
	}
	p.fault(at(root, validation.InstanceLocation), message)
}

// at is the value at a path, or the last one on the way to it.
func at(v *source.Value, path []string) *source.Value {
	for _, key := range path {
		next := v.Get(key)
		if i, err := strconv.Atoi(key); err == nil && next == nil && i < len(v.Items) {
			next = v.Items[i]
		}
		if next == nil {
			return v
		}
		v = next
	}
	return v
}

// violation is one keyword of the schema that a value breaks.
type violation struct {
	path []string // into the values
	kind jsonschema.ErrorKind
}

// violations are the leaves of what the schema says about values.
func (f *Form) violations(values map[string]any) []violation {
	err := f.schema.Validate(values)
	var top *jsonschema.ValidationError
	if !errors.As(err, &top) {
		return nil
	}
	var all []violation
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			all = append(all, violation{slices.Clone(e.InstanceLocation), e.ErrorKind})
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(top)
	return all
}
