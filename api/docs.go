package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/i18n"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// docsView is the description of the API as its page shows it.
type docsView struct {
	Lang    i18n.Lang
	Title   string
	Version string
	About   []string
	Tags    []docsTag
	Schemas []docsSchema
}

type docsTag struct {
	Name, About string
	Operations  []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, About string
	Signed                           bool
	Parameters                       []docsMember
	Body, Answer                     docsType
	Status                           string
	Problems                         []string
}

type docsSchema struct {
	Name    string
	About   string
	Members []docsMember
}

type docsMember struct {
	Name, In, About string
	Type            docsType
	Required        bool
}

// docsType is a type in words, leading to the schema that it names.
type docsType struct{ Words, Schema string }

// docs shows the description to people, in the reader's language. It needs no
// script and nobody else's files.
func (s *server) docs() (http.HandlerFunc, error) {
	t, err := template.New("docs").Funcs(template.FuncMap{
		"t":    func(l i18n.Lang, key string) string { return i18n.T(l, key) },
		"said": func(text string) template.HTML { return template.HTML(i18n.Mark(text)) }, // escaped there
	}).Parse(docsPage)
	if err != nil {
		return nil, err
	}
	pages := map[i18n.Lang]http.HandlerFunc{}
	for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
		var b bytes.Buffer
		if err := t.Execute(&b, s.docsView(l)); err != nil {
			return nil, err
		}
		pages[l] = document("text/html; charset=utf-8", b.Bytes())
	}
	return func(w http.ResponseWriter, r *http.Request) {
		lang := callOf(r.Context()).lang
		if asked := r.URL.Query().Get("lang"); asked != "" {
			lang = i18n.ParseLang(asked)
		}
		pages[lang](w, r)
	}, nil
}

func (s *server) docsView(l i18n.Lang) docsView {
	oapi := s.api.OpenAPI()
	v := docsView{Lang: l, Title: oapi.Info.Title, Version: oapi.Info.Version, About: strings.Split(oapi.Info.Description, "\n")}
	for _, tag := range oapi.Tags {
		v.Tags = append(v.Tags, docsTag{Name: tag.Name, About: tag.Description, Operations: docsOperations(oapi, tag.Name)})
	}
	all := oapi.Components.Schemas.Map()
	for _, name := range sortedKeys(all) {
		v.Schemas = append(v.Schemas, docsSchema{Name: name, About: all[name].Description, Members: docsMembers(all[name])})
	}
	return v
}

func docsOperations(oapi *huma.OpenAPI, tag string) []docsOperation {
	var list []docsOperation
	for _, path := range sortedKeys(oapi.Paths) {
		item := oapi.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && slices.Contains(op.Tags, tag) {
				list = append(list, docsOperationOf(op))
			}
		}
	}
	return list
}

func docsOperationOf(op *huma.Operation) docsOperation {
	out := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, About: op.Description, Signed: len(op.Security) > 0}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, docsMember{Name: p.Name, In: p.In, About: p.Description, Type: docsTypeOf(p.Schema), Required: p.Required})
	}
	if op.RequestBody != nil {
		out.Body = docsContent(op.RequestBody.Content)
	}
	for _, code := range sortedKeys(op.Responses) {
		response := op.Responses[code]
		if n, err := strconv.Atoi(code); err == nil && n < 400 {
			out.Status, out.Answer = code, docsContent(response.Content)
			continue
		}
		out.Problems = append(out.Problems, code+" "+response.Description)
	}
	return out
}

func docsContent(content map[string]*huma.MediaType) docsType {
	types := sortedKeys(content)
	if len(types) == 0 {
		return docsType{}
	}
	t := docsTypeOf(content[types[0]].Schema)
	if types[0] != "application/json" {
		t.Words = strings.TrimSpace(types[0] + " " + t.Words)
	}
	return t
}

func docsMembers(s *huma.Schema) []docsMember {
	var list []docsMember
	for _, name := range sortedKeys(s.Properties) {
		p := s.Properties[name]
		list = append(list, docsMember{Name: name, About: p.Description, Type: docsTypeOf(p), Required: slices.Contains(s.Required, name)})
	}
	return list
}

func docsTypeOf(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{}
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return docsType{Words: name, Schema: name}
	case s.Items != nil:
		inner := docsTypeOf(s.Items)
		return docsType{Words: "[" + inner.Words + "]", Schema: inner.Schema}
	}
	words := s.Type
	if s.Format != "" {
		words += " (" + s.Format + ")"
	}
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
		inner := docsTypeOf(more)
		return docsType{Words: "{string: " + inner.Words + "}", Schema: inner.Schema}
	}
	if len(s.Enum) > 0 {
		var values []string
		for _, value := range s.Enum {
			if v, ok := value.(string); ok {
				values = append(values, v)
			}
		}
		words = strings.Join(values, " | ")
	}
	return docsType{Words: words}
}
