package portal

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// preferencesView is what someone wants to be told, and how.
type preferencesView struct {
	Wants      outreach.Preferences
	Sectors    []catalog.Sector // that have policies for the party
	Quiet      string           // "city", "none" or "own"
	City       outreach.Quiet
	From, To   string // what stands in the two boxes
	CityWeekly int    // how often the city tells anybody in a week, at most
	Channels   []channelView
	Wrong      []fault.Field
	Saved      bool
}

// channelView is one way to reach the party.
type channelView struct {
	outreach.Contact
	Known bool   // an address has been named
	Typed string // what was typed instead
	Code  string // typed
	Wrong i18n.Text
	At    string // where Wrong belongs: "address" or "code"
}

// Waits reports whether a code was sent that is to be typed in.
func (c channelView) Waits() bool { return c.Known && !c.Confirmed }

func (p *portal) preferences(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.preferencesView(ctx)
	if err != nil {
		return err
	}
	v.Saved = r.URL.Query().Has("saved")
	return p.show(ctx, w, r, preferencesPage(v))
}

func (p *portal) preferencesView(ctx context.Context) (preferencesView, error) {
	wants, err := p.Offers.Preferences(ctx, principal(ctx).Actor)
	if err != nil {
		return preferencesView{}, err
	}
	whose := session(ctx).For
	v := preferencesView{Wants: wants, City: p.Offers.Post.Quiet, CityWeekly: p.Offers.Post.Weekly, Quiet: "city"}
	v.From, v.To = clockOf(v.own().From), clockOf(v.own().To)
	if wants.Quiet != nil {
		v.Quiet = "own"
		if wants.Quiet.String() == "" {
			v.Quiet = "none"
		}
	}
	audience := "resident"
	if whose.Kind == party.Organisation {
		audience = "firm"
	}
	for _, s := range p.City.Sectors {
		if slices.ContainsFunc(p.City.Policies, func(one *catalog.Policy) bool { return one.Sector == s.ID && one.Audience == audience }) {
			v.Sectors = append(v.Sectors, s)
		}
	}
	for _, c := range outreach.Channels() {
		if p.Offers.Post.Senders[c] == nil || c == outreach.Webhook && whose.Kind != party.Organisation {
			continue
		}
		one, known := wants.Contact(c)
		one.Channel = c
		v.Channels = append(v.Channels, channelView{Contact: one, Known: known, Typed: one.Address})
	}
	return v, nil
}

func (p *portal) savePreferences(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	typed := r.PostForm
	wants := outreach.Preferences{Off: typed.Get("offers") == "off", Sectors: typed["without"]}
	var err error
	if wants.Weekly, err = strconv.Atoi(typed.Get("weekly")); err != nil {
		wants.Weekly = outreach.CityWeekly
	}
	switch typed.Get("quiet") {
	case "none":
		wants.Quiet = &outreach.Quiet{}
	case "own":
		hours, err := outreach.ParseQuiet(typed.Get("from") + "-" + typed.Get("to"))
		if err != nil {
			return p.preferencesAgain(ctx, w, r, wants, fault.Fields("portal.savePreferences", fault.Field{Pointer: "/from", Message: i18n.M("portal.settings.hours")}))
		}
		wants.Quiet = &hours
	}
	if err := p.Offers.SavePreferences(ctx, principal(ctx).Actor, wants); err != nil {
		return p.preferencesAgain(ctx, w, r, wants, err)
	}
	return gone(w, r, path.Settings+"?saved=yes")
}

// preferencesAgain shows the page with a mistake, and what was chosen.
func (p *portal) preferencesAgain(ctx context.Context, w http.ResponseWriter, r *http.Request, wants outreach.Preferences, err error) error {
	kind, message, fields := fault.Shown(err)
	if kind != fault.Invalid {
		return err
	}
	v, err := p.preferencesView(ctx)
	if err != nil {
		return err
	}
	wants.Contacts = v.Wants.Contacts
	v.Wants, v.Wrong, v.Quiet = wants, orWhole(fields, message), r.PostForm.Get("quiet")
	v.From, v.To = r.PostForm.Get("from"), r.PostForm.Get("to")
	return p.again(ctx, w, r, preferencesPage(v))
}

