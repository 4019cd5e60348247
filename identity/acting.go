package identity

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

const stayKey = "stay" // in a session's values

// Sessions tells the handlers behind it who is signed in (From, Principal). A
// request without a session's cookie, or for a shared asset, costs nothing.
//
// Where the mandate that a session acts under has ended, the session falls back
// to oneself. A request that would change something is then refused, so that
// nothing is done in a name that was not meant; a page is shown with
// Sitting.Lapsed set.
func (g *Gate) Sessions(next http.Handler) http.Handler {
	inner := g.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.resolve(w, r, next) }))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie(g.sessions.Cookie.Name)
		none := err != nil && r.URL.Path != CallbackPath
		if none || strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

func (g *Gate) resolve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	ctx := context.WithValue(r.Context(), heldKey{}, true)
	st, ok := g.stay(ctx)
	if !ok {
		next.ServeHTTP(w, r.WithContext(ctx))
		return
	}
	s, err := g.sit(ctx, st)
	if fault.Is(err, fault.Denied) && st.For != "" {
		if s, err = g.fallBack(ctx, &st); err == nil && !safe(r.Method) {
			err = fault.New(fault.Denied, "identity.resolve", i18n.M("identity.acting.lapsed", "name", st.Lapsed))
		}
	}
	if fault.Is(err, fault.Unauthenticated) { // the person is gone from the register
		if err = g.sessions.Destroy(ctx); err == nil {
			next.ServeHTTP(w, r.WithContext(ctx))
			return
		}
	}
	if err != nil {
		g.Fail(w, r.WithContext(ctx), err)
		return
	}
	if s.Lapsed != "" { // safe, so a page: told once
		st.Lapsed = ""
		g.keep(ctx, st)
	}
	next.ServeHTTP(w, r.WithContext(With(ctx, s)))
}

// fallBack lets the session act for oneself again, and notes for whom it did.
func (g *Gate) fallBack(ctx context.Context, st *stay) (Sitting, error) {
	st.Lapsed = string(st.For)
	if p, err := g.Parties.Get(ctx, g.DB.Reader(), st.For); err == nil {
		st.Lapsed = p.Name
	}
	st.For = ""
	g.keep(ctx, *st)
	return g.sit(ctx, *st)
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

type heldKey struct{}

// held reports whether ctx has a session's data, even of nobody.
func held(ctx context.Context) bool { return ctx.Value(heldKey{}) != nil }

func (g *Gate) stay(ctx context.Context) (stay, bool) {
	if !held(ctx) {
		return stay{}, false
	}
	var st stay
	err := json.Unmarshal(g.sessions.GetBytes(ctx, stayKey), &st)
	return st, err == nil && st.ID != ""
}

func (g *Gate) keep(ctx context.Context, st stay) {
	raw, _ := json.Marshal(st) // strings alone: cannot fail
	g.sessions.Put(ctx, stayKey, raw)
}

// ActFor switches the session to act for the principal from the next request
// on; one's own id ends that. Errors: Unauthenticated, and Denied where no
// mandate is live.
func (g *Gate) ActFor(ctx context.Context, principal party.ID) error {
	st, ok := g.stay(ctx)
	if !ok {
		return fault.New(fault.Unauthenticated, "identity.ActFor", i18n.Text{})
	}
	if st.Kind != string(policy.Citizen) {
		return fault.New(fault.Denied, "identity.ActFor", i18n.M("identity.acting.citizen"))
	}
	return g.turn(ctx, st, principal)
}

// Intake lets a clerk act for an applicant who is present at the counter, until
// Leave. Errors: Unauthenticated, and Denied for whoever is no clerk.
func (g *Gate) Intake(ctx context.Context, applicant party.ID) error {
	st, ok := g.stay(ctx)
	if !ok {
		return fault.New(fault.Unauthenticated, "identity.Intake", i18n.Text{})
	}
	if st.Kind != string(policy.Officer) {
		return fault.New(fault.Denied, "identity.Intake", i18n.M("identity.acting.clerk"))
	}
	return g.turn(ctx, st, applicant)
}

// Leave lets the session act for oneself again.
func (g *Gate) Leave(ctx context.Context) error {
	st, ok := g.stay(ctx)
	if !ok {
		return fault.New(fault.Unauthenticated, "identity.Leave", i18n.Text{})
	}
	return g.turn(ctx, st, "")
}

func (g *Gate) turn(ctx context.Context, st stay, principal party.ID) error {
	if principal == st.Party {
		principal = ""
	}
	st.For, st.Lapsed = principal, ""
	if _, err := g.sit(ctx, st); err != nil {
		return err
	}
	g.keep(ctx, st)
	return nil
}
