package form_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/form"
)

// one is a form of one field with some YAML in its places.
func one(property, annotation, top string) string {
	if property == "" {
		property = "type: string"
	}
	return "type: object\n" + top + "properties:\n  a:\n    " + property + "\n    x-tongban: {label: {zh: 甲, en: A}" + annotation + "}\n" +
		"x-tongban: {steps: [{id: s, title: {zh: 步, en: S}, fields: [a]}]}\n"
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "f.yaml:1:1 The file is empty."},
		{"a list", "[]", "f.yaml:1:1 A map of keys and values is expected here."},
		{"nothing in it", "{}", `f.yaml:1:1 "type" is missing.` + "\n" + `f.yaml:1:1 "properties" is missing.` + "\n" + `f.yaml:1:1 "x-tongban" is missing.`},
		{"not an object", strings.Replace(one("", "", ""), "type: object", "type: array", 1), "f.yaml:1:7 The type of a form is object."},
		{"open to more", one("", "", "additionalProperties: true\n"), "f.yaml:2:23 additionalProperties can only be false."},
		{"another draft", one("", "", "$schema: http://json-schema.org/draft-07/schema#\n"),
			"f.yaml:2:10 $schema can only be https://json-schema.org/draft/2020-12/schema."},
		{"unknown key", one("", "", "propertys: {}\n"), `f.yaml:2:1 Unknown key "propertys".`},
		{"unknown key of a field", one("type: string\n    maxLenght: 3", "", ""), `f.yaml:5:5 Unknown key "maxLenght".`},
		{"unknown annotation", one("", ", lable: x", ""), `f.yaml:5:40 Unknown key "lable". Use one of: label, hint, widget`},
		{"unknown annotation on top", one("", "", "") + "  \n", ""},
		{"reference", one("$ref: '#/properties/b'\n    type: string", "", ""), "f.yaml:4:5 $ref is not allowed: a form is whole in its file."},
		{"reference in a condition", one("", "", "if: {not: {$ref: 'http://example.com/x'}}\n"), "f.yaml:2:12 $ref is not allowed"},
		{"definitions", one("", "", "$defs: {}\n"), "f.yaml:2:1 $defs is not allowed"},
		{"required field is not there", one("", "", "required: [a, b]\n"), `f.yaml:2:15 There is no field "b".`},
		{"required is no list", one("", "", "required: a\n"), "f.yaml:2:11 A list is expected here."},
		{"key with a capital", strings.ReplaceAll(one("", "", ""), "  a:", "  A:"), `f.yaml:3:3 "A" cannot be the name of a field. Begin with a small letter`},
		{"reserved key", strings.ReplaceAll(one("", "", ""), "  a:", "  task:"), `f.yaml:3:3 "task" cannot be the name`},
		{"no type", one("maxLength: 3", "", ""), `f.yaml:4:5 "type" is missing.`},
		{"type of another world", one("type: object", "", ""), "f.yaml:4:11 The type of a field is string, integer"},
		{"several types", one("type: [string, 'null']", "", ""), "f.yaml:4:11 Text is expected here"},
		{"label in one language", strings.Replace(one("", "", ""), ", en: A}", "}", 1), "f.yaml:5:24 Both languages (zh and en) are needed."},
		{"no annotation", "type: object\nproperties: {a: {type: string}}\nx-tongban: {steps: [{id: s, title: {zh: 步, en: S}, fields: [a]}]}\n",
			`"x-tongban" is missing.`},
		{"widget of another type", one("type: boolean", ", widget: date", ""), `f.yaml:5:48 Widget "date" does not fit type boolean. Use one of: checkbox, radio.`},
		{"widget that is not there", one("", ", widget: slider", ""), `f.yaml:5:48 Widget "slider" does not fit type string.`},
		{"money that is no integer", one("type: number", ", widget: money", ""), "f.yaml:4:11 Widget money needs type integer, in fen; the page asks for yuan."},
		{"choices without a label", one("type: string\n    enum: [x]", ", choices: [{value: x}]", ""), `f.yaml:6:50 "label" is missing.`},
		{"choice beyond the enum", one("type: string\n    enum: [x]", ", choices: [{value: x, label: {zh: 一, en: X}}, {value: y, label: {zh: 二, en: Y}}]", ""),
			`f.yaml:5:11 Choice "y" is not in the enum.`},
		{"enum beyond the choices", one("type: string\n    enum: [x, y]", ", choices: [{value: x, label: {zh: 一, en: X}}]", ""),
			`f.yaml:5:15 "y" of the enum is not among the choices.`},
		{"enum without choices", one("type: string\n    enum: [x, y]", "", ""), `f.yaml:4:5 Field "a" needs choices`},
		{"choices on a text", one("", ", widget: text, choices: [{value: x, label: {zh: 一, en: X}}]", ""), `Widget "text" takes no choices.`},
		{"choice twice", one("", ", choices: [{value: x, label: {zh: 一, en: X}}, {value: x, label: {zh: 二, en: Y}}]", ""), `Choice "x" is there twice.`},
		{"choice without value", one("", ", choices: [{value: '', label: {zh: 一, en: X}}]", ""), "The value of a choice is a text or number, and not empty."},
		{"list of numbers", one("type: array\n    items: {type: integer}", ", choices: [{value: 1, label: {zh: 一, en: X}}]", ""), "The items of a list are strings."},
		{"list of anything", one("type: array", ", choices: [{value: x, label: {zh: 一, en: X}}]", ""), `"items" is missing.`},
		{"fill that is no path", one("", ", fill: name", ""), `f.yaml:5:46 "name" must be a dotted name such as party.name.`},
		{"shared that is no path", one("", ", shared: 'a.b c'", ""), "must be a dotted name"},
		{"readonly and empty", one("", ", readonly: true", ""), "A readonly field needs fill, or it stays empty."},
		{"minimum of a text", one("type: string\n    minimum: 3", "", ""), "f.yaml:5:14 minimum is for numbers only."},
		{"minimum above maximum", one("type: integer\n    minimum: 3\n    maximum: 2", "", ""), "f.yaml:5:14 minimum is more than maximum."},
		{"endless text", one("type: string\n    maxLength: 99999999", "", ""), "f.yaml:5:16 maxLength must be from 0 to 10000."},
		{"pattern", one("type: string\n    pattern: '[a'", "", ""), "f.yaml:5:14 The pattern cannot be read: "},
		{"schema", one("type: integer\n    multipleOf: -1", "", ""), "f.yaml:5:17 Not good JSON Schema: "},
		{"show that is no rule", one("", ", show: 'a =='", ""), "f.yaml:5:46 "},
		{"show of a stranger", one("", ", show: b == 1", ""), "f.yaml:5:46 There is no variable b."},
		{"show of another type", one("", ", show: \"'x'\"", ""), "f.yaml:5:46 show must be true or false."},
		{"show of itself", one("", ", show: a == 'x'", ""), "f.yaml:5:46 show can depend on other fields only"},
		{"show of today", one("", ", show: today() > date('2026-01-01')", ""), "f.yaml:5:46 show can depend on other fields only"},
		{"no steps", strings.Replace(one("", "", ""), "steps: [", "stepz: [", 1), `"steps" is missing.`},
		{"field in no step", strings.Replace(one("", "", ""), "fields: [a]", "fields: []", 1), `f.yaml:4:5 Field "a" is in no step.`},
		{"field in two steps", strings.Replace(one("", "", ""), "fields: [a]", "fields: [a, a]", 1), `Field "a" is in a step already.`},
		{"step with a stranger", strings.Replace(one("", "", ""), "fields: [a]", "fields: [a, b]", 1), `There is no field "b".`},
		{"step with a bad id", strings.Replace(one("", "", ""), "id: s", "id: S 1", 1), `"S 1" cannot be the id of a step`},
		{"step twice", strings.Replace(one("", "", ""), "fields: [a]}", "fields: [a]}, {id: s, title: {zh: 步, en: S}, fields: []}", 1), `Step "s" is there twice.`},
		{"step of text", strings.Replace(one("", "", ""), "[{id: s, title: {zh: 步, en: S}, fields: [a]}]", "[s]", 1), "A map of keys and values is expected here."},
	} {
		_, err := form.Parse("f.yaml", []byte(tt.src))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: got %v, want none", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

// Shows that wait for each other would never be asked.
func TestParseRefusesCircles(t *testing.T) {
	src := `
type: object
properties:
  a: {type: string, x-tongban: {label: {zh: 甲, en: A}, show: c == 'x'}}
  b: {type: string, x-tongban: {label: {zh: 乙, en: B}, show: a == 'x'}}
  c: {type: string, x-tongban: {label: {zh: 丙, en: C}, show: b == 'x'}}
x-tongban: {steps: [{id: s, title: {zh: 步, en: S}, fields: [a, b, c]}]}
`
	_, err := form.Parse("f.yaml", []byte(src))
	if want := `f.yaml:4:62 show of "a" depends on itself in a circle.`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParseTellsAll(t *testing.T) {
	src := "type: object\nrequired: [x]\nproperties:\n  a: {type: text, x-tongban: {label: {zh: 甲}}}\n  b: {type: string}\nx-tongban: {steps: []}\n"
	_, err := form.Parse("f.yaml", []byte(src))
	want := strings.Join([]string{
		`f.yaml:2:12 There is no field "x".`,
		`f.yaml:4:13 The type of a field is string, integer, number, boolean or array.`,
		`f.yaml:5:6 "x-tongban" is missing.`,
	}, "\n")
	if err == nil {
		t.Fatal("taken, want faults")
	}
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("got\n%v\nwant the line\n%s", err, line)
		}
	}
}

