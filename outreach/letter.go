package outreach

import (
	"net/url"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// Channel is a way to reach a party beside the portal.
type Channel string

// The channels.
const (
	Mail    Channel = "mail"    // e-mail
	SMS     Channel = "sms"     // text message
	Webhook Channel = "webhook" // posted to an address of a firm
)

// Channels are all of them, in the order in which pages name them.
func Channels() []Channel { return []Channel{Mail, SMS, Webhook} }

// Name is the channel in plain words.
func (c Channel) Name() i18n.Text { return i18n.M("offer.channel." + string(c)) }

// The kinds of letters.
const (
	KindOffer = "offer" // what the party may have; bound by the weekly cap, opt-outs and quiet hours
	KindCode  = "code"  // proves that an address is the party's: sent at once
)

// Letter is something to tell a party over its channels. ID is the letter's own:
// a second letter of the same ID is not sent.
type Letter struct {
	ID    string    `json:"id"`
	To    party.ID  `json:"to"`
	Kind  string    `json:"kind"`
	Title i18n.Text `json:"title"`
	Body  i18n.Text `json:"body"`
	Items []Item    `json:"items,omitempty"`
	Path  string    `json:"path"` // on the portal, where it goes on
	Code  string    `json:"code,omitempty"`
}

// Item is one thing in a letter. What touches on health, poverty and the like
// is counted in letters and named on the portal only, so it is never an Item.
type Item struct {
	Policy string    `json:"policy"`
	Name   i18n.Text `json:"name"`
	Gives  i18n.Text `json:"gives"` // "每月 75 元"
}

// Text is a letter as one reader gets it: in their language, with whole
// addresses. Key is the same however often it is tried.
type Text struct {
	Key     string
	Kind    string
	Lang    i18n.Lang
	Brand   string // who writes
	Subject string
	Body    string
	Items   []Item
	Code    string
	Link    string // where it goes on
	Settle  string // where one says what to be told; empty: nothing to settle
	Stop    string // ends letters over this channel without signing in; empty: none
}

// in puts the letter into the reader's language. origin is the portal's
// address without a path.
func (l Letter) in(lang i18n.Lang, brand i18n.Text, origin, stop string) Text {
	t := Text{Kind: l.Kind, Lang: lang, Brand: brand.In(lang), Subject: l.Title.In(lang), Body: l.Body.In(lang), Items: l.Items, Code: l.Code, Stop: stop}
	if l.Path != "" {
		t.Link = strings.TrimSuffix(origin, "/") + l.Path
	}
	if l.Kind == KindOffer {
		t.Settle = strings.TrimSuffix(origin, "/") + PreferencesPath
	}
	return t
}

// Paths on the portal that letters lead to.
const (
	OffersPath      = "/for-you"
	PreferencesPath = "/for-you/preferences"
	StopPath        = "/unsubscribe"
)

// stopLink is the address that ends letters over a channel.
func stopLink(origin, token string) string {
	return strings.TrimSuffix(origin, "/") + StopPath + "?" + url.Values{"token": {token}}.Encode()
}
