package api

import (
	"context"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// EvidencePlan is what an application must prove, and what is left to hand in.
type EvidencePlan struct {
	Needed  int            `json:"needed" doc:"Documents that the law asks for here."`
	HandIn  int            `json:"handIn" doc:"Of them, those that the applicant uploads."`
	Missing int            `json:"missing" doc:"Of them, those not yet uploaded."`
	Items   []EvidenceItem `json:"items"`
}

// EvidenceItem is one document, resolved.
type EvidenceItem struct {
	ID            string    `json:"id"`
	Name          i18n.Text `json:"name"`
	Basis         i18n.Text `json:"basis" doc:"Why the law asks for it."`
	Services      []string  `json:"services" doc:"That ask for it."`
	How           string    `json:"how" enum:"licence,chain,fact,reuse,pledge,upload,missing,later,optional"`
	Source        i18n.Text `json:"source,omitzero" doc:"Who says so."`
	Grade         string    `json:"grade,omitempty" doc:"Trust: A issuer-made, C uploaded, D self-declared."`
	At            time.Time `json:"at,omitzero"`
	Request       string    `json:"request,omitempty" doc:"The exchange's request."`
	Licence       string    `json:"licence,omitempty" doc:"The licence that proves it."`
	File          *FileInfo `json:"file,omitempty"`
	PledgeOffered bool      `json:"pledgeOffered" doc:"A pledge may replace it."`
	PledgeText    i18n.Text `json:"pledgeText,omitzero" doc:"What one pledges."`
}

// FileInfo describes an uploaded file.
type FileInfo struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"mediaType"`
	Size      int64     `json:"size" doc:"Bytes."`
	At        time.Time `json:"at"`
}

// RequirementPath names a document of a draft.
type RequirementPath struct {
	DraftPath
	Requirement string `path:"requirement" maxLength:"200"`
}

// upload is a form with one file.
type upload struct {
	File huma.FormFile `form:"file" required:"true" doc:"A PDF, JPEG or PNG of at most 10 MB, told by its bytes."`
}

type uploadInput struct {
	RequirementPath
	RawBody huma.MultipartFormFiles[upload]
}

// PledgeChange gives a pledge or takes it back.
type PledgeChange struct {
	Agreed bool `json:"agreed"`
}

type pledgeInput struct {
	RequirementPath
	Body PledgeChange
}

func (s *server) evidenceOperations() {
	const tag, path = "drafts", "/api/v1/drafts/{draft}/evidence"
	route(s, signed, get("planEvidence", path, tag, "Plan the evidence", "How each document is there already, or that it must be handed in."), s.planEvidence, fault.NotFound)
	route(s, signed, put("uploadEvidence", path+"/{requirement}/file", tag, "Upload a document", "In place of an earlier one for the same requirement."),
		s.uploadEvidence, fault.NotFound, fault.Conflict)
	route(s, signed, remove("removeEvidence", path+"/{requirement}/file", tag, "Take a document out", ""), s.removeEvidence, fault.NotFound)
	route(s, signed, put("pledgeEvidence", path+"/{requirement}/pledge", tag, "Pledge instead of a document", "Where the law allows it (告知承诺)."), s.pledgeEvidence, fault.NotFound)
}

func (s *server) planEvidence(ctx context.Context, in *DraftPath) (*body[EvidencePlan], error) {
	plan, err := s.Office.Plan(ctx, who(ctx), in.Draft)
	if err != nil {
		return nil, err
	}
	return &body[EvidencePlan]{EvidencePlan{Needed: plan.Needed, HandIn: plan.HandIn, Missing: plan.Missing, Items: each(plan.Items, itemOf)}}, nil
}

func (s *server) uploadEvidence(ctx context.Context, in *uploadInput) (*draftOutput, error) {
	f, err := fileOf(in.RawBody.Data().File)
	if err != nil {
		return nil, err
	}
	d, err := s.Office.Upload(ctx, who(ctx), in.Draft, in.Requirement, f)
	return answerDraft(d, err)
}

func (s *server) removeEvidence(ctx context.Context, in *RequirementPath) (*draftOutput, error) {
	d, err := s.Office.Unupload(ctx, who(ctx), in.Draft, in.Requirement)
	return answerDraft(d, err)
}

func (s *server) pledgeEvidence(ctx context.Context, in *pledgeInput) (*draftOutput, error) {
	d, err := s.Office.Pledge(ctx, who(ctx), in.Draft, in.Requirement, in.Body.Agreed)
	return answerDraft(d, err)
}

// fileOf reads an upload.
func fileOf(f huma.FormFile) (casework.File, error) {
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, casework.MaxFile+1))
	if err != nil {
		return casework.File{}, fault.Wrap(fault.Invalid, "api.fileOf", i18n.M("api.body.unread"), err)
	}
	return casework.File{Name: f.Filename, Data: data}, nil
}

func itemOf(it casework.Item) EvidenceItem {
	out := EvidenceItem{ID: it.Requirement.ID, Name: it.Requirement.Name, Basis: it.Requirement.Basis, Services: keep(it.Services), How: string(it.How),
		Source: it.Source, Grade: it.Grade, At: instant(it.At), Request: it.Request, Licence: it.Licence, PledgeOffered: it.PledgeOffered}
	if it.PledgeOffered || it.How == casework.ByPledge {
		out.PledgeText = it.Requirement.Pledge
	}
	if it.File != nil {
		out.File = &FileInfo{ID: it.File.ID, Name: it.File.Name, MediaType: it.File.MediaType, Size: it.File.Size, At: instant(it.File.At)}
	}
	return out
}
