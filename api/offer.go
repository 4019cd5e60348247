package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/workday"
)

// Offers are what the city offers a party, and what is nearly so.
type Offers struct {
	Off       bool       `json:"off" doc:"The party wants no offers: nothing was looked at."`
	Items     []Offer    `json:"items" doc:"The best first."`
	Near      []NearMiss `json:"near" doc:"One condition is missing, and something can be done about it."`
	Dismissed []Offer    `json:"dismissed"`
}

// Offer is a policy that a party may have.
type Offer struct {
	ID         string            `json:"id"`
	Policy     string            `json:"policy"`
	Name       i18n.Text         `json:"name"`
	Summary    i18n.Text         `json:"summary"`
	Service    string            `json:"service,omitempty" doc:"The service to apply for."`
	Status     string            `json:"status" enum:"open,opened,applied,dismissed,expired,withdrawn"`
	StatusName i18n.Text         `json:"statusName"`
	Gives      i18n.Text         `json:"gives" doc:"What it brings, in words."`
	Yearly     int64             `json:"yearly" doc:"Yuan in the first year; 0: none, or not known."`
	Documents  int               `json:"documents" doc:"To be handed in by the party itself."`
	Starts     workday.Date      `json:"starts" doc:"From when it matches; later than today: found ahead of time."`
	Ends       workday.Date      `json:"ends,omitzero" doc:"The last day to take it up."`
	Granted    bool              `json:"granted" doc:"Given without applying: there is nothing to do."`
	Made       time.Time         `json:"made"`
	Conditions []ConditionAnswer `json:"conditions" doc:"Why."`
}

// NearMiss is a policy of which one condition is missing.
type NearMiss struct {
	Policy    string          `json:"policy"`
	Name      i18n.Text       `json:"name"`
	Condition ConditionAnswer `json:"condition"`
	Yearly    int64           `json:"yearly" doc:"Yuan in the first year that it would bring; 0: not known."`
}

type offerInput struct {
	Offer string `path:"offer" maxLength:"100"`
}

func (s *server) offerOperations() {
	const tag = "entitlements"
	route(s, signed, get("listOffers", "/api/v1/me/offers", tag, "What does the city offer me", "Of whom one acts for, by a mandate for everything; brought up to date now, with receipts."), s.listOffers)
	route(s, signed, status(http.StatusNoContent, post("dismissOffer", "/api/v1/me/offers/{offer}/dismiss", tag, "Do not want an offer", "It is not made again in its period.")),
		s.dismissOffer, entitlementKinds...)
}

func (s *server) listOffers(ctx context.Context, _ *struct{}) (*body[Offers], error) {
	v, err := s.Offers.Look(ctx, who(ctx).Actor)
	if err != nil {
		return nil, err
	}
	return &body[Offers]{Offers{Off: v.Off, Items: each(v.Offers, offerOf), Dismissed: each(v.Dismissed, offerOf),
		Near: each(v.Near, func(n outreach.Near) NearMiss {
			return NearMiss{Policy: n.Policy.ID, Name: n.Policy.Name, Condition: conditionAnswer(n.Condition), Yearly: n.Yearly}
		})}}, nil
}

func offerOf(c outreach.Card) Offer {
	return Offer{ID: c.ID, Policy: c.Policy.ID, Name: c.Policy.Name, Summary: c.Policy.Summary, Service: c.Service, Status: string(c.Status), StatusName: c.Status.Name(),
		Gives: outreach.Gives(c.Policy, c.Yearly), Yearly: c.Yearly, Documents: c.Documents, Starts: c.Starts, Ends: c.Ends, Granted: c.Granted, Made: c.Made,
		Conditions: each(c.Decision.Conditions, conditionAnswer)}
}

func (s *server) dismissOffer(ctx context.Context, in *offerInput) (*none, error) {
	return &none{}, s.Offers.Dismiss(ctx, who(ctx).Actor, in.Offer)
}
