package desk

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
)

// Counter remembers, for the session of a request, which applicant is present
// at the clerk's counter. identity.Gate is one. Intake fails with Denied for
// whoever is no clerk; Leave ends the intake.
type Counter interface {
	Intake(ctx context.Context, applicant party.ID) error
	Leave(ctx context.Context) error
}

// Deps is what the desk stands on. All of it is needed.
type Deps struct {
	DB      *db.DB
	City    *catalog.City
	Archive *catalog.Archive
	Index   *catalog.Index
	Office  *casework.Office
	Parties *party.Store
	Grants  *grant.Store
	Engine  *eligibility.Engine
	Book    *eligibility.Book
	Policy  *policy.Policy
	Counter Counter
	Clock   clock.Clock
	Log     *slog.Logger
}

type desk struct {
	Deps
	zone  *time.Location
	areas []form.Choice
}

// New is the desk's handler, for every address under /desk. Who is signed in
// stands in the request's context (identity.From). The handler sets the security
// headers itself and refuses posts that come from another site.
func New(deps Deps) http.Handler {
	d := &desk{Deps: deps, zone: deps.City.Calendar.Zone()}
	for _, a := range deps.City.Profile.Areas {
		d.areas = append(d.areas, form.Choice{Value: a.Code, Label: a.Name})
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+pathAssets, assets())
	d.lists(mux)
	d.cases(mux)
	d.grants(mux)
	d.policies(mux)
	mux.Handle("/desk/", d.page(func(context.Context, http.ResponseWriter, *http.Request) error { return notFound("desk") }))
	return ui.Secure(http.NewCrossOriginProtection().Handler(mux))
}

func (d *desk) lists(mux *http.ServeMux) {
	mux.Handle("GET "+pathHome, d.page(d.home))
	mux.Handle("GET "+pathExport, d.page(d.export))
	mux.Handle("GET "+pathNext, d.page(d.next))
	mux.Handle("GET "+pathFind, d.page(d.find))
	mux.Handle("GET "+pathIntake, d.page(d.intake))
	mux.Handle("POST "+pathIntake, d.page(d.takeIn))
	mux.Handle("POST "+pathIntakeEnd, d.page(d.endIntake))
	mux.Handle("GET "+pathOverview, d.page(d.overview))
	mux.Handle("GET "+pathCorrections, d.page(d.corrections))
}

func (d *desk) cases(mux *http.ServeMux) {
	mux.Handle("GET "+casePattern, d.page(d.showCase))
	mux.Handle("GET "+filePattern, d.page(d.file))
	mux.Handle("GET "+diagramPattern, d.page(d.diagram))
	mux.Handle("GET "+letterPattern, d.page(d.letter))
	mux.Handle("GET "+noticePattern, d.page(d.notice))
	mux.Handle("POST "+taskPattern, d.page(d.complete))
	mux.Handle("GET "+decisionPattern, d.page(d.askDecision))
	mux.Handle("POST "+decisionPattern, d.page(d.decide))
	mux.Handle("GET "+supplementPattern, d.page(d.askSupplement))
	mux.Handle("POST "+supplementPattern, d.page(d.supplement))
	for _, m := range measures {
		mux.Handle("GET "+casePattern+"/"+string(m.command), d.page(d.askMeasure(m)))
		mux.Handle("POST "+casePattern+"/"+string(m.command), d.page(d.takeMeasure(m)))
	}
}

// agency is an agency of the city; one that is not there any more has its id
// for a name.
func (d *desk) agency(id string) catalog.Agency {
	i := slices.IndexFunc(d.City.Agencies, func(a catalog.Agency) bool { return a.ID == id })
	if i < 0 {
		return catalog.Agency{ID: id, Name: i18n.Same(id), Short: i18n.Same(id)}
	}
	a := d.City.Agencies[i]
	if a.Short.IsZero() {
		a.Short = a.Name
	}
	return a
}
