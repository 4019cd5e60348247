package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Draft is an application in the making. A change must name the rev that it saw.
type Draft struct {
	ID         string                `json:"id"`
	Service    string                `json:"service,omitempty"`
	Event      string                `json:"event,omitempty"`
	Members    []string              `json:"members" doc:"The services that it will submit."`
	Subject    string                `json:"subject" doc:"The party it is for."`
	Form       *Form                 `json:"form,omitempty" doc:"Of a life event: the members' forms merged. Absent in lists."`
	Scenario   map[string]string     `json:"scenario" doc:"Answers to the questions asked first."`
	Values     map[string]any        `json:"values" doc:"By field key."`
	Provenance map[string]Provenance `json:"provenance" doc:"Of the values that the city filled in, by field key."`
	Step       int                   `json:"step" doc:"The first step not yet done."`
	Rev        int64                 `json:"rev" doc:"Grows with every change."`
	SavedAt    time.Time             `json:"savedAt"`
}

// Target is what a draft is for: one service, or a life event.
type Target struct {
	Service string   `json:"service,omitempty" maxLength:"100" example:"elderly-allowance"`
	Event   string   `json:"event,omitempty" maxLength:"100"`
	Members []string `json:"members,omitempty" maxItems:"50" doc:"Of a life event: the services wanted; absent: all that are not optional."`
}

// DraftChange sets values of a draft.
type DraftChange struct {
	Rev    int64          `json:"rev,omitempty" minimum:"1" doc:"The revision that was seen; or give If-Match."`
	Step   *int           `json:"step,omitempty" minimum:"0" doc:"Save a whole step: its fields that values lacks are emptied. Absent: set just the values given."`
	Values map[string]any `json:"values" maxProperties:"500" doc:"By field key; null empties a field."`
}

// ScenarioAnswers answers the questions that are asked first.
type ScenarioAnswers struct {
	Rev     int64             `json:"rev,omitempty" minimum:"1" doc:"The revision that was seen; or give If-Match."`
	Answers map[string]string `json:"answers" maxProperties:"50" doc:"By question id: the value of a choice."`
}

// DraftCheck is what stands in the way of submitting a draft, and what it costs.
type DraftCheck struct {
	Ready    bool       `json:"ready"`
	Problems []Obstacle `json:"problems"`
	Fees     []FeeShare `json:"fees"`
	Total    int64      `json:"total" doc:"In fen."`
}

// Obstacle is one thing to put right.
type Obstacle struct {
	Pointer string    `json:"pointer" doc:"/FIELD, /scenario/ID, /evidence/ID; empty: the service's own condition."`
	Message i18n.Text `json:"message"`
}

// DraftPath names a draft.
type DraftPath struct {
	Draft string `path:"draft" maxLength:"100"`
}

// draftOutput carries the revision as an entity tag too.
type draftOutput struct {
	ETag string `header:"ETag"`
	Body Draft
}

type openDraftInput struct{ Body Target }

type changeDraftInput struct {
	DraftPath
	IfMatch string `header:"If-Match" maxLength:"40" doc:"The revision that was seen, as in ETag."`
	Body    DraftChange
}

type answerInput struct {
	DraftPath
	IfMatch string `header:"If-Match" maxLength:"40" doc:"The revision that was seen, as in ETag."`
	Body    ScenarioAnswers
}

func (s *server) draftOperations() {
	const tag = "drafts"
	route(s, signed, post("openDraft", "/api/v1/drafts", tag, "Open a draft",
		"Takes up the subject's draft for the service or life event, or begins one with every field filled that the city knows."), s.openDraft, fault.NotFound)
	route(s, signed, get("listDrafts", "/api/v1/drafts", tag, "List drafts", "Of whom one acts for, the latest first, without their forms."), s.listDrafts)
	route(s, signed, get("getDraft", "/api/v1/drafts/{draft}", tag, "Get a draft", "Another person's draft is not found."), s.getDraft, fault.NotFound)
	route(s, signed, with(http.MethodPatch, get("saveDraft", "/api/v1/drafts/{draft}", tag, "Save values",
		"Values are kept even where they do not pass: the answer is then 422 with saved true and the new rev. A stale rev is 409, with the rev now. Unknown fields are refused and nothing is kept.")),
		s.saveDraft, fault.NotFound, fault.Conflict)
	route(s, signed, put("answerScenario", "/api/v1/drafts/{draft}/scenario", tag, "Answer the questions asked first", "They decide which documents are needed."),
		s.answerScenario, fault.NotFound, fault.Conflict)
	route(s, signed, get("checkDraft", "/api/v1/drafts/{draft}/check", tag, "Check a draft", "Everything that stands in the way of submission, and the fees."), s.checkDraft, fault.NotFound)
	route(s, signed, status(http.StatusNoContent, remove("discardDraft", "/api/v1/drafts/{draft}", tag, "Discard a draft", "With its uploads.")), s.discardDraft, fault.NotFound)
}

