package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// ProblemBase begins the type of every problem; the kind of fault follows.
const ProblemBase = "https://tongban.org/problems/"

// Problem is an error for a program to handle and a person to read (RFC 9457).
// Title and detail are in the language of the request's Accept-Language.
type Problem struct {
	Type     string         `json:"type" format:"uri" doc:"Says what sort of problem it is; does not change." example:"https://tongban.org/problems/invalid"`
	Title    string         `json:"title" doc:"The sort of problem in plain words."`
	Status   int            `json:"status" doc:"The HTTP status." example:"422"`
	Detail   string         `json:"detail,omitempty" doc:"What happened this time, in plain words."`
	Instance string         `json:"instance,omitempty" doc:"Names this answer, for a question to the operators."`
	Errors   []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"One entry for each mistake in the input."`
	Saved    bool           `json:"saved,omitempty" doc:"The values were kept all the same; see rev."`
	Rev      int64          `json:"rev,omitempty" doc:"The revision that a draft has now."`
}

// FieldProblem is one mistake in the input.
type FieldProblem struct {
	Pointer   string `json:"pointer" doc:"RFC 6901 JSON pointer into the body, or to the form field; empty: the whole." example:"/bank"`
	Parameter string `json:"parameter,omitempty" doc:"The path, query or header parameter, where it is not in the body." example:"limit"`
	Message   string `json:"message" doc:"How to mend it, in the language of the request."`
	MessageZH string `json:"message_zh,omitempty" doc:"The same in Chinese, where message is in another language."`
	Line      int    `json:"line,omitempty" doc:"Of a rule: where in its text the mistake is, from 1."`
	Column    int    `json:"column,omitempty" doc:"In characters, from 1."`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is the status to answer with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes JSON a problem of JSON.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// titles are the kinds in plain words.
var titles = map[fault.Kind]func() i18n.Text{
	fault.Internal:        func() i18n.Text { return i18n.M("api.problem.internal") },
	fault.Invalid:         func() i18n.Text { return i18n.M("api.problem.invalid") },
	fault.Unauthenticated: func() i18n.Text { return i18n.M("api.problem.unauthenticated") },
	fault.Denied:          func() i18n.Text { return i18n.M("api.problem.denied") },
	fault.NotFound:        func() i18n.Text { return i18n.M("api.problem.notFound") },
	fault.Conflict:        func() i18n.Text { return i18n.M("api.problem.conflict") },
	fault.TooLarge:        func() i18n.Text { return i18n.M("api.problem.tooLarge") },
	fault.Unsupported:     func() i18n.Text { return i18n.M("api.problem.unsupported") },
	fault.Unavailable:     func() i18n.Text { return i18n.M("api.problem.unavailable") },
}

// problem is err as the client of ctx may see it. What went wrong inside goes to
// the log, once.
func (s *server) problem(ctx context.Context, err error) *Problem {
	kind, message, fields := fault.Shown(err)
	level := slog.LevelDebug
	if kind == fault.Internal || kind == fault.Unavailable {
		level = slog.LevelError
	}
	c := callOf(ctx)
	s.Log.Log(ctx, level, "api request failed", "request", c.id, "error", err)
	p := shown(c, kind, kind.Status(), message)
	for _, f := range fields {
		p.Errors = append(p.Errors, fieldProblem(c.lang, f.Pointer, "", f.Message))
	}
	return p
}

// shown is a problem of a kind with a status of its own.
func shown(c call, kind fault.Kind, status int, message i18n.Text) *Problem {
	return &Problem{Type: ProblemBase + kind.String(), Title: titles[kind]().In(c.lang), Status: status, Detail: message.In(c.lang), Instance: c.instance()}
}

func fieldProblem(l i18n.Lang, pointer, parameter string, message i18n.Text) FieldProblem {
	p := FieldProblem{Pointer: pointer, Parameter: parameter, Message: message.In(l)}
	if l != i18n.ZH {
		p.MessageZH = message.In(i18n.ZH)
	}
	return p
}

// inQuery says that the mistakes are in query parameters: there is no body.
func (p *Problem) inQuery() {
	for i, e := range p.Errors {
		if name, ok := strings.CutPrefix(e.Pointer, "/"); ok {
			p.Errors[i].Pointer, p.Errors[i].Parameter = "", name
		}
	}
}

// refuse answers with a problem, outside the operations.
func refuse(w http.ResponseWriter, p *Problem) {
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="tongban"`)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have gone
}

// call is what one request brings along.
type call struct {
	id   string
	lang i18n.Lang
}

func (c call) instance() string {
	if c.id == "" {
		return ""
	}
	return "urn:uuid:" + c.id
}

type callKey struct{}

func callOf(ctx context.Context) call {
	c, ok := ctx.Value(callKey{}).(call)
	if !ok {
		c.lang = i18n.ZH
	}
	return c
}

// languageOf is the first of our languages in the request's own order.
func languageOf(r *http.Request) i18n.Lang {
	header := r.Header.Get("Accept-Language")
	if header == "" || len(header) > 1000 {
		return i18n.ZH
	}
	asked, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return i18n.ZH
	}
	for _, tag := range asked {
		switch base, _ := tag.Base(); base.String() {
		case "zh":
			return i18n.ZH
		case "en":
			return i18n.EN
		}
	}
	return i18n.ZH
}

// pointer joins parts to a JSON pointer.
func pointer(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part))
	}
	return b.String()
}
