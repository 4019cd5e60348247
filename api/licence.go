package api

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/policy"
)

// Licence is one issued licence.
type Licence struct {
	ID         string            `json:"id"`
	Type       string            `json:"type"`
	TypeName   i18n.Text         `json:"typeName"`
	Number     string            `json:"number" doc:"What people call it by."`
	Identifier string            `json:"identifier" doc:"National identifier (GB/T 36904)."`
	Holder     string            `json:"holder"`
	Issuer     AgencyRef         `json:"issuer"`
	IssuedAt   time.Time         `json:"issuedAt"`
	ValidFrom  time.Time         `json:"validFrom"`
	ValidUntil time.Time         `json:"validUntil,omitzero" doc:"First instant at which it no longer holds; absent: until revoked."`
	Status     string            `json:"status" enum:"active,revoked"`
	Good       bool              `json:"good" doc:"Active and in its time."`
	Reason     string            `json:"reason,omitempty" doc:"Why it was revoked."`
	Claims     map[string]string `json:"claims"`
	Case       string            `json:"case,omitempty" doc:"The case that it ended."`
	Token      string            `json:"token,omitempty" doc:"The SD-JWT VC with everything disclosed; the holder's alone."`
}

// Showing asks for a presentation of a licence.
type Showing struct {
	Claims []string `json:"claims" maxItems:"100" doc:"Keys of the claims to show, beside those that are always shown."`
}

// Presentation is what one shows to somebody.
type Presentation struct {
	Token string `json:"token" doc:"SD-JWT VC (RFC 9901) with the chosen disclosures."`
}

// LicencePath names a licence.
type LicencePath struct {
	Licence string `path:"licence" maxLength:"100"`
}

type presentInput struct {
	LicencePath
	Body Showing
}

type revokeLicenceInput struct {
	LicencePath
	Body Reason
}

func (s *server) licenceOperations() {
	const tag, path = "licences", "/api/v1/licences/{licence}"
	route(s, signed, get("listLicences", "/api/v1/licences", tag, "List my licences", "Of whom one acts for, newest first, whatever their status. With a mandate for some services, those that these issue."), s.listLicences)
	route(s, signed, get("getLicence", path, tag, "Get a licence", "For the holder, with the token, and for the agency that issued it."), s.getLicence, fault.NotFound)
	route(s, signed, post("presentLicence", path+"/present", tag, "Present a licence", "A token that shows the chosen claims only."), s.presentLicence, fault.NotFound, fault.Conflict)
	route(s, signed, post("revokeLicence", path+"/revoke", tag, "Revoke a licence", "For good, by a decider of the agency that issued it."), s.revokeLicence, fault.NotFound, fault.Conflict)
}

func (s *server) listLicences(ctx context.Context, _ *struct{}) (*body[list[Licence]], error) {
	pr := who(ctx)
	holder := pr.Actor.For
	if pr.Services == nil { // else each licence decides
		if err := s.Policy.Allow(pr, policy.LicenceView, policy.Resource{Type: policy.TypeLicence, Owner: holder}); err != nil {
			return nil, err
		}
	}
	held, err := s.Licences.Held(ctx, s.DB.Reader(), holder)
	if err != nil {
		return nil, err
	}
	held = slices.DeleteFunc(held, func(l licence.Licence) bool { return s.Policy.Allow(pr, policy.LicenceView, s.resourceOf(l)) != nil })
	return &body[list[Licence]]{list[Licence]{Items: each(held, func(l licence.Licence) Licence { return s.licenceOf(l, true) })}}, nil
}

// find is a licence that pr may do a to. To others it is not there.
func (s *server) find(ctx context.Context, pr policy.Principal, id string, a policy.Action) (licence.Licence, error) {
	l, err := s.Licences.Get(ctx, s.DB.Reader(), id)
	if err != nil {
		return l, err
	}
	resource := s.resourceOf(l)
	if s.Policy.Allow(pr, policy.LicenceView, resource) != nil {
		return l, fault.New(fault.NotFound, "api.find", i18n.Text{})
	}
	return l, s.Policy.Allow(pr, a, resource)
}

// resourceOf is the licence as the policy knows it: it belongs to the services
// that issue its type.
func (s *server) resourceOf(l licence.Licence) policy.Resource {
	return policy.Resource{Type: policy.TypeLicence, ID: l.ID, Owner: l.Holder, Agencies: []string{l.Issuer}, Services: s.City.IssuedBy(l.Type)}
}

func (s *server) getLicence(ctx context.Context, in *LicencePath) (*body[Licence], error) {
	l, err := s.find(ctx, who(ctx), in.Licence, policy.LicenceView)
	if err != nil {
		return nil, err
	}
	return &body[Licence]{s.licenceOf(l, l.Holder == who(ctx).Actor.For)}, nil
}

func (s *server) presentLicence(ctx context.Context, in *presentInput) (*body[Presentation], error) {
	l, err := s.find(ctx, who(ctx), in.Licence, policy.LicencePresent)
	if err != nil {
		return nil, err
	}
	if !l.Holds(s.Clock()) {
		return nil, fault.New(fault.Conflict, "api.presentLicence", i18n.M("api.licence.over"))
	}
	return &body[Presentation]{Presentation{Token: licence.Present(l, in.Body.Claims)}}, nil
}

func (s *server) revokeLicence(ctx context.Context, in *revokeLicenceInput) (*body[Licence], error) {
	pr := who(ctx)
	if _, err := s.find(ctx, pr, in.Licence, policy.LicenceRevoke); err != nil {
		return nil, err
	}
	if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return s.Licences.Revoke(ctx, tx, in.Licence, in.Body.Reason, pr.ID)
	}); err != nil {
		return nil, err
	}
	l, err := s.Licences.Get(ctx, s.DB.Reader(), in.Licence)
	if err != nil {
		return nil, err
	}
	return &body[Licence]{s.licenceOf(l, false)}, nil
}

func (s *server) licenceOf(l licence.Licence, holder bool) Licence {
	t, _ := s.City.LicenceType(l.Type)
	out := Licence{ID: l.ID, Type: l.Type, TypeName: t.Name, Number: l.Number, Identifier: l.Identifier, Holder: string(l.Holder), Issuer: s.agency(l.Issuer),
		IssuedAt: l.IssuedAt, ValidFrom: l.ValidFrom, ValidUntil: l.ValidUntil, Status: string(l.Status), Good: l.Holds(s.Clock()), Reason: l.Reason,
		Claims: l.Claims, Case: l.CaseID}
	if out.Claims == nil {
		out.Claims = map[string]string{}
	}
	if holder {
		out.Token = l.Token
	}
	return out
}