func (s *server) openDraft(ctx context.Context, in *openDraftInput) (*draftOutput, error) {
	if (in.Body.Service == "") == (in.Body.Event == "") {
		return nil, fault.Fields("api.openDraft", fault.Field{Pointer: "/service", Message: i18n.M("api.draft.target")})
	}
	d, err := s.Office.OpenDraft(ctx, who(ctx), casework.Target(in.Body))
	return answerDraft(d, err)
}

func (s *server) listDrafts(ctx context.Context, _ *struct{}) (*body[list[Draft]], error) {
	drafts, err := s.Office.Drafts(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return &body[list[Draft]]{list[Draft]{Items: each(drafts, func(d casework.Draft) Draft {
		d.Form = nil
		return draftOf(d)
	})}}, nil
}

func (s *server) getDraft(ctx context.Context, in *DraftPath) (*draftOutput, error) {
	d, err := s.Office.Draft(ctx, who(ctx), in.Draft)
	return answerDraft(d, err)
}

func (s *server) saveDraft(ctx context.Context, in *changeDraftInput) (*draftOutput, error) {
	rev, err := seen(in.Body.Rev, in.IfMatch)
	if err != nil {
		return nil, err
	}
	step := -1
	if in.Body.Step != nil {
		step = *in.Body.Step
	}
	d, err := s.Office.Save(ctx, who(ctx), in.Draft, rev, step, in.Body.Values)
	return s.changed(ctx, d, rev, err)
}

func (s *server) answerScenario(ctx context.Context, in *answerInput) (*draftOutput, error) {
	rev, err := seen(in.Body.Rev, in.IfMatch)
	if err != nil {
		return nil, err
	}
	d, err := s.Office.Answer(ctx, who(ctx), in.Draft, rev, in.Body.Answers)
	return s.changed(ctx, d, rev, err)
}

// changed answers with a draft, or with a problem that tells its revision now.
func (s *server) changed(ctx context.Context, d casework.Draft, rev int64, err error) (*draftOutput, error) {
	if err != nil && d.Rev != 0 && (fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid)) {
		p := s.problem(ctx, err)
		p.Rev, p.Saved = d.Rev, fault.Is(err, fault.Invalid) && d.Rev > rev
		return nil, p
	}
	return answerDraft(d, err)
}

func (s *server) checkDraft(ctx context.Context, in *DraftPath) (*body[DraftCheck], error) {
	wrong, err := s.Office.Check(ctx, who(ctx), in.Draft)
	if err != nil {
		return nil, err
	}
	fees, err := s.Office.Fees(ctx, who(ctx), in.Draft)
	if err != nil {
		return nil, err
	}
	out := DraftCheck{Ready: len(wrong) == 0, Problems: each(wrong, func(f fault.Field) Obstacle { return Obstacle(f) }), Fees: each(fees, s.feeOf)}
	for _, f := range fees {
		out.Total += f.Amount
	}
	return &body[DraftCheck]{out}, nil
}

func (s *server) discardDraft(ctx context.Context, in *DraftPath) (*none, error) {
	return &none{}, s.Office.Discard(ctx, who(ctx), in.Draft)
}

// seen is the revision that a change saw: from the body, else from If-Match.
func seen(rev int64, ifMatch string) (int64, error) {
	if rev != 0 {
		return rev, nil
	}
	rev, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/"), `"`), 10, 64)
	if err != nil || rev < 1 {
		return 0, fault.Fields("api.seen", fault.Field{Pointer: "/rev", Message: i18n.M("api.draft.rev")})
	}
	return rev, nil
}

func answerDraft(d casework.Draft, err error) (*draftOutput, error) {
	if err != nil {
		return nil, err
	}
	return &draftOutput{ETag: strconv.Quote(strconv.FormatInt(d.Rev, 10)), Body: draftOf(d)}, nil
}

func draftOf(d casework.Draft) Draft {
	out := Draft{ID: d.ID, Service: d.Service, Event: d.Event, Members: keep(d.Members), Subject: string(d.Subject), Form: formOf(d.Form),
		Scenario: d.Scenario, Values: d.Data, Provenance: provenanceOf(d.Provenance), Step: d.Step, Rev: d.Rev, SavedAt: d.SavedAt}
	if out.Scenario == nil {
		out.Scenario = map[string]string{}
	}
	if out.Values == nil {
		out.Values = map[string]any{}
	}
	return out
}
