// Package path holds the addresses of the pages, typed, so that no template
// spells one. A constant that ends in Pattern is a pattern of http.ServeMux;
// the function of the same name fills it.
package path

import (
	"net/url"
	"strconv"
)

// Pages that everybody may read.
const (
	Home          = "/"
	Search        = "/search"
	Residents     = "/residents"
	Firms         = "/firms"
	About         = "/about"
	Accessibility = "/accessibility"
	Privacy       = "/privacy"
	Offline       = "/offline"
	Verify        = "/verify"
	SignIn        = "/signin"
	SignInStart   = "/signin/start"
	Desk          = "/desk"            // the desk's inbox
	IntakeEnd     = "/desk/intake/end" // the desk's: the applicant at the counter leaves
	SignOut       = "/signout"

	Unsubscribe = "/unsubscribe" // where letters lead: with a token, without signing in

	SectorPattern  = "/sectors/{sector}"
	EventPattern   = "/events/{event}"
	ServicePattern = "/services/{service}"
)

// Pages of one who is signed in.
const (
	Apply    = "/apply" // POST: begins a draft
	Basket   = "/basket"
	Cases    = "/cases"
	Licences = "/licences"
	Messages = "/messages"
	Me       = "/me"
	Mandates = "/me/mandates"
	Acting   = "/me/acting" // POST: for whom to act
	Profile  = "/me/profile"
	ForYou   = "/for-you"
	Settings = "/for-you/preferences" // what to be told, and how

	DraftPattern      = "/drafts/{draft}"
	ScenarioPattern   = "/drafts/{draft}/scenario"
	StepPattern       = "/drafts/{draft}/steps/{step}"
	EvidencePattern   = "/drafts/{draft}/evidence"
	UploadPattern     = "/drafts/{draft}/evidence/{requirement}"
	CheckPattern      = "/drafts/{draft}/check"
	DiscardPattern    = "/drafts/{draft}/discard"
	CorrectPattern    = "/drafts/{draft}/correct"
	ReceiptPattern    = "/receipts/{bundle}"
	CasePattern       = "/cases/{case}"
	SupplementPattern = "/cases/{case}/supplement"
	WithdrawPattern   = "/cases/{case}/withdraw"
	FilePattern       = "/cases/{case}/files/{file}"
	LicencePattern    = "/licences/{licence}"
	RevokePattern     = "/me/mandates/{mandate}/revoke"

	OfferApplyPattern   = "/for-you/offers/{offer}/apply"
	OfferDismissPattern = "/for-you/offers/{offer}/dismiss"
	OfferUndoPattern    = "/for-you/offers/{offer}/undo"
	ContactPattern      = "/for-you/preferences/{channel}"
	ConfirmPattern      = "/for-you/preferences/{channel}/confirm"
	ForgetPattern       = "/for-you/preferences/{channel}/forget"
)

// Sector is the page of a sector.
func Sector(id string) string { return "/sectors/" + url.PathEscape(id) }

// Event is the page of a life event.
func Event(id string) string { return "/events/" + url.PathEscape(id) }

// Service is the page of a service.
func Service(id string) string { return "/services/" + url.PathEscape(id) }

// Find is the search page for a query.
func Find(query string) string { return Search + "?" + url.Values{"q": {query}}.Encode() }

// SignInTo is the sign-in page that leads on to a page of ours.
func SignInTo(back string) string { return SignIn + "?" + url.Values{"return": {back}}.Encode() }

// Draft is the overview of a draft.
func Draft(id string) string { return "/drafts/" + url.PathEscape(id) }

// Scenario is the draft's page of first questions.
func Scenario(draft string) string { return Draft(draft) + "/scenario" }

// Step is a step of the draft's form; the first is 1.
func Step(draft string, n int) string { return Draft(draft) + "/steps/" + strconv.Itoa(n) }

// Evidence is the draft's page of what must be proved.
func Evidence(draft string) string { return Draft(draft) + "/evidence" }

// Upload is where a draft's file or pledge for a requirement is posted.
func Upload(draft, requirement string) string {
	return Evidence(draft) + "/" + url.PathEscape(requirement)
}

// Check is the draft's page to look everything over before submission.
func Check(draft string) string { return Draft(draft) + "/check" }

// Discard is where throwing a draft away is asked for and done.
func Discard(draft string) string { return Draft(draft) + "/discard" }

// Correct is where a known value is contradicted.
func Correct(draft, field string) string {
	return Draft(draft) + "/correct?" + url.Values{"field": {field}}.Encode()
}

// Receipt is the page after a submission.
func Receipt(bundle string) string { return "/receipts/" + url.PathEscape(bundle) }

// Case is a case's timeline.
func Case(id string) string { return "/cases/" + url.PathEscape(id) }

// Supplement is where a supplement is answered.
func Supplement(id string) string { return Case(id) + "/supplement" }

// Withdraw is where a case is taken back.
func Withdraw(id string) string { return Case(id) + "/withdraw" }

// File is a file of a case.
func File(caseID, file string) string { return Case(caseID) + "/files/" + url.PathEscape(file) }

// Licence is a licence with its QR code.
func Licence(id string) string { return "/licences/" + url.PathEscape(id) }

// Revoke is where a mandate is ended.
func Revoke(mandate string) string { return Mandates + "/" + url.PathEscape(mandate) + "/revoke" }

// OfferApply is where the application for an offer begins.
func OfferApply(id string) string { return ForYou + "/offers/" + url.PathEscape(id) + "/apply" }

// OfferDismiss is where an offer is taken off the list.
func OfferDismiss(id string) string { return ForYou + "/offers/" + url.PathEscape(id) + "/dismiss" }

// OfferUndo is where that is taken back.
func OfferUndo(id string) string { return ForYou + "/offers/" + url.PathEscape(id) + "/undo" }

// Contact is where an address for letters is named.
func Contact(channel string) string { return Settings + "/" + url.PathEscape(channel) }

// Confirm is where the code is typed in that was sent to an address.
func Confirm(channel string) string { return Contact(channel) + "/confirm" }

// Forget is where an address is removed.
func Forget(channel string) string { return Contact(channel) + "/forget" }

// Local is a path on this site that is safe to redirect to: p where it is one,
// else Home. It refuses other hosts in all their spellings.
func Local(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || len(p) == 0 || p[0] != '/' {
		return Home
	}
	if len(p) > 1 && (p[1] == '/' || p[1] == '\\') {
		return Home
	}
	return p
}

// SignInStartTo goes to the identity provider and comes back to a page of ours.
func SignInStartTo(back string) string {
	return SignInStart + "?" + url.Values{"return": {back}}.Encode()
}

// CasesAfter is the page of my cases after a cursor.
func CasesAfter(cursor string) string { return Cases + "?" + url.Values{"after": {cursor}}.Encode() }

// VerifyToken is the verification of one token: what a QR code leads to.
func VerifyToken(token string) string { return Verify + "?" + url.Values{"token": {token}}.Encode() }
