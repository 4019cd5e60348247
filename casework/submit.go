package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

// Receipt is what the applicant gets for a submission.
type Receipt struct {
	Bundle string
	Cases  []Case
	Fees   []FeeShare
	Total  int64 // fen
}

// FeeShare is what one agency gets, in fen.
type FeeShare struct {
	Agency string
	Name   i18n.Text
	Amount int64
}

// Check lists everything that still stands in the way of submitting a draft:
// unanswered questions ("/scenario/ID"), fields ("/KEY"), documents
// ("/evidence/ID") and the service's own condition ("").
func (o *Office) Check(ctx context.Context, pr policy.Principal, draftID string) ([]fault.Field, error) {
	var wrong []fault.Field
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		d, err := o.loadDraft(ctx, tx, pr, draftID)
		if err != nil {
			return err
		}
		f, err := o.file(ctx, tx, pr, d)
		wrong = f.wrong
		return err
	})
	return wrong, err
}

// filing is a draft made ready to be submitted, or what is wrong with it.
type filing struct {
	draft   Draft
	members []member
	keys    map[string]map[string]string
	items   []Item
	inquiry *inquiry
	vars    map[string]map[string]any // by service
	wrong   []fault.Field
}

// file checks a draft whole and gathers what its cases need.
func (o *Office) file(ctx context.Context, tx db.Tx, pr policy.Principal, d Draft) (filing, error) {
	const op = "casework.Submit"
	f := filing{draft: d, vars: map[string]map[string]any{}}
	var err error
	if f.members, err = o.members(op, d); err != nil {
		return f, err
	}
	if d.Event != "" {
		if _, f.keys, err = mergeForms(d.Event, f.members); err != nil {
			return f, err
		}
	}
	f.wrong = append(checkScenario(f.members, d.Scenario, true), d.Form.Validate(d.Form.Prune(d.Data))...)
	q := o.inquire(tx, pr, Target{Service: d.Service, Event: d.Event}.key(), d.ID)
	f.inquiry = q
	if f.items, err = o.resolve(ctx, q, d, f.members); err != nil {
		return f, err
	}
	for _, it := range f.items {
		if it.How == Missing {
			f.wrong = append(f.wrong, fault.Field{Pointer: "/evidence/" + it.Requirement.ID, Message: i18n.M("casework.handIn", "name", it.Requirement.Name)})
		}
	}
	for _, m := range f.members {
		own := m.form.Prune(dataOf(m, f.keys, d.Data))
		if f.vars[m.service.ID], err = q.vars(ctx, own, d.Scenario, texts(m)...); err != nil {
			return f, err
		}
		f.vars[m.service.ID]["automatic"] = automatic(itemsFor(f.items, m.service.ID), dataOf(m, f.keys, d.Provenance))
		verdict, err := o.holds(m.version.Condition, f.vars[m.service.ID])
		if err != nil {
			return f, err
		}
		if verdict == criterion.No {
			f.wrong = append(f.wrong, fault.Field{Pointer: "", Message: m.version.Refusal})
		}
	}
	return f, nil
}

// Submit hands in one draft, or a basket of several, or a life event: all of
// them or none. The key makes it idempotent: the same key of the same subject
// gives the same receipt; an empty one stands for the first draft. delivery
// says how each service's result is to come ("online", "courier", "counter").
// Errors: Invalid with every fault of every draft (pointers begin with
// "/DRAFT-ID" where there are several), NotFound, Denied, Conflict.
func (o *Office) Submit(ctx context.Context, pr policy.Principal, key string, delivery map[string]string, drafts ...string) (Receipt, error) {
	const op = "casework.Submit"
	if len(drafts) == 0 || len(drafts) > 20 {
		return Receipt{}, fault.Fields(op, fault.Field{Pointer: "/drafts", Message: i18n.M("casework.emptyBasket")})
	}
	for i, d := range drafts {
		if !named(d) {
			return Receipt{}, fault.New(fault.NotFound, op, i18n.M("casework.noDraft"))
		}
		if slices.Contains(drafts[:i], d) {
			return Receipt{}, fault.Fields(op, fault.Field{Pointer: fmt.Sprintf("/drafts/%d", i), Message: i18n.M("casework.twiceInBasket")})
		}
	}
	if key == "" {
		key = drafts[0]
	}
	if !named(key) {
		return Receipt{}, fault.Fields(op, fault.Field{Pointer: "/key", Message: i18n.M("casework.key", "max", maxID)})
	}
	var receipt Receipt
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		var err error
		receipt, err = o.submitAll(ctx, tx, pr, key, delivery, drafts)
		return err
	})
	if !db.IsUnique(err) && !fault.Is(err, fault.NotFound) {
		return receipt, err
	}
	// The key was used, or the drafts are gone: it may have been submitted before,
	// or in this instant. A transaction waits for the one that has it.
	var bundle string
	found := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		var err error
		bundle, err = queries(tx).SubmissionBundle(ctx, store.SubmissionBundleParams{Owner: string(pr.Actor.For), Key: key})
		return err
	})
	if errors.Is(found, sql.ErrNoRows) {
		return Receipt{}, err
	}
	if found != nil {
		return Receipt{}, fault.Wrap(fault.Internal, op, i18n.Text{}, found)
	}
	return o.Receipt(ctx, pr, bundle)
}