func TestParseJSON(t *testing.T) {
	src := `{"type": "object", "properties": {"a": {"type": "string", "x-tongban": {"label": {"zh": "甲", "en": "A"}}}},
		"x-tongban": {"steps": [{"id": "s", "title": {"zh": "步", "en": "S"}, "fields": ["a"]}]}}`
	f, err := form.Parse("a/b/c.json", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if f.ID != "c" || string(f.Source()) != src {
		t.Errorf("id %q, source %q", f.ID, f.Source())
	}
	if diff := cmp.Diff([]string{"a"}, f.Steps[0].Fields); diff != "" {
		t.Error(diff)
	}
}

// No schema of a form makes the validator fetch anything.
func TestConditionsOfTheSchema(t *testing.T) {
	src := strings.Replace(one("", "", "allOf:\n  - if: {properties: {a: {const: x}}}\n    then: {required: [b]}\n"), "x-tongban: {steps",
		"  b: {type: string, x-tongban: {label: {zh: 乙, en: B}}}\nx-tongban: {steps", 1)
	src = strings.Replace(src, "fields: [a]", "fields: [a, b]", 1)
	f, err := form.Parse("f.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	for a, want := range map[string]int{"x": 1, "y": 0} {
		if got := f.Validate(map[string]any{"a": a}); len(got) != want || want == 1 && got[0].Pointer != "/b" {
			t.Errorf("a = %s: got %+v, want %d", a, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	src, err := os.ReadFile("testdata/resettle.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	f.Add([]byte(one("type: string\n    enum: [x]", ", choices: [{value: x, label: {zh: 一, en: X}}]", "")))
	f.Add([]byte(one("", ", show: a == 'x'", "if: {not: {}}\n")))
	f.Add([]byte("type: object\nproperties: {a: }\nx-tongban: {steps: [{fields: [a]}]}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		parsed, err := form.Parse("f.yaml", src)
		if err != nil {
			return
		}
		parsed.Validate(map[string]any{"a": "x"})
		parsed.Read(nil, -1)
	})
}
