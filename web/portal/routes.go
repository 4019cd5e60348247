package portal

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/web/ui/path"
)

type component = templ.Component

func (p *portal) ownRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+path.SignIn, p.signIn)
	mux.HandleFunc("GET "+path.SignInStart, p.beginSignIn)
	mux.HandleFunc("POST "+path.SignOut, p.Sessions.End)
	mux.Handle("GET "+path.Verify, p.page(p.verify))
	mux.Handle("POST "+path.Verify, http.HandlerFunc(p.verifyPosted))

	mux.Handle("GET "+path.Apply, p.own(p.applyFor))
	mux.Handle("POST "+path.Apply, p.own(p.apply))
	mux.Handle("GET "+path.DraftPattern, p.own(p.draft))
	mux.Handle("GET "+path.ScenarioPattern, p.own(p.scenario))
	mux.Handle("POST "+path.ScenarioPattern, p.own(p.answerScenario))
	mux.Handle("GET "+path.StepPattern, p.own(p.step))
	mux.Handle("POST "+path.StepPattern, p.own(p.saveStep))
	mux.Handle("GET "+path.EvidencePattern, p.own(p.evidence))
	mux.Handle("POST "+path.UploadPattern, p.ownUpTo(maxUpload, p.handIn))
	mux.Handle("GET "+path.CheckPattern, p.own(p.check))
	mux.Handle("POST "+path.CheckPattern, p.own(p.submit))
	mux.Handle("GET "+path.DiscardPattern, p.own(p.askDiscard))
	mux.Handle("POST "+path.DiscardPattern, p.own(p.discard))
	mux.Handle("GET "+path.CorrectPattern, p.own(p.askCorrect))
	mux.Handle("POST "+path.CorrectPattern, p.own(p.correct))
	mux.Handle("GET "+path.Basket, p.own(p.basket))
	mux.Handle("POST "+path.Basket, p.own(p.submitBasket))
	mux.Handle("GET "+path.ReceiptPattern, p.own(p.receipt))

	mux.Handle("GET "+path.Cases, p.own(p.cases))
	mux.Handle("GET "+path.CasePattern, p.own(p.showCase))
	mux.Handle("GET "+path.FilePattern, p.own(p.file))
	mux.Handle("GET "+path.SupplementPattern, p.own(p.supplement))
	mux.Handle("POST "+path.SupplementPattern, p.ownUpTo(maxUpload, p.answerSupplement))
	mux.Handle("GET "+path.WithdrawPattern, p.own(p.askWithdraw))
	mux.Handle("POST "+path.WithdrawPattern, p.own(p.withdraw))

	mux.Handle("GET "+path.Licences, p.own(p.licences))
	mux.Handle("GET "+path.LicencePattern, p.own(p.licence))
	mux.Handle("GET "+path.Messages, p.own(p.messages))
	mux.Handle("POST "+path.Messages, p.own(p.readMessages))
	mux.Handle("GET "+path.ForYou, p.own(p.forYou))
	mux.Handle("POST "+path.OfferApplyPattern, p.own(p.applyForOffer))
	mux.Handle("POST "+path.OfferDismissPattern, p.own(p.dismissOffer))
	mux.Handle("POST "+path.OfferUndoPattern, p.own(p.undoOffer))
	mux.Handle("GET "+path.Grants, p.own(p.ownGrants))
	mux.Handle("GET "+path.GrantPattern, p.own(p.showGrant))
	mux.Handle("GET "+path.RefusePattern, p.own(p.askRefuse))
	mux.Handle("POST "+path.RefusePattern, p.own(p.refuse))
	mux.Handle("GET "+path.Settings, p.own(p.preferences))
	mux.Handle("POST "+path.Settings, p.own(p.savePreferences))
	mux.Handle("POST "+path.ContactPattern, p.own(p.setContact()))
	mux.Handle("POST "+path.ConfirmPattern, p.own(p.confirmContact()))
	mux.Handle("POST "+path.ForgetPattern, p.own(p.forgetContact()))
	mux.Handle("GET "+path.Me, p.own(p.me))
	mux.Handle("POST "+path.Acting, p.own(p.chooseActing))
	mux.Handle("GET "+path.Mandates, p.own(p.mandates))
	mux.Handle("POST "+path.Mandates, p.own(p.grant))
	mux.Handle("POST "+path.RevokePattern, p.own(p.revoke))
	mux.Handle("GET "+path.Profile, p.own(p.profile))
	mux.Handle("POST "+path.Profile, p.own(p.saveProfile))
}
