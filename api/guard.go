package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/policy"
)

// The most bytes of a body. An upload has room for a file of casework.MaxFile
// and its envelope.
const (
	maxBody   = 1 << 20
	maxUpload = 11 << 20
)

// guard stands before everything: it names the request, finds its language, and
// turns a panic into a problem.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		c := call{id: h.Get("X-Request-Id"), lang: languageOf(r)}
		if c.id == "" {
			c.id = id.New()
			h.Set("X-Request-Id", c.id)
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Add("Vary", "Accept-Language")
		ctx := context.WithValue(r.Context(), callKey{}, c)
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // the value itself, as net/http compares it
					panic(v)
				}
				s.Log.ErrorContext(ctx, "api panic", "request", c.id, "path", r.URL.Path, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
				refuse(w, shown(c, fault.Internal, http.StatusInternalServerError, i18n.M("fault.internal")))
			}
		}()
		if p := checkAddress(c, r.URL); p != nil {
			refuse(w, p)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// checkAddress refuses what no id, word or cursor can contain, before a
// database is asked.
func checkAddress(c call, u *url.URL) *Problem {
	if !clean(u.Path) {
		return shown(c, fault.NotFound, http.StatusNotFound, i18n.M("api.path.unknown"))
	}
	for name, values := range u.Query() {
		for _, value := range values {
			if !clean(name) || !clean(value) {
				p := shown(c, fault.Invalid, http.StatusUnprocessableEntity, i18n.M("api.json.control"))
				p.Errors = []FieldProblem{fieldProblem(c.lang, "", strings.ToValidUTF8(name, "?"), i18n.M("api.json.control"))}
				return p
			}
		}
	}
	return nil
}

func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) }

// fallback answers what no operation takes: 405 for a path that is there with
// another method, 404 for the rest.
func (s *server) fallback(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "/" && pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			refuse(w, shown(c, fault.NotFound, http.StatusNotFound, i18n.M("api.path.unknown")))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		refuse(w, shown(c, fault.Invalid, http.StatusMethodNotAllowed, i18n.M("api.path.method", "methods", strings.Join(allowed, ", "))))
	}
}

// admit finds who asks. An operation with security refuses the public.
func (s *server) admit(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	sitting, err := s.Gate.Bearer(r)
	if err == nil && len(ctx.Operation().Security) > 0 && sitting.Principal.Kind == policy.Public {
		err = fault.New(fault.Unauthenticated, "api.admit", i18n.Text{})
	}
	if err != nil {
		refuse(w, s.problem(r.Context(), err))
		return
	}
	if len(ctx.Operation().Security) > 0 {
		w.Header().Set("Cache-Control", "no-store")
	}
	next(huma.WithContext(ctx, identity.With(r.Context(), sitting)))
}

// takeBody reads the body within its bounds and checks its form, before the
// library looks at its members.
func (s *server) takeBody(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	var p *Problem
	switch body := ctx.Operation().RequestBody; {
	case body == nil:
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	case body.Content[formData] != nil:
		p = takeForm(w, r)
	default:
		p = takeJSON(w, r)
	}
	if p != nil {
		refuse(w, p)
		return
	}
	next(ctx)
}

const formData = "multipart/form-data"

func takeForm(w http.ResponseWriter, r *http.Request) *Problem {
	c := callOf(r.Context())
	if !hasType(r, formData) {
		return shown(c, fault.Unsupported, http.StatusUnsupportedMediaType, i18n.M("api.body.form"))
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(maxUpload); err != nil {
		return unreadable(c, err, maxUpload, i18n.M("api.body.badForm"))
	}
	return checkForm(c, r.MultipartForm)
}

// checkForm refuses a form that has anything but one file.
func checkForm(c call, form *multipart.Form) *Problem {
	message, at := i18n.Text{}, ""
	for name := range form.Value {
		message, at = i18n.M("api.input.unknown"), name
	}
	for name, files := range form.File {
		if name != "file" {
			message, at = i18n.M("api.input.unknown"), name
		} else if len(files) > 1 {
			message, at = i18n.M("api.input.unique"), name
		}
	}
	if len(form.File["file"]) == 0 {
		message, at = i18n.M("api.input.required"), "file"
	}
	if message.IsZero() {
		return nil
	}
	p := shown(c, fault.Invalid, http.StatusUnprocessableEntity, i18n.M("api.body.form"))
	p.Errors = []FieldProblem{fieldProblem(c.lang, pointer(strings.ToValidUTF8(at, "?")), "", message)}
	return p
}

func takeJSON(w http.ResponseWriter, r *http.Request) *Problem {
	c := callOf(r.Context())
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return unreadable(c, err, maxBody, i18n.M("api.body.unread"))
	}
	if len(bytes.TrimSpace(body)) > 0 {
		if !hasType(r, "application/json") {
			return shown(c, fault.Unsupported, http.StatusUnsupportedMediaType, i18n.M("api.body.json"))
		}
		if bad := checkJSON(body); bad != nil {
			p := shown(c, fault.Invalid, http.StatusBadRequest, i18n.M("api.body.malformed"))
			p.Errors = []FieldProblem{fieldProblem(c.lang, bad.pointer, "", bad.message)}
			return p
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// unreadable is why a body could not be taken.
func unreadable(c call, err error, limit int64, otherwise i18n.Text) *Problem {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return shown(c, fault.TooLarge, http.StatusRequestEntityTooLarge, i18n.M("api.body.large", "max", limit>>20))
	}
	return shown(c, fault.Invalid, http.StatusBadRequest, otherwise)
}

func hasType(r *http.Request, want string) bool {
	types := r.Header.Values("Content-Type")
	if len(types) != 1 {
		return false
	}
	got, params, err := mime.ParseMediaType(types[0])
	charset := strings.ToLower(params["charset"])
	return err == nil && got == want && slices.Contains([]string{"", "utf-8", "utf8"}, charset)
}
