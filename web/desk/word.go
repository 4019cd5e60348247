package desk

import (
	"context"
	"strings"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// tone is the colour that goes with a status.
func tone(s casework.Status) ui.Tone {
	switch s {
	case casework.Approved, casework.Closed:
		return ui.Green
	case casework.Supplementing, casework.Suspended:
		return ui.Amber
	case casework.Refused, casework.Rejected:
		return ui.Red
	case casework.Submitted, casework.Accepted:
		return ui.Blue
	default:
		return ui.Plain
	}
}

// status is how a case stands, in words for an officer.
func status(ctx context.Context, s casework.Status) string {
	if s == casework.Supplementing {
		return ui.T(ctx, "desk.status.supplement")
	}
	return ui.In(ctx, s.Name())
}

func channel(ctx context.Context, code string) string {
	switch code {
	case "1":
		return ui.T(ctx, "desk.channel.counter")
	case "2":
		return ui.T(ctx, "desk.channel.computer")
	case "3":
		return ui.T(ctx, "desk.channel.online")
	default:
		return ui.T(ctx, "desk.channel.other")
	}
}

func delivery(ctx context.Context, way string) string {
	switch way {
	case "courier":
		return ui.T(ctx, "desk.delivery.courier")
	case "counter":
		return ui.T(ctx, "desk.delivery.counter")
	default:
		return ui.T(ctx, "desk.delivery.online")
	}
}

// how says in what way a document is there.
func how(ctx context.Context, h casework.How) string {
	switch h {
	case casework.ByLicence:
		return ui.T(ctx, "desk.how.licence")
	case casework.ByChain:
		return ui.T(ctx, "desk.how.chain")
	case casework.ByFact:
		return ui.T(ctx, "desk.how.fact")
	case casework.ByUpload:
		return ui.T(ctx, "desk.how.upload")
	case casework.ByReuse:
		return ui.T(ctx, "desk.how.reuse")
	case casework.ByPledge:
		return ui.T(ctx, "desk.how.pledge")
	case casework.Later:
		return ui.T(ctx, "desk.how.later")
	case casework.Optional:
		return ui.T(ctx, "desk.how.optional")
	default:
		return ui.T(ctx, "desk.how.missing")
	}
}

// source says where a fact came from, in words for an officer: the domain's own
// speak to the applicant.
func source(ctx context.Context, p *form.Provenance) string {
	if p == nil {
		return ui.T(ctx, "desk.from.typed")
	}
	from := ui.In(ctx, p.Source)
	if p.Source == i18n.M("casework.source.account") {
		from = ui.T(ctx, "desk.from.account")
	}
	if p.Edited {
		return ui.T(ctx, "desk.from.edited", "source", from)
	}
	return ui.T(ctx, "desk.from.line", "source", from, "time", ui.Moment(ctx, time.UnixMilli(p.At)))
}

// proof says in what way a document is there, who says so and since when. Who
// may not know what names the document reads no source.
func proof(ctx context.Context, it casework.Item) string {
	parts := []string{how(ctx, it.How)}
	if (it.How == casework.ByFact || it.How == casework.ByChain || it.How == casework.ByLicence) && !it.Source.IsZero() {
		parts = append(parts, ui.In(ctx, it.Source))
	}
	if it.At > 0 {
		parts = append(parts, ui.Moment(ctx, time.UnixMilli(it.At)))
	}
	return strings.Join(parts, " · ")
}

// turn says who must act next.
func turn(ctx context.Context, s casework.Status) string {
	switch s.Turn() {
	case "applicant":
		return ui.T(ctx, "desk.turn.applicant")
	case "other-case":
		return ui.T(ctx, "desk.turn.otherCase")
	case "nobody":
		return ui.T(ctx, "desk.turn.nobody")
	}
	if s == casework.Suspended {
		return ui.T(ctx, "desk.turn.procedure")
	}
	return ui.T(ctx, "desk.turn.agency")
}

// done is what a page says after something was done; empty for what is not
// known.
func done(ctx context.Context, what string) string {
	switch what {
	case "accept":
		return ui.T(ctx, "desk.done.accept")
	case "refuse":
		return ui.T(ctx, "desk.done.refuse")
	case "review":
		return ui.T(ctx, "desk.done.review")
	case "consult":
		return ui.T(ctx, "desk.done.answer")
	case "approve":
		return ui.T(ctx, "desk.done.approve")
	case "reject":
		return ui.T(ctx, "desk.done.reject")
	case "deliver":
		return ui.T(ctx, "desk.done.deliver")
	case "supplement":
		return ui.T(ctx, "desk.done.supplement")
	case "ask":
		return ui.T(ctx, "desk.done.consult")
	case "suspend":
		return ui.T(ctx, "desk.done.suspend")
	case "resume":
		return ui.T(ctx, "desk.done.resume")
	case "extend":
		return ui.T(ctx, "desk.done.extend")
	default:
		return ""
	}
}

func decisionTitle(ctx context.Context, v decisionView) string {
	if v.Task.Duty == casework.DutyAccept {
		return ui.T(ctx, "desk.decide.refuseTitle")
	}
	return ui.T(ctx, "desk.decide.title")
}

func decisionNote(v decisionView) i18n.Text {
	if v.Task.Duty == casework.DutyAccept {
		return i18n.M("desk.decide.refuseReasons")
	}
	return i18n.M("desk.decide.reasons")
}

func decisionHint(v decisionView) i18n.Text {
	if v.Task.Duty == casework.DutyAccept {
		return i18n.M("desk.decide.refuseHint")
	}
	return i18n.M("desk.decide.reasonsHint")
}

func confirmWord(ctx context.Context, choice string) string {
	switch choice {
	case "approve":
		return ui.T(ctx, "desk.decide.confirmApprove")
	case "refuse":
		return ui.T(ctx, "desk.decide.confirmRefuse")
	default:
		return ui.T(ctx, "desk.decide.confirmReject")
	}
}

func letterTitle(ctx context.Context, l letterView) string {
	switch l.Choice {
	case "approve":
		return ui.T(ctx, "desk.letter.approveTitle", "service", l.Case.ServiceName)
	case "refuse":
		return ui.T(ctx, "desk.letter.refuseTitle", "service", l.Case.ServiceName)
	default:
		return ui.T(ctx, "desk.letter.rejectTitle", "service", l.Case.ServiceName)
	}
}

func letterBody(ctx context.Context, l letterView) string {
	day, service := ui.Day(ctx, l.Case.SubmittedAt), l.Case.ServiceName
	switch l.Choice {
	case "approve":
		return ui.T(ctx, "desk.letter.approve", "day", day, "service", service)
	case "refuse":
		return ui.T(ctx, "desk.letter.refuse", "day", day, "service", service)
	default:
		return ui.T(ctx, "desk.letter.reject", "day", day, "service", service)
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
