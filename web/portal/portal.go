package portal

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/pagecache"
	"github.com/tongban/tongban/web/ui/path"
)

// Deps is what the portal stands on. All of it is needed.
type Deps struct {
	DB       *db.DB
	City     *catalog.City
	Index    *catalog.Index
	Office   *casework.Office
	Parties  *party.Store
	Licences *licence.Store
	Exchange *exchange.Store
	Messages *outreach.Store
	Offers   *outreach.Offers
	Grants   *grant.Store
	Policy   *policy.Policy
	Sessions Sessions
	Origin   string // "https://ban.example": what QR codes lead to
	Clock    clock.Clock
	Log      *slog.Logger
}

// cacheBytes bounds the cache of public pages. A city of 4,000 services in two
// languages and two type sizes takes about 400 MB in all encodings; what is
// asked for often fits in far less.
const cacheBytes = 64 << 20

type portal struct {
	Deps
	cache *pagecache.Cache
	zone  *time.Location
}

// New is the portal's handler. It sets the security headers itself and refuses
// posts that come from another site.
func New(d Deps) http.Handler {
	p := &portal{Deps: d, cache: pagecache.New(cacheBytes), zone: zoneOf(d.City)}
	mux := http.NewServeMux()
	p.publicRoutes(mux)
	p.ownRoutes(mux)
	return ui.Secure(http.NewCrossOriginProtection().Handler(mux))
}

func (p *portal) publicRoutes(mux *http.ServeMux) {
	mux.Handle("GET /assets/", ui.Assets())
	mux.Handle("GET /sw.js", ui.Worker())
	mux.Handle("GET /favicon.ico", http.RedirectHandler(ui.Asset("seal.svg"), http.StatusFound))
	mux.Handle("GET "+path.Home+"{$}", p.public(p.home))
	mux.Handle("GET "+path.Residents, p.public(p.audience("resident")))
	mux.Handle("GET "+path.Firms, p.public(p.audience("firm")))
	mux.Handle("GET "+path.SectorPattern, p.public(p.sector))
	mux.Handle("GET "+path.EventPattern, p.public(p.event))
	mux.Handle("GET "+path.ServicePattern, p.public(p.service))
	mux.Handle("GET "+path.About, p.public(p.about))
	mux.Handle("GET "+path.Accessibility, p.public(p.accessibility))
	mux.Handle("GET "+path.Privacy, p.public(p.privacy))
	mux.Handle("GET "+path.Offline, p.public(p.offline))
	mux.Handle("GET "+path.Search, p.page(p.search))
	mux.Handle("GET "+path.Unsubscribe, p.page(p.unsubscribe))
	mux.HandleFunc("POST "+path.Unsubscribe, p.unsubscribed)
	mux.Handle("/", p.page(func(context.Context, *http.Request) (templ.Component, error) { return nil, notFound("portal") }))
}

// page is a handler that gives a page to render or an error; the edge shows
// either.
type page func(ctx context.Context, r *http.Request) (templ.Component, error)

// page renders for this one reader.
func (p *portal) page(make page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, known := p.Sessions.Current(r)
		look := lookOf(r, s)
		look.keep(w, r)
		p.answer(p.frame(r, look, s, known), w, r, make)
	})
}

// public renders once for all who are not signed in.
func (p *portal) public(make page) http.Handler {
	own := p.page(make)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, known := p.Sessions.Current(r)
		if known {
			own.ServeHTTP(w, r)
			return
		}
		look := lookOf(r, s)
		if look.asked {
			look.keep(w, r)
		}
		key := pagecache.Key{Version: p.edition(), Path: r.URL.Path, Lang: string(look.lang), Elder: look.elder}
		err := p.cache.Serve(w, r, key, func() ([]byte, error) {
			ctx := p.frame(bare(r), look, s, false)
			c, err := make(ctx, r)
			if err != nil {
				return nil, err
			}
			return render(ctx, c)
		})
		if err != nil {
			ui.Fail(p.frame(r, look, s, false), w, r, p.Log, err)
		}
	})
}

// bare is r without its query: a page that is kept must not carry one
// reader's.
func bare(r *http.Request) *http.Request {
	u := *r.URL
	u.RawQuery = ""
	c := *r
	c.URL = &u
	return &c
}

func (p *portal) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, make page) {
	c, err := make(ctx, r)
	if err != nil {
		ui.Fail(ctx, w, r, p.Log, err)
		return
	}
	p.write(ctx, w, r, http.StatusOK, c)
}

// write sends a page that is this reader's own.
func (p *portal) write(ctx context.Context, w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	html, err := render(ctx, c)
	if err != nil {
		ui.Fail(ctx, w, r, p.Log, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(html) // the reader may have gone; nobody is left to tell
}

func render(ctx context.Context, c templ.Component) ([]byte, error) {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return nil, fault.Wrap(fault.Internal, "portal.render", i18n.Text{}, err)
	}
	return b.Bytes(), nil
}

func notFound(op string) error { return fault.New(fault.NotFound, op, i18n.M("portal.notFound")) }