// contactAct is something done to an address; the field is where a mistake of
// it belongs.
func (p *portal) contactAct(field string, do func(ctx context.Context, whose party.ID, c outreach.Channel, r *http.Request) error) act {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		actor := principal(ctx).Actor
		if err := p.Offers.May(ctx, p.DB.Reader(), actor); err != nil {
			return err
		}
		c := outreach.Channel(r.PathValue("channel"))
		if !slices.Contains(outreach.Channels(), c) {
			return notFound("portal.contact")
		}
		err := do(ctx, actor.For, c, r)
		if err == nil {
			return gone(w, r, path.Settings+"#"+string(c)+"-head")
		}
		kind, message, fields := fault.Shown(err)
		if kind != fault.Invalid && kind != fault.Unavailable {
			return err
		}
		v, viewErr := p.preferencesView(ctx)
		if viewErr != nil {
			return viewErr
		}
		if len(fields) > 0 {
			message = fields[0].Message
		}
		v.Wrong = []fault.Field{{Pointer: "/" + string(c) + "-" + field, Message: message}}
		for i := range v.Channels {
			if one := &v.Channels[i]; one.Channel == c {
				one.Wrong, one.At, one.Code = message, field, r.PostForm.Get(string(c)+"-code")
				if field == "address" {
					one.Typed = r.PostForm.Get(string(c) + "-address")
				}
			}
		}
		return p.again(ctx, w, r, preferencesPage(v))
	}
}

func (p *portal) setContact() act {
	return p.contactAct("address", func(ctx context.Context, whose party.ID, c outreach.Channel, r *http.Request) error {
		return p.Offers.Post.SetContact(ctx, whose, c, r.PostForm.Get(string(c)+"-address"))
	})
}

func (p *portal) confirmContact() act {
	return p.contactAct("code", func(ctx context.Context, whose party.ID, c outreach.Channel, r *http.Request) error {
		return p.Offers.Post.Confirm(ctx, whose, c, r.PostForm.Get(string(c)+"-code"))
	})
}

func (p *portal) forgetContact() act {
	return p.contactAct("address", func(ctx context.Context, whose party.ID, c outreach.Channel, _ *http.Request) error {
		return p.Offers.Post.RemoveContact(ctx, whose, c)
	})
}

// unsubscribe is the page of the link in a letter: whoever holds it may end
// letters, signed in or not.
func (p *portal) unsubscribe(_ context.Context, r *http.Request) (component, error) {
	token := r.URL.Query().Get("token")
	stop, err := p.Offers.Post.Key.Read(token)
	if err != nil {
		return nil, err
	}
	return unsubscribePage(token, stop.Channel, false), nil
}

// unsubscribed ends letters: by the page's button, or by a mail program's one
// click (RFC 8058), which sends no cookie and reads no page.
func (p *portal) unsubscribed(w http.ResponseWriter, r *http.Request) {
	s, known := p.Sessions.Current(r)
	ctx := p.frame(r, lookOf(r, s), s, known)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := parse(r)
	token := r.Form.Get("token")
	if err == nil {
		err = p.Offers.Post.Unsubscribe(ctx, token)
	}
	if err != nil {
		ui.Fail(ctx, w, r, p.Log, err)
		return
	}
	stop, _ := p.Offers.Post.Key.Read(token) // Unsubscribe has read it
	p.write(ctx, w, r, http.StatusOK, unsubscribePage(token, stop.Channel, true))
}

// hours are the times of day to choose from.
func hours() []string {
	all := make([]string, 24)
	for i := range all {
		all[i] = clockOf(60 * i)
	}
	return all
}

// clockOf is minutes after midnight as "08:00".
func clockOf(minutes int) string {
	return string([]byte{byte('0' + minutes/600), byte('0' + minutes/60%10), ':', byte('0' + minutes%60/10), byte('0' + minutes%10)})
}

// own is the hours that stand in the two boxes before any are typed.
func (v preferencesView) own() outreach.Quiet {
	if v.Wants.Quiet != nil && v.Wants.Quiet.String() != "" {
		return *v.Wants.Quiet
	}
	return v.City
}

// hint says what to type as an address.
func (c channelView) hint(ctx context.Context) string {
	switch c.Channel {
	case outreach.Mail:
		return ui.T(ctx, "portal.settings.mail")
	case outreach.SMS:
		return ui.T(ctx, "portal.settings.sms")
	default:
		return ui.T(ctx, "portal.settings.webhook")
	}
}

// complete is what a browser may fill in.
func (c channelView) complete() string {
	switch c.Channel {
	case outreach.Mail:
		return "email"
	case outreach.SMS:
		return "tel"
	default:
		return "url"
	}
}

// wrong is the mistake at a field.
func (c channelView) wrong(at string) i18n.Text {
	if c.At != at {
		return i18n.Text{}
	}
	return c.Wrong
}
