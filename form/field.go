package form

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

// widgets are the widgets that each type may have; the first is used where the
// form names none.
func widgets(fieldType string) []string {
	switch fieldType {
	case "string":
		return []string{"text", "textarea", "date", "year-month", "select", "radio", "phone", "email", "citizen-id", "uscc", "area"}
	case "integer":
		return []string{"number", "money", "select", "radio"}
	case "number":
		return []string{"number"}
	case "boolean":
		return []string{"checkbox", "radio"}
	case "array":
		return []string{"checkboxes"}
	}
	return nil
}

// field reads one property: its schema and its annotations.
func (p *parser) field(e source.Entry) *Field {
	f := &Field{Key: e.Key}
	m := p.Map(e.Value)
	if m == nil {
		return f
	}
	p.Known(m, "$comment", "type", "title", "description", "enum", "const", "default", "examples", "format", "pattern",
		"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"items", "minItems", "maxItems", "uniqueItems", annotation)
	f.Type = p.String(p.Need(m, "type"))
	if widgets(f.Type) == nil {
		if f.Type != "" {
			p.fault(m.Get("type"), i18n.M("form.parse.type"))
		}
		p.Need(m, annotation)
		return f
	}
	p.annotate(f, m, p.Map(p.Need(m, annotation)))
	p.widget(f, m)
	p.bounds(f, m)
	p.choices(f, m)
	return f
}

func (p *parser) annotate(f *Field, m, a *source.Value) {
	if a == nil {
		return
	}
	p.Known(a, "label", "hint", "widget", "choices", "fill", "shared", "show", "autocomplete", "readonly", "message")
	f.Label, f.Hint = p.Text(p.Need(a, "label")), p.Text(a.Get("hint"))
	f.Message = p.Text(a.Get("message"))
	f.Widget = p.String(a.Get("widget"))
	f.Show = p.String(a.Get("show"))
	f.Autocomplete = p.String(a.Get("autocomplete"))
	f.Readonly = p.Bool(a.Get("readonly"))
	f.Fill, f.Shared = p.path(a.Get("fill")), p.path(a.Get("shared"))
	if f.Readonly && f.Fill == "" {
		p.fault(a.Get("readonly"), i18n.M("form.parse.readonly"))
	}
	if list := p.List(a.Get("choices")); list != nil {
		for _, item := range list.Items {
			f.Choices = append(f.Choices, p.choice(item))
		}
	}
}

// path reads a dotted name such as party.name.
func (p *parser) path(v *source.Value) string {
	s := p.String(v)
	if s != "" && !sourceForm.MatchString(s) {
		p.fault(v, i18n.M("form.parse.path", "path", s))
	}
	return s
}

func (p *parser) choice(v *source.Value) Choice {
	m := p.Map(v)
	if m == nil {
		return Choice{}
	}
	p.Known(m, "value", "label")
	c := Choice{Label: p.Text(p.Need(m, "label"))}
	if value := p.Need(m, "value"); value != nil {
		c.Value = text(value.Scalar)
		if value.Kind != source.Scalar || c.Value == "" {
			p.fault(value, i18n.M("form.parse.choiceValue"))
		}
	}
	return c
}

// text is a scalar as an HTML form posts it; empty for none.
func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func (p *parser) widget(f *Field, m *source.Value) {
	allowed := widgets(f.Type)
	if f.Widget == "" {
		f.Widget = defaultWidget(f, m, allowed[0])
	}
	switch {
	case slices.Contains(allowed, f.Widget):
	case f.Widget == "money":
		p.fault(m.Get("type"), i18n.M("form.parse.money"))
	default:
		p.Fault(m.Get(annotation).Get("widget"), i18n.M("form.parse.widget", "widget", f.Widget, "type", f.Type),
			i18n.M("form.parse.widgetFix", "widgets", strings.Join(allowed, ", ")))
	}
}

func defaultWidget(f *Field, m *source.Value, first string) string {
	options := len(f.Choices)
	if enum := m.Get("enum"); enum != nil {
		options = max(options, len(enum.Items))
	}
	switch {
	case f.Type == "string" && m.Get("format") != nil && m.Get("format").Scalar == "date":
		return "date"
	case f.Type == "string" && m.Get("format") != nil && m.Get("format").Scalar == "email":
		return "email"
	case f.Type == "array" || options == 0:
		return first
	case options <= 5:
		return "radio"
	}
	return "select"
}

// bounds reads what limits a value and gives every text a longest length.
func (p *parser) bounds(f *Field, m *source.Value) {
	for _, key := range []string{"minLength", "maxLength", "minItems", "maxItems"} {
		if n, ok := p.Int(m.Get(key)); ok && (n < 0 || n > maxText) {
			p.fault(m.Get(key), i18n.M("form.parse.bound", "key", key, "max", maxText))
		}
	}
	f.Min, f.Max = p.limit(f, m, "minimum"), p.limit(f, m, "maximum")
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		p.fault(m.Get("minimum"), i18n.M("form.parse.minMax"))
	}
	if f.Type != "string" {
		return
	}
	if n, ok := p.Int(m.Get("maxLength")); ok {
		f.MaxLength = int(n)
		return
	}
	f.MaxLength = map[string]int{"textarea": defaultTextarea, "date": 10, "year-month": 7, "citizen-id": 18, "uscc": 18, "email": 254, "phone": 20}[f.Widget]
	if f.MaxLength == 0 {
		f.MaxLength = defaultText
	}
}

