package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// Session is who is signed in, and for whom they act.
type Session struct {
	Principal policy.Principal
	Self      party.Party
	For       party.Party // equals Self when acting for oneself
	Kind      string      // the mandate's kind; empty for oneself
}

// Sessions knows who is signed in. Current is asked for each page and must be
// cheap for a request without a session cookie. Begin sends the reader to sign
// in and afterwards to back, a path of this site. Act remembers for whom the
// one who is signed in acts from now on; the portal has asked whether they may.
// End signs out and sends the reader to the home page.
type Sessions interface {
	Current(r *http.Request) (Session, bool)
	Begin(w http.ResponseWriter, r *http.Request, back string)
	Act(w http.ResponseWriter, r *http.Request, actor party.Actor) error
	End(w http.ResponseWriter, r *http.Request)
}

const (
	maxForm   = 256 << 10 // bytes of a posted form without files
	maxUpload = 11 << 20  // bytes of a posted form with one file
)

// act is a handler for someone who is signed in. It writes the answer, or
// returns an error before it has written anything.
type act func(ctx context.Context, w http.ResponseWriter, r *http.Request) error

// own serves those who are signed in; others are sent to sign in and come back.
func (p *portal) own(do act) http.Handler { return p.ownUpTo(maxForm, do) }

func (p *portal) ownUpTo(limit int64, do act) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, known := p.Sessions.Current(r)
		if !known {
			http.Redirect(w, r, path.SignInTo(back(r)), http.StatusSeeOther)
			return
		}
		look := lookOf(r, s)
		look.keep(w, r)
		ctx := p.frame(r, look, s, true)
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			if err := parse(r); err != nil {
				ui.Fail(ctx, w, r, p.Log, err)
				return
			}
		}
		if err := do(ctx, w, r); err != nil {
			ui.Fail(ctx, w, r, p.Log, err)
		}
	})
}

// parse reads the posted form, with files or without.
func parse(r *http.Request) error {
	const op = "portal.parse"
	err := r.ParseMultipartForm(1 << 20)
	if errors.Is(err, http.ErrNotMultipart) {
		err = r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.Wrap(fault.TooLarge, op, i18n.M("portal.tooLarge", "max", maxUpload>>20-1), err)
	case err != nil:
		return fault.Wrap(fault.Invalid, op, i18n.M("portal.badForm"), err)
	}
	return nil
}

// back is where someone who had to sign in first goes on: the page they asked
// for, or the page that they posted from.
func back(r *http.Request) string {
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	if r.URL.Path == path.Apply && r.ParseForm() == nil {
		return path.Apply + "?" + choice(r.PostForm).Encode()
	}
	if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
		return path.Local(from.RequestURI())
	}
	return path.Home
}

// signIn is the page before the identity provider's; who is signed in already
// goes on at once.
func (p *portal) signIn(w http.ResponseWriter, r *http.Request) {
	s, known := p.Sessions.Current(r)
	to := path.Local(r.URL.Query().Get("return"))
	if known {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	look := lookOf(r, s)
	look.keep(w, r)
	ctx := p.frame(r, look, s, false)
	p.write(ctx, w, r, http.StatusOK, signInPage(to, p.City.Profile.Hotline))
}

func (p *portal) beginSignIn(w http.ResponseWriter, r *http.Request) {
	p.Sessions.Begin(w, r, path.Local(r.URL.Query().Get("return")))
}

// chooseActing takes up, or lays down, acting for another.
func (p *portal) chooseActing(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	s := session(ctx)
	whom := party.ID(r.PostForm.Get("for"))
	if whom == "" {
		whom = s.Self.ID
	}
	if err := p.actFor(ctx, w, r, whom, ""); err != nil {
		return err
	}
	http.Redirect(w, r, path.Local(r.PostForm.Get("return")), http.StatusSeeOther)
	return nil
}

// actFor checks that the one who is signed in may act for whom in a service
// (empty: in anything), and remembers it.
func (p *portal) actFor(ctx context.Context, w http.ResponseWriter, r *http.Request, whom party.ID, service string) error {
	actor, err := p.Parties.Acting(ctx, p.DB.Reader(), session(ctx).Self.ID, whom, service)
	if err != nil {
		return err
	}
	return p.Sessions.Act(w, r, actor)
}

// principal is who asks the domain.
func principal(ctx context.Context) policy.Principal { return session(ctx).Principal }

// show answers with a page.
func (p *portal) show(ctx context.Context, w http.ResponseWriter, r *http.Request, c component) error {
	p.write(ctx, w, r, http.StatusOK, c)
	return nil
}

// again answers with a page that comes back with mistakes.
func (p *portal) again(ctx context.Context, w http.ResponseWriter, r *http.Request, c component) error {
	p.write(ctx, w, r, http.StatusUnprocessableEntity, c)
	return nil
}

// gone redirects after a post.
func gone(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
