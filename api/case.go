package api

import (
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/process"
)

// Case is a case as those may see it who ask: fields that are not theirs to see
// are left out. Times are absent where the thing has not happened.
type Case struct {
	ID          string                `json:"id"`
	Number      string                `json:"number" doc:"What people call it by."`
	Submission  string                `json:"submission" doc:"The submission that it came with."`
	Event       string                `json:"event,omitempty" doc:"The life event, if any."`
	Service     string                `json:"service"`
	ServiceName i18n.Text             `json:"serviceName"`
	Version     string                `json:"version" doc:"Hash of the service version that it runs on to its end."`
	Agency      AgencyRef             `json:"agency" doc:"Who leads it."`
	Subject     string                `json:"subject"`
	SubjectName string                `json:"subjectName,omitempty"`
	Actor       Actor                 `json:"actor" doc:"Who applied."`
	Channel     string                `json:"channel"`
	Delivery    string                `json:"delivery,omitempty"`
	Status      string                `json:"status" enum:"waiting,submitted,supplement,accepted,suspended,approved,closed,refused,rejected,withdrawn"`
	StatusName  i18n.Text             `json:"statusName"`
	Turn        string                `json:"turn" enum:"applicant,agency,other-case,nobody" doc:"Who must act next."`
	Light       string                `json:"light" enum:"none,green,amber,red" doc:"Of the running clock; none without one."`
	SubmittedAt time.Time             `json:"submittedAt"`
	AcceptedAt  time.Time             `json:"acceptedAt,omitzero"`
	DueAt       time.Time             `json:"dueAt,omitzero" doc:"The instant at which it is late."`
	StoppedAt   time.Time             `json:"stoppedAt,omitzero" doc:"Since when the clock stands."`
	DecidedAt   time.Time             `json:"decidedAt,omitzero"`
	ClosedAt    time.Time             `json:"closedAt,omitzero"`
	Remaining   int                   `json:"remaining" doc:"Working days left, negative when late; 0 without a clock."`
	Procedure   string                `json:"procedure,omitempty" doc:"The special procedure that stops the clock."`
	Extended    bool                  `json:"extended"`
	Scenario    map[string]string     `json:"scenario,omitempty"`
	Values      map[string]any        `json:"values,omitempty" doc:"What was applied with, by field key. Absent in lists."`
	Provenance  map[string]Provenance `json:"provenance,omitempty"`
	Evidence    []EvidenceItem        `json:"evidence,omitempty"`
	Supplement  *Supplement           `json:"supplement,omitempty" doc:"The one whole notice of what is missing."`
	Decision    *Decision             `json:"decision,omitempty"`
	Consults    []Consult             `json:"consults,omitempty"`
	Fees        []FeeShare            `json:"fees,omitempty"`
	Licences    []string              `json:"licences,omitempty" doc:"Ids of the licences that it ended with."`
	Result      map[string]string     `json:"result,omitempty"`
	Tasks       []Task                `json:"tasks,omitempty" doc:"The open ones."`
	Tokens      []Token               `json:"tokens,omitempty" doc:"Where the process stands."`
	Rev         int64                 `json:"rev"`
}

// Actor is who acts, for whom, under which mandate.
type Actor struct {
	Party   string `json:"party"`
	For     string `json:"for,omitempty"`
	Mandate string `json:"mandate,omitempty"`
}

// Supplement is the one whole notice of what is missing.
type Supplement struct {
	Items      []SupplementItem `json:"items"`
	Note       string           `json:"note,omitempty"`
	AskedAt    time.Time        `json:"askedAt"`
	AnsweredAt time.Time        `json:"answeredAt,omitzero"`
	Answer     string           `json:"answer,omitempty"`
	Supplied   []string         `json:"supplied" doc:"Requirements for which a file was handed in."`
}

// SupplementItem is one thing to hand in or to put right.
type SupplementItem struct {
	Requirement string `json:"requirement,omitempty" maxLength:"200" doc:"Id of the document; empty where it is something else."`
	What        string `json:"what" minLength:"1" maxLength:"2000" doc:"What to do, in plain words."`
}

