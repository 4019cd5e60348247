package policy

import (
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Action is something that may be allowed or not.
type Action string

// The actions, in the order of city.cedarschema, which says what each applies to.
const (
	ServiceView   Action = "service.view"
	LicenceVerify Action = "licence.verify"

	DraftStart  Action = "draft.start"
	DraftView   Action = "draft.view"
	DraftEdit   Action = "draft.edit"
	DraftSubmit Action = "draft.submit"

	CaseAct    Action = "case.act" // the applicant: supplement, withdraw, confirm receipt
	CaseView   Action = "case.view"
	CaseHandle Action = "case.handle" // the agency: notice, special procedure
	CaseExtend Action = "case.extend" // the one extension

	TaskView     Action = "task.view"
	TaskComplete Action = "task.complete"

	LicenceView    Action = "licence.view"
	LicencePresent Action = "licence.present"
	LicenceIssue   Action = "licence.issue"
	LicenceRevoke  Action = "licence.revoke"

	MessageView Action = "message.view"
	MessageRead Action = "message.read" // mark all as read

	MandateView   Action = "mandate.view"
	MandateGrant  Action = "mandate.grant"
	MandateRevoke Action = "mandate.revoke"

	PartyView   Action = "party.view"
	PartyEdit   Action = "party.edit"
	ReceiptView Action = "receipt.view" // who read my data

	FactAsk     Action = "fact.ask"
	FactCorrect Action = "fact.correct" // "this is wrong"

	IntakeStart Action = "intake.start"

	InboxView Action = "inbox.view"
	TeamView  Action = "team.view"

	DirectoryView   Action = "directory.view"
	DirectoryManage Action = "directory.manage"
	AuditView       Action = "audit.view"

	GrantView    Action = "grant.view"
	GrantRefuse  Action = "grant.refuse"  // the subject does not want it
	GrantPropose Action = "grant.propose" // puts it on a list
	GrantConfirm Action = "grant.confirm" // the second person
	GrantRecover Action = "grant.recover" // asks back, records, waives

	RuleView  Action = "rule.view"  // a policy's rules with their counts
	RuleDraft Action = "rule.draft" // try other rules on the whole city

	EntitlementView Action = "entitlement.view" // what one party is entitled to, and why
)

// denied is the fault of a refusal, in words that say what to do about it.
func denied(pr Principal, a Action, err error) error {
	const op = "policy.Allow"
	if pr.Kind == Public {
		return fault.Wrap(fault.Unauthenticated, op, i18n.M("policy.signIn"), err)
	}
	return fault.Wrap(fault.Denied, op, reason(pr, a), err)
}

func reason(pr Principal, a Action) i18n.Text {
	if pr.Kind == Citizen {
		switch a {
		case MandateGrant, MandateRevoke:
			return i18n.M("policy.principalOnly")
		case PartyEdit, ReceiptView:
			return i18n.M("policy.selfOnly")
		case InboxView, TeamView, DirectoryView, DirectoryManage, AuditView, IntakeStart, TaskView, TaskComplete, CaseHandle, CaseExtend, LicenceRevoke, LicenceIssue,
			GrantPropose, GrantConfirm, GrantRecover, RuleView, RuleDraft:
			return i18n.M("policy.staffOnly")
		case LicenceView, LicencePresent, MessageView, MessageRead, EntitlementView:
			if pr.Services != nil {
				return i18n.M("policy.notCovered")
			}
			return i18n.M("policy.notYours")
		default:
			return i18n.M("policy.notYours")
		}
	}
	switch a {
	case TaskComplete:
		return i18n.M("policy.task")
	case CaseExtend, LicenceRevoke, LicenceIssue:
		return i18n.M("policy.decider")
	case DraftStart, DraftView, DraftEdit, DraftSubmit, CaseAct, IntakeStart:
		return i18n.M("policy.counter")
	case TeamView, AuditView:
		return i18n.M("policy.supervisor")
	case DirectoryManage:
		return i18n.M("policy.steward")
	default:
		return i18n.M("policy.notHandled")
	}
}
