package api

import (
	"context"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Task is one piece of work on a desk.
type Task struct {
	Case        string    `json:"case"`
	ID          string    `json:"id"`
	Element     string    `json:"element,omitempty" doc:"Id of the BPMN element."`
	Name        i18n.Text `json:"name"`
	Duty        string    `json:"duty" enum:"accept,review,consult,decide,deliver"`
	Agency      AgencyRef `json:"agency"`
	Number      string    `json:"number"`
	Service     string    `json:"service"`
	ServiceName i18n.Text `json:"serviceName"`
	SubjectName string    `json:"subjectName,omitempty"`
	Question    string    `json:"question,omitempty" doc:"Of a consultation."`
	OpenedAt    time.Time `json:"openedAt"`
	DueAt       time.Time `json:"dueAt,omitzero"`
	Light       string    `json:"light" enum:"none,green,amber,red"`
	Mine        bool      `json:"mine" doc:"The asker may complete it."`
}

// Counts are an inbox's open tasks by light. A count of 1000 means that many or
// more.
type Counts struct {
	All   int `json:"all"`
	Green int `json:"green"`
	Amber int `json:"amber"`
	Red   int `json:"red"`
}

// Outcome is what an officer says when a task is done.
type Outcome struct {
	Choice string `json:"choice" enum:"accept,refuse,approve,reject,done" doc:"accept: accept or refuse; review: approve, reject or done; decide: approve or reject; consult and deliver: done."`
	Note   string `json:"note,omitempty" maxLength:"2000" doc:"Shown to the applicant for a refusal or a rejection, where it is needed."`
}

// SupplementRequest is the one whole notice of what is missing.
type SupplementRequest struct {
	Items []SupplementItem `json:"items" minItems:"1" maxItems:"50"`
	Note  string           `json:"note,omitempty" maxLength:"2000"`
}

// ConsultRequest asks another agency.
type ConsultRequest struct {
	Agency   string `json:"agency" minLength:"1" maxLength:"60" doc:"Id of the agency."`
	Question string `json:"question" minLength:"1" maxLength:"2000"`
}

// SuspendRequest begins a special procedure.
type SuspendRequest struct {
	Procedure string `json:"procedure" minLength:"1" maxLength:"60" doc:"hearing, test, inspection, review ...; an unknown one is answered with those there are."`
	Reason    string `json:"reason" minLength:"1" maxLength:"2000" doc:"Told to the applicant in writing."`
}

// Overview is how the city's open cases stand.
type Overview struct {
	Agencies []AgencyLoad `json:"agencies"`
	Late     []Case       `json:"late" doc:"The longest late first, at most 100, without personal data."`
}

// AgencyLoad is one agency's open cases by light.
type AgencyLoad struct {
	Agency AgencyRef `json:"agency"`
	Open   int       `json:"open"`
	Green  int       `json:"green"`
	Amber  int       `json:"amber"`
	Red    int       `json:"red"`
}

type inboxInput struct {
	Page
	Light   string `query:"light" enum:"green,amber,red"`
	Duty    string `query:"duty" enum:"accept,review,consult,decide,deliver"`
	Service string `query:"service" maxLength:"100"`
}

type completeInput struct {
	CasePath
	Task string `path:"task" maxLength:"100"`
	Body Outcome
}

type askInput struct {
	CasePath
	Body SupplementRequest
}

type consultInput struct {
	CasePath
	Body ConsultRequest
}

type suspendInput struct {
	CasePath
	Body SuspendRequest
}

func (s *server) deskOperations() {
	const tag, path = "tasks", "/api/v1/cases/{case}"
	stale := []fault.Kind{fault.NotFound, fault.Conflict}
	route(s, signed, get("listTasks", "/api/v1/tasks", tag, "List an agency's open tasks", "The officer's own inbox, the most urgent first."), s.inbox)
	route(s, signed, get("countTasks", "/api/v1/tasks/counts", tag, "Count an agency's open tasks", "By light."), s.counts)
	route(s, signed, post("completeTask", path+"/tasks/{task}/complete", tag, "Complete a task",
		"Carries the case on: further tasks, the decision, the licence, the end, all in one transaction. A task that is done already is 409."), s.complete, stale...)
	route(s, signed, post("askSupplement", path+"/supplement", tag, "Give the one whole notice", "Of what is missing (行政许可法 art. 32). A second one is 409."), s.askSupplement, stale...)
	route(s, signed, post("consultAgency", path+"/consult", tag, "Consult another agency", "It appears there as a task; the clock runs on."), s.consult, stale...)
	route(s, signed, post("suspendCase", path+"/suspend", tag, "Begin a special procedure", "Stops the clock (art. 45)."), s.suspend, stale...)
	route(s, signed, post("resumeCase", path+"/resume", tag, "End a special procedure", "The clock runs on with the working days that were left."), s.resume, stale...)
	route(s, signed, post("extendCase", path+"/extend", tag, "Extend the limit once", "By 10 working days, 15 where several agencies handle it, with reasons (art. 42). A decider's."), s.extend, stale...)
	route(s, signed, post("deliverResult", path+"/deliver", tag, "Record the delivery", "The result is in the applicant's hands."), s.deliver, stale...)
	route(s, signed, get("overview", "/api/v1/overview", tag, "See how cases stand", "A supervisor's view."), s.overview)
}

func (s *server) taskOf(t casework.Task) Task {
	return Task{Case: t.CaseID, ID: t.ID, Element: t.Element, Name: t.Name, Duty: t.Duty, Agency: s.agency(t.Agency), Number: t.Number, Service: t.Service,
		ServiceName: t.ServiceName, SubjectName: t.SubjectName, Question: t.Question, OpenedAt: t.OpenedAt, DueAt: t.DueAt, Light: lightOf(t.Light), Mine: t.Mine}
}

func (s *server) inbox(ctx context.Context, in *inboxInput) (*body[list[Task]], error) {
	tasks, next, err := s.Office.Inbox(ctx, who(ctx), casework.Filter{Light: casework.Light(in.Light), Duty: in.Duty, Service: in.Service,
		Page: casework.Page{After: in.After, Limit: in.Limit}})
	if err != nil {
		return nil, err
	}
	return &body[list[Task]]{list[Task]{Items: each(tasks, s.taskOf), Next: next}}, nil
}

func (s *server) counts(ctx context.Context, _ *struct{}) (*body[Counts], error) {
	n, err := s.Office.Counts(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return &body[Counts]{Counts{All: n.All, Green: n.Green, Amber: n.Amber, Red: n.Red}}, nil
}

func (s *server) complete(ctx context.Context, in *completeInput) (*body[Case], error) {
	c, err := s.Office.Complete(ctx, who(ctx), in.Case, in.Task, casework.Outcome(in.Body))
	return s.acted(ctx, c, err)
}

func (s *server) askSupplement(ctx context.Context, in *askInput) (*body[Case], error) {
	items := each(in.Body.Items, func(it SupplementItem) casework.SupplementItem { return casework.SupplementItem(it) })
	c, err := s.Office.AskSupplement(ctx, who(ctx), in.Case, items, in.Body.Note)
	return s.acted(ctx, c, err)
}

func (s *server) consult(ctx context.Context, in *consultInput) (*body[Case], error) {
	c, err := s.Office.Consult(ctx, who(ctx), in.Case, in.Body.Agency, in.Body.Question)
	return s.acted(ctx, c, err)
}

func (s *server) suspend(ctx context.Context, in *suspendInput) (*body[Case], error) {
	c, err := s.Office.Suspend(ctx, who(ctx), in.Case, in.Body.Procedure, in.Body.Reason)
	return s.acted(ctx, c, err)
}

func (s *server) resume(ctx context.Context, in *noteInput) (*body[Case], error) {
	c, err := s.Office.Resume(ctx, who(ctx), in.Case, in.Body.Note)
	return s.acted(ctx, c, err)
}

func (s *server) extend(ctx context.Context, in *reasonInput) (*body[Case], error) {
	c, err := s.Office.Extend(ctx, who(ctx), in.Case, in.Body.Reason)
	return s.acted(ctx, c, err)
}

func (s *server) deliver(ctx context.Context, in *noteInput) (*body[Case], error) {
	c, err := s.Office.Deliver(ctx, who(ctx), in.Case, in.Body.Note)
	return s.acted(ctx, c, err)
}

func (s *server) overview(ctx context.Context, _ *struct{}) (*body[Overview], error) {
	o, err := s.Office.Overview(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return &body[Overview]{Overview{Late: each(o.Late, s.caseOf), Agencies: each(o.Agencies, func(l casework.AgencyLoad) AgencyLoad {
		return AgencyLoad{Agency: s.agency(l.Agency), Open: l.Open, Green: l.Green, Amber: l.Amber, Red: l.Red}
	})}}, nil
}
