package policy

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
)

// fieldTable is fields.yaml.
type fieldTable struct {
	Classes []fieldClass `yaml:"classes"`
	Sees    []sight      `yaml:"sees"`
}

// fieldClass is a sort of field, told by its key.
type fieldClass struct {
	Class string   `yaml:"class"`
	Keys  []string `yaml:"keys"`
}

// sight is what one sort of asker sees.
type sight struct {
	Who         string   `yaml:"who"`
	On          []string `yaml:"on,omitempty"` // types of resource; empty: all
	Classes     []string `yaml:"classes"`
	Needs       bool     `yaml:"needs,omitempty"`
	UnlessNamed []string `yaml:"unless-named,omitempty"`
}

// matter is the class of a key that no pattern matches.
const matter = "matter"

func loadFields(fsys fs.FS) (fieldTable, error) {
	src, err := fs.ReadFile(fsys, "fields.yaml")
	if err != nil {
		return fieldTable{}, fmt.Errorf("policy: %w", err)
	}
	var t fieldTable
	if err := yaml.UnmarshalWithOptions(src, &t, yaml.Strict()); err != nil {
		return fieldTable{}, fmt.Errorf("policy: fields.yaml: %w", err)
	}
	known := []string{matter}
	for _, c := range t.Classes {
		known = append(known, c.Class)
		for _, pattern := range c.Keys {
			if strings.Contains(strings.Trim(pattern, "*"), "*") {
				return fieldTable{}, fmt.Errorf("policy: fields.yaml: %s: %q: a * stands only at the ends", c.Class, pattern)
			}
		}
	}
	for _, s := range t.Sees {
		for _, class := range slices.Concat(s.Classes, s.UnlessNamed) {
			if !slices.Contains(known, class) {
				return fieldTable{}, fmt.Errorf("policy: fields.yaml: %s sees unknown class %q", s.Who, class)
			}
		}
	}
	return t, nil
}

// Fields is which of the keys pr may see of r, in the order given. It presumes
// that pr may see r at all (Allow). What one sees by several roles adds up.
func (p *Policy) Fields(pr Principal, r Resource, keys []string) []string {
	var seen []string
	rows := p.fields.rows(pr, r)
	for _, key := range keys {
		class := p.fields.class(key)
		if slices.ContainsFunc(rows, func(s sight) bool { return s.shows(key, class, r.Needs) }) {
			seen = append(seen, key)
		}
	}
	return seen
}

func (s sight) shows(key, class string, needs []string) bool {
	if s.Needs && slices.Contains(needs, key) {
		return true
	}
	if s.Needs && len(needs) > 0 && slices.Contains(s.UnlessNamed, class) {
		return false
	}
	return slices.Contains(s.Classes, class)
}

// rows are the lines of the table that speak of pr's standing towards r.
func (t fieldTable) rows(pr Principal, r Resource) []sight {
	var rows []sight
	for _, who := range standings(pr, r) {
		for _, s := range t.Sees {
			if s.Who == who && (len(s.On) == 0 || slices.Contains(s.On, r.Type)) {
				rows = append(rows, s)
			}
		}
	}
	return rows
}

// standings is what pr is to r, in the words of fields.yaml.
func standings(pr Principal, r Resource) []string {
	mine := r.Owner != "" && r.Owner == pr.acting()
	switch {
	case pr.Kind == System:
		return []string{"system"}
	case pr.Kind == Citizen && mine && (pr.self() || pr.Has(RoleLegalRepresentative)):
		return []string{"owner"}
	case pr.Kind == Citizen && mine:
		return []string{"mandate"}
	case pr.Kind == Officer:
		return officerStandings(pr, r, mine)
	default:
		return []string{"public"}
	}
}

func officerStandings(pr Principal, r Resource, mine bool) []string {
	var as []string
	if pr.Has(RoleClerk) && mine {
		as = append(as, "counter")
	}
	if (pr.Has(RoleOfficer) || pr.Has(RoleDecider)) && r.handledBy(pr.Agency) && (pr.Area == "" || pr.Area == r.Area) {
		switch {
		case r.leads(pr.Agency):
			as = append(as, "lead")
		case r.Role != "":
			as = append(as, r.Role)
		default:
			as = append(as, "other")
		}
	}
	if pr.Has(RoleSupervisor) {
		as = append(as, "supervisor")
	}
	if pr.Has(RoleSteward) {
		as = append(as, "steward")
	}
	return as
}

// class is the class of a field's key.
func (t fieldTable) class(key string) string {
	key = snake(key)
	for _, c := range t.Classes {
		for _, pattern := range c.Keys {
			if matches(pattern, key) {
				return c.Class
			}
		}
	}
	return matter
}

// matches reports whether key fits a pattern, which may have a * at either end.
func matches(pattern, key string) bool {
	middle := strings.Trim(pattern, "*")
	switch before, after := strings.HasPrefix(pattern, "*"), strings.HasSuffix(pattern, "*"); {
	case before && after:
		return strings.Contains(key, middle)
	case before:
		return strings.HasSuffix(key, middle)
	case after:
		return strings.HasPrefix(key, middle)
	default:
		return key == middle
	}
}

// snake writes childName, child-name and child.name as child_name.
func snake(key string) string {
	var b strings.Builder
	lower := false
	for _, r := range key {
		switch {
		case unicode.IsUpper(r):
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
			lower = false
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
			lower = true
		default:
			b.WriteByte('_')
			lower = false
		}
	}
	return b.String()
}
