package desk

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
)

// batchView is a list that one person proposed, for another to confirm.
type batchView struct {
	grant.Batch
	Policy  *catalog.Policy
	Members []grant.Grant
	After   string
	Next    string
	Done    string    // what was just done
	May     bool      // confirm or return it
	Why     i18n.Text // why the reader may not, where somebody may
	Exclude bool      // take grants off
	By, Of  string    // who decided, who proposed
	Typed   url.Values
	Wrong   []fault.Field
	Late    i18n.Text // what came in between
}

func (d *desk) readBatch(ctx context.Context, r *http.Request) (batchView, error) {
	pr, q := visitor(ctx).Principal, r.URL.Query()
	v := batchView{After: q.Get("after"), Done: q.Get("done"), Typed: r.PostForm}
	var list []grant.Grant
	var err error
	if v.Batch, list, err = d.Grants.Batch(ctx, pr, r.PathValue("batch"), v.After, grantsPerPage+1); err != nil {
		return v, err
	}
	v.Members, v.Next = cut(list)
	if v.Policy, _ = d.City.Policy(v.Batch.Policy); v.Policy == nil { // no longer in the pack
		v.Policy = &catalog.Policy{ID: v.Batch.Policy, Name: i18n.Same(v.Batch.Policy)}
	}
	v.Of, v.By = d.officerName(v.ProposedBy), d.officerName(v.DecidedBy)
	if v.Batch.Status != grant.Proposed {
		return v, nil
	}
	v.Exclude = d.mayGrant(pr, policy.GrantPropose, v.Batch.Agency)
	switch {
	case v.ProposedBy == pr.ID:
		v.Why = i18n.M("grant.desk.yours")
	case !d.mayGrant(pr, policy.GrantConfirm, v.Batch.Agency):
		v.Why = i18n.M("grant.desk.decider")
	default:
		v.May = true
	}
	return v, nil
}

// officerName is a public servant's name; who is not known has the id for one.
func (d *desk) officerName(id string) string {
	if o, ok := d.City.Officer(id); ok {
		return o.Name
	}
	return id
}

func (d *desk) showBatch(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.readBatch(ctx, r)
	if err != nil {
		return err
	}
	return d.show(ctx, w, batchPage(v))
}

// settleBatch confirms or returns the list, as the button says that was pressed.
func (d *desk) settleBatch(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	pr, id := visitor(ctx).Principal, r.PathValue("batch")
	var err error
	do := r.PostForm.Get("do")
	switch do {
	case string(grant.CmdConfirm):
		err = d.Grants.Confirm(ctx, pr, id)
	case string(grant.CmdReturn):
		err = d.Grants.Return(ctx, pr, id, r.PostForm.Get("reason"))
	default:
		return unknownCommand("desk.settleBatch")
	}
	if err == nil {
		return gone(w, r, pathBatch(id)+"?"+url.Values{"done": {do}}.Encode())
	}
	wrong, late, err := came(err)
	if err != nil {
		return err
	}
	v, err := d.readBatch(ctx, r)
	if err != nil {
		return err
	}
	v.Wrong, v.Late = wrong, late
	if wrong != nil {
		return d.again(ctx, w, batchPage(v))
	}
	return d.write(ctx, w, http.StatusConflict, batchPage(v))
}

func unknownCommand(op string) error {
	return fault.New(fault.Invalid, op, i18n.M("desk.form.broken"))
}

// came sorts what went wrong with a post: fields to mend, or what a colleague
// did in between. Any other error is passed on.
func came(err error) (wrong []fault.Field, late i18n.Text, other error) {
	if wrong := mistakes(err); wrong != nil {
		return wrong, i18n.Text{}, nil
	}
	if kind, message, _ := fault.Shown(err); kind == fault.Conflict {
		return nil, message, nil
	}
	return nil, i18n.Text{}, err
}

// batchStatus is how a list stands.
func batchStatus(ctx context.Context, status string) (ui.Tone, string) {
	switch status {
	case grant.Proposed:
		return ui.Amber, ui.T(ctx, "grant.desk.proposed")
	case grant.Agreed:
		return ui.Green, ui.T(ctx, "grant.desk.agreed")
	default:
		return ui.Plain, ui.T(ctx, "grant.desk.returned")
	}
}

// grantDone is what a page says after something was done; empty for what is not
// known.
func grantDone(ctx context.Context, what string) string {
	switch grant.Command(what) {
	case grant.CmdList:
		return ui.T(ctx, "grant.desk.done.list")
	case grant.CmdConfirm:
		return ui.T(ctx, "grant.desk.done.confirm")
	case grant.CmdReturn:
		return ui.T(ctx, "grant.desk.done.return")
	case grant.CmdDrop:
		return ui.T(ctx, "grant.desk.done.drop")
	case grant.CmdRecover:
		return ui.T(ctx, "grant.desk.done.recover")
	case grant.CmdRepay:
		return ui.T(ctx, "grant.desk.done.repay")
	case grant.CmdWaive:
		return ui.T(ctx, "grant.desk.done.waive")
	default:
		return ""
	}
}
