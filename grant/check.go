package grant

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/grant/internal/store"
)

// The kinds of the grants' jobs; key and payload are the grant's id.
const (
	jobCheck = "grant.check"
	jobTell  = "grant.tell"
	jobGive  = "grant.give"
	jobPay   = "grant.pay"
)

// Jobs gives the worker what grants have to do later.
func (s *Store) Jobs(w *db.Worker) {
	w.Handle(jobCheck, s.job("grant.check", Matched, (*life).check))
	w.Handle(jobTell, s.job("grant.tell", Confirmed, (*life).announce))
	w.Handle(jobGive, s.job("grant.give", Told, (*life).give))
	w.Handle(jobPay, s.job("grant.pay", Given, (*life).pay))
	w.Handle(jobNight, s.nightly)
	w.Handle(jobPage, s.sweepPage)
}

// job runs step on a grant that still stands as it did when the job was set.
func (s *Store) job(op string, want Status, step func(*life, context.Context) error) func(context.Context, db.Tx, db.Job) error {
	return func(ctx context.Context, tx db.Tx, job db.Job) error {
		l, err := s.take(ctx, tx, system, op, string(job.Payload))
		if err != nil || Status(l.row.Status) != want {
			return err
		}
		return step(l, ctx)
	}
}

// finding is what the registers say at this moment.
type finding struct {
	eligibility.Decision
	since time.Time // when a register that the policy reads last spoke
}

// entitled reports whether the grant may be given; why is the reason if not.
func (f finding) entitled(pays bool) (ok bool, why i18n.Text) {
	switch {
	case f.Verdict == criterion.Unknown:
		return false, i18n.M("grant.why.unknown")
	case f.Verdict == criterion.No:
		return false, i18n.M("grant.why.no")
	case f.Held:
		return false, i18n.M("grant.why.held")
	case pays && (f.Amount == nil || *f.Amount <= 0):
		return false, i18n.M("grant.why.amount")
	}
	return true, i18n.Text{}
}

// look reads the registers afresh, each with a receipt, and decides.
func (l *life) look(ctx context.Context) (finding, error) {
	s := l.s
	day := workday.DateOf(l.now, s.City.Calendar.Zone())
	answers, err := s.Exchange.Look(ctx, l.tx, party.ID(l.row.Subject), s.Book.Needs(l.p, day), l.row.Agency, "免申即享："+l.p.Name.ZH)
	if err != nil {
		return finding{}, err
	}
	var f finding
	for _, a := range answers {
		if a.AsOf.After(f.since) {
			f.since = a.AsOf
		}
	}
	f.Decision = s.Book.Decide(l.p, s.Book.Facts(l.p.Audience, eligibility.EntriesOf(answers), l.now), day)
	return f, nil
}

// check is the first fresh look, before anybody spends time on the grant.
func (l *life) check(ctx context.Context) error {
	const op = "grant.check"
	f, err := l.look(ctx)
	if err != nil {
		return err
	}
	if ok, why := f.entitled(l.p.Grant.Pays); !ok {
		return l.close(ctx, op, CmdDrop, why)
	}
	l.owe(f)
	return l.do(ctx, op, CmdCheck, i18n.M("grant.event.check"))
}

// owe takes over what a period brings.
func (l *life) owe(f finding) {
	if l.p.Grant.Pays {
		l.row.Amount = *f.Amount
	}
}

// Review looks again at everything that a subject has been or is about to be
// given, after something has changed in the registers: what no longer holds
// falls away or stops.
func (s *Store) Review(ctx context.Context, tx db.Tx, subject party.ID) error {
	const op = "grant.Review"
	rows, err := queries(tx).OfSubject(ctx, string(subject))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	for _, row := range rows {
		if err := s.review(ctx, tx, row); err != nil {
			return fmt.Errorf("%s: %s: %w", op, row.ID, err)
		}
	}
	return nil
}

func (s *Store) review(ctx context.Context, tx db.Tx, row store.Grant) error {
	const op = "grant.Review"
	switch Status(row.Status) {
	case Checked, Listed, Confirmed, Told, Given:
	default:
		return nil
	}
	l, err := s.lead(tx, system, op, row)
	if err != nil {
		return err
	}
	if Status(row.Status) == Given && !l.periodic() {
		return nil // given once, and right when it was given
	}
	f, err := l.look(ctx)
	if err != nil {
		return err
	}
	ok, why := f.entitled(l.p.Grant.Pays)
	switch {
	case Status(row.Status) == Given:
		if ok || f.Verdict == criterion.Yes { // held: by this very grant
			return nil
		}
		return l.stop(ctx, f.since, why)
	case ok:
		l.owe(f)
		return nil
	}
	return l.drop(ctx, op, why)
}

// drop ends what has not been given. Who was told of it hears of this too.
func (l *life) drop(ctx context.Context, op string, why i18n.Text) error {
	told := Status(l.row.Status) == Told
	if err := l.close(ctx, op, CmdDrop, why); err != nil {
		return err
	}
	if !told {
		return nil
	}
	return l.tell(ctx, "dropped", i18n.M("grant.told.dropped", "why", why))
}
