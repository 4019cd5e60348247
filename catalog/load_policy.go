package catalog

import (
	"path"
	"strconv"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// policy reads one policy's file.
func (l *loader) policy(name string, src []byte) {
	p := &Policy{File: name}
	l.yaml(name, src, p)
	l.city.Policies = append(l.city.Policies, p)
	l.named(name, "id", p.ID)
	d := l.docs[name]
	if dir := path.Base(path.Dir(name)); p.Sector != "" && p.Sector != dir {
		d.problem("sector", i18n.M("catalog.load.sector", "dir", dir), i18n.M("catalog.policy.sector.fix", "sector", p.Sector))
	}
	for i := range p.Conditions {
		if v := d.find(join(join("conditions", strconv.Itoa(i)), "when")); v != nil {
			p.Conditions[i].Line = v.Line
		}
	}
	for i := range p.Examples {
		if v := d.find(join("examples", strconv.Itoa(i))); v != nil {
			p.Examples[i].Line = v.Line
		}
	}
}

// How many decimals are kept of a double: where its attribute does not say, and
// at most.
const (
	defaultDecimals = 2
	maxDecimals     = 4
)

// attributes gives every attribute the type of its register's field.
func (l *loader) attributes() {
	for i := range l.city.Attributes {
		a := &l.city.Attributes[i]
		resource, _ := l.city.Resource(a.Resource())
		field, ok := resource.Field(a.Field())
		if !ok {
			continue
		}
		a.Type = resourceType(field.Type)
		if doc := l.docs[attributesFile]; a.Type == criterion.Double && doc.at[join(strconv.Itoa(i), "decimals")] == nil {
			a.Decimals = defaultDecimals
		}
	}
}
