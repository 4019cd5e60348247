package identity

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Claims is what a provider says of a person, in the ID token and in access
// tokens alike. A resident is known by the identifier; one whom the city does
// not know yet is entered when they first come, since the provider vouches for
// them. A public servant has kind "officer" and belongs to an agency.
type Claims struct {
	Subject  string   `json:"sub"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`      // "officer", or empty or "citizen"
	IDType   string   `json:"id_type"`   // 111 citizen id, 414 passport
	IDNumber string   `json:"id_number"` // of a citizen
	Agency   string   `json:"agency"`    // of an officer
	Area     string   `json:"area"`      // of an officer; empty: the whole city
	Roles    []string `json:"roles"`     // of an officer
	Locale   string   `json:"locale"`
}

// thin reports whether the claims do not say who it is.
func (c Claims) thin() bool { return c.Kind == "" && c.IDNumber == "" }

// stay is what a session keeps of who signed in. A field that is not there was
// not set by an older binary.
type stay struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Name    string   `json:"name"`
	Party   party.ID `json:"party,omitempty"` // of a citizen
	Agency  string   `json:"agency,omitempty"`
	Area    string   `json:"area,omitempty"`
	Roles   []string `json:"roles,omitempty"`
	For     party.ID `json:"for,omitempty"`    // empty: oneself
	Lapsed  string   `json:"lapsed,omitempty"` // name of whom one acted for until the mandate ended
	IDToken string   `json:"id_token,omitempty"`
}

// officerRoles are the roles that a provider may give. A role that is none is
// left out: it can give no right by being misspelt.
func officerRoles(claimed []string) []string {
	known := []string{policy.RoleOfficer, policy.RoleDecider, policy.RoleClerk, policy.RoleSupervisor, policy.RoleSteward}
	return slices.DeleteFunc(slices.Clone(claimed), func(role string) bool { return !slices.Contains(known, role) })
}

// admit is whom the claims speak of. Errors: Denied for claims that name
// nobody.
func (g *Gate) admit(ctx context.Context, c Claims) (stay, error) {
	if c.Kind == string(policy.Officer) {
		if c.Subject == "" || c.Agency == "" {
			return stay{}, fault.New(fault.Denied, "identity.admit", i18n.M("identity.claims.officer"))
		}
		return stay{ID: c.Subject, Kind: c.Kind, Name: c.Name, Agency: c.Agency, Area: c.Area, Roles: officerRoles(c.Roles)}, nil
	}
	if c.IDType == "" || c.IDNumber == "" {
		return stay{}, fault.New(fault.Denied, "identity.admit", i18n.M("identity.claims.citizen"))
	}
	p, err := g.Parties.ByIdentifier(ctx, g.DB.Reader(), c.IDType, c.IDNumber)
	if fault.Is(err, fault.NotFound) {
		p, err = g.enter(ctx, c)
	}
	if err != nil {
		return stay{}, err
	}
	if p.Kind != party.Person {
		return stay{}, fault.New(fault.Denied, "identity.admit", i18n.M("identity.claims.citizen"))
	}
	return stay{ID: string(p.ID), Kind: string(policy.Citizen), Name: p.Name, Party: p.ID}, nil
}

// enter adds a person whom the provider vouches for.
func (g *Gate) enter(ctx context.Context, c Claims) (party.Party, error) {
	p := party.Party{ID: party.NewID(), Kind: party.Person, Name: c.Name, IDType: c.IDType, IDNumber: c.IDNumber}
	if strings.HasPrefix(strings.ToLower(c.Locale), "en") {
		p.Lang = i18n.EN
	}
	err := g.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return g.Parties.Put(ctx, tx, p) })
	if fault.Is(err, fault.Conflict) { // two first requests at once
		return g.Parties.ByIdentifier(ctx, g.DB.Reader(), c.IDType, c.IDNumber)
	}
	if err != nil {
		return party.Party{}, fault.Wrap(fault.Denied, "identity.enter", i18n.M("identity.claims.citizen"), err)
	}
	return g.Parties.ByIdentifier(ctx, g.DB.Reader(), c.IDType, c.IDNumber)
}