func (p *parser) limit(f *Field, m *source.Value, key string) *float64 {
	v := m.Get(key)
	n, ok := p.Number(v)
	if !ok {
		return nil
	}
	if f.Type != "integer" && f.Type != "number" {
		p.fault(v, i18n.M("form.parse.limit", "key", key))
		return nil
	}
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return nil
	}
	return &n
}

// choices checks that what is offered is what the schema takes.
func (p *parser) choices(f *Field, m *source.Value) {
	holder := m
	if f.Type == "array" {
		holder = p.Map(p.Need(m, "items"))
		if holder != nil {
			p.Known(holder, "type", "enum")
			if t := p.Need(holder, "type"); t != nil && p.String(t) != "string" {
				p.fault(t, i18n.M("form.parse.items"))
			}
		}
	}
	if f.Type == "boolean" && f.Widget == "radio" && len(f.Choices) == 0 {
		f.Choices = []Choice{{Value: "true", Label: i18n.M("form.yes")}, {Value: "false", Label: i18n.M("form.no")}}
	}
	if at := m.Get(annotation).Get("choices"); at != nil {
		p.distinct(f, at)
	}
	offers := slices.Contains([]string{"select", "radio", "checkboxes"}, f.Widget)
	switch enum := p.List(holder.Get("enum")); {
	case offers && len(f.Choices) == 0:
		p.fault(m, i18n.M("form.parse.noChoices", "key", f.Key))
	case !offers && len(f.Choices) > 0:
		p.fault(m.Get(annotation).Get("choices"), i18n.M("form.parse.needlessChoices", "widget", f.Widget))
	case enum != nil && len(f.Choices) > 0:
		p.match(f, enum)
	}
}

func (p *parser) distinct(f *Field, at *source.Value) {
	if len(f.Choices) > maxChoices {
		p.fault(at, i18n.M("form.parse.manyChoices", "max", maxChoices))
	}
	seen := map[string]bool{}
	for i, c := range f.Choices {
		if seen[c.Value] {
			p.fault(at.Items[i], i18n.M("form.parse.choiceTwice", "value", c.Value))
		}
		seen[c.Value] = true
	}
}

func (p *parser) match(f *Field, enum *source.Value) {
	inEnum := map[string]bool{}
	for _, item := range enum.Items {
		value := text(item.Scalar)
		inEnum[value] = true
		if !slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == value }) {
			p.fault(item, i18n.M("form.parse.enumOnly", "value", value))
		}
	}
	for _, c := range f.Choices {
		if !inEnum[c.Value] {
			p.fault(enum, i18n.M("form.parse.choiceOnly", "value", c.Value))
		}
	}
}
