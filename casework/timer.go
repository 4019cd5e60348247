package casework

import (
	"context"
	"strings"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"
)

// timer is the payload of a timer's job: when it is due, by how long the case
// had stood still when that was counted.
type timer struct {
	Due   int64 // ms
	Stood int   // working days
}

func (r *run) setTimer(ctx context.Context, e process.Effect) error {
	period, err := workday.ParsePeriod(e.Period)
	if err != nil {
		return err
	}
	due := r.o.City.Calendar.After(r.now, period)
	return db.Enqueue(ctx, r.tx, db.Job{Kind: jobTimer, Key: r.row.ID + "/" + e.Token, RunAt: due,
		Payload: []byte(text(timer{Due: ms(due), Stood: r.st.Stood}))})
}

// stood counts the working days for which the case stood still, until now:
// timers do not run in that time either.
func (r *run) stood(since int64) {
	zone := r.o.City.Calendar.Zone()
	r.st.Stood += r.o.City.Calendar.Between(workday.DateOf(at(since), zone), workday.DateOf(r.now, zone))
}

// moved is when a timer is due after all that the case has stood still.
func (r *run) moved(t timer) timer {
	c := r.o.City.Calendar
	day := workday.DateOf(at(t.Due-1), c.Zone())
	by := c.End(c.Add(day, r.st.Stood-t.Stood)).Sub(c.End(day))
	return timer{Due: ms(at(t.Due).Add(by)), Stood: r.st.Stood}
}

// fireTimer lets a process go on whose timer is due. A timer of a case that
// has ended does nothing; one of a case that stands still looks again at the end
// of each day, and goes off later by as long as the case has stood.
func (o *Office) fireTimer(ctx context.Context, tx db.Tx, job db.Job) error {
	const op = "casework.fireTimer"
	caseID, token, _ := strings.Cut(job.Key, "/")
	r, err := o.load(ctx, tx, system, op, caseID)
	if err != nil || r.ended() {
		return err
	}
	if s := Status(r.row.Status); s == Suspended || s == Supplementing {
		return again(ctx, tx, job, o.City.Calendar.Deadline(r.now, 0))
	}
	t, err := parse[timer](op, string(job.Payload))
	if err != nil {
		return err
	}
	if t = r.moved(t); at(t.Due).After(r.now) {
		job.Payload = []byte(text(t))
		return again(ctx, tx, job, at(t.Due))
	}
	st, effects, err := r.def.Fire(r.st.Process, token)
	if fault.Is(err, fault.Conflict) { // cleared in the meantime
		return nil
	}
	if err != nil {
		return err
	}
	r.st.Process = st
	r.event("timer", nil)
	if err := r.apply(ctx, effects); err != nil {
		return err
	}
	return r.finish(ctx)
}

// again lets the job come back.
func again(ctx context.Context, tx db.Tx, job db.Job, when time.Time) error {
	job.RunAt = when
	return db.Enqueue(ctx, tx, job)
}
