package catalog

import (
	"math"
	"strings"
	"time"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// Attribute is one fact about a resident or a firm that policies may read
// (attributes.yaml, a list). Its id is RESOURCE.FIELD of a register, and its
// type is that field's.
type Attribute struct {
	ID        string               `yaml:"id"`       // "population.birth"
	Audience  string               `yaml:"audience"` // "resident" or "firm"
	Label     i18n.Text            `yaml:"label"`
	Fresh     int                  `yaml:"fresh,omitempty"`     // an entry older than so many days counts as unknown; 0: never old
	Sensitive bool                 `yaml:"sensitive,omitempty"` // health, disability, poverty, criminal record, religion, ethnicity, household trouble
	Values    []string             `yaml:"values,omitempty"`    // of a string: all the words that it can be; empty: any
	Words     map[string]i18n.Text `yaml:"words,omitempty"`     // how values read to people, where they do not read alike in both languages
	Decimals  int                  `yaml:"decimals,omitempty"`  // of a double: how many are kept, 0 to 4; 2 where the file has none
	Unit      i18n.Text            `yaml:"unit,omitempty"`      // said after the number: months, yuan

	Type criterion.Type `yaml:"-"` // Bool, Int, Double, String or Date; set by Load
}

// maxNumber bounds the numbers that a register may give: beyond it a double
// no longer holds every whole number.
const maxNumber = 1 << 53

// Fit is a value as rules read it: a bool, an int64, a float64 rounded to the
// attribute's decimals, a string, or a workday.Date. It takes what YAML, JSON and
// registers give; ok is false where the value is not of the attribute's type,
// which counts as unknown.
func (a Attribute) Fit(value any) (fitted any, ok bool) {
	switch a.Type {
	case criterion.Bool:
		fitted, ok = value.(bool)
	case criterion.Int:
		f, number := float(value)
		return int64(f), number && f == math.Trunc(f)
	case criterion.Double:
		f, number := float(value)
		unit := math.Pow10(a.Decimals)
		return math.Round(f*unit) / unit, number
	case criterion.String:
		s, text := value.(string)
		return s, text
	case criterion.Date:
		return civil(value)
	}
	return fitted, ok
}

// float takes every kind of number that is finite and not beyond maxNumber.
func float(value any) (float64, bool) {
	var f float64
	switch v := value.(type) {
	case int:
		f = float64(v)
	case int32:
		f = float64(v)
	case int64:
		f = float64(v)
	case float64:
		f = v
	case interface{ Float64() (float64, error) }: // json.Number
		n, err := v.Float64()
		if err != nil {
			return 0, false
		}
		f = n
	default:
		return 0, false
	}
	return f, math.Abs(f) <= maxNumber
}

func civil(value any) (any, bool) {
	switch v := value.(type) {
	case workday.Date:
		return v, !v.IsZero()
	case time.Time:
		return workday.DateFrom(v.Year(), v.Month(), v.Day())
	case string:
		d, err := workday.ParseDate(v)
		return d, err == nil
	}
	return nil, false
}

// Attribute finds an attribute by id.
func (c *City) Attribute(id string) (Attribute, bool) {
	return first(c.Attributes, func(a Attribute) bool { return a.ID == id })
}

// AttributesOf lists the attributes of an audience, in the file's order.
func (c *City) AttributesOf(audience string) []Attribute {
	var all []Attribute
	for _, a := range c.Attributes {
		if a.Audience == audience {
			all = append(all, a)
		}
	}
	return all
}

// Resource is the register of the attribute.
func (a Attribute) Resource() string {
	resource, _, _ := strings.Cut(a.ID, ".")
	return resource
}

// Field is the register's field of the attribute.
func (a Attribute) Field() string {
	_, field, _ := strings.Cut(a.ID, ".")
	return field
}
