package ui

import (
	"context"
	"net/url"
	"time"

	"github.com/tongban/tongban/internal/i18n"
)

// Frame is what every part of one page knows: how it is read, by whom, and
// what stands around its content. A face (portal, desk) makes one for each
// request and puts it into the context with With.
type Frame struct {
	Lang    i18n.Lang
	Elder   bool           // large type, AAA contrast, the call button
	URL     *url.URL       // of this page; the switches lead back to it
	Now     time.Time      // for "today 10:32"
	Zone    *time.Location // the city's
	Brand   i18n.Text      // the portal's name
	Seal    string         // one character in the city's seal
	Home    string         // where the brand leads
	Search  string         // where a search form leads; empty: none
	Hotline string         // the city's telephone number for help
	Nav     []Link         // the face's main places
	Account []Link         // sign in, or the one who is signed in
	Footer  []Link
	Acting  *Acting // nil when acting for oneself
}

// Link is an entry of a bar. Post makes it a button that posts to Href: for
// what changes something, such as signing out.
type Link struct {
	Label   string
	Href    string
	Icon    string // an icon's name; empty: none
	Current bool
	Count   int // shown beside the label when above zero
	Post    bool
	Self    bool // the reader's own place; a phone shows it among the places only
}

// Acting says for whom the one who is signed in acts; the layout shows it on
// every page, with a button that posts to Leave.
type Acting struct {
	For   string
	Kind  string // the mandate's kind, in the page's language
	Leave string
}

type frameKey struct{}

// With is ctx with the frame.
func With(ctx context.Context, f Frame) context.Context {
	return context.WithValue(ctx, frameKey{}, f)
}

// From is the frame of ctx; without one, a page in Chinese for nobody.
func From(ctx context.Context) Frame {
	if f, ok := ctx.Value(frameKey{}).(Frame); ok {
		return f
	}
	return Frame{Lang: i18n.ZH}
}

// Lang is the language of the page.
func Lang(ctx context.Context) i18n.Lang { return From(ctx).Lang }

// Elder reports whether the page is in elder mode.
func Elder(ctx context.Context) bool { return From(ctx).Elder }

// T is the message of a key in the page's language; args are pairs of a
// placeholder's name and its value, as in i18n.M.
func T(ctx context.Context, key string, args ...any) string {
	return i18n.T(Lang(ctx), key, args...)
}

// In is a text of the city's in the page's language.
func In(ctx context.Context, t i18n.Text) string { return t.In(Lang(ctx)) }

// switchURL is the page's own address with one setting changed.
func switchURL(f Frame, key, value string) string {
	u := url.URL{Path: "/"}
	if f.URL != nil {
		u.Path, u.RawQuery = f.URL.Path, f.URL.RawQuery
	}
	q := u.Query()
	q.Del("lang")
	q.Del("elder")
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}
