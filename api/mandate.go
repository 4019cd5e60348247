package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Mandate lets one act for another.
type Mandate struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind" enum:"legal-representative,agent,parent,helper"`
	KindName  i18n.Text `json:"kindName"`
	Principal PartyRef  `json:"principal" doc:"For whom."`
	Agent     PartyRef  `json:"agent" doc:"Who acts."`
	Services  []string  `json:"services" doc:"Empty: all."`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until,omitzero" doc:"First instant at which it no longer holds; absent: until it is revoked."`
	RevokedAt time.Time `json:"revokedAt,omitzero"`
	Live      bool      `json:"live"`
}

// PartyRef names a person or a firm.
type PartyRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind" enum:"person,organisation"`
}

// Mandates are those that one gave and those that one holds.
type Mandates struct {
	Given []Mandate `json:"given"`
	Held  []Mandate `json:"held"`
}

// Grant gives a mandate.
type Grant struct {
	Agent    AgentRef  `json:"agent"`
	Kind     string    `json:"kind" enum:"agent,helper"`
	Services []string  `json:"services,omitempty" maxItems:"200" doc:"Ids of services; what a kind needs, the law says."`
	Until    time.Time `json:"until,omitzero" doc:"First instant at which it no longer holds."`
}

// AgentRef says who is meant: by party id, or by identifier and name together,
// so that nobody can find out by guessing who is known here.
type AgentRef struct {
	ID       string `json:"id,omitempty" maxLength:"100"`
	IDType   string `json:"idType,omitempty" maxLength:"10" doc:"111 citizen id, 414 passport."`
	IDNumber string `json:"idNumber,omitempty" maxLength:"40"`
	Name     string `json:"name,omitempty" maxLength:"100"`
}

type grantInput struct{ Body Grant }

type mandateInput struct {
	Mandate string `path:"mandate" maxLength:"100"`
}

func (s *server) mandateOperations() {
	const tag = "mandates"
	route(s, signed, get("listMandates", "/api/v1/mandates", tag, "List mandates", "Given and held by whom one acts for, ended ones too."), s.listMandates)
	route(s, signed, status(http.StatusCreated, post("grantMandate", "/api/v1/mandates", tag, "Give a mandate", "By a person, or by the legal representative of a firm. An agent gives none further.")),
		s.grantMandate, fault.NotFound, fault.Conflict)
	route(s, signed, post("revokeMandate", "/api/v1/mandates/{mandate}/revoke", tag, "End a mandate",
		"By whoever gave it, or by the agent who lays it down. It takes effect at once."), s.revokeMandate, fault.NotFound, fault.Conflict)
}

func (s *server) listMandates(ctx context.Context, _ *struct{}) (*body[Mandates], error) {
	pr := who(ctx)
	if err := s.Policy.Allow(pr, policy.MandateView, policy.Resource{Type: policy.TypeMandate, Owner: pr.Actor.For}); err != nil {
		return nil, err
	}
	given, held, err := s.Parties.Mandates(ctx, s.DB.Reader(), pr.Actor.For)
	if err != nil {
		return nil, err
	}
	var out Mandates
	if out.Given, err = s.mandatesOf(ctx, given); err != nil {
		return nil, err
	}
	if out.Held, err = s.mandatesOf(ctx, held); err != nil {
		return nil, err
	}
	return &body[Mandates]{out}, nil
}

func (s *server) grantMandate(ctx context.Context, in *grantInput) (*body[Mandate], error) {
	pr := who(ctx)
	if err := s.Policy.Allow(pr, policy.MandateGrant, policy.Resource{Type: policy.TypeMandate, Owner: pr.Actor.For}); err != nil {
		return nil, err
	}
	agent, err := s.agent(ctx, in.Body.Agent)
	if err != nil {
		return nil, err
	}
	for i, service := range in.Body.Services {
		if _, ok := s.City.Service(service); !ok {
			return nil, fault.Fields("api.grantMandate", fault.Field{Pointer: pointer("services", itoa(i)), Message: i18n.M("api.service.unknown")})
		}
	}
	m := party.Mandate{ID: id.New(), Principal: pr.Actor.For, Agent: agent.ID, Kind: in.Body.Kind, Services: in.Body.Services, From: s.Clock(),
		Until: in.Body.Until.UTC(), GrantedBy: pr.Actor.Party}
	if in.Body.Until.IsZero() {
		m.Until = time.Time{}
	}
	if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return s.Parties.Grant(ctx, tx, m) }); err != nil {
		return nil, err
	}
	return s.answerMandate(ctx, m.ID)
}

