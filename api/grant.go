package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/i18n"
)

// AutoGrant is what a party is given without an application.
type AutoGrant struct {
	ID          string       `json:"id"`
	Policy      string       `json:"policy"`
	PolicyName  i18n.Text    `json:"policyName"`
	Subject     string       `json:"subject"`
	SubjectName string       `json:"subjectName"`
	Agency      AgencyRef    `json:"agency"`
	Status      string       `json:"status" enum:"matched,checked,listed,confirmed,told,given,stopped,recovering,recovered,ended,refused,dropped"`
	StatusName  i18n.Text    `json:"statusName"`
	Turn        string       `json:"turn" enum:"city,officer,subject,nobody" doc:"Who must act next."`
	Amount      int64        `json:"amount" doc:"Whole yuan a period; 0: nothing is paid."`
	Overpaid    int64        `json:"overpaid,omitempty" doc:"Whole yuan."`
	Case        string       `json:"case,omitempty"`
	Batch       string       `json:"batch,omitempty"`
	Reason      i18n.Text    `json:"reason,omitzero" doc:"Why it ended early."`
	RefuseUntil time.Time    `json:"refuseUntil,omitzero" doc:"The last moment to refuse before it is given."`
	MatchedAt   time.Time    `json:"matchedAt"`
	GivenAt     time.Time    `json:"givenAt,omitzero"`
	EndedAt     time.Time    `json:"endedAt,omitzero"`
	Events      []GrantEvent `json:"events,omitempty"`
	Orders      []Payment    `json:"orders,omitempty"`
}

// GrantEvent is one line of a grant's history.
type GrantEvent struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Note i18n.Text `json:"note"`
}

// Payment is one payment order.
type Payment struct {
	Period string    `json:"period" doc:"once, a month 2026-11 or a year 2026"`
	Amount int64     `json:"amount" doc:"Whole yuan."`
	Status string    `json:"status" enum:"ordered,overpaid,recovered"`
	At     time.Time `json:"at"`
}

// GrantBatch is a list of grants that one person proposed and another decides.
type GrantBatch struct {
	ID         string      `json:"id"`
	Policy     string      `json:"policy"`
	Agency     AgencyRef   `json:"agency"`
	Status     string      `json:"status" enum:"proposed,confirmed,returned"`
	Members    int         `json:"members"`
	Amount     int64       `json:"amount" doc:"Whole yuan for the first period."`
	ProposedBy string      `json:"proposedBy"`
	ProposedAt time.Time   `json:"proposedAt"`
	DecidedBy  string      `json:"decidedBy,omitempty"`
	DecidedAt  time.Time   `json:"decidedAt,omitzero"`
	Reason     string      `json:"reason,omitempty" doc:"Why it was returned."`
	Grants     []AutoGrant `json:"grants,omitempty" doc:"Of one batch, by page."`
	Next       string      `json:"next,omitempty"`
}

// ProposeRequest puts the checked grants of a policy on a list.
type ProposeRequest struct {
	Policy string `json:"policy" minLength:"1" maxLength:"100"`
}

// ReturnRequest sends a list back.
type ReturnRequest struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// GrantPath names a grant in the path.
type GrantPath struct {
	Grant string `path:"grant" maxLength:"100"`
}

// BatchPath names a batch in the path.
type BatchPath struct {
	Batch string `path:"batch" maxLength:"100"`
}

type batchInput struct {
	BatchPath
	Page
}

type batchesInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type proposeInput struct{ Body ProposeRequest }

type returnInput struct {
	BatchPath
	Body ReturnRequest
}

func (s *server) grantOperations() {
	const tag, batches = "grants", "/api/v1/grants/batches"
	kinds := []fault.Kind{fault.NotFound, fault.Conflict}
	route(s, signed, get("listGrants", "/api/v1/me/grants", tag, "What am I given without asking", "Of whom one acts for, newest first."), s.listGrants)
	route(s, signed, post("refuseGrant", "/api/v1/me/grants/{grant}/refuse", tag, "Refuse a grant", "Before the last day nothing is given; afterwards what comes in periods is given no more."), s.refuseGrant, kinds...)
	route(s, signed, get("listBatches", batches, tag, "List an agency's batches", "The officer's own agency's, newest first."), s.listBatches)
	route(s, signed, status(http.StatusCreated, post("proposeBatch", batches, tag, "Propose a batch", "The checked grants of a policy, for another person to confirm.")), s.proposeBatch, kinds...)
	route(s, signed, get("getBatch", batches+"/{batch}", tag, "Get a batch", "With its grants, by page."), s.getBatch, fault.NotFound)
	route(s, signed, post("confirmBatch", batches+"/{batch}/confirm", tag, "Confirm a batch", "By a decider who did not propose it; its members are told."), s.confirmBatch, kinds...)
	route(s, signed, post("returnBatch", batches+"/{batch}/return", tag, "Return a batch", "With the reason; its members wait for another one."), s.returnBatch, kinds...)
}

