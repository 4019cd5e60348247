package api

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// transform turns the library's own errors into problems, in both languages and
// without what the client sent. Everything else passes.
func (s *server) transform(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	c := callOf(ctx.Context())
	kind := kindOf(e.Status)
	p := shown(c, kind, e.Status, titles[kind]())
	for _, detail := range e.Errors {
		if detail != nil {
			p.Errors = append(p.Errors, translate(c.lang, detail))
		}
	}
	if kind == fault.Internal {
		s.Log.ErrorContext(ctx.Context(), "api request failed", "request", c.id, "error", e.Error())
		p.Errors = nil
	}
	return p, nil
}

func kindOf(status int) fault.Kind {
	switch status {
	case http.StatusNotFound:
		return fault.NotFound
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return fault.Unsupported
	case http.StatusRequestTimeout:
		return fault.Unavailable
	}
	if status < http.StatusInternalServerError {
		return fault.Invalid
	}
	return fault.Internal
}

// phrase is how one of the library's messages is said here. What its pattern
// captures is the value; member says that it is the missing member's name.
type phrase struct {
	pattern *regexp.Regexp
	message func(value string) i18n.Text
	member  bool
}

// phrases are tried in order; TestPhrases holds them against the library's own
// list of messages.
var phrases = []phrase{
	{regexp.MustCompile(`^unexpected property$`), func(string) i18n.Text { return i18n.M("api.input.unknown") }, false},
	{regexp.MustCompile(`^unknown query parameter$`), func(string) i18n.Text { return i18n.M("api.input.unknown") }, false},
	{regexp.MustCompile(`^expected required property (.+) to be present$`), func(string) i18n.Text { return i18n.M("api.input.required") }, true},
	{regexp.MustCompile(`^(?:required .* parameter is missing|request body is required|File required|.*body is required.*)$`), func(string) i18n.Text { return i18n.M("api.input.required") }, false},
	{regexp.MustCompile(`^expected string$`), func(string) i18n.Text { return i18n.M("api.input.string") }, false},
	{regexp.MustCompile(`^(?:expected number|invalid float)$`), func(string) i18n.Text { return i18n.M("api.input.number") }, false},
	{regexp.MustCompile(`^(?:expected integer|invalid integer)$`), func(string) i18n.Text { return i18n.M("api.input.integer") }, false},
	{regexp.MustCompile(`^(?:expected boolean|invalid boolean)$`), func(string) i18n.Text { return i18n.M("api.input.boolean") }, false},
	{regexp.MustCompile(`^expected array$`), func(string) i18n.Text { return i18n.M("api.input.array") }, false},
	{regexp.MustCompile(`^expected object$`), func(string) i18n.Text { return i18n.M("api.input.object") }, false},
	{regexp.MustCompile(`^expected (?:length|array length) <= (\d+)$`), func(v string) i18n.Text { return i18n.M("api.input.long", "max", v) }, false},
	{regexp.MustCompile(`^expected (?:length|array length) >= (\d+)$`), func(v string) i18n.Text { return i18n.M("api.input.short", "min", v) }, false},
	{regexp.MustCompile(`^expected object with at most (\d+) properties$`), func(v string) i18n.Text { return i18n.M("api.input.long", "max", v) }, false},
	{regexp.MustCompile(`^expected number (?:<=|<) (.+)$`), func(v string) i18n.Text { return i18n.M("api.input.big", "max", v) }, false},
	{regexp.MustCompile(`^expected number (?:>=|>) (.+)$`), func(v string) i18n.Text { return i18n.M("api.input.small", "min", v) }, false},
	{regexp.MustCompile(`^expected value to be one of "(.*)"$`), func(v string) i18n.Text { return i18n.M("api.input.oneOf", "values", v) }, false},
	{regexp.MustCompile(`^(?:expected string to be RFC 3339|invalid date/time).*$`), func(string) i18n.Text { return i18n.M("api.input.time") }, false},
	{regexp.MustCompile(`^expected array items to be unique$`), func(string) i18n.Text { return i18n.M("api.input.unique") }, false},
	{regexp.MustCompile(`^expected string to (?:match pattern|be) .*$`), func(string) i18n.Text { return i18n.M("api.input.pattern") }, false},
}

func translate(l i18n.Lang, d *huma.ErrorDetail) FieldProblem {
	at, parameter := place(d.Location)
	for _, ph := range phrases {
		found := ph.pattern.FindStringSubmatch(d.Message)
		if found == nil {
			continue
		}
		value := ""
		if len(found) > 1 {
			value = found[1]
		}
		if ph.member {
			at += pointer(value)
		}
		return fieldProblem(l, at, parameter, ph.message(value))
	}
	return fieldProblem(l, at, parameter, i18n.M("api.input.wrong"))
}

// place reads the library's location, "body.items[3].tags" or "query.limit".
func place(location string) (at, parameter string) {
	root, rest, _ := strings.Cut(location, ".")
	if head, index, ok := strings.Cut(root, "["); ok { // "body[0]"
		root, rest = head, "["+index+"."+rest
	}
	switch root {
	case "path", "query", "header", "cookie":
		return "", rest
	}
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	if root == "form" || root == "body" {
		return pointer(parts...), ""
	}
	return "", ""
}
