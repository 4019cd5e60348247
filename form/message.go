package form

import (
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/tongban/tongban/internal/i18n"
)

// keys are the fields that the violation is about.
func (v violation) keys() []string {
	switch k := v.kind.(type) {
	case *kind.Required:
		return k.Missing
	case *kind.DependentRequired:
		return k.Missing
	}
	if len(v.path) > 0 {
		return v.path[:1]
	}
	return nil
}

// rank orders violations of one field: the lowest is the one to tell.
func (v violation) rank() int {
	switch v.kind.(type) {
	case *kind.Required, *kind.DependentRequired:
		return 0
	case *kind.Type:
		return 1
	case *kind.Enum, *kind.Const:
		return 2
	case *kind.MaxLength, *kind.MinLength, *kind.MinItems, *kind.MaxItems:
		return 3
	}
	return 4
}

// typeMessage says of which type the value must be.
func (f *Field) typeMessage() i18n.Text {
	switch {
	case f.Widget == "money":
		return i18n.M("form.money", "label", f.Label)
	case f.Type == "integer":
		return i18n.M("form.whole", "label", f.Label)
	case f.Type == "number":
		return i18n.M("form.number", "label", f.Label)
	case f.Type == "boolean" || f.Type == "array":
		return i18n.M("form.choose", "label", f.Label)
	}
	return i18n.M("form.text", "label", f.Label)
}

// message says in plain words what the schema found.
func (f *Field) message(v violation) i18n.Text {
	switch k := v.kind.(type) {
	case *kind.Required, *kind.DependentRequired:
		return f.requiredMessage()
	case *kind.Type:
		return f.typeMessage()
	case *kind.Enum:
		return i18n.M("form.choice", "label", f.Label)
	case *kind.Const:
		if f.Type == "boolean" {
			return i18n.M("form.agree", "label", f.Label)
		}
		return i18n.M("form.choice", "label", f.Label)
	case *kind.MaxLength:
		return i18n.M("form.tooLong", "label", f.Label, "max", k.Want, "got", k.Got)
	case *kind.MinLength:
		return i18n.M("form.tooShort", "label", f.Label, "min", k.Want, "got", k.Got)
	case *kind.MinItems:
		return i18n.M("form.tooFew", "min", k.Want)
	case *kind.MaxItems:
		return i18n.M("form.tooMany", "max", k.Want)
	case *kind.UniqueItems:
		return i18n.M("form.twice")
	case *kind.Pattern:
		return f.patternMessage()
	case *kind.Minimum:
		return i18n.M("form.minimum", "label", f.Label, "min", f.amount(k.Want))
	case *kind.Maximum:
		return i18n.M("form.maximum", "label", f.Label, "max", f.amount(k.Want))
	case *kind.ExclusiveMinimum:
		return i18n.M("form.above", "label", f.Label, "min", f.amount(k.Want))
	case *kind.ExclusiveMaximum:
		return i18n.M("form.below", "label", f.Label, "max", f.amount(k.Want))
	case *kind.MultipleOf:
		return i18n.M("form.multiple", "label", f.Label, "step", f.amount(k.Want))
	}
	return f.patternMessage()
}

func (f *Field) requiredMessage() i18n.Text {
	switch f.Widget {
	case "radio", "select", "checkboxes", "checkbox", "area":
		return i18n.M("form.requiredChoice", "label", f.Label)
	}
	return i18n.M("form.required", "label", f.Label)
}

func (f *Field) patternMessage() i18n.Text {
	if !f.Message.IsZero() {
		return f.Message
	}
	return i18n.M("form.pattern", "label", f.Label)
}

// amount writes a bound in the unit in which the applicant types.
func (f *Field) amount(n *big.Rat) i18n.Text {
	if f.Widget == "money" && n.IsInt() && n.Num().IsInt64() {
		return i18n.M("form.yuan", "amount", yuan(n.Num().Int64()))
	}
	if n.IsInt() {
		return i18n.Same(n.Num().String())
	}
	f64, _ := n.Float64()
	return i18n.Same(text(f64))
}
