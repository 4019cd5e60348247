package desk

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// maxForm is the most bytes that a posted form may have.
const maxForm = 256 << 10

// act is a handler for a public servant. It writes the answer, or returns an
// error before it has written anything.
type act func(ctx context.Context, w http.ResponseWriter, r *http.Request) error

// page serves public servants. Who is not signed in goes to sign in and comes
// back; who is no public servant gets a page that says so.
func (d *desk) page(do act) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, known := identity.From(r.Context())
		look := lookOf(r)
		look.keep(w, r)
		ctx := d.frame(r, look, s)
		if !known {
			http.Redirect(w, r, path.SignInTo(back(r)), http.StatusSeeOther)
			return
		}
		err := check(s.Principal)
		if err == nil && r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			err = parse(r)
		}
		if err == nil {
			err = do(ctx, w, r)
		}
		if err != nil {
			d.fail(ctx, w, r, err)
		}
	})
}

func check(pr policy.Principal) error {
	if pr.Kind != policy.Officer {
		return fault.New(fault.Denied, "desk", i18n.M("desk.denied.staff"))
	}
	return nil
}

func parse(r *http.Request) error {
	const op = "desk.parse"
	err := r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.Wrap(fault.TooLarge, op, i18n.M("desk.form.large"), err)
	case err != nil:
		return fault.Wrap(fault.Invalid, op, i18n.M("desk.form.broken"), err)
	}
	return nil
}

// back is where someone who had to sign in first goes on: the page they asked
// for, or the page that they posted from.
func back(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return path.Local(r.URL.RequestURI())
	}
	if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host && from.Path != "" {
		return path.Local(from.RequestURI())
	}
	return pathHome
}

// fail shows an error. A refusal keeps the desk's frame and says what one may
// use instead; everything else is as on every face.
func (d *desk) fail(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	if !fault.Is(err, fault.Denied) {
		ui.Fail(ctx, w, r, d.Log, err)
		return
	}
	_, message, _ := fault.Shown(err)
	d.Log.InfoContext(ctx, "page denied", "path", r.URL.Path, "who", visitor(ctx).Principal.ID, "error", err)
	if err := d.write(ctx, w, http.StatusForbidden, deniedPage(message, ui.From(ctx).Nav)); err != nil {
		ui.Fail(ctx, w, r, d.Log, err)
	}
}

// show answers with a page.
func (d *desk) show(ctx context.Context, w http.ResponseWriter, c templ.Component) error {
	return d.write(ctx, w, http.StatusOK, c)
}

// again answers with a page that comes back with mistakes.
func (d *desk) again(ctx context.Context, w http.ResponseWriter, c templ.Component) error {
	return d.write(ctx, w, http.StatusUnprocessableEntity, c)
}

// write renders and sends a page that is this reader's own.
func (d *desk) write(ctx context.Context, w http.ResponseWriter, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return fault.Wrap(fault.Internal, "desk.render", i18n.Text{}, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may have gone; nobody is left to tell
	return nil
}

// gone redirects after a post.
func gone(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func notFound(op string) error { return fault.New(fault.NotFound, op, i18n.M("desk.notFound")) }

// mistakes are the fields of an Invalid fault, or the whole as one that
// concerns no field; nil for every other error.
func mistakes(err error) []fault.Field {
	kind, message, fields := fault.Shown(err)
	if err == nil || kind != fault.Invalid {
		return nil
	}
	if len(fields) == 0 {
		return []fault.Field{{Message: message}}
	}
	return fields
}
