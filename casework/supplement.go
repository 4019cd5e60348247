package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// AskSupplement tells the applicant once, and whole, what is missing (行政许可法
// art. 32). The case is the applicant's until it is answered. Errors: Conflict
// where a notice was already given.
func (o *Office) AskSupplement(ctx context.Context, pr policy.Principal, caseID string, items []SupplementItem, note string) (Case, error) {
	const op = "casework.AskSupplement"
	if len(items) == 0 {
		return Case{}, fault.Fields(op, fault.Field{Pointer: "/items", Message: i18n.M("casework.noItems")})
	}
	for i, it := range items {
		if err := checkNote(op, fmt.Sprintf("/items/%d/what", i), it.What, true); err != nil {
			return Case{}, err
		}
	}
	if err := checkNote(op, "/note", note, false); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseHandle, CmdSupplement, func(ctx context.Context, r *run) error {
		if r.st.Supplement != nil {
			return fault.New(fault.Conflict, op, i18n.M("casework.askedOnce"))
		}
		if r.silent() {
			return fault.New(fault.Conflict, op, i18n.M("casework.silence"))
		}
		if err := r.checkItems(op, items); err != nil {
			return err
		}
		r.st.Supplement = &Supplement{Items: items, Note: note, AskedAt: ms(r.now), Files: map[string]string{}}
		r.row.DueAt = 0
		r.event("supplement", map[string]string{"count": fmt.Sprint(len(items)), "note": note})
		return r.hold(ctx)
	})
}

// checkItems wants each item to be a document of the service, each once, or
// something that has no document.
func (r *run) checkItems(op string, items []SupplementItem) error {
	asked := map[string]bool{"": false}
	for i, it := range items {
		known := it.Requirement == "" || slices.ContainsFunc(r.ver.Evidence, func(req catalog.EvidenceRequirement) bool { return req.ID == it.Requirement })
		if !known || asked[it.Requirement] {
			return fault.Fields(op, fault.Field{Pointer: fmt.Sprintf("/items/%d/requirement", i), Message: i18n.M("casework.noRequirement")})
		}
		asked[it.Requirement] = it.Requirement != ""
	}
	return nil
}

// hold takes the open tasks off the desks; unhold puts them back.
func (r *run) hold(ctx context.Context) error {
	return r.later.MoveTasks(ctx, store.MoveTasksParams{NewStatus: "held", DueAt: 0, CaseID: r.row.ID, OldStatus: "open"})
}

func (r *run) unhold(ctx context.Context) error {
	return r.later.MoveTasks(ctx, store.MoveTasksParams{NewStatus: "open", DueAt: r.row.DueAt, CaseID: r.row.ID, OldStatus: "held"})
}

// Supply stores a document that a supplement notice asks for.
func (o *Office) Supply(ctx context.Context, pr policy.Principal, caseID, requirement string, f File) (Case, error) {
	const op = "casework.Supply"
	f, err := f.check(op)
	if err != nil {
		return Case{}, err
	}
	return o.act(ctx, pr, op, caseID, func(ctx context.Context, r *run) error {
		if err := o.allow(pr, policy.CaseAct, r.case_()); err != nil {
			return err
		}
		s := r.st.Supplement
		if Status(r.row.Status) != Supplementing || s == nil || requirement == "" ||
			!slices.ContainsFunc(s.Items, func(it SupplementItem) bool { return it.Requirement == requirement }) {
			return fault.New(fault.Conflict, op, i18n.M("casework.notAsked"))
		}
		if old, ok := s.Files[requirement]; ok {
			if err := r.later.DeleteFile(ctx, old); err != nil {
				return err
			}
		}
		fileID, err := o.keep(ctx, r.tx, owner(r.row), requirement, f)
		s.Files[requirement] = fileID
		return err
	})
}

// AnswerSupplement hands the case back to the agency with what was supplied.
// Its five working days begin anew.
func (o *Office) AnswerSupplement(ctx context.Context, pr policy.Principal, caseID, note string) (Case, error) {
	const op = "casework.AnswerSupplement"
	if err := checkNote(op, "/note", note, false); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseAct, CmdAnswer, func(ctx context.Context, r *run) error {
		s := r.st.Supplement
		for _, it := range s.Items {
			if _, ok := s.Files[it.Requirement]; !ok && it.Requirement != "" {
				return fault.Fields(op, fault.Field{Pointer: "/items/" + it.Requirement, Message: i18n.M("casework.stillMissing", "what", it.What)})
			}
		}
		s.AnsweredAt, s.Answer, r.st.ReceivedAt = ms(r.now), note, ms(r.now)
		r.stood(s.AskedAt)
		if err := r.mergeSupplied(ctx, s); err != nil {
			return err
		}
		due := o.City.Calendar.Deadline(r.now, o.days(workday.Supplement))
		r.row.DueAt = ms(due)
		r.event("supplied", map[string]string{"note": note})
		if err := r.unhold(ctx); err != nil {
			return err
		}
		return db.Enqueue(ctx, r.tx, db.Job{Kind: jobSilence, Key: r.row.ID, RunAt: due})
	})
}

// mergeSupplied puts the supplied files into the case's evidence.
func (r *run) mergeSupplied(ctx context.Context, s *Supplement) error {
	const op = "casework.AnswerSupplement"
	row, err := queries(r.tx).DossierByCase(ctx, r.row.ID)
	if err != nil {
		return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	items, err := parse[[]Item](op, row.Evidence)
	if err != nil {
		return err
	}
	for requirement, fileID := range s.Files {
		f, err := queries(r.tx).FileInfo(ctx, fileID)
		if err != nil {
			return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		if err := r.later.UseFile(ctx, fileID); err != nil {
			return err
		}
		items = supplied(items, r.ver, requirement, &FileInfo{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, At: f.At})
	}
	return r.later.UpdateDossier(ctx, store.UpdateDossierParams{Form: row.Form, Provenance: row.Provenance, Evidence: text(items), CaseID: r.row.ID})
}
