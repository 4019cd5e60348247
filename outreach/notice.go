package outreach

import (
	"context"
	"encoding/json"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/bus"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
)

// offersConsumer is the durable name of the consumer that follows cases.
const offersConsumer = "outreach-offers"

// Listen follows the cases whose notices come over the bus, until ctx ends.
func (o *Offers) Listen(ctx context.Context, b *bus.Bus) error {
	return b.Subscribe(ctx, offersConsumer, Subject+">", func(ctx context.Context, m bus.Message) error { return o.Receive(ctx, m.Data) })
}

// Receive follows one notice of a case: an offer whose service is applied for is
// applied; a party whose case has ended badly is looked at afresh, since what it
// applied for before an offer was made may be offered now. A notice that comes
// twice changes nothing more.
func (o *Offers) Receive(ctx context.Context, notice []byte) error {
	var n casework.Notice
	if err := json.Unmarshal(notice, &n); err != nil {
		return fault.Wrap(fault.Invalid, "outreach.Offers", i18n.M("fault.invalid"), err)
	}
	return o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		c, err := o.Cases.Standing(ctx, tx, n.CaseID)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := o.of(ctx, tx, c.Subject)
		if err != nil {
			return err
		}
		for _, one := range rows {
			if one.Service != c.Service {
				continue
			}
			if !c.Stands() {
				if one.Status == Withdrawn && one.Reason == Held {
					return o.consider(ctx, tx, c.Subject)
				}
				continue
			}
			p, ok := o.City.Policy(one.Policy)
			if !ok || !one.Status.Can(EventApply) {
				continue
			}
			if _, has, err := o.has(ctx, tx, c.Subject, p, one.Period, []casework.Standing{c}); err != nil || !has {
				return err
			}
			if one.Status, err = one.Status.Next(EventApply); err != nil {
				return err
			}
			one.CaseID = c.CaseID
			if err := o.write(ctx, tx, one); err != nil {
				return err
			}
		}
		return nil
	})
}
