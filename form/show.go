package form

import (
	"errors"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

// show is a compiled Show and the fields that it depends on.
type show struct {
	rule  *criterion.Rule
	needs []string
}

// compileShows checks every Show against the fields of the form.
func (p *parser) compileShows() {
	dict := criterion.New(p.form.variables())
	for _, f := range p.form.Fields {
		if f.Show == "" {
			continue
		}
		where := p.places[f.Key].Get(annotation).Get("show")
		rule, err := criterion.Compile(f.Show, dict)
		if err != nil {
			p.fault(where, ruleMessage(err))
			continue
		}
		names := rule.Variables()
		if slices.Contains(names, "today") || slices.Contains(names, f.Key) {
			p.fault(where, i18n.M("form.parse.show"))
		}
		if t := rule.Type(); t != criterion.Bool && t != criterion.Any {
			p.fault(where, i18n.M("form.parse.showBool"))
		}
		p.form.shows[f.Key] = &show{rule: rule, needs: names}
	}
	if len(p.Problems) == 0 {
		p.noCircles()
	}
}

func ruleMessage(err error) i18n.Text {
	var e *criterion.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return i18n.Same(err.Error())
}

// variables are the fields as a rule sees them.
func (f *Form) variables() map[string]criterion.Type {
	types := map[string]criterion.Type{
		"string": criterion.String, "integer": criterion.Int, "number": criterion.Double,
		"boolean": criterion.Bool, "array": criterion.List,
	}
	vars := make(map[string]criterion.Type, len(f.Fields))
	for _, field := range f.Fields {
		vars[field.Key] = types[field.Type]
		if field.Widget == "date" {
			vars[field.Key] = criterion.Date
		}
	}
	return vars
}

// noCircles refuses fields that are shown only if they are shown.
func (p *parser) noCircles() {
	const walking, done = 1, 2
	state := map[string]int{}
	var walk func(key string) bool
	walk = func(key string) bool {
		if state[key] != 0 {
			return state[key] == done
		}
		state[key] = walking
		if rule := p.form.shows[key]; rule != nil {
			for _, name := range rule.needs {
				if !walk(name) {
					return false
				}
			}
		}
		state[key] = done
		return true
	}
	for _, f := range p.form.Fields {
		if !walk(f.Key) {
			p.fault(p.place(f.Key, "show"), i18n.M("form.parse.circle", "key", f.Key))
			return
		}
	}
}

func (p *parser) place(key, part string) *source.Value {
	if v := p.places[key].Get(annotation).Get(part); v != nil {
		return v
	}
	return p.places[key]
}

// Visible are the fields that an applicant with these values is asked, in order.
// A field whose Show depends on a question that is not answered, or that is
// itself not shown, is not asked.
func (f *Form) Visible(data map[string]any) []*Field {
	shown := f.shown(data)
	return slices.DeleteFunc(slices.Clone(f.Fields), func(field *Field) bool { return !shown[field.Key] })
}

// Prune is data without what Visible leaves out, without empty answers and
// without keys that are no fields. It is what is submitted.
func (f *Form) Prune(data map[string]any) map[string]any {
	shown := f.shown(data)
	kept := make(map[string]any, len(data))
	for key, value := range data {
		if shown[key] && !empty(value) {
			kept[key] = value
		}
	}
	return kept
}

// shown is the set of keys of the fields that are asked.
func (f *Form) shown(data map[string]any) map[string]bool {
	shown := make(map[string]bool, len(f.Fields))
	if f.members != nil {
		for _, m := range f.members {
			for key := range m.form.shown(m.project(data)) {
				if merged := m.keys[key]; f.byKey[merged] != nil {
					shown[merged] = true
				}
			}
		}
		return shown
	}
	vars := data
	if len(f.shows) > 0 {
		vars = make(map[string]any, len(data))
	}
	var decide func(key string)
	decide = func(key string) {
		if _, decided := shown[key]; decided || f.byKey[key] == nil {
			return
		}
		if f.byKey[key] == nil { // left out by Without
			shown[key] = false
			return
		}
		when := f.shows[key]
		if when != nil {
			for _, name := range when.needs {
				decide(name)
			}
		}
		shown[key] = when == nil || when.rule.Eval(vars).Verdict == criterion.Yes
		if value, ok := data[key]; ok && shown[key] && len(f.shows) > 0 && !empty(value) {
			vars[key] = value
		}
	}
	for _, field := range f.Fields {
		decide(field.Key)
	}
	for key, is := range shown {
		if !is {
			delete(shown, key)
		}
	}
	return shown
}
