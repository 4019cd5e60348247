package policy

import (
	"slices"

	"github.com/cedar-policy/cedar-go/types"

	"github.com/tongban/tongban/party"
)

// The types of resource.
const (
	TypeService   = "service"
	TypeDraft     = "draft"
	TypeCase      = "case"
	TypeTask      = "task"
	TypeLicence   = "licence"
	TypeMessage   = "message" // what the city told the owner
	TypeMandate   = "mandate"
	TypeParty     = "party"     // a person's or a firm's own particulars
	TypeFact      = "fact"      // a register's entry on the owner
	TypeInbox     = "inbox"     // an agency's open tasks
	TypeTeam      = "team"      // how cases stand, of an agency or of the city
	TypeDirectory = "directory" // the directory of registers
	TypeAudit     = "audit"
	TypeGrant     = "grant" // what is given without an application
	TypeRule      = "rule"  // a policy's rules
)

// entityTypes maps a resource's type to the schema's.
var entityTypes = map[string]types.EntityType{
	TypeService: "Service", TypeDraft: "Draft", TypeCase: "Case", TypeTask: "Task",
	TypeLicence: "Licence", TypeMessage: "Message", TypeMandate: "Mandate", TypeParty: "Party", TypeFact: "Fact",
	TypeInbox: "Inbox", TypeTeam: "Team", TypeDirectory: "Directory", TypeAudit: "Audit",
	TypeGrant: "Grant", TypeRule: "Rule",
}

// Resource is what is asked about. Owner is the party whose affair it is.
// Agencies are those that handle it: of a case the lead first, of a task its
// own, of a licence the issuer, of a team view those looked at. Role is a
// task's duty (accept, review, consult, decide, deliver); on a case it may say
// the duty of the task that the asker has there. Needs names the fields that
// the duty, the mandated service or the question needs; nil says nothing.
// Services are those that a licence or a message belongs to.
type Resource struct {
	Type, ID string
	Owner    party.ID
	Agencies []string
	Area     string
	Role     string
	Status   string
	Needs    []string
	Services []string
}

// leads reports whether the agency answers for the case.
func (r Resource) leads(agency string) bool {
	return r.Type == TypeCase && len(r.Agencies) > 0 && r.Agencies[0] == agency
}

func (r Resource) handledBy(agency string) bool {
	return agency != "" && slices.Contains(r.Agencies, agency)
}

func (r Resource) entity() types.Entity {
	return entity(entityTypes[r.Type], r.ID, types.RecordMap{
		"owner":    types.String(r.Owner),
		"agencies": set(r.Agencies),
		"area":     types.String(r.Area),
		"duty":     types.String(r.Role),
		"status":   types.String(r.Status),
		"services": set(r.Services),
	})
}
