package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/workday"
)

// grantView is one grant with all that has happened to it.
type grantView struct {
	grant.Grant
	Policy     *catalog.Policy
	Conditions []catalog.PolicyCondition // in force today
	Agency     i18n.Text
	Who        party.Party
	Stations   []ui.Station
	Exclude    bool // the reader may take it off the list
	Recover    bool // the reader may ask back, record and waive
	Decider    bool // a colleague may, not the reader
	Done       string
	Typed      url.Values
	Wrong      []fault.Field
	Late       i18n.Text
}

func (d *desk) readGrant(ctx context.Context, r *http.Request) (grantView, error) {
	pr := visitor(ctx).Principal
	v := grantView{Done: r.URL.Query().Get("done"), Typed: r.PostForm}
	var err error
	if v.Grant, err = d.Grants.Get(ctx, pr, r.PathValue("grant")); err != nil {
		return v, err
	}
	if v.Who, err = d.Parties.Get(ctx, d.DB.Reader(), v.Subject); err != nil {
		return v, err
	}
	v.Agency = d.agency(v.Grant.Agency).Name
	if v.Policy, _ = d.City.Policy(v.Grant.Policy); v.Policy == nil { // no longer in the pack
		v.Policy = &catalog.Policy{ID: v.Grant.Policy, Name: i18n.Same(v.Grant.Policy)}
	}
	v.Conditions = v.Policy.ConditionsOn(workday.DateOf(d.Clock(), d.zone))
	res := policy.Resource{Type: policy.TypeGrant, ID: v.ID, Owner: v.Subject, Agencies: []string{v.Grant.Agency}}
	recoverable := v.Status == grant.Stopped || v.Status == grant.Recovering
	v.Exclude = (v.Status == grant.Checked || v.Status == grant.Listed) && d.Policy.Allow(pr, policy.GrantPropose, res) == nil
	v.Recover = recoverable && d.Policy.Allow(pr, policy.GrantRecover, res) == nil
	v.Decider = recoverable && !v.Recover
	v.Stations = d.grantStations(ctx, v.Grant)
	return v, nil
}

// grantStations are the grant's history, the newest on top.
func (d *desk) grantStations(ctx context.Context, g grant.Grant) []ui.Station {
	list := make([]ui.Station, 0, len(g.Events))
	for _, e := range slices.Backward(g.Events) {
		s := ui.Station{At: e.At, Title: ui.In(ctx, e.Note), State: "done"}
		switch {
		case e.Agency != "":
			s.By = ui.In(ctx, d.agency(e.Agency).Short) + " " + d.officerName(e.Actor)
		case e.Actor == "system":
			s.By = ui.T(ctx, "desk.by.system")
		case e.Actor == string(g.Subject):
			s.By = g.Name
		default:
			s.By = ui.T(ctx, "grant.desk.helper")
		}
		switch {
		case e.Kind == grant.CmdDrop:
			s.Title, s.Text, s.State = ui.T(ctx, "grant.desk.dropped"), s.Title, "stop"
		case e.Kind == grant.CmdStop || e.Kind == grant.CmdEnd:
			s.Title, s.Text, s.State = ui.T(ctx, "grant.desk.stopped"), s.Title, "stop"
		case e.Kind == grant.CmdRefuse:
			s.State = "stop"
		case len(list) == 0 && !g.Status.Over():
			s.State = "now"
		}
		list = append(list, s)
	}
	return list
}

func (d *desk) showGrant(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.readGrant(ctx, r)
	if err != nil {
		return err
	}
	return d.show(ctx, w, grantPage(v))
}

// doGrant does to a grant what the pressed button says.
func (d *desk) doGrant(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	pr, id, do := visitor(ctx).Principal, r.PathValue("grant"), r.PostForm.Get("do")
	var err error
	switch grant.Command(do) {
	case grant.CmdDrop:
		err = d.Grants.Exclude(ctx, pr, id, r.PostForm.Get("reason"))
	case grant.CmdRecover:
		err = d.Grants.Recover(ctx, pr, id)
	case grant.CmdRepay:
		err = d.Grants.Repaid(ctx, pr, id)
	case grant.CmdWaive:
		err = d.Grants.Waive(ctx, pr, id, r.PostForm.Get("reason"))
	default:
		return unknownCommand("desk.doGrant")
	}
	if err == nil {
		return gone(w, r, pathGrant(id)+"?"+url.Values{"done": {do}}.Encode())
	}
	wrong, late, err := came(err)
	if err != nil {
		return err
	}
	v, err := d.readGrant(ctx, r)
	if err != nil {
		return err
	}
	v.Wrong, v.Late = wrong, late
	if wrong != nil {
		return d.again(ctx, w, grantPage(v))
	}
	return d.write(ctx, w, http.StatusConflict, grantPage(v))
}

// grantTone is the colour that goes with a status.
func grantTone(s grant.Status) ui.Tone {
	switch s {
	case grant.Given, grant.Recovered:
		return ui.Green
	case grant.Stopped, grant.Recovering:
		return ui.Red
	case grant.Listed, grant.Checked:
		return ui.Amber
	case grant.Told, grant.Confirmed, grant.Matched:
		return ui.Blue
	default:
		return ui.Plain
	}
}

// grantTurn says who must act next.
func grantTurn(ctx context.Context, g grant.Grant) string {
	switch g.Status.Turn() {
	case "city":
		return ui.T(ctx, "grant.desk.turn.city")
	case "officer":
		return ui.T(ctx, "grant.desk.turn.officer")
	case "subject":
		return ui.T(ctx, "grant.desk.turn.subject", "name", g.Name)
	default:
		return ui.T(ctx, "grant.desk.turn.nobody")
	}
}

// yuan is a sum in whole yuan, in words.
func yuan(ctx context.Context, amount int64) string {
	return ui.T(ctx, "grant.yuan", "amount", ui.Yuan(100*amount))
}

// orderStatus is how a payment order stands.
func orderStatus(ctx context.Context, status string) (ui.Tone, string) {
	switch status {
	case grant.Overpaid:
		return ui.Red, ui.T(ctx, "grant.order.overpaid")
	case grant.PaidBack:
		return ui.Plain, ui.T(ctx, "grant.order.recovered")
	default:
		return ui.Green, ui.T(ctx, "grant.order.ordered")
	}
}

// ending is the last four characters of a number, enough to tell two people of
// one name apart.
func ending(number string) string {
	runes := []rune(number)
	return string(runes[max(0, len(runes)-4):])
}
