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
	results := map[string]map[string]string{}
	for _, s := range siblings {
		if !slices.Contains(spot.After, s.Service) {
			continue
		}
		switch Status(s.Status) {
		case Approved, Closed:
			st, err := parse[state](op, s.State)
			if err != nil {
				return err
			}
			results[s.Service] = st.Result
			if s.Holder != s.Subject {
				r.row.Holder = s.Holder
			}
		case Refused, Rejected, Withdrawn:
			return r.lapse(ctx, s)
		default:
			return nil // not yet: the last one to end wakes us again
		}
	}
	return r.resume(ctx, row, spot, results)
}

func (r *run) lapse(ctx context.Context, failed store.Case) error {
	if err := r.move("casework.release", CmdLapse); err != nil {
		return err
	}
	name := i18n.Same(failed.Service)
	if s, ok := r.o.City.Service(failed.Service); ok {
		name = s.Name
	}
	r.event("lapsed", map[string]string{"service.zh": name.ZH, "service.en": name.EN, "number": failed.Number})
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
	vars, err := r.o.inquire(r.tx, r.applicant(), "service:"+r.row.Service, r.row.ID).vars(ctx, data, spot.Scenario, texts(m)...)
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
			if err := db.Enqueue(ctx, r.tx, db.Job{Kind: jobRelease, Key: s.ID, RunAt: r.now.Add(-time.Millisecond)}); err != nil {
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
