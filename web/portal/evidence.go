package portal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// evidenceView is what a draft must prove, and how far it is proved.
type evidenceView struct {
	draftView
	Plan  casework.Plan
	Wrong []fault.Field
}

func (p *portal) evidence(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openDraft(ctx, r)
	if err != nil {
		return err
	}
	plan, err := p.Office.Plan(ctx, principal(ctx), v.ID)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, evidencePage(evidenceView{draftView: v, Plan: plan}))
}

// handIn takes a file or a pledge for one requirement, or takes it back.
func (p *portal) handIn(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	draft, requirement := r.PathValue("draft"), r.PathValue("requirement")
	err := p.changeEvidence(ctx, r, draft, requirement)
	if err == nil {
		return gone(w, r, path.Evidence(draft)+"#evidence-"+requirement)
	}
	kind, message, _ := fault.Shown(err)
	if kind != fault.Invalid && kind != fault.TooLarge && kind != fault.Unsupported {
		return err
	}
	v, err := p.openDraft(ctx, r)
	if err != nil {
		return err
	}
	plan, err := p.Office.Plan(ctx, principal(ctx), v.ID)
	if err != nil {
		return err
	}
	wrong := []fault.Field{{Pointer: "/evidence/" + requirement, Message: message}}
	p.write(ctx, w, r, kind.Status(), evidencePage(evidenceView{draftView: v, Plan: plan, Wrong: wrong}))
	return nil
}

func (p *portal) changeEvidence(ctx context.Context, r *http.Request, draft, requirement string) error {
	var err error
	pr := principal(ctx)
	switch r.PostForm.Get("do") {
	case "pledge":
		if r.PostForm.Get("agree") != "yes" {
			return fault.New(fault.Invalid, "portal.handIn", i18n.M("portal.evidence.agree"))
		}
		_, err = p.Office.Pledge(ctx, pr, draft, requirement, true)
	case "unpledge":
		_, err = p.Office.Pledge(ctx, pr, draft, requirement, false)
	case "remove":
		_, err = p.Office.Unupload(ctx, pr, draft, requirement)
	default:
		f, readErr := upload(r, "file")
		if readErr != nil {
			return readErr
		}
		_, err = p.Office.Upload(ctx, pr, draft, requirement, f)
	}
	return err
}

// upload reads the one file of a posted form.
func upload(r *http.Request, name string) (casework.File, error) {
	const op = "portal.upload"
	file, header, err := r.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return casework.File{}, fault.Wrap(fault.Invalid, op, i18n.M("portal.evidence.choose"), err)
	}
	if err != nil {
		return casework.File{}, fault.Wrap(fault.Invalid, op, i18n.M("portal.badForm"), err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return casework.File{}, fault.Wrap(fault.Invalid, op, i18n.M("portal.badForm"), err)
	}
	return casework.File{Name: header.Filename, Data: data}, nil
}

// settled reports whether nothing is left for the applicant to do for an item.
func settled(it casework.Item) bool {
	return it.How != casework.Missing && it.How != casework.Later && it.How != casework.Optional
}

// handIn says how many documents the applicant hands in this time.
func handIn(ctx context.Context, plan casework.Plan) string {
	if plan.HandIn == 0 {
		return ui.T(ctx, "portal.plan.none")
	}
	return ui.T(ctx, "portal.plan.title", "handIn", plan.HandIn, "needed", plan.Needed)
}

// mine reports whether the applicant did, or may do, something for an item.
func mine(it casework.Item) bool {
	switch it.How {
	case casework.ByUpload, casework.ByPledge, casework.Missing, casework.Later, casework.Optional:
		return true
	}
	return false
}

// howText says in what way an item is settled, or what is to be done.
func howText(ctx context.Context, it casework.Item) string {
	switch it.How {
	case casework.ByLicence:
		return ui.T(ctx, "portal.how.licence", "source", it.Source)
	case casework.ByChain:
		return ui.T(ctx, "portal.how.chain", "source", it.Source)
	case casework.ByFact:
		return ui.T(ctx, "portal.how.fact", "source", it.Source)
	case casework.ByUpload:
		return ui.T(ctx, "portal.how.upload")
	case casework.ByReuse:
		return ui.T(ctx, "portal.how.reuse")
	case casework.ByPledge:
		return ui.T(ctx, "portal.how.pledge")
	case casework.Later:
		return ui.T(ctx, "portal.how.later")
	case casework.Optional:
		return ui.T(ctx, "portal.how.optional")
	default:
		return ui.T(ctx, "portal.how.missing")
	}
}

// grade says how far a source is trusted.
func grade(ctx context.Context, g string) string {
	switch g {
	case "A":
		return ui.T(ctx, "portal.grade.a")
	case "B":
		return ui.T(ctx, "portal.grade.b")
	case "C":
		return ui.T(ctx, "portal.grade.c")
	case "D":
		return ui.T(ctx, "portal.grade.d")
	default:
		return ""
	}
}

// particulars are a file's name and size, since when the item is settled, and
// how far its source is trusted, as far as each is known.
func particulars(ctx context.Context, it casework.Item) string {
	var parts []string
	if it.File != nil {
		parts = append(parts, it.File.Name, kilobytes(ctx, it.File.Size))
	}
	if it.At != 0 {
		parts = append(parts, ui.Moment(ctx, time.UnixMilli(it.At)))
	}
	if it.Grade != "" {
		parts = append(parts, grade(ctx, it.Grade))
	}
	return strings.Join(parts, " · ")
}

// kilobytes is a file's size for people.
func kilobytes(ctx context.Context, bytes int64) string {
	return ui.T(ctx, "portal.file.size", "kb", max(1, bytes>>10))
}
