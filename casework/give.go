package casework

import (
	"context"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Gift is a service that is given without an application (免申即享).
type Gift struct {
	Service string
	To      party.ID
	By      string // the officer who confirmed it
	Agency  string
	Policy  i18n.Text // by which policy
}

// Give makes, in tx, the case of a service that is given without an
// application: its form is filled from the registers as far as they go, nothing
// is asked, the decision stands at once, and what the service issues is issued
// with it. The case goes by its own way and not by the service's process, and
// tells nobody: that is for whoever gives.
// Errors: NotFound for a service that is not online.
func (o *Office) Give(ctx context.Context, tx db.Tx, g Gift) (Case, error) {
	const op = "casework.Give"
	pr := policy.Principal{ID: "system", Kind: policy.System, Agency: g.Agency, Actor: party.Actor{Party: g.To, For: g.To}}
	d := Draft{ID: id.New(), Subject: g.To, Owner: g.To, body: draftBody{Service: g.Service, Members: []string{g.Service}, Scenario: map[string]string{},
		Data: map[string]any{}, Provenance: map[string]form.Provenance{}, Files: map[string]string{}, Pledges: map[string]int64{}}}
	if _, _, err := o.service(op, g.Service); err != nil {
		return Case{}, err
	}
	if err := o.spread(op, &d); err != nil {
		return Case{}, err
	}
	if err := o.prefill(ctx, tx, pr, &d); err != nil {
		return Case{}, err
	}
	members, err := o.members(op, d)
	if err != nil {
		return Case{}, err
	}
	q := o.inquire(tx, pr, Target{Service: g.Service}.key(), d.ID)
	subject, err := q.party(ctx, g.To)
	if err != nil {
		return Case{}, err
	}
	m := members[0]
	own := m.form.Prune(d.Data)
	vars, err := q.vars(ctx, own, d.Scenario, texts(m)...)
	if err != nil {
		return Case{}, err
	}
	r := o.newRun(tx, pr, pr.Actor, subject, id.New(), "", m)
	r.st.Alone = true
	if r.st.Process, _, err = m.process.Start(o.needed(m.service, m.version, m.process, vars)); err != nil {
		return Case{}, err
	}
	r.st.Process, _ = m.process.Cancel(r.st.Process)
	if err := r.gift(ctx, g); err != nil {
		return Case{}, err
	}
	if err := r.file(ctx, own, d.Provenance, nil, nil, place{Scenario: d.Scenario}); err != nil {
		return Case{}, err
	}
	if err := r.create(ctx); err != nil {
		return Case{}, err
	}
	return r.summary(), nil
}

// gift takes the case from its beginning to its end.
func (r *run) gift(ctx context.Context, g Gift) error {
	r.st.ReceivedAt = ms(r.now)
	r.row.Delivery = "online"
	r.event("given", map[string]string{"policy.zh": g.Policy.ZH, "policy.en": g.Policy.EN, "by": g.By})
	if err := r.approve(ctx, g.By); err != nil {
		return err
	}
	if err := r.issue(ctx); err != nil {
		return err
	}
	if err := r.move("casework.Give", CmdClose); err != nil {
		return err
	}
	r.event("closed", nil)
	r.noted = nil // whoever gives tells
	return nil
}
