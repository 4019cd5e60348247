package catalog

import (
	"encoding"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

// document is one file of a pack with the place of everything in it, so that a
// check that knows only a path ("versions.0.fees.1.basis") can point at it.
type document struct {
	source.Decoder
	at  map[string]*source.Value
	src []byte
}

// open reads the file's tree; its faults are in Problems.
func open(file string, src []byte) *document {
	d := &document{Decoder: source.Decoder{File: file}, at: map[string]*source.Value{}, src: src}
	root, err := source.Parse(file, src)
	var faults source.Problems
	if errors.As(err, &faults) {
		d.Problems = faults
	}
	if root != nil {
		d.index(root, "")
	}
	return d
}

func (d *document) index(v *source.Value, path string) {
	d.at[path] = v
	for _, e := range v.Entries {
		d.index(e.Value, join(path, e.Key))
	}
	for i, item := range v.Items {
		d.index(item, join(path, strconv.Itoa(i)))
	}
}

// find is the value at path, or the nearest thing around it that the file has.
func (d *document) find(path string) *source.Value {
	for {
		if v, ok := d.at[path]; ok {
			return v
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return d.at[""]
		}
		path = path[:i]
	}
}

// problem notes a fault at path.
func (d *document) problem(path string, message, fix i18n.Text) {
	d.Fault(d.find(path), message, fix)
}

// decode fills out, a pointer to one of the types of city.go. It does not stop
// at the first fault: unknown keys and wrong types are all noted, what can be
// read is read, and what is required and absent is noted at the end.
func (d *document) decode(out any) {
	root := d.at[""]
	if root == nil {
		return
	}
	v := reflect.ValueOf(out).Elem()
	d.value(root, v)
	d.required(v, "")
}

func (d *document) value(v *source.Value, out reflect.Value) {
	if v.Kind == source.Scalar && v.Scalar == nil {
		return // as if the key were not there
	}
	if out.CanAddr() {
		if text, ok := out.Addr().Interface().(encoding.TextUnmarshaler); ok {
			d.date(v, text)
			return
		}
	}
	switch out.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(out.Type().Elem()))
		d.value(v, out.Elem())
	case reflect.Struct:
		d.object(v, out)
	case reflect.Slice:
		if d.List(v) == nil {
			return
		}
		out.Set(reflect.MakeSlice(out.Type(), len(v.Items), len(v.Items)))
		for i, item := range v.Items {
			d.value(item, out.Index(i))
		}
	case reflect.Map:
		if d.Map(v) == nil {
			return
		}
		out.Set(reflect.MakeMapWithSize(out.Type(), len(v.Entries)))
		for _, e := range v.Entries {
			item := reflect.New(out.Type().Elem()).Elem()
			d.value(e.Value, item)
			out.SetMapIndex(reflect.ValueOf(e.Key).Convert(out.Type().Key()), item)
		}
	case reflect.Interface:
		out.Set(reflect.ValueOf(v.Plain()))
	case reflect.Bool:
		out.SetBool(d.Bool(v))
	case reflect.String:
		out.SetString(strings.TrimRight(d.String(v), "\n"))
	default:
		d.number(v, out)
	}
}

func (d *document) number(v *source.Value, out reflect.Value) {
	n, ok := d.Int(v)
	if ok && (n < 0 || n > math.MaxInt32) {
		d.Fault(v, i18n.M("catalog.value.range"), i18n.M("catalog.value.range.fix"))
		return
	}
	out.SetInt(n)
}

func (d *document) date(v *source.Value, out encoding.TextUnmarshaler) {
	s := d.String(v)
	if s == "" {
		return
	}
	if err := out.UnmarshalText([]byte(s)); err != nil {
		d.Fault(v, i18n.M("catalog.value.date", "value", s), i18n.M("catalog.value.date.fix"))
	}
}

func (d *document) object(v *source.Value, out reflect.Value) {
	if d.Map(v) == nil {
		return
	}
	var names []string
	fields := map[string]int{}
	for i := range out.NumField() {
		if name, _ := tag(out.Type().Field(i)); name != "" {
			names = append(names, name)
			fields[name] = i
		}
	}
	for _, e := range v.Entries {
		i, known := fields[e.Key]
		if !known {
			d.FaultKey(e, i18n.M("catalog.value.unknown", "key", e.Key), oneOf(e.Key, names))
			continue
		}
		d.value(e.Value, out.Field(i))
	}
}

// required notes every text, string and date that is absent although its tag
// has no omitempty, and every text that has only one of its languages.
func (d *document) required(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			d.required(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.need(v.Index(i), join(path, strconv.Itoa(i)), false)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name, optional := tag(v.Type().Field(i)); name != "" {
				d.need(v.Field(i), join(path, name), optional)
			}
		}
	}
}

func (d *document) need(v reflect.Value, path string, optional bool) {
	zero := false
	switch x := v.Interface().(type) {
	case i18n.Text:
		if zero = x.IsZero(); !zero && (strings.TrimSpace(x.ZH) == "" || strings.TrimSpace(x.EN) == "") {
			d.problem(path, i18n.M("catalog.value.language"), i18n.M("catalog.value.language.fix"))
		}
	case string:
		zero = strings.TrimSpace(x) == ""
	case interface{ IsZero() bool }:
		zero = x.IsZero()
	default:
		d.required(v, path)
	}
	if zero && !optional && !d.noted(path, join(path, "zh"), join(path, "en")) {
		key := path[strings.LastIndexByte(path, '.')+1:]
		if _, err := strconv.Atoi(key); err == nil {
			d.problem(path, i18n.M("catalog.value.blank"), i18n.M("catalog.value.blank.fix"))
			return
		}
		d.problem(path, i18n.M("catalog.value.missing", "key", key), i18n.M("catalog.value.missing.fix"))
	}
}

// noted reports whether there is a fault at one of the paths already.
func (d *document) noted(paths ...string) bool {
	for _, path := range paths {
		v := d.at[path]
		if v != nil && slices.ContainsFunc(d.Problems, func(p Problem) bool { return p.Line == v.Line && p.Col == v.Col }) {
			return true
		}
	}
	return false
}

func tag(f reflect.StructField) (name string, optional bool) {
	name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name, strings.Contains(rest, "omitempty")
}

// maxNames is how many names a message lists.
const maxNames = 16

// oneOf says which of the names was meant, or lists them.
func oneOf(word string, names []string) i18n.Text {
	if near := nearest(word, names); near != "" {
		return i18n.M("catalog.fix.near", "near", near)
	}
	if names = slices.Compact(slices.Clone(names)); len(names) == 0 || len(names) > maxNames {
		return i18n.M("catalog.fix.none")
	}
	return i18n.M("catalog.fix.oneOf", "names", strings.Join(names, ", "))
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
