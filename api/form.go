package api

import (
	"time"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
)

// Form is what an applicant is asked.
type Form struct {
	ID     string      `json:"id"`
	Steps  []FormStep  `json:"steps"`
	Fields []FormField `json:"fields" doc:"In the order of the steps."`
}

// FormStep is one page of questions.
type FormStep struct {
	ID     string    `json:"id"`
	Title  i18n.Text `json:"title"`
	Fields []string  `json:"fields" doc:"Keys."`
}

// FormField is one question.
type FormField struct {
	Key       string       `json:"key"`
	Type      string       `json:"type" doc:"string, integer, number, boolean, array (of strings). Money is an integer of fen, a date a string 2006-01-02."`
	Label     i18n.Text    `json:"label"`
	Hint      i18n.Text    `json:"hint,omitzero"`
	Widget    string       `json:"widget"`
	Choices   []FormChoice `json:"choices,omitempty"`
	Required  bool         `json:"required" doc:"Where it is shown."`
	MaxLength int          `json:"maxLength,omitempty" doc:"Characters."`
	Min       *float64     `json:"min,omitempty"`
	Max       *float64     `json:"max,omitempty"`
	Show      string       `json:"show,omitempty" doc:"CEL over the form's fields: asked only where it is true."`
	Readonly  bool         `json:"readonly,omitempty" doc:"Filled by the city, never typed."`
}

// FormChoice is one answer of a question that offers some.
type FormChoice struct {
	Value string    `json:"value"`
	Label i18n.Text `json:"label"`
}

// Provenance says where a value came from.
type Provenance struct {
	Source  i18n.Text `json:"source"`
	Request string    `json:"request,omitempty" doc:"The exchange's request."`
	At      time.Time `json:"at,omitzero"`
	Grade   string    `json:"grade" doc:"Trust: A issuer-made, B counter-verified, C uploaded, D self-declared."`
	Edited  bool      `json:"edited,omitempty" doc:"Changed by the applicant since."`
}

func formOf(f *form.Form) *Form {
	if f == nil {
		return nil
	}
	return &Form{ID: f.ID,
		Steps: each(f.Steps, func(s form.Step) FormStep { return FormStep{ID: s.ID, Title: s.Title, Fields: keep(s.Fields)} }),
		Fields: each(f.Fields, func(f *form.Field) FormField {
			return FormField{Key: f.Key, Type: f.Type, Label: f.Label, Hint: f.Hint, Widget: f.Widget, Required: f.Required, MaxLength: f.MaxLength,
				Min: f.Min, Max: f.Max, Show: f.Show, Readonly: f.Readonly,
				Choices: each(f.Choices, func(c form.Choice) FormChoice { return FormChoice(c) })}
		})}
}

func provenanceOf(in map[string]form.Provenance) map[string]Provenance {
	out := map[string]Provenance{}
	for key, p := range in {
		out[key] = Provenance{Source: p.Source, Request: p.Request, At: instant(p.At), Grade: p.Grade, Edited: p.Edited}
	}
	return out
}

// instant is a time kept in milliseconds; zero for none.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
