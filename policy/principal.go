package policy

import (
	"github.com/cedar-policy/cedar-go/types"

	"github.com/tongban/tongban/party"
)

// Kind is what sort of principal it is.
type Kind string

// The kinds. The zero value is the public.
const (
	Public  Kind = ""        // nobody is logged in
	Citizen Kind = "citizen" // a resident, or who acts for a firm
	Officer Kind = "officer" // a public servant
	System  Kind = "system"  // this process: timers, service tasks
)

// The roles of an officer, and the one that a citizen can have.
const (
	RoleOfficer    = "officer"    // accepts, reviews, is consulted, delivers
	RoleDecider    = "decider"    // does that and decides
	RoleClerk      = "clerk"      // takes in at a counter, with the applicant present; never decides
	RoleSupervisor = "supervisor" // sees how cases stand, no personal field
	RoleSteward    = "steward"    // keeps the data directory

	RoleLegalRepresentative = "legal-representative" // a citizen who acts as the head of a firm, not as its agent
)

// Principal is who asks. Actor says who sits there and for whom: the applicant
// and the mandate of a citizen; the clerk and the applicant who is present of an
// officer (For is empty, or the officer's own party, when nobody is). Area is
// empty for an officer of the whole city. Agency and Area are an officer's only.
type Principal struct {
	ID     string
	Kind   Kind
	Actor  party.Actor
	Agency string
	Area   string
	Roles  []string
	Name   string

	// Services are those in which a citizen may act for another; nil means all,
	// as it does for oneself.
	Services []string
}

// Has reports whether the principal has the role.
func (p Principal) Has(role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// acting is for whom the principal acts: a citizen always for someone, an
// officer only with an applicant present.
func (p Principal) acting() party.ID {
	if p.Kind == Officer && p.Actor.For == p.Actor.Party {
		return ""
	}
	return p.Actor.For
}

// self reports whether a citizen acts for nobody else.
func (p Principal) self() bool { return p.Actor.For != "" && p.Actor.For == p.Actor.Party }

func (p Principal) entity() types.Entity {
	switch p.Kind {
	case Citizen:
		return entity("Citizen", p.ID, types.RecordMap{
			"person":   types.String(p.Actor.Party),
			"acting":   types.String(p.acting()),
			"mandate":  types.String(p.Actor.Mandate),
			"roles":    set(p.Roles),
			"limited":  types.Boolean(p.Services != nil),
			"services": set(p.Services),
		})
	case Officer:
		return entity("Officer", p.ID, types.RecordMap{
			"agency": types.String(p.Agency),
			"area":   types.String(p.Area),
			"roles":  set(p.Roles),
			"person": types.String(p.Actor.Party),
			"acting": types.String(p.acting()),
		})
	case System:
		return entity("System", p.ID, nil)
	default:
		return entity("Public", p.ID, nil)
	}
}

func entity(t types.EntityType, id string, attrs types.RecordMap) types.Entity {
	return types.Entity{UID: types.NewEntityUID(t, types.String(id)), Attributes: types.NewRecord(attrs)}
}

func set(values []string) types.Set {
	out := make([]types.Value, len(values))
	for i, v := range values {
		out[i] = types.String(v)
	}
	return types.NewSet(out...)
}
