package policy

import "github.com/tongban/tongban/party"

// Scope is what a list may show: the cases, tasks and drafts that match. A
// query takes its where-clause from it, so that a list never has to be thinned
// after it was read. The zero Scope shows nothing.
type Scope struct {
	All      bool     // of every agency
	Agencies []string // else those that one of these handles
	Area     string   // and of this district only, where it is not empty
	Owner    party.ID // or those of this party
}

// ScopeOf is what pr may see in lists of cases. It says yes to the same cases
// as Allow says to case.view; for a principal to whom both an agency and an
// applicant apply, either is enough.
func ScopeOf(pr Principal) Scope {
	switch pr.Kind {
	case System:
		return Scope{All: true}
	case Citizen:
		return Scope{Owner: pr.acting()}
	case Officer:
		return officerScope(pr)
	default:
		return Scope{}
	}
}

func officerScope(pr Principal) Scope {
	s := Scope{}
	switch {
	case pr.Has(RoleSupervisor):
		s.All, s.Area = true, pr.Area
	case (pr.Has(RoleOfficer) || pr.Has(RoleDecider)) && pr.Agency != "":
		s.Agencies, s.Area = []string{pr.Agency}, pr.Area
	}
	if pr.Has(RoleClerk) {
		s.Owner = pr.acting()
	}
	return s
}

// None reports whether the scope shows nothing at all.
func (s Scope) None() bool { return !s.All && len(s.Agencies) == 0 && s.Owner == "" }

// Covers reports whether a list of this scope shows r. It is what the SQL says,
// in Go.
func (s Scope) Covers(r Resource) bool {
	if s.Owner != "" && s.Owner == r.Owner {
		return true
	}
	if s.Area != "" && s.Area != r.Area {
		return false
	}
	if s.All {
		return true
	}
	for _, agency := range s.Agencies {
		if r.handledBy(agency) {
			return true
		}
	}
	return false
}
