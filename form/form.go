// Package form is what an applicant fills in: a JSON Schema (draft 2020-12) of
// flat fields with annotations (x-tongban) that say how a person meets them:
// label, hint, widget, choices, steps, what fills a field beforehand and when it
// is shown.
//
// A form is a file of a city pack:
//
//	$schema: https://json-schema.org/draft/2020-12/schema
//	type: object
//	required: [name]
//	properties:
//	  name:
//	    type: string
//	    maxLength: 60
//	    x-tongban:
//	      label: {zh: 姓名, en: Name}
//	      fill: party.name
//	      shared: applicant.name
//	x-tongban:
//	  steps:
//	    - {id: you, title: {zh: 您的信息, en: About you}, fields: [name]}
//
// Parse checks the whole file and reports every fault with line and column.
// Read turns a posted HTML form into typed values; Validate says what is wrong
// with values, at each field and in plain words; Prune drops what the applicant
// cannot see. Merge makes one form out of several for a life event.
//
// Values are a map from field key to string, bool, int64, float64 or a list of
// strings; values out of encoding/json (float64, json.Number, []any) are taken
// alike. A date is a string 2006-01-02, money is an integer of fen. An empty
// string or list counts as no answer.
//
// Fields that are not shown are as if they were not there: they need no answer,
// and an answer to them is not looked at.
package form

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tongban/tongban/internal/i18n"
)

// Form is a parsed form. It is read-only and safe for concurrent use.
type Form struct {
	ID     string    // the file's name without its ending; for a merged form as given
	Hash   string    // SHA-256 of the source, hex
	Title  i18n.Text // may be empty
	Steps  []Step
	Fields []*Field // in the order of the steps

	source  []byte
	byKey   map[string]*Field
	schema  *jsonschema.Schema
	shows   map[string]*show // field key -> its Show
	members []member         // of a merged form; schema and shows are theirs
}

// Step is one page of the form.
type Step struct {
	ID     string
	Title  i18n.Text
	Hint   i18n.Text
	Fields []string // keys
}

// Field is one question.
type Field struct {
	Key          string
	Type         string // string, integer, number, boolean, array (of strings)
	Label        i18n.Text
	Hint         i18n.Text
	Widget       string // text textarea date year-month number money select radio checkbox checkboxes phone email citizen-id uscc area
	Choices      []Choice
	Required     bool // where it is shown
	MaxLength    int  // characters; 0 for what is not a string
	Min, Max     *float64
	Fill         string    // "party.name" or "RESOURCE.FIELD": what is known already
	Shared       string    // "applicant.name": the same question in another form
	Show         string    // CEL over the fields of the form it was read in; ask Visible
	Autocomplete string    // HTML autocomplete token
	Readonly     bool      // shown and filled, never typed
	Message      i18n.Text // the form's own words for a value that does not fit its pattern
}

// Choice is one answer of a field that offers some. Value is the posted text.
type Choice struct {
	Value string
	Label i18n.Text
}

// Provenance says where the value of a field came from. Grade is the trust in
// it: A issuer-made, B counter-verified, C uploaded, D self-declared.
type Provenance struct {
	Source  i18n.Text `json:"source"`
	Request string    `json:"request,omitempty"` // the exchange request that brought it
	At      int64     `json:"at"`                // ms since 1970 UTC
	Grade   string    `json:"grade"`
	Edited  bool      `json:"edited,omitempty"` // changed by the applicant since
}

// Field is the field of a key, or nil.
func (f *Form) Field(key string) *Field { return f.byKey[key] }

// Source is the text that the form was parsed from; nil for a merged form.
func (f *Form) Source() []byte { return slices.Clone(f.source) }

// StepOf is the index of the step that holds the field, or -1.
func (f *Form) StepOf(key string) int {
	return slices.IndexFunc(f.Steps, func(s Step) bool { return slices.Contains(s.Fields, key) })
}