func (s *server) autoGrant(g grant.Grant) AutoGrant {
	out := AutoGrant{ID: g.ID, Policy: g.Policy, Subject: string(g.Subject), SubjectName: g.Name, Agency: s.agency(g.Agency), Status: string(g.Status),
		StatusName: g.Status.Name(), Turn: g.Status.Turn(), Amount: g.Amount, Overpaid: g.Overpaid, Case: g.CaseID, Batch: g.Batch, Reason: g.Reason,
		RefuseUntil: g.Until, MatchedAt: g.MatchedAt, GivenAt: g.GivenAt, EndedAt: g.EndedAt}
	if p, ok := s.City.Policy(g.Policy); ok {
		out.PolicyName = p.Name
	}
	for _, e := range g.Events {
		out.Events = append(out.Events, GrantEvent{At: e.At, Kind: string(e.Kind), Note: e.Note})
	}
	for _, o := range g.Orders {
		out.Orders = append(out.Orders, Payment(o))
	}
	return out
}

func (s *server) listGrants(ctx context.Context, _ *struct{}) (*body[list[AutoGrant]], error) {
	pr := who(ctx)
	grants, err := s.Grants.Of(ctx, pr, pr.Actor.For)
	if err != nil {
		return nil, err
	}
	return &body[list[AutoGrant]]{list[AutoGrant]{Items: each(grants, s.autoGrant)}}, nil
}

func (s *server) refuseGrant(ctx context.Context, in *GrantPath) (*body[AutoGrant], error) {
	if err := s.Grants.Refuse(ctx, who(ctx), in.Grant); err != nil {
		return nil, err
	}
	g, err := s.Grants.Get(ctx, who(ctx), in.Grant)
	if err != nil {
		return nil, err
	}
	return &body[AutoGrant]{s.autoGrant(g)}, nil
}

func (s *server) batch(b grant.Batch) GrantBatch {
	return GrantBatch{ID: b.ID, Policy: b.Policy, Agency: s.agency(b.Agency), Status: b.Status, Members: b.Members, Amount: b.Amount, ProposedBy: b.ProposedBy,
		ProposedAt: b.ProposedAt, DecidedBy: b.DecidedBy, DecidedAt: b.DecidedAt, Reason: b.Reason}
}

func (s *server) listBatches(ctx context.Context, in *batchesInput) (*body[list[GrantBatch]], error) {
	pr := who(ctx)
	batches, err := s.Grants.Batches(ctx, pr, pr.Agency, in.Limit)
	if err != nil {
		return nil, err
	}
	return &body[list[GrantBatch]]{list[GrantBatch]{Items: each(batches, s.batch)}}, nil
}

func (s *server) proposeBatch(ctx context.Context, in *proposeInput) (*body[GrantBatch], error) {
	b, err := s.Grants.Propose(ctx, who(ctx), in.Body.Policy)
	if err != nil {
		return nil, err
	}
	return &body[GrantBatch]{s.batch(b)}, nil
}

func (s *server) getBatch(ctx context.Context, in *batchInput) (*body[GrantBatch], error) {
	b, grants, err := s.Grants.Batch(ctx, who(ctx), in.Batch, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := s.batch(b)
	out.Grants = each(grants, s.autoGrant)
	if len(grants) == in.Limit {
		out.Next = grants[in.Limit-1].ID
	}
	return &body[GrantBatch]{out}, nil
}

func (s *server) confirmBatch(ctx context.Context, in *BatchPath) (*body[GrantBatch], error) {
	return s.decided(ctx, in.Batch, s.Grants.Confirm(ctx, who(ctx), in.Batch))
}

func (s *server) returnBatch(ctx context.Context, in *returnInput) (*body[GrantBatch], error) {
	return s.decided(ctx, in.Batch, s.Grants.Return(ctx, who(ctx), in.Batch, in.Body.Reason))
}

func (s *server) decided(ctx context.Context, id string, err error) (*body[GrantBatch], error) {
	if err != nil {
		return nil, err
	}
	b, _, err := s.Grants.Batch(ctx, who(ctx), id, "", 1)
	if err != nil {
		return nil, err
	}
	return &body[GrantBatch]{s.batch(b)}, nil
}
