package catalog

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
)

// Mapping says how the columns of an agency's list become services. It is a
// YAML file:
//
//	id: {column: item_code, match: '^([0-9A-Z]{12})-'}
//	name: {column: name}
//	english: "{name} (not yet in English)"
//	type: {column: task_type, values: {"1": "01"}}
//	sector: {column: department, values: {县教育局: education}, otherwise: business}
//	version: {...}            # what every service has that the list does not say
//
// The texts of version, aliases apart, may have {name} and {agency}: what the
// list says in those columns. A value that a Cell does not take refuses the row,
// never the list.
type Mapping struct {
	ID       Cell           `yaml:"id"`                 // made small; must be the only one
	Code     Cell           `yaml:"code,omitempty"`     // basic code, where the list has it
	Local    Cell           `yaml:"local-code"`         // the list's own code
	Name     Cell           `yaml:"name"`               // the Chinese name
	English  string         `yaml:"english"`            // the English name
	Type     Cell           `yaml:"type"`               // 01 .. 10, 20
	Sector   Cell           `yaml:"sector"`             // sector id
	Agency   Cell           `yaml:"agency"`             // agency id
	Audience []string       `yaml:"audience"`           // of every service
	Version  ServiceVersion `yaml:"version"`            // of every service
	Columns  []string       `yaml:"columns,omitempty"`  // further columns that the list must have
	Encoding string         `yaml:"encoding,omitempty"` // "" (UTF-8, else GB 18030) or "gb18030"
}

// Cell takes one value out of a row.
type Cell struct {
	Column    string            `yaml:"column,omitempty"`
	Match     string            `yaml:"match,omitempty"`     // regular expression; its first group is the value
	Values    map[string]string `yaml:"values,omitempty"`    // the list's word -> ours
	Otherwise string            `yaml:"otherwise,omitempty"` // for words that Values does not have
	Optional  bool              `yaml:"optional,omitempty"`  // what does not fit is empty

	match *regexp.Regexp
}

// maxExpression bounds a regular expression of a mapping.
const maxExpression = 500

// ParseMapping reads a mapping; the problems are all that it has.
func ParseMapping(file string, src []byte) (*Mapping, []Problem) {
	d := open(file, src)
	m := &Mapping{}
	d.decode(m)
	n := note{doc: d}
	for _, c := range []struct {
		key    string
		cell   *Cell
		needed bool
	}{
		{"id", &m.ID, true}, {"code", &m.Code, false}, {"local-code", &m.Local, true}, {"name", &m.Name, true},
		{"type", &m.Type, true}, {"sector", &m.Sector, true}, {"agency", &m.Agency, true},
	} {
		c.cell.prepare(n.in(c.key), c.needed)
	}
	n.in("audience").some(len(m.Audience))
	n.in("audience").set(m.Audience, "resident", "firm")
	n.in("encoding").among(m.Encoding, "gb18030")
	return m, sortProblems(d.Problems)
}

func (c *Cell) prepare(n note, needed bool) {
	if c.Column == "" && (needed || c.Match != "" || len(c.Values) > 0) && n.doc != nil && n.doc.at[""] != nil {
		n.in("column").say(i18n.M("catalog.value.missing", "key", "column"), i18n.M("catalog.value.missing.fix"))
	}
	if c.Match == "" {
		return
	}
	expression, err := regexp.Compile(c.Match)
	if err != nil || len(c.Match) > maxExpression || expression.NumSubexp() > 1 {
		n.in("match").say(i18n.M("catalog.import.match"), i18n.M("catalog.import.match.fix"))
		return
	}
	c.match = expression
}

// take is the value of the cell in a row; refused says why there is none.
func (c *Cell) take(value string) (got string, refused i18n.Text) {
	switch {
	case value == "" && !c.Optional:
		return "", i18n.M("catalog.import.empty", "column", c.Column)
	case c.match != nil:
		groups := c.match.FindStringSubmatch(value)
		if groups == nil {
			if c.Optional {
				return "", i18n.Text{}
			}
			return "", i18n.M("catalog.import.shape", "column", c.Column, "value", short(value))
		}
		value = groups[len(groups)-1]
	}
	if c.Values == nil {
		return value, i18n.Text{}
	}
	if ours, ok := c.Values[value]; ok {
		return ours, i18n.Text{}
	}
	if c.Otherwise == "" && !c.Optional {
		return "", i18n.M("catalog.import.value", "column", c.Column, "value", short(value))
	}
	return c.Otherwise, i18n.Text{}
}

// short is a value as a message shows it.
func short(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// needs lists the columns that the list must have.
func (m *Mapping) needs() []string {
	all := slices.Clone(m.Columns)
	for _, c := range []Cell{m.ID, m.Code, m.Local, m.Name, m.Type, m.Sector, m.Agency} {
		if c.Column != "" {
			all = append(all, c.Column)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// version is the mapping's version with the row's own words in its texts.
func (m *Mapping) version(name, agency string) ServiceVersion {
	v := m.Version
	fill := strings.NewReplacer("{name}", name, "{agency}", agency)
	text := func(t i18n.Text) i18n.Text { return i18n.Text{ZH: fill.Replace(t.ZH), EN: fill.Replace(t.EN)} }
	v.Summary, v.Who, v.Outcome = text(v.Summary), text(v.Who), text(v.Outcome)
	v.Steps, v.Basis = slices.Clone(v.Steps), slices.Clone(v.Basis)
	for i := range v.Steps {
		v.Steps[i] = text(v.Steps[i])
	}
	for i := range v.Basis {
		v.Basis[i].Title = text(v.Basis[i].Title)
	}
	return v
}
