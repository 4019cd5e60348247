package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/policy"
)

// door says who may knock at an operation.
type door bool

const (
	open   door = false // everybody
	signed door = true  // whoever shows a bearer token
)

// route registers an operation. Faults of fn become problems. errs are the
// kinds that the operation documents, beside those that any of its sort has.
func route[I, O any](s *server, d door, op huma.Operation, fn func(ctx context.Context, in *I) (*O, error), errs ...fault.Kind) {
	op.MaxBodyBytes = 2 * maxUpload // takeBody has the bounds
	kinds := append([]fault.Kind{fault.Internal}, errs...)
	if d == signed {
		op.Security = []map[string][]string{{"bearer": {}}}
		op.Parameters = append(op.Parameters, &huma.Param{Name: identity.ActingFor, In: "header", Description: "Id of the party to act for; a live mandate is needed.",
			Schema: &huma.Schema{Type: huma.TypeString}})
		kinds = append(kinds, fault.Unauthenticated, fault.Denied)
	}
	if reflect.TypeFor[I]().NumField() > 0 {
		kinds = append(kinds, fault.Invalid)
	}
	if op.Method != http.MethodGet && op.Method != http.MethodDelete {
		kinds = append(kinds, fault.Unsupported, fault.TooLarge)
	}
	op.Responses = s.problems(kinds)
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			p := s.asProblem(ctx, err)
			if op.Method == http.MethodGet {
				p.inQuery()
			}
			return nil, p
		}
		return out, nil
	})
}

// asProblem leaves a problem as it is.
func (s *server) asProblem(ctx context.Context, err error) *Problem {
	if p, ok := err.(*Problem); ok { //nolint:errorlint // made here, never wrapped
		return p
	}
	return s.problem(ctx, err)
}

// problems documents the answers of the kinds.
func (s *server) problems(kinds []fault.Kind) map[string]*huma.Response {
	registry := s.api.OpenAPI().Components.Schemas
	schema := registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	responses := map[string]*huma.Response{}
	for _, kind := range kinds {
		responses[strconv.Itoa(kind.Status())] = &huma.Response{Description: titles[kind]().EN,
			Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
	}
	return responses
}

// tidy takes the library's own error model out of the description, and makes
// lists never null.
func (s *server) tidy() {
	oapi := s.api.OpenAPI()
	all := oapi.Components.Schemas.Map()
	delete(all, "ErrorModel")
	delete(all, "ErrorDetail")
	for _, schema := range all {
		neverNull(schema)
	}
	for _, path := range oapi.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op != nil {
				delete(op.Responses, "default")
			}
		}
	}
}

func neverNull(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	neverNull(s.Items)
	for _, p := range s.Properties {
		neverNull(p)
	}
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
		neverNull(more)
	}
}

// who asks.
func who(ctx context.Context) policy.Principal { return identity.Principal(ctx) }

// get, post and so on begin an operation.
func get(id, path, tag, summary, description string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tag}, Summary: summary, Description: description}
}

func with(method string, op huma.Operation) huma.Operation {
	op.Method = method
	return op
}

func post(id, path, tag, summary, description string) huma.Operation {
	return with(http.MethodPost, get(id, path, tag, summary, description))
}

func put(id, path, tag, summary, description string) huma.Operation {
	return with(http.MethodPut, get(id, path, tag, summary, description))
}

func remove(id, path, tag, summary, description string) huma.Operation {
	return with(http.MethodDelete, get(id, path, tag, summary, description))
}

func status(code int, op huma.Operation) huma.Operation {
	op.DefaultStatus = code
	return op
}

// body is an answer that has nothing but a body.
type body[T any] struct{ Body T }

// none is an answer without a body.
type none struct{}

// list is a page of a list.
type list[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Where the next page begins; absent at the end."`
}

// Page asks for part of a list.
type Page struct {
	After string `query:"after" maxLength:"500" doc:"The next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"The most items to give."`
}

// each turns a list into another, never nil.
func each[A, B any](in []A, fn func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, fn(a))
	}
	return out
}

// keep is a list that is never nil.
func keep[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
