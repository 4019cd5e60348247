package portal

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/web/ui/path"
)

// supplementView is the one notice and what is handed in for it.
type supplementView struct {
	caseView
	Note  string
	Wrong []fault.Field
}

func (p *portal) supplement(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openCase(ctx, r)
	if err != nil {
		return err
	}
	if v.Status != casework.Supplementing {
		return gone(w, r, path.Case(v.ID))
	}
	return p.show(ctx, w, r, supplementPage(supplementView{caseView: v}))
}

// answerSupplement stores one file, or hands the case back to the agency.
func (p *portal) answerSupplement(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	id, requirement := r.PathValue("case"), r.PostForm.Get("requirement")
	err := p.supply(ctx, r, id, requirement)
	if err == nil && requirement != "" {
		return gone(w, r, path.Supplement(id)+"#file-"+requirement)
	}
	if err == nil {
		return gone(w, r, path.Case(id)+"?told=yes")
	}
	kind, message, fields := fault.Shown(err)
	if kind != fault.Invalid && kind != fault.TooLarge && kind != fault.Unsupported {
		return err
	}
	v, err := p.openCase(ctx, r)
	if err != nil {
		return err
	}
	wrong := orWhole(fields, message)
	if requirement != "" {
		wrong = []fault.Field{{Pointer: "/file-" + requirement, Message: message}}
	}
	p.write(ctx, w, r, kind.Status(), supplementPage(supplementView{caseView: v, Note: r.PostForm.Get("note"), Wrong: wrong}))
	return nil
}

func (p *portal) supply(ctx context.Context, r *http.Request, id, requirement string) error {
	if requirement == "" {
		_, err := p.Office.AnswerSupplement(ctx, principal(ctx), id, r.PostForm.Get("note"))
		return err
	}
	f, err := upload(r, "file")
	if err != nil {
		return err
	}
	_, err = p.Office.Supply(ctx, principal(ctx), id, requirement, f)
	return err
}

func (p *portal) askWithdraw(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openCase(ctx, r)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, withdrawPage(v, "", nil))
}

func (p *portal) withdraw(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	id, reason := r.PathValue("case"), r.PostForm.Get("reason")
	_, err := p.Office.Withdraw(ctx, principal(ctx), id, reason)
	if err == nil {
		return gone(w, r, path.Case(id)+"?told=yes")
	}
	kind, message, fields := fault.Shown(err)
	if kind != fault.Invalid {
		return err
	}
	v, err := p.openCase(ctx, r)
	if err != nil {
		return err
	}
	return p.again(ctx, w, r, withdrawPage(v, reason, orWhole(fields, message)))
}
