package grant

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/grant/internal/store"
)

// announce tells the subject, who may refuse from now on.
func (l *life) announce(ctx context.Context) error {
	until := l.s.City.Calendar.Deadline(l.now, l.p.Grant.Days)
	l.row.Until = ms(until)
	if err := l.do(ctx, "grant.tell", CmdTell, i18n.M("grant.event.tell", "until", l.day(until))); err != nil {
		return err
	}
	if err := l.job(ctx, jobGive, until); err != nil {
		return err
	}
	return l.tell(ctx, "told", i18n.M("grant.told.told", "what", l.worth(), "until", l.day(until)))
}

// day is the last day before a deadline, for sentences.
func (l *life) day(t time.Time) i18n.Text {
	return i18n.Written(workday.DateOf(t.Add(-time.Millisecond), l.s.City.Calendar.Zone()).String())
}

// worth says what the grant brings.
func (l *life) worth() i18n.Text { return Worth(l.p, l.row.Amount) }

// Worth says what a grant of a policy brings: the amount a period, else the
// policy's own sentence.
func Worth(p *catalog.Policy, amount int64) i18n.Text {
	if amount == 0 {
		return p.Summary
	}
	return i18n.M("grant.worth."+per(p), "amount", i18n.Number(amount))
}

func (l *life) per() string { return per(l.p) }

func per(p *catalog.Policy) string {
	if p.Amount == nil {
		return catalog.PerOnce
	}
	return p.Amount.Per
}

func (l *life) periodic() bool { return Periodic(l.p) }

// Periodic reports whether a policy is given by periods, again and again.
func Periodic(p *catalog.Policy) bool {
	return p.Grant != nil && p.Grant.Pays && per(p) != catalog.PerOnce
}

// give hands over, once the days to refuse are past.
func (l *life) give(ctx context.Context) error {
	const op = "grant.give"
	f, err := l.look(ctx)
	if err != nil {
		return err
	}
	if ok, why := f.entitled(l.p.Grant.Pays); !ok {
		return l.drop(ctx, op, why)
	}
	l.owe(f)
	if err := l.open(ctx); err != nil {
		return err
	}
	if l.p.Grant.Pays {
		if err := l.order(ctx); err != nil {
			return err
		}
	}
	l.row.GivenAt = ms(l.now)
	if err := l.do(ctx, op, CmdGive, i18n.M("grant.event.give")); err != nil {
		return err
	}
	return l.tell(ctx, "given", i18n.M("grant.told.given", "what", l.worth()))
}

// open makes the case behind the grant, with its licences, where the policy has
// a service that runs online.
func (l *life) open(ctx context.Context) error {
	s, ok := l.s.City.Service(l.p.Service)
	if !ok {
		return nil
	}
	if v := s.At(workday.DateOf(l.now, l.s.City.Calendar.Zone())); v == nil || !v.Online() {
		return nil
	}
	batch, err := queries(l.tx).BatchByID(ctx, l.row.Batch)
	if err != nil {
		return err
	}
	c, err := l.s.Office.Give(ctx, l.tx, casework.Gift{Service: s.ID, To: party.ID(l.row.Subject), By: batch.DecidedBy, Agency: l.row.Agency, Policy: l.p.Name})
	if err != nil {
		return err
	}
	l.row.CaseID = c.ID
	return nil
}

// order writes the payment order of the period that now lies in, and sets the
// timer of the next one.
func (l *life) order(ctx context.Context) error {
	day := workday.DateOf(l.now, l.s.City.Calendar.Zone())
	period, following := periodOf(l.per(), day)
	err := queries(l.tx.Later()).InsertOrder(ctx, store.InsertOrderParams{GrantID: l.row.ID, Period: period, Amount: l.row.Amount, Status: Ordered, At: ms(l.now)})
	if err != nil || following.IsZero() {
		return err
	}
	return l.job(ctx, jobPay, following.In(l.s.City.Calendar.Zone()))
}

// periodOf is the period in which a day lies, and the first day of the next one;
// zero where there is none.
func periodOf(per string, day workday.Date) (period string, following workday.Date) {
	y, m, _ := day.Date()
	switch per {
	case catalog.PerMonth:
		first, _ := workday.DateFrom(y, m, 1)
		return fmt.Sprintf("%04d-%02d", y, m), first.AddMonths(1)
	case catalog.PerYear:
		following, _ = workday.DateFrom(y+1, time.January, 1)
		return fmt.Sprintf("%04d", y), following
	}
	return onceOrder, workday.Date{}
}

// begins is the first day of a period; zero for "once".
func begins(period string) workday.Date {
	for _, day := range []string{period + "-01", period + "-01-01"} {
		if d, err := workday.ParseDate(day); err == nil {
			return d
		}
	}
	return workday.Date{}
}

// pay orders a further period, after a fresh look.
func (l *life) pay(ctx context.Context) error {
	f, err := l.look(ctx)
	if err != nil {
		return err
	}
	if ok, why := f.entitled(true); !ok && f.Verdict != criterion.Yes {
		return l.stop(ctx, f.since, why)
	} else if f.Amount == nil || *f.Amount <= 0 {
		return l.stop(ctx, f.since, i18n.M("grant.why.amount"))
	}
	l.owe(f)
	if err := l.order(ctx); err != nil {
		return err
	}
	return l.do(ctx, "grant.pay", CmdPay, i18n.M("grant.event.pay", "amount", i18n.Number(l.row.Amount)))
}

// stop ends what is given by periods. What was ordered for a period that begins
// after the day of the change is owed back.
func (l *life) stop(ctx context.Context, since time.Time, why i18n.Text) error {
	const op = "grant.stop"
	q := queries(l.tx)
	orders, err := q.Orders(ctx, l.row.ID)
	if err != nil {
		return err
	}
	last := workday.DateOf(since, l.s.City.Calendar.Zone())
	l.row.Overpaid = 0
	for _, o := range orders {
		if o.Status != Ordered || !begins(o.Period).After(last) {
			continue
		}
		l.row.Overpaid += o.Amount
		if err := queries(l.tx.Later()).MarkOrder(ctx, store.MarkOrderParams{Status: Overpaid, GrantID: l.row.ID, Period: o.Period}); err != nil {
			return err
		}
	}
	if err := db.Cancel(ctx, l.tx, jobPay, l.row.ID); err != nil {
		return err
	}
	if l.row.Overpaid == 0 {
		if err := l.close(ctx, op, CmdEnd, why); err != nil {
			return err
		}
		return l.tell(ctx, "ended", i18n.M("grant.told.ended", "why", why))
	}
	if err := l.close(ctx, op, CmdStop, why); err != nil {
		return err
	}
	return l.tell(ctx, "stopped", i18n.M("grant.told.stopped", "why", why, "amount", i18n.Number(l.row.Overpaid)))
}

// Refuse is the subject's: before the last day nothing is given; afterwards
// what comes in periods is given no more. Errors: NotFound, Denied, Conflict.
func (s *Store) Refuse(ctx context.Context, pr policy.Principal, id string) error {
	const op = "grant.Refuse"
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		l, err := s.take(ctx, tx, pr, op, id)
		if err != nil {
			return err
		}
		if err := s.Policy.Allow(pr, policy.GrantRefuse, resourceOf(l.row)); err != nil {
			return err
		}
		if err := l.close(ctx, op, CmdRefuse, i18n.M("grant.why.refused")); err != nil {
			return err
		}
		if err := db.Cancel(ctx, tx, jobPay, id); err != nil {
			return err
		}
		return db.Cancel(ctx, tx, jobGive, id)
	})
}
