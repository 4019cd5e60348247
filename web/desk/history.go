package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// happened is an event in a desk's words: the sentence that the domain keeps
// speaks to the applicant.
func happened(ctx context.Context, e casework.Event) string {
	switch e.Kind {
	case "submitted":
		return ui.T(ctx, "desk.event.submitted")
	case "waiting":
		return ui.T(ctx, "desk.event.waiting")
	case "released":
		return ui.T(ctx, "desk.event.released")
	case "accepted":
		return ui.T(ctx, "desk.event.accepted", "due", i18n.Written(e.Data["due"]))
	case "accepted-by-silence":
		return ui.T(ctx, "desk.event.acceptedBySilence", "due", i18n.Written(e.Data["due"]))
	case "refused":
		return ui.T(ctx, "desk.event.refused")
	case "supplement":
		return ui.T(ctx, "desk.event.supplement", "count", e.Data["count"])
	case "supplied":
		return ui.T(ctx, "desk.event.supplied")
	case "reviewed":
		return ui.T(ctx, "desk.event.reviewed", "task", inBoth(ctx, e, "task"), "outcome", outcome(ctx, e.Data["choice"]))
	case "consulted":
		return ui.T(ctx, "desk.event.consulted", "agency", inBoth(ctx, e, "agency"))
	case "answered":
		return ui.T(ctx, "desk.event.answered")
	case "suspended":
		return ui.T(ctx, "desk.event.suspended", "procedure", inBoth(ctx, e, "procedure"))
	case "resumed":
		return ui.T(ctx, "desk.event.resumed", "due", i18n.Written(e.Data["due"]))
	case "extended":
		return ui.T(ctx, "desk.event.extended", "days", e.Data["days"], "due", i18n.Written(e.Data["due"]))
	case "rejected":
		return ui.T(ctx, "desk.event.rejected")
	case "notified":
		return ui.T(ctx, "desk.event.notified")
	case "done":
		return ui.T(ctx, "desk.event.done")
	case "delivered":
		return ui.T(ctx, "desk.event.delivered")
	case "withdrawn":
		return ui.T(ctx, "desk.event.withdrawn")
	default:
		return ui.In(ctx, e.Note)
	}
}

// outcome is a review's, in words.
func outcome(ctx context.Context, choice string) string {
	switch choice {
	case "approve":
		return ui.T(ctx, "desk.outcome.approve")
	case "reject":
		return ui.T(ctx, "desk.outcome.reject")
	default:
		return ui.T(ctx, "desk.outcome.done")
	}
}

func inBoth(ctx context.Context, e casework.Event, key string) string {
	return e.Data[key+"."+string(ui.Lang(ctx))]
}

// own are the kinds whose line in happened leaves out the note, which is then
// shown below it.
var own = []string{"refused", "supplement", "supplied", "reviewed", "answered", "suspended", "resumed", "extended", "rejected", "delivered", "withdrawn"}

// stations are the case's history, the newest on top.
func (d *desk) stations(ctx context.Context, v caseView) []ui.Station {
	list := make([]ui.Station, 0, len(v.Events))
	for _, e := range slices.Backward(v.Events) {
		s := ui.Station{At: e.At, Title: happened(ctx, e), By: d.by(ctx, v, e), State: "done"}
		if slices.Contains(own, e.Kind) && !v.sealed() {
			s.Text = e.Data["note"]
		}
		if len(list) == 0 && !v.Status.Ended() {
			s.State = "now"
		}
		if slices.Contains([]string{"refused", "rejected", "withdrawn", "lapsed"}, e.Kind) {
			s.State = "stop"
		}
		list = append(list, s)
	}
	return list
}

// by is who did something, and for whom.
func (d *desk) by(ctx context.Context, v caseView, e casework.Event) string {
	var who string
	switch {
	case e.Agency != "":
		who = ui.In(ctx, d.agency(e.Agency).Short)
		if o, ok := d.City.Officer(e.Actor); ok {
			who += " " + o.Name
		}
	case e.Actor == "system":
		who = ui.T(ctx, "desk.by.system")
	case v.sealed():
		who = ui.T(ctx, "desk.by.applicant")
	default:
		who = e.ActorName
	}
	if e.OnBehalf != "" && !v.sealed() {
		who = ui.T(ctx, "desk.by.behalf", "who", who, "for", v.SubjectName)
	}
	return strings.TrimSpace(who)
}
