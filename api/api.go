// Package api is the HTTP API, version 1: what the pages can do, for programs.
// It is described by OpenAPI 3.1 at /openapi.json (and in openapi.json beside
// this file, which a test keeps true), and for people at /api/docs.
//
// Conventions:
//   - JSON in UTF-8, keys in camelCase; instants in RFC 3339 UTC, days as
//     2006-01-02, money in fen (0.01 yuan) but for policies, whose sums are whole
//     yuan, limits in working days.
//   - Texts for people come in both languages: {"zh": ..., "en": ...}.
//   - Lists give "items" and, where there is more, "next": pass it as "after".
//   - Every error is an RFC 9457 problem, see Problem. What is not known is
//     refused: members of a body, query parameters.
//   - A change of a draft names the revision that it saw ("rev" or If-Match); a
//     submission carries an Idempotency-Key.
//   - Who asks is told by a bearer token; a cookie does not count here. For whom,
//     by the header Tongban-Acting-For.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/licence/verify"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Version is the version of the API's description.
const Version = "1.0.0"

// Authenticator tells who sends a request. An identity.Gate is one.
type Authenticator interface {
	Bearer(r *http.Request) (identity.Sitting, error)
}

// Searcher finds services by a reader's words. A catalog.Index is one.
type Searcher interface {
	Search(query string, lang i18n.Lang, limit int) []catalog.Hit
}

// Deps is what the API stands on. Only Token may be nil.
type Deps struct {
	Office    *casework.Office
	City      *catalog.City
	Index     Searcher
	DB        *db.DB
	Parties   *party.Store
	Licences  *licence.Store
	Policy    *policy.Policy
	Messages  *outreach.Store
	Engine    *eligibility.Engine // its questions are 503 until it is ready
	Book      *eligibility.Book
	Exchange  *exchange.Store
	Grants    *grant.Store
	Offers    *outreach.Offers
	Ledger    *ledger.Log
	LedgerKey string // verifier key of the ledger
	Gate      Authenticator
	Clock     clock.Clock
	Log       *slog.Logger
	URL       string // origin that people type
	// Token gives a bearer token in a persona's name; nil outside the demo.
	Token func(ctx context.Context, who string) (token string, life time.Duration, err error)
}

// server answers the API's requests.
type server struct {
	Deps
	api   huma.API
	zone  *time.Location
	trust cachedTrust
}

// cachedTrust is the part of the trust file that seldom changes.
type cachedTrust struct {
	mu    sync.Mutex // guards what follows
	trust verify.Trust
	until time.Time
}

// New is the handler of /api/ and /openapi.json.
func New(d Deps) (http.Handler, error) {
	mux := http.NewServeMux()
	s := &server{Deps: d, zone: d.City.Calendar.Zone()}
	s.api = humago.New(mux, s.config())
	s.api.UseMiddleware(s.admit, s.takeBody)
	s.operations()
	s.tidy()
	spec, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "api.New", i18n.Text{}, err)
	}
	docs, err := s.docs()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "api.New", i18n.Text{}, err)
	}
	mux.HandleFunc("GET /openapi.json", document("application/openapi+json", spec))
	mux.HandleFunc("GET /api/docs", docs)
	mux.HandleFunc("GET /api/docs.css", document("text/css; charset=utf-8", docsStyle))
	mux.HandleFunc("/", s.fallback(mux))
	return s.guard(mux), nil
}

func (s *server) operations() {
	s.catalogueOperations()
	s.draftOperations()
	s.evidenceOperations()
	s.submissionOperations()
	s.caseOperations()
	s.deskOperations()
	s.licenceOperations()
	s.verificationOperations()
	s.mandateOperations()
	s.messageOperations()
	s.policyOperations()
	s.compareOperations()
	s.entitlementOperations()
	s.offerOperations()
	s.grantOperations()
	if s.Token != nil {
		s.demoOperations()
	}
}

func (s *server) config() huma.Config {
	config := huma.DefaultConfig("通办 Tongban API", Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{s.transform}
	config.Info.Description = about
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.Servers = []*huma.Server{{URL: "/"}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
			Description: "An access token of the city's OpenID Connect provider whose audience is this API. In the demo: POST /api/v1/demo/token."},
	}
	config.Tags = tags()
	return config
}

const about = `One-stop public service of a city: services, drafts, submissions, cases, tasks, licences, verification, mandates, and who is entitled to what.

Texts for people are objects with the members zh and en. Instants are RFC 3339 in UTC, money is in fen (0.01 yuan), sums of policies in whole yuan, limits are in working days.
Every error is a problem (RFC 9457) with a type https://tongban.org/problems/KIND, in the language of Accept-Language (Chinese by default).
Members and query parameters that are not described here are refused. Bodies are at most 1 MB, uploads 11 MB with files of at most 10 MB.
To act for somebody else send Tongban-Acting-For with the party's id; a live mandate is needed, or, for a counter clerk, the applicant's presence.`

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "services", Description: "What the city offers. Open to everybody."},
		{Name: "drafts", Description: "Applications in the making: one for each subject and service, saved as they grow."},
		{Name: "submissions", Description: "Handing in one draft, a basket of several, or a life event."},
		{Name: "cases", Description: "What becomes of an application, for the applicant and the agencies."},
		{Name: "tasks", Description: "The desk: work of an agency's officers."},
		{Name: "licences", Description: "Electronic licences, as SD-JWT VCs (RFC 9901)."},
		{Name: "verification", Description: "Checking a licence or the ledger. Open to everybody."},
		{Name: "mandates", Description: "Who may act for whom."},
		{Name: "policies", Description: "Who is entitled to what, in rules that decide for one and for the whole city. To read, open to everybody."},
		{Name: "entitlements", Description: "What one is entitled to, and why; what the city offers."},
		{Name: "grants", Description: "What is given without an application."},
		{Name: "messages", Description: "What the city told one."},
		{Name: "identity", Description: "Who one is."},
	}
}

// document serves bytes that do not change.
func document(mediaType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(body) // the client may have gone
	}
}
