package api

import (
	"context"
	"fmt"
	"maps"
	"mime"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/ledger"
)

// CasePath names a case.
type CasePath struct {
	Case string `path:"case" maxLength:"100"`
}

type fileInput struct {
	CasePath
	File string `path:"file" maxLength:"200"`
}

type fileOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// Reason says why.
type Reason struct {
	Reason string `json:"reason" maxLength:"2000"`
}

// Note is a remark.
type Note struct {
	Note string `json:"note,omitempty" maxLength:"2000"`
}

type reasonInput struct {
	CasePath
	Body Reason
}

type noteInput struct {
	CasePath
	Body Note
}

type supplyInput struct {
	CasePath
	Requirement string `path:"requirement" maxLength:"200"`
	RawBody     huma.MultipartFormFiles[upload]
}

type proofInput struct {
	CasePath
	Event int64 `query:"event" minimum:"1" default:"1" doc:"The event's seq; the submission's is 1."`
}

// CaseProof shows that an act on a case is in the ledger.
type CaseProof struct {
	Leaf  string       `json:"leaf" doc:"Id of the leaf: the case and the last event of the act."`
	Proof ledger.Proof `json:"proof" doc:"Stands alone: checked offline with the ledger's key."`
}

func (s *server) caseOperations() {
	const tag, path = "cases", "/api/v1/cases/{case}"
	route(s, signed, get("listCases", "/api/v1/cases", tag, "List my cases", "Of whom one acts for, the latest first, without their dossiers."), s.listCases)
	route(s, signed, get("getCase", path, tag, "Get a case", "For the applicant and the agencies that handle it; to everybody else it is not found."), s.getCase, fault.NotFound)
	route(s, signed, get("listEventsOfCase", path+"/events", tag, "List what happened", "The history, without gaps, oldest first."), s.listCaseEvents, fault.NotFound)
	route(s, signed, get("listBundle", path+"/bundle", tag, "List the cases of the same submission", ""), s.listBundle, fault.NotFound)
	route(s, signed, get("getCaseFile", path+"/files/{file}", tag, "Download a document", "For those who may see it."), s.getCaseFile, fault.NotFound)
	route(s, signed, get("proveCase", path+"/proof", tag, "Prove an act in the ledger", "409 until the ledger has given the act its place, which takes about a second."),
		s.proveCase, fault.NotFound, fault.Conflict)
	route(s, signed, post("withdrawCase", path+"/withdraw", tag, "Withdraw an application", "Before it is decided."), s.withdraw, fault.NotFound, fault.Conflict)
	route(s, signed, put("supplyDocument", path+"/supplement/{requirement}/file", tag, "Hand in a document that a notice asks for", "While the notice is open."),
		s.supply, fault.NotFound, fault.Conflict)
	route(s, signed, post("answerSupplement", path+"/supplement/answer", tag, "Answer the notice", "Hands the case back to the agency, whose five working days begin anew."),
		s.answerSupplement, fault.NotFound, fault.Conflict)
}

func (s *server) listCases(ctx context.Context, in *Page) (*body[list[Case]], error) {
	cases, next, err := s.Office.MyCases(ctx, who(ctx), casework.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &body[list[Case]]{list[Case]{Items: each(cases, s.caseOf), Next: next}}, nil
}

// answerCase answers with a case.
func (s *server) answerCase(c casework.Case, err error) (*body[Case], error) {
	if err != nil {
		return nil, err
	}
	return &body[Case]{s.caseOf(c)}, nil
}

// acted answers with the whole case after a command, or with the little that the
// command gave where it is no longer the asker's to see.
func (s *server) acted(ctx context.Context, c casework.Case, err error) (*body[Case], error) {
	if err != nil {
		return nil, err
	}
	if whole, err := s.Office.Case(ctx, who(ctx), c.ID); err == nil {
		c = whole
	}
	return &body[Case]{s.caseOf(c)}, nil
}

func (s *server) getCase(ctx context.Context, in *CasePath) (*body[Case], error) {
	return s.answerCase(s.Office.Case(ctx, who(ctx), in.Case))
}

func (s *server) listCaseEvents(ctx context.Context, in *CasePath) (*body[list[Event]], error) {
	c, err := s.Office.Case(ctx, who(ctx), in.Case)
	if err != nil {
		return nil, err
	}
	return &body[list[Event]]{list[Event]{Items: each(c.Events, eventOf)}}, nil
}

func (s *server) listBundle(ctx context.Context, in *CasePath) (*body[list[Case]], error) {
	c, err := s.Office.Case(ctx, who(ctx), in.Case)
	if err != nil {
		return nil, err
	}
	cases, err := s.Office.Bundle(ctx, who(ctx), c.Bundle)
	if err != nil {
		return nil, err
	}
	return &body[list[Case]]{list[Case]{Items: each(cases, s.caseOf)}}, nil
}

func (s *server) getCaseFile(ctx context.Context, in *fileInput) (*fileOutput, error) {
	f, err := s.Office.File(ctx, who(ctx), in.Case, in.File)
	if err != nil {
		return nil, err
	}
	return &fileOutput{Type: f.MediaType, Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}), Body: f.Data}, nil
}

// proveCase finds the leaf of the act that the event belongs to: an act's leaf
// has the number of its last event.
func (s *server) proveCase(ctx context.Context, in *proofInput) (*body[CaseProof], error) {
	c, err := s.Office.Case(ctx, who(ctx), in.Case)
	if err != nil {
		return nil, err
	}
	for seq := in.Event; seq <= int64(len(c.Events)); seq++ {
		leaf := fmt.Sprintf("%s/%d", c.ID, seq)
		proof, err := s.Ledger.Prove(ctx, leaf)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &body[CaseProof]{CaseProof{Leaf: leaf, Proof: proof}}, nil
	}
	return nil, fault.New(fault.NotFound, "api.proveCase", i18n.M("api.case.event"))
}

func (s *server) withdraw(ctx context.Context, in *reasonInput) (*body[Case], error) {
	c, err := s.Office.Withdraw(ctx, who(ctx), in.Case, in.Body.Reason)
	return s.acted(ctx, c, err)
}

func (s *server) supply(ctx context.Context, in *supplyInput) (*body[Case], error) {
	f, err := fileOf(in.RawBody.Data().File)
	if err != nil {
		return nil, err
	}
	c, err := s.Office.Supply(ctx, who(ctx), in.Case, in.Requirement, f)
	return s.acted(ctx, c, err)
}

func (s *server) answerSupplement(ctx context.Context, in *noteInput) (*body[Case], error) {
	c, err := s.Office.AnswerSupplement(ctx, who(ctx), in.Case, in.Body.Note)
	return s.acted(ctx, c, err)
}

// sortedKeys are the keys of m in order, never nil.
func sortedKeys[V any](m map[string]V) []string { return keep(slices.Sorted(maps.Keys(m))) }