// agent finds who is meant.
func (s *server) agent(ctx context.Context, ref AgentRef) (party.Party, error) {
	unknown := fault.Fields("api.agent", fault.Field{Pointer: "/agent", Message: i18n.M("api.mandate.agent")})
	var p party.Party
	var err error
	switch {
	case ref.ID != "":
		p, err = s.Parties.Get(ctx, s.DB.Reader(), party.ID(ref.ID))
	case ref.IDNumber != "" && ref.Name != "":
		p, err = s.Parties.ByIdentifier(ctx, s.DB.Reader(), ref.IDType, ref.IDNumber)
	default:
		return p, unknown
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return p, unknown
	}
	if err == nil && ref.ID == "" && p.Name != ref.Name {
		return p, unknown
	}
	return p, err
}

func (s *server) revokeMandate(ctx context.Context, in *mandateInput) (*body[Mandate], error) {
	pr := who(ctx)
	m, err := s.mandate(ctx, pr, in.Mandate)
	if err != nil {
		return nil, err
	}
	if m.Agent != pr.Actor.Party { // one may always lay down one's own
		if err := s.Policy.Allow(pr, policy.MandateRevoke, policy.Resource{Type: policy.TypeMandate, ID: m.ID, Owner: m.Principal}); err != nil {
			return nil, err
		}
	}
	if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return s.Parties.Revoke(ctx, tx, m.ID, pr.Actor.Party) }); err != nil {
		return nil, err
	}
	return s.answerMandate(ctx, m.ID)
}

// mandate is one that concerns whoever asks.
func (s *server) mandate(ctx context.Context, pr policy.Principal, mandate string) (party.Mandate, error) {
	for _, id := range []party.ID{pr.Actor.For, pr.Actor.Party} {
		given, held, err := s.Parties.Mandates(ctx, s.DB.Reader(), id)
		if err != nil {
			return party.Mandate{}, err
		}
		for _, m := range append(given, held...) {
			if m.ID == mandate {
				return m, nil
			}
		}
	}
	return party.Mandate{}, fault.New(fault.NotFound, "api.mandate", i18n.Text{})
}

func (s *server) answerMandate(ctx context.Context, id string) (*body[Mandate], error) {
	m, err := s.mandate(ctx, who(ctx), id)
	if err != nil {
		return nil, err
	}
	out, err := s.mandatesOf(ctx, []party.Mandate{m})
	if err != nil {
		return nil, err
	}
	return &body[Mandate]{out[0]}, nil
}

// mandatesOf names the parties of mandates, each asked for once.
func (s *server) mandatesOf(ctx context.Context, in []party.Mandate) ([]Mandate, error) {
	names := map[party.ID]PartyRef{}
	ref := func(id party.ID) (PartyRef, error) {
		if r, ok := names[id]; ok {
			return r, nil
		}
		p, err := s.Parties.Get(ctx, s.DB.Reader(), id)
		if err != nil {
			return PartyRef{}, err
		}
		names[id] = PartyRef{ID: string(id), Name: p.Name, Kind: string(p.Kind)}
		return names[id], nil
	}
	out := []Mandate{}
	for _, m := range in {
		principal, err := ref(m.Principal)
		if err != nil {
			return nil, err
		}
		agent, err := ref(m.Agent)
		if err != nil {
			return nil, err
		}
		rule, _ := party.RuleOf(m.Kind)
		out = append(out, Mandate{ID: m.ID, Kind: m.Kind, KindName: rule.Name, Principal: principal, Agent: agent, Services: keep(m.Services),
			From: m.From, Until: m.Until, RevokedAt: m.RevokedAt, Live: m.Live(s.Clock())})
	}
	return out, nil
}
