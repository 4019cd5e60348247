package ui

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
)

// Money is an amount in fen as a reader says it: "免费" for none, else yuan.
func Money(ctx context.Context, fen int64) string {
	if fen == 0 {
		return T(ctx, "ui.money.free")
	}
	return T(ctx, "ui.money.yuan", "amount", Yuan(fen))
}

// Yuan is an amount in fen written in yuan, with the two digits after the
// point only where they are needed.
func Yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	s := sign + i18n.Number(fen/100)
	if rest := fen % 100; rest != 0 {
		s += fmt.Sprintf(".%02d", rest)
	}
	return s
}

// Moment is a time as a reader says it: "今天 10:32" on the same day, else the
// date and the time, in the city's zone.
func Moment(ctx context.Context, t time.Time) string {
	f := From(ctx)
	t = local(f, t)
	clock := t.Format("15:04")
	if !f.Now.IsZero() && sameDay(t, local(f, f.Now)) {
		return T(ctx, "ui.time.today", "time", clock)
	}
	return Day(ctx, t) + " " + clock
}

// Day is the date of a time, in the city's zone, with the year.
func Day(ctx context.Context, t time.Time) string {
	f := From(ctx)
	return i18n.Day(local(f, t)).In(f.Lang)
}

// Stamp is a time for a machine: the datetime attribute of a time element.
func Stamp(ctx context.Context, t time.Time) string {
	return local(From(ctx), t).Format(time.RFC3339)
}

// Days is a number of working days: "当场" or "instant" for none.
func Days(ctx context.Context, n int) string {
	switch {
	case n <= 0:
		return T(ctx, "ui.days.instant")
	case n == 1:
		return T(ctx, "ui.days.one")
	default:
		return T(ctx, "ui.days.many", "n", n)
	}
}

func local(f Frame, t time.Time) time.Time {
	if f.Zone == nil {
		return t.UTC()
	}
	return t.In(f.Zone)
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// Source says where a value came from, in one line.
func Source(ctx context.Context, p form.Provenance) string {
	if p.Edited {
		return T(ctx, "ui.from.edited", "source", p.Source)
	}
	return T(ctx, "ui.from.line", "source", p.Source, "time", Moment(ctx, time.UnixMilli(p.At)))
}
