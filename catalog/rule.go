package catalog

import (
	"errors"
	"maps"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
)

// partyKeys are the variables that a rule and a form may read of the applicant,
// after "party.".
func partyKeys() map[string]criterion.Type {
	return map[string]criterion.Type{
		"name": criterion.String, "latin": criterion.String, "id_type": criterion.String, "id_number": criterion.String,
		"birth": criterion.Date, "sex": criterion.String, "phone": criterion.String, "address": criterion.String,
		"area": criterion.String, "kind": criterion.String,
	}
}

// Dict is the dictionary of a version's rules: the fields of its form, its
// scenarios' answers as scenario.ID, what registers know of the applicant as
// RESOURCE.FIELD, and the applicant as party.KEY. A form field hides a
// resource of the same name. While a case runs there are also decision, task
// and automatic, which a process's conditions read, and when it issues a
// licence licence_number, the new licence's number.
func (c *City) Dict(v *ServiceVersion) *criterion.Dict { return criterion.New(c.variables(v)) }

func (c *City) variables(v *ServiceVersion) map[string]criterion.Type {
	vars := map[string]criterion.Type{}
	for _, r := range c.Resources {
		for _, f := range r.Fields {
			vars[r.ID+"."+f.Key] = resourceType(f.Type)
		}
	}
	for key, t := range partyKeys() {
		vars["party."+key] = t
	}
	for _, s := range v.Scenarios {
		vars["scenario."+s.ID] = criterion.String
	}
	f := c.Forms[v.Form]
	if f == nil {
		return vars
	}
	for _, field := range f.Fields {
		for name := range vars {
			if len(name) > len(field.Key) && name[:len(field.Key)+1] == field.Key+"." {
				delete(vars, name)
			}
		}
		vars[field.Key] = fieldType(field)
	}
	return vars
}

func resourceType(t string) criterion.Type {
	switch t {
	case "int":
		return criterion.Int
	case "double":
		return criterion.Double
	case "bool":
		return criterion.Bool
	case "date":
		return criterion.Date
	}
	return criterion.String
}

func fieldType(f *form.Field) criterion.Type {
	switch {
	case f.Widget == "date":
		return criterion.Date
	case f.Type == "integer":
		return criterion.Int
	case f.Type == "number":
		return criterion.Double
	case f.Type == "boolean":
		return criterion.Bool
	case f.Type == "array":
		return criterion.List
	}
	return criterion.String
}

// rule compiles src and notes what is wrong with it. want is the type that it
// must have, or Any.
func (n note) rule(src string, dict *criterion.Dict, want criterion.Type) {
	if src == "" {
		return
	}
	r, err := criterion.Compile(src, dict)
	var fault *criterion.Error
	switch {
	case errors.As(err, &fault):
		n.say(i18n.M("catalog.rule.broken", "line", fault.Pos.Line, "col", fault.Pos.Col, "detail", fault.Message), i18n.M("catalog.rule.broken.fix"))
	case err != nil:
		n.say(i18n.Same(err.Error()), i18n.M("catalog.rule.broken.fix"))
	case want != criterion.Any && r.Type() != want && r.Type() != criterion.Any:
		n.say(i18n.M("catalog.rule.type", "got", r.Type(), "want", want), i18n.M("catalog.rule.type.fix"))
	}
}

// checkRules compiles every rule of a version against its dictionary.
func (l *loader) checkRules(n note, v *ServiceVersion) {
	if l.unread(v.Form) {
		return // its fields are not known
	}
	vars := l.city.variables(v)
	dict := criterion.New(vars)
	n.in("condition").rule(v.Condition, dict, criterion.Bool)
	for i, f := range v.Fees {
		n.in("fees", i, "when").rule(f.When, dict, criterion.Bool)
	}
	for i, e := range v.Evidence {
		n.in("evidence", i, "when").rule(e.When, dict, criterion.Bool)
		if e.Fact == nil {
			continue
		}
		if r, ok := l.city.Resource(e.Fact.Resource); ok {
			n.in("evidence", i, "fact", "holds").rule(e.Fact.Holds, factDict(r, vars), criterion.Bool)
		}
	}
	vars["decision"], vars["automatic"], vars["task"] = criterion.String, criterion.Bool, criterion.Map
	running := criterion.New(vars)
	vars["licence_number"] = criterion.String
	issuing := criterion.New(vars)
	for _, key := range slices.Sorted(maps.Keys(v.Claims)) {
		n.in("claims", key).rule(v.Claims[key], issuing, criterion.Any)
	}
	if d := l.city.Processes[v.Process]; d != nil {
		l.checkVariables(n.in("process"), d, running)
	}
}

// factDict is the dictionary of Fact.Holds: the fields of the entry by their
// own names, over everything else that the version's rules see.
func factDict(r Resource, vars map[string]criterion.Type) *criterion.Dict {
	all := maps.Clone(vars)
	for _, f := range r.Fields {
		all[f.Key] = resourceType(f.Type)
	}
	return criterion.New(all)
}
