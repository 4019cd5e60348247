package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Submission hands in one draft, a basket of several, or a life event.
type Submission struct {
	Drafts   []string          `json:"drafts" minItems:"1" maxItems:"50" uniqueItems:"true" doc:"Ids of drafts of the same subject: all of them are handed in, or none."`
	Delivery map[string]string `json:"delivery,omitempty" maxProperties:"50" doc:"By service: how the result is to come: online, courier, counter."`
}

// Receipt is what one gets for a submission.
type Receipt struct {
	ID    string     `json:"id" doc:"Of the submission."`
	Cases []Case     `json:"cases"`
	Fees  []FeeShare `json:"fees"`
	Total int64      `json:"total" doc:"In fen."`
}

// FeeShare is what one agency gets.
type FeeShare struct {
	Agency AgencyRef `json:"agency"`
	Name   i18n.Text `json:"name"`
	Amount int64     `json:"amount" doc:"In fen."`
}

type submitInput struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" pattern:"^[!-~]+$" doc:"Made by the client for this submission. Sent again, it gives the same receipt and hands in nothing twice."`
	Body Submission
}

type submitOutput struct {
	Location string `header:"Location"`
	Body     Receipt
}

type submissionInput struct {
	Submission string `path:"submission" maxLength:"100"`
}

func (s *server) submissionOperations() {
	route(s, signed, status(http.StatusCreated, post("submit", "/api/v1/submissions", "submissions", "Submit",
		"Every fault of every draft comes back at once; with several drafts the pointers begin with /DRAFT-ID.")), s.submit, fault.NotFound, fault.Conflict)
	route(s, signed, get("getSubmission", "/api/v1/submissions/{submission}", "submissions", "Get a receipt", "The cases of one submission, as they stand."), s.getSubmission, fault.NotFound)
}

func (s *server) submit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	r, err := s.Office.Submit(ctx, who(ctx), in.Key, in.Body.Delivery, in.Body.Drafts...)
	if err != nil {
		return nil, err
	}
	return &submitOutput{Location: "/api/v1/submissions/" + url.PathEscape(r.Bundle), Body: s.receiptOf(r)}, nil
}

func (s *server) getSubmission(ctx context.Context, in *submissionInput) (*body[Receipt], error) {
	r, err := s.Office.Receipt(ctx, who(ctx), in.Submission)
	if err != nil {
		return nil, err
	}
	return &body[Receipt]{s.receiptOf(r)}, nil
}

func (s *server) receiptOf(r casework.Receipt) Receipt {
	return Receipt{ID: r.Bundle, Cases: each(r.Cases, s.caseOf), Fees: each(r.Fees, s.feeOf), Total: r.Total}
}

func (s *server) feeOf(f casework.FeeShare) FeeShare {
	return FeeShare{Agency: s.agency(f.Agency), Name: f.Name, Amount: f.Amount}
}