func (o *Office) submitAll(ctx context.Context, tx db.Tx, pr policy.Principal, key string, delivery map[string]string, drafts []string) (Receipt, error) {
	const op = "casework.Submit"
	var filings []filing
	var wrong []fault.Field
	for _, draftID := range drafts {
		d, err := o.loadDraft(ctx, tx, pr, draftID)
		if err != nil {
			return Receipt{}, err
		}
		if err := o.allow(pr, policy.DraftSubmit, policy.Resource{Type: "draft", ID: d.ID, Owner: d.Subject}); err != nil {
			return Receipt{}, err
		}
		f, err := o.file(ctx, tx, pr, d)
		if err != nil {
			return Receipt{}, err
		}
		for _, w := range f.wrong {
			if len(drafts) > 1 {
				w.Pointer = "/" + draftID + w.Pointer
			}
			wrong = append(wrong, w)
		}
		filings = append(filings, f)
	}
	if wrong = append(wrong, twice(filings)...); len(wrong) > 0 {
		return Receipt{}, fault.Fields(op, wrong...)
	}
	r := Receipt{Bundle: id.New()}
	for _, f := range filings {
		cases, err := o.submitOne(ctx, tx, pr, r.Bundle, delivery, f)
		if err != nil {
			return Receipt{}, err
		}
		r.Cases = append(r.Cases, cases...)
	}
	return r.sum(), queries(tx.Later()).InsertSubmission(ctx, store.InsertSubmissionParams{Owner: string(pr.Actor.For), Key: key, Bundle: r.Bundle, At: ms(o.Clock())})
}

// twice finds services that several drafts apply for, alone or as part of a life
// event.
func twice(filings []filing) []fault.Field {
	var wrong []fault.Field
	seen := map[string]bool{}
	for _, f := range filings {
		for _, m := range f.members {
			if seen[m.service.ID] {
				wrong = append(wrong, fault.Field{Pointer: "/" + f.draft.ID, Message: i18n.M("casework.serviceTwice", "service", m.service.Name)})
			}
			seen[m.service.ID] = true
		}
	}
	return wrong
}

func (o *Office) submitOne(ctx context.Context, tx db.Tx, pr policy.Principal, bundle string, delivery map[string]string, f filing) ([]Case, error) {
	subject, err := f.inquiry.party(ctx, f.draft.Subject)
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, m := range f.members {
		actor, err := o.mandate(ctx, tx, pr, m.service.ID)
		if err != nil {
			return nil, err
		}
		c, err := o.open(ctx, tx, pr, actor, subject, bundle, delivery[m.service.ID], f, m)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	if err := useFiles(ctx, queries(tx.Later()), f); err != nil {
		return nil, err
	}
	if err := o.wakeNew(ctx, tx, cases); err != nil {
		return nil, err
	}
	return cases, queries(tx.Later()).DeleteDraft(ctx, f.draft.ID)
}

// useFiles keeps the uploads that the cases rest on, and lets go of those that
// were not needed after all.
func useFiles(ctx context.Context, later *store.Queries, f filing) error {
	unused := maps.Clone(f.draft.body.Files)
	for _, it := range f.items {
		if it.How != ByUpload {
			continue
		}
		delete(unused, it.Requirement.ID)
		if err := later.UseFile(ctx, it.File.ID); err != nil {
			return err
		}
	}
	for _, file := range unused {
		if err := later.DeleteFile(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// Receipt is the receipt of an earlier submission.
func (o *Office) Receipt(ctx context.Context, pr policy.Principal, bundle string) (Receipt, error) {
	cases, err := o.Bundle(ctx, pr, bundle)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Bundle: bundle, Cases: cases}.sum(), nil
}

// sum adds up the fees of the cases.
func (r Receipt) sum() Receipt {
	for _, c := range r.Cases {
		r.Fees = append(r.Fees, c.Fees...)
	}
	r.Fees = split(r.Fees)
	for _, fee := range r.Fees {
		r.Total += fee.Amount
	}
	return r
}
