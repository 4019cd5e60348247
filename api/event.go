package api

import (
	"context"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// LifeEvent is several services as one.
type LifeEvent struct {
	ID       string             `json:"id" example:"new-born"`
	Name     i18n.Text          `json:"name"`
	Summary  i18n.Text          `json:"summary"`
	Audience []string           `json:"audience"`
	Members  []EventMember      `json:"members"`
	Before   catalog.Reductions `json:"before" doc:"Doing each on its own, in the old way."`
	After    catalog.Reductions `json:"after"`
}

// EventMember is one service of a life event.
type EventMember struct {
	Service  string    `json:"service"`
	Name     i18n.Text `json:"name"`
	Optional bool      `json:"optional" doc:"The applicant may leave it out."`
	After    []string  `json:"after" doc:"Services that must end well before it starts."`
}

type eventInput struct {
	Event string `path:"event" maxLength:"100" example:"new-born"`
}

func (s *server) listEvents(context.Context, *struct{}) (*body[list[LifeEvent]], error) {
	return &body[list[LifeEvent]]{list[LifeEvent]{Items: each(s.City.Events, s.eventOf)}}, nil
}

func (s *server) getEvent(_ context.Context, in *eventInput) (*body[LifeEvent], error) {
	e, ok := s.City.Event(in.Event)
	if !ok {
		return nil, fault.New(fault.NotFound, "api.getEvent", i18n.M("api.event.unknown"))
	}
	return &body[LifeEvent]{s.eventOf(e)}, nil
}

func (s *server) eventOf(e *catalog.LifeEvent) LifeEvent {
	return LifeEvent{ID: e.ID, Name: e.Name, Summary: e.Summary, Audience: keep(e.Audience), Before: e.Before, After: e.After,
		Members: each(e.Members, func(m catalog.EventMember) EventMember {
			out := EventMember{Service: m.Service, Optional: m.Optional, After: keep(m.After)}
			if service, ok := s.City.Service(m.Service); ok {
				out.Name = service.Name
			}
			return out
		})}
}
