package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/web/desk"
	"github.com/tongban/tongban/web/portal"
)

// handler is the whole house behind one port: portal, desk, sign-in, API, and
// what operators ask for. provider is nil outside the demo.
func (a *app) handler(provider *demo.Provider) (http.Handler, error) {
	options := identity.Options{Issuer: a.cfg.Login.Issuer, ClientID: a.cfg.Login.ClientID, ClientSecret: a.cfg.Login.ClientSecret, URL: a.cfg.URL}
	if provider != nil {
		options = provider.Login()
	}
	options.Life = a.cfg.Limits.Session
	gate := identity.New(options, identity.Deps{DB: a.db, Parties: a.parties, Policy: a.policy, Log: a.log})
	apiDeps := api.Deps{Office: a.office, City: a.city, Index: a.index, DB: a.db, Parties: a.parties, Licences: a.licences, Policy: a.policy,
		Messages: a.messages, Engine: a.engine, Book: a.book, Exchange: a.exchange, Grants: a.grants, Offers: a.offers, Ledger: a.ledger, LedgerKey: a.ledgerKey, Gate: gate, Clock: clock.System, Log: a.log, URL: a.cfg.URL}
	mux := http.NewServeMux()
	if provider != nil {
		apiDeps.Token = provider.Token
		mux.Handle("/demo/id/", provider)
	}
	v1, err := api.New(apiDeps)
	if err != nil {
		return nil, err
	}
	mux.Handle("/api/", v1)
	mux.Handle("/openapi.json", v1)
	people := http.NewServeMux()
	people.Handle(identity.SignInPath, gate.Handler())
	people.Handle(identity.CallbackPath, gate.Handler())
	people.Handle("/signout", gate.Handler())
	people.Handle("/desk", a.desk(gate))
	people.Handle("/desk/", a.desk(gate))
	people.Handle("/", portal.New(portal.Deps{DB: a.db, City: a.city, Index: a.index, Office: a.office, Parties: a.parties, Licences: a.licences,
		Exchange: a.exchange, Messages: a.messages, Offers: a.offers, Grants: a.grants, Policy: a.policy, Sessions: sittings{gate: gate}, Origin: a.cfg.URL, Clock: clock.System, Log: a.log}))
	mux.Handle("/", gate.Sessions(people))
	a.operations(mux)
	return a.observed(mux), nil
}

func (a *app) desk(gate *identity.Gate) http.Handler {
	return desk.New(desk.Deps{DB: a.db, City: a.city, Archive: a.archive, Index: a.index, Office: a.office, Parties: a.parties,
		Grants: a.grants, Engine: a.engine, Book: a.book, Policy: a.policy, Counter: gate, Clock: clock.System, Log: a.log})
}

// trust answers with the file that licences are verified against, offline.
func (a *app) trust(w http.ResponseWriter, r *http.Request) {
	file, err := a.licences.TrustFile(r.Context(), a.db.Reader(), a.ledgerKey)
	if err != nil {
		a.log.ErrorContext(r.Context(), "no trust file", "error", err)
		http.Error(w, "the trust file cannot be made now", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(file)
}

// operations are /trust.json, /healthz (the process runs), /readyz (it can serve: the
// database answers) and /metrics.
func (a *app) operations(mux *http.ServeMux) {
	mux.HandleFunc("GET /trust.json", a.trust)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		var one int
		if err := a.db.Reader().QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
			a.log.ErrorContext(ctx, "not ready", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
}

// observed counts, times, logs and traces every request, and gives it an id and
// a bound in time.
func (a *app) observed(next *http.ServeMux) http.Handler {
	registry := prometheus.NewRegistry()
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tongban_http_request_seconds", Help: "Time to answer a request.",
		Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}, []string{"route", "method", "status"})
	moved := prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "tongban_entitlement_moves_total", Help: "Entitlements begun or ended as registers changed."},
		func() float64 { return float64(a.engine.Moved()) })
	registry.MustRegister(took, moved, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	next.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	timed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		request := id.New()
		w.Header().Set("X-Request-Id", request)
		ctx, cancel := context.WithTimeout(r.Context(), a.cfg.Limits.Request)
		defer cancel()
		answer := &answer{ResponseWriter: w}
		r = r.WithContext(ctx)
		defer func() {
			if v := recover(); v != nil {
				a.log.ErrorContext(ctx, "panic", "request", request, "path", r.URL.Path, "value", v)
				if answer.status == 0 {
					http.Error(answer, "系统出了问题，请稍后再试。Something went wrong; please try again later.", http.StatusInternalServerError)
				}
			}
			_, route := next.Handler(r)
			took.WithLabelValues(route, r.Method, strconv.Itoa(answer.code())).Observe(time.Since(start).Seconds())
			a.log.DebugContext(ctx, "request", "id", request, "method", r.Method, "path", r.URL.Path, "status", answer.code(), "took", time.Since(start))
		}()
		next.ServeHTTP(answer, r)
	})
	return otelhttp.NewHandler(timed, "http", otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string {
		_, route := next.Handler(r)
		return r.Method + " " + route
	}))
}

// answer remembers the status that was sent.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// sittings shows the portal who is signed in.
type sittings struct{ gate *identity.Gate }

// Current implements portal.Sessions.
func (s sittings) Current(r *http.Request) (portal.Session, bool) {
	who, ok := identity.From(r.Context())
	return portal.Session{Principal: who.Principal, Self: who.Self, For: who.For, Kind: who.Kind}, ok
}

// Begin implements portal.Sessions.
func (s sittings) Begin(w http.ResponseWriter, r *http.Request, back string) {
	http.Redirect(w, r, identity.SignInPath+"?"+url.Values{"return": {back}}.Encode(), http.StatusSeeOther)
}

// Act implements portal.Sessions.
func (s sittings) Act(_ http.ResponseWriter, r *http.Request, actor party.Actor) error {
	return s.gate.ActFor(r.Context(), actor.For)
}

// End implements portal.Sessions.
func (s sittings) End(w http.ResponseWriter, r *http.Request) { s.gate.Handler().ServeHTTP(w, r) }

// serveHTTP answers on the listener until ctx ends, then lets requests in hand
// finish.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
