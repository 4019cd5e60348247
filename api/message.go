package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/policy"
)

// Message is what the city told a party.
type Message struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind" doc:"Of the event that it tells of."`
	Case   string    `json:"case,omitempty"`
	Title  i18n.Text `json:"title"`
	Body   i18n.Text `json:"body"`
	At     time.Time `json:"at"`
	ReadAt time.Time `json:"readAt,omitzero" doc:"Absent while it is unread."`
}

// Messages are the latest first.
type Messages struct {
	Items  []Message `json:"items"`
	Unread int       `json:"unread"`
}

// Me is who asks.
type Me struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind" enum:"citizen,officer"`
	Name   string   `json:"name"`
	For    PartyRef `json:"for,omitzero" doc:"Whom one acts for."`
	Under  string   `json:"under,omitempty" doc:"Kind of the mandate; absent for oneself."`
	Agency string   `json:"agency,omitempty" doc:"Of an officer."`
	Area   string   `json:"area,omitempty" doc:"Of an officer; absent: the whole city."`
	Roles  []string `json:"roles" doc:"Of an officer."`
}

type messagesInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *server) messageOperations() {
	route(s, signed, get("getMe", "/api/v1/me", "identity", "Who am I", "As the token and Tongban-Acting-For say."), s.getMe)
	route(s, signed, get("listMessages", "/api/v1/messages", "messages", "List messages", "Of whom one acts for, the latest first. With a mandate for some services, those of these; unread is 0 then."), s.listMessages)
	route(s, signed, status(http.StatusNoContent, post("readMessages", "/api/v1/messages/read", "messages", "Mark all messages as read", "")), s.readMessages)
}

func (s *server) getMe(ctx context.Context, _ *struct{}) (*body[Me], error) {
	sitting, _ := identity.From(ctx)
	pr := sitting.Principal
	out := Me{ID: pr.ID, Kind: string(pr.Kind), Name: pr.Name, Under: sitting.Kind, Agency: pr.Agency, Area: pr.Area, Roles: keep(pr.Roles)}
	if pr.Actor.For != "" {
		out.For = PartyRef{ID: string(sitting.For.ID), Name: sitting.For.Name, Kind: string(sitting.For.Kind)}
	}
	return &body[Me]{out}, nil
}

// mayReadAll is nil where every message to whom one acts for is one's to read.
func (s *server) mayReadAll(pr policy.Principal) error {
	return s.Policy.Allow(pr, policy.MessageRead, policy.Resource{Type: policy.TypeMessage, Owner: pr.Actor.For})
}

func (s *server) listMessages(ctx context.Context, in *messagesInput) (*body[Messages], error) {
	pr := who(ctx)
	all := s.mayReadAll(pr)
	if all != nil && pr.Services == nil { // with a mandate for some services, each message decides
		return nil, all
	}
	messages, err := s.Messages.Messages(ctx, pr.Actor.For, in.Limit)
	if err != nil {
		return nil, err
	}
	if messages, err = outreach.Seen(ctx, s.Policy, pr, pr.Actor.For, messages, s.Office.ServiceOf); err != nil {
		return nil, err
	}
	unread := 0
	if all == nil {
		if unread, err = s.Messages.Unread(ctx, pr.Actor.For); err != nil {
			return nil, err
		}
	}
	return &body[Messages]{Messages{Unread: unread, Items: each(messages, func(m outreach.Message) Message {
		return Message{ID: m.ID, Kind: m.Kind, Case: m.CaseID, Title: m.Title, Body: m.Body, At: m.At, ReadAt: m.ReadAt}
	})}}, nil
}

func (s *server) readMessages(ctx context.Context, _ *struct{}) (*none, error) {
	pr := who(ctx)
	if err := s.mayReadAll(pr); err != nil {
		return nil, err
	}
	return &none{}, s.Messages.Read(ctx, pr.Actor.For)
}

// DemoTokenRequest asks for a token in somebody's name.
type DemoTokenRequest struct {
	Persona string `json:"persona" minLength:"1" maxLength:"100" example:"chen-guilan" doc:"Id or name of a persona, or id of an officer."`
}

// DemoToken is a bearer token.
type DemoToken struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type" enum:"Bearer"`
	ExpiresIn   int    `json:"expires_in" doc:"Seconds."`
}

type demoTokenInput struct{ Body DemoTokenRequest }

func (s *server) demoOperations() {
	route(s, open, post("demoToken", "/api/v1/demo/token", "identity", "Get a token in the demo", "In the name of any persona or officer. Only in the demo."), s.demoToken, fault.NotFound)
}

func (s *server) demoToken(ctx context.Context, in *demoTokenInput) (*body[DemoToken], error) {
	token, life, err := s.Token(ctx, in.Body.Persona)
	if err != nil {
		return nil, err
	}
	return &body[DemoToken]{DemoToken{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(life.Seconds())}}, nil
}

func itoa(i int) string { return strconv.Itoa(i) }
