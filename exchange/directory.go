package exchange

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// maxText is how many characters a text field of a register may have.
const maxText = 1000

// directory is what the city's registers are and who answers for each.
type directory struct {
	resources map[string]catalog.Resource
	agencies  map[string]catalog.Agency
	order     []string // resource ids as the city lists them
}

func newDirectory(resources []catalog.Resource, agencies []catalog.Agency) directory {
	d := directory{resources: map[string]catalog.Resource{}, agencies: map[string]catalog.Agency{}}
	for _, a := range agencies {
		d.agencies[a.ID] = a
	}
	for _, r := range resources {
		d.resources[r.ID] = r
		d.order = append(d.order, r.ID)
	}
	return d
}

// resource is the entry of id; a NotFound fault where there is none.
func (d directory) resource(op, id string) (catalog.Resource, error) {
	r, ok := d.resources[id]
	if !ok {
		return r, fault.New(fault.NotFound, op, i18n.M("exchange.unknownResource", "resource", id))
	}
	return r, nil
}

// source names a register with its agency: 市公安局人口库.
func (d directory) source(r catalog.Resource) i18n.Text {
	agency, ok := d.agencies[r.Agency]
	if !ok {
		return r.Name
	}
	short := agency.Short
	if short.IsZero() {
		short = agency.Name
	}
	return i18n.M("exchange.source", "agency", short, "register", r.Name)
}

// who names an asker: an agency of the city by its short name, else as it is.
func (d directory) who(asker string) i18n.Text {
	if a, ok := d.agencies[asker]; ok {
		return a.Short
	}
	return i18n.Same(asker)
}

// check gives the values in the directory's types, or an Invalid fault with one
// field for each value that does not fit. A nil value is left out.
func check(op string, r catalog.Resource, values map[string]any) (map[string]any, error) {
	known := fieldTypes(r)
	clean := make(map[string]any, len(values))
	var wrong []fault.Field
	for key, value := range values {
		if value == nil {
			continue
		}
		typ, ok := known[key]
		if !ok {
			wrong = append(wrong, mistake(key, i18n.M("exchange.unknownField", "field", key, "register", r.Name)))
			continue
		}
		v, ok := convert(typ, value)
		if !ok {
			wrong = append(wrong, mistake(key, i18n.M("exchange.wrongType", "field", key, "type", typeName(typ))))
			continue
		}
		clean[key] = v
	}
	if len(wrong) > 0 {
		return nil, fault.Fields(op, wrong...)
	}
	return clean, nil
}

func fieldTypes(r catalog.Resource) map[string]string {
	types := make(map[string]string, len(r.Fields))
	for _, f := range r.Fields {
		types[f.Key] = f.Type
	}
	return types
}

func mistake(key string, message i18n.Text) fault.Field {
	pointer := "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
	return fault.Field{Pointer: pointer, Message: message}
}

// convert gives value in the Go type of a directory type: string, int64,
// float64, bool; a date is a string. Numbers come in any of the widths that
// JSON, YAML and Go have.
func convert(typ string, value any) (any, bool) {
	switch typ {
	case "string":
		s, ok := value.(string)
		return s, ok && plain(s)
	case "date":
		return convertDate(value)
	case "bool":
		b, ok := value.(bool)
		return b, ok
	case "int":
		return convertInt(value)
	case "double":
		f, ok := number(value)
		return f, ok && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return nil, false
}

func convertDate(value any) (any, bool) {
	if d, ok := value.(workday.Date); ok {
		return d.String(), !d.IsZero()
	}
	s, ok := value.(string)
	if !ok {
		return nil, false
	}
	d, err := workday.ParseDate(s)
	return s, err == nil && !d.IsZero()
}

func convertInt(value any) (any, bool) {
	switch n := value.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case uint64:
		return int64(n), n <= math.MaxInt64
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	case float64:
		return int64(n), n == math.Trunc(n) && math.Abs(n) < 1<<53
	}
	return nil, false
}

func number(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	i, ok := convertInt(value)
	if !ok {
		return 0, false
	}
	return float64(i.(int64)), true
}

func plain(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxText && !strings.ContainsFunc(s, unicode.IsControl)
}

// typeName says a directory type in words.
func typeName(typ string) i18n.Text {
	switch typ {
	case "date":
		return i18n.M("exchange.type.date")
	case "bool":
		return i18n.M("exchange.type.bool")
	case "int":
		return i18n.M("exchange.type.int")
	case "double":
		return i18n.M("exchange.type.double")
	default:
		return i18n.M("exchange.type.string")
	}
}

func encode(values map[string]any) (string, error) {
	src, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("exchange: %w", err)
	}
	return string(src), nil
}

// decode reads a stored entry back in the directory's types. A field that the
// directory no longer has, or has in another type, is left out.
func decode(r catalog.Resource, src string) (map[string]any, error) {
	dec := json.NewDecoder(strings.NewReader(src))
	dec.UseNumber()
	var stored map[string]any
	if err := dec.Decode(&stored); err != nil {
		return nil, fmt.Errorf("exchange: entry of %s: %w", r.ID, err)
	}
	values := make(map[string]any, len(stored))
	types := fieldTypes(r)
	for key, value := range stored {
		if v, ok := convert(types[key], value); ok {
			values[key] = v
		}
	}
	return values, nil
}