// Decision is the outcome with what the law wants told.
type Decision struct {
	Approve  bool      `json:"approve"`
	Reasons  string    `json:"reasons,omitempty"`
	Remedies i18n.Text `json:"remedies,omitzero" doc:"How to object."`
	By       string    `json:"by" doc:"The officer, or rule where the process decided by itself."`
	Agency   AgencyRef `json:"agency"`
	At       time.Time `json:"at"`
}

// Consult is a question to another agency.
type Consult struct {
	Agency     AgencyRef `json:"agency"`
	Question   string    `json:"question"`
	Answer     string    `json:"answer,omitempty"`
	AskedAt    time.Time `json:"askedAt"`
	AnsweredAt time.Time `json:"answeredAt,omitzero"`
}

// Token is where a process stands.
type Token struct {
	ID      string `json:"id"`
	Element string `json:"element" doc:"Id of the BPMN element."`
}

// Event is one line of a case's history.
type Event struct {
	Seq       int64             `json:"seq"`
	At        time.Time         `json:"at"`
	Kind      string            `json:"kind"`
	Actor     string            `json:"actor" doc:"Party or officer id, or system."`
	ActorName string            `json:"actorName,omitempty"`
	OnBehalf  string            `json:"onBehalf,omitempty" doc:"The party acted for."`
	Agency    string            `json:"agency,omitempty"`
	Note      i18n.Text         `json:"note" doc:"A finished sentence."`
	Data      map[string]string `json:"data,omitempty"`
}

func (s *server) caseOf(c casework.Case) Case {
	out := Case{ID: c.ID, Number: c.Number, Submission: c.Bundle, Event: c.Event, Service: c.Service, ServiceName: c.ServiceName, Version: c.Version,
		Agency: s.agency(c.Agency), Subject: string(c.Subject), SubjectName: c.SubjectName,
		Actor:   Actor{Party: string(c.Actor.Party), For: string(c.Actor.For), Mandate: c.Actor.Mandate},
		Channel: c.Channel, Delivery: c.Delivery, Status: string(c.Status), StatusName: c.Status.Name(), Turn: c.Status.Turn(), Light: lightOf(c.Light),
		SubmittedAt: c.SubmittedAt, AcceptedAt: c.AcceptedAt, DueAt: c.DueAt, StoppedAt: c.StoppedAt, DecidedAt: c.DecidedAt, ClosedAt: c.ClosedAt,
		Remaining: c.Remaining, Procedure: c.Procedure, Extended: c.Extended, Scenario: c.Scenario, Values: c.Form,
		Licences: c.Licences, Result: c.Result, Rev: c.Rev}
	s.dossier(&out, c)
	return out
}

// dossier adds what lists leave out.
func (s *server) dossier(out *Case, c casework.Case) {
	if len(c.Provenance) > 0 {
		out.Provenance = provenanceOf(c.Provenance)
	}
	out.Evidence = each(c.Evidence, itemOf)
	out.Fees = each(c.Fees, s.feeOf)
	out.Tasks = each(c.Tasks, s.taskOf)
	out.Tokens = each(c.Tokens, func(t process.Token) Token { return Token{ID: t.ID, Element: t.Element} })
	out.Consults = each(c.Consults, func(q casework.Consult) Consult {
		return Consult{Agency: s.agency(q.Agency), Question: q.Question, Answer: q.Answer, AskedAt: instant(q.AskedAt), AnsweredAt: instant(q.Answered)}
	})
	if n := c.Supplement; n != nil {
		out.Supplement = &Supplement{Note: n.Note, AskedAt: instant(n.AskedAt), AnsweredAt: instant(n.AnsweredAt), Answer: n.Answer, Supplied: sortedKeys(n.Files),
			Items: each(n.Items, func(it casework.SupplementItem) SupplementItem { return SupplementItem(it) })}
	}
	if d := c.Decision; d != nil {
		out.Decision = &Decision{Approve: d.Approve, Reasons: d.Reasons, Remedies: d.Remedies, By: d.By, Agency: s.agency(d.Agency), At: instant(d.At)}
	}
}

func lightOf(l casework.Light) string {
	if l == casework.NoLight {
		return "none"
	}
	return string(l)
}

func eventOf(e casework.Event) Event {
	return Event{Seq: e.Seq, At: e.At, Kind: e.Kind, Actor: e.Actor, ActorName: e.ActorName, OnBehalf: e.OnBehalf, Agency: e.Agency, Note: e.Note, Data: e.Data}
}
