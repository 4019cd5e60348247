package casework

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"

	"github.com/tongban/tongban/casework/internal/store"
)

// release starts a case that waited, once everything before it has ended well;
// and ends it, with the reason, where something before it has failed.
func (o *Office) release(ctx context.Context, tx db.Tx, job db.Job) error {
	const op = "casework.release"
	r, err := o.load(ctx, tx, system, op, job.Key)
	if err != nil || Status(r.row.Status) != Waiting {
		return err
	}
	row, err := queries(tx).DossierByCase(ctx, r.row.ID)
	if err != nil {
		return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	spot, err := parse[place](op, row.Member)
	if err != nil {
		return err
	}
	siblings, err := queries(tx).CasesOfBundle(ctx, r.row.Bundle)
	if err != nil {
		return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	siblings = slices.DeleteFunc(siblings, func(s store.Case) bool { return !slices.Contains(spot.After, s.Service) })
	for _, s := range siblings {
		if status := Status(s.Status); status.Ended() && status != Closed {
			return r.lapse(ctx, s)
		}
	}
	results := map[string]map[string]string{}
	for _, s := range siblings {
		st, err := parse[state](op, s.State)
		if err != nil {
			return err
		}
		if !st.given(Status(s.Status)) {
			return nil // not yet: the last one to end wakes us again
		}
		results[s.Service] = st.Result
		if s.Holder != s.Subject {
			r.row.Holder = s.Holder
		}
	}
	return r.resume(ctx, row, spot, results)
}

// given reports whether a case has given its result, though it may still have
// to be delivered.
func (st state) given(s Status) bool {
	return s == Closed || s == Approved && st.Process.Done()
}

func (r *run) lapse(ctx context.Context, failed store.Case) error {
	if err := r.move("casework.release", CmdLapse); err != nil {
		return err
	}
	name := i18n.Same(failed.Service)
	if s, ok := r.o.City.Service(failed.Service); ok {
		name = s.Name
	}
	data := map[string]string{"service.zh": name.ZH, "service.en": name.EN, "number": failed.Number}
	r.event("lapsed", data)
	why := sentence("lapsed", "", data, r.o.City)
	r.against(why.ZH + " " + why.EN)
	r.st.Decision.By = "rule"
	return r.finishAndWake(ctx)
}

// resume fills in what the earlier cases gave and starts the process.
func (r *run) resume(ctx context.Context, row store.Dossier, spot place, results map[string]map[string]string) error {
	const op = "casework.release"
	data, err := parse[map[string]any](op, row.Form)
	if err != nil {
		return err
	}
	prov, err := parse[map[string]form.Provenance](op, row.Provenance)
	if err != nil {
		return err
	}
	if prov == nil {
		prov = map[string]form.Provenance{}
	}
	for field, from := range spot.Feed {
		service, claim := cutFeed(from)
		if v, ok := results[service][claim]; ok {
			svc, _ := r.o.City.Service(service)
			data[field] = v
			prov[field] = form.Provenance{Source: i18n.M("casework.source.chain", "service", svc.Name), Request: r.row.Bundle, At: ms(r.now), Grade: "A"}
		}
	}
	if err := r.later.UpdateDossier(ctx, store.UpdateDossierParams{Form: text(data), Provenance: text(prov), Evidence: row.Evidence, CaseID: r.row.ID}); err != nil {
		return err
	}
	if err := r.move(op, CmdRelease); err != nil {
		return err
	}
	r.event("released", nil)
	m := member{service: r.svc, version: r.ver, process: r.def}
	vars, err := r.inquire().vars(ctx, data, spot.Scenario, texts(m)...)
	if err != nil {
		return err
	}
	items, err := parse[[]Item](op, row.Evidence)
	if err != nil {
		return err
	}
	vars["automatic"] = automatic(items, prov)
	if err := r.begin(ctx, vars); err != nil {
		return err
	}
	return r.finish(ctx)
}

// wake lets the cases of the same submission look whether they can go on.
func (r *run) wake(ctx context.Context) error {
	if r.st.Alone {
		return nil
	}
	siblings, err := queries(r.tx).CasesOfBundle(ctx, r.row.Bundle)
	if err != nil {
		return fault.Wrap(fault.Internal, "casework.wake", i18n.Text{}, err)
	}
	for _, s := range siblings {
		if s.ID != r.row.ID && Status(s.Status) == Waiting {
			if err := wakeUp(ctx, r.tx, s.ID, r.now); err != nil {
				return err
			}
		}
	}
	return nil
}

// wakeUp lets a waiting case look whether it can go on.
func wakeUp(ctx context.Context, tx db.Tx, caseID string, now time.Time) error {
	return db.Enqueue(ctx, tx, db.Job{Kind: jobRelease, Key: caseID, RunAt: now.Add(-time.Millisecond)})
}

// wakeNew is wake for the cases of a submission: what was decided by rule at
// once may be what others wait for.
func (o *Office) wakeNew(ctx context.Context, tx db.Tx, cases []Case) error {
	if !slices.ContainsFunc(cases, func(c Case) bool { return c.Status == Approved || c.Status == Closed }) {
		return nil
	}
	for _, c := range cases {
		if c.Status == Waiting {
			if err := wakeUp(ctx, tx, c.ID, o.Clock()); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishAndWake is finish for a case that has just ended or been issued.
func (r *run) finishAndWake(ctx context.Context) error {
	if err := r.wake(ctx); err != nil {
		return err
	}
	return r.finish(ctx)
}
