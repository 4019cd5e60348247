package portal

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
	"github.com/tongban/tongban/workday"
)

const (
	mostMessages = 100
	mostReceipts = 500 // looked at
	mostReadings = 50  // shown
)

// messagesView is what the city has told.
type messagesView struct {
	List   []outreach.Message
	Unread int // what the reader may mark as read
}

func (p *portal) messages(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	to, pr := session(ctx).For.ID, principal(ctx)
	list, err := p.Messages.Messages(ctx, to, mostMessages)
	if err != nil {
		return err
	}
	var v messagesView
	if v.List, err = outreach.Seen(ctx, p.Policy, pr, to, list, p.Office.ServiceOf); err != nil {
		return err
	}
	if p.Policy.Allow(pr, policy.MessageRead, allMessages(to)) == nil {
		if v.Unread, err = p.Messages.Unread(ctx, to); err != nil {
			return err
		}
	}
	return p.show(ctx, w, r, messagesPage(v))
}

// allMessages is everything that the party was told.
func allMessages(to party.ID) policy.Resource {
	return policy.Resource{Type: policy.TypeMessage, Owner: to}
}

func (p *portal) readMessages(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	to := session(ctx).For.ID
	if err := p.Policy.Allow(principal(ctx), policy.MessageRead, allMessages(to)); err != nil {
		return err
	}
	if err := p.Messages.Read(ctx, to); err != nil {
		return err
	}
	return gone(w, r, path.Messages)
}

// reading is one register read by one asker for one purpose on one day,
// however often; the time is the latest.
type reading struct {
	exchange.Receipt
	Times   int
	Service i18n.Text // what it was for; zero where it is no service
	Own     bool      // read while the person applied
}

// meView is what the city knows of someone, and who read it.
type meView struct {
	Party    party.Party // with what the reader may not see left out
	Own      bool        // may change the particulars
	Readings []reading
	Hidden   bool // an agent does not see who read the data
	People   []someone
	Current  party.ID
}

func (p *portal) me(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	s := session(ctx)
	one := policy.Resource{Type: policy.TypeParty, ID: string(s.For.ID), Owner: s.For.ID}
	v := meView{Party: p.known(ctx, s.For, one), Current: s.For.ID, Own: p.Policy.Allow(principal(ctx), policy.PartyEdit, one) == nil}
	err := p.Policy.Allow(principal(ctx), policy.ReceiptView, one)
	switch {
	case fault.Is(err, fault.Denied):
		v.Hidden = true
	case err != nil:
		return err
	default:
		receipts, err := p.Exchange.Receipts(ctx, p.DB.Reader(), s.For.ID, mostReceipts)
		if err != nil {
			return err
		}
		v.Readings = p.readings(receipts, s)
	}
	if v.People, err = p.people(ctx, ""); err != nil {
		return err
	}
	return p.show(ctx, w, r, mePage(v))
}

// known is the party with the particulars that the reader may see.
func (p *portal) known(ctx context.Context, one party.Party, r policy.Resource) party.Party {
	visible := p.Policy.Fields(principal(ctx), r, []string{"phone", "address"})
	if !slices.Contains(visible, "phone") {
		one.Phone = ""
	}
	if !slices.Contains(visible, "address") {
		one.Address = ""
	}
	return one
}

// readings puts the receipts of the same reading on the same day together.
func (p *portal) readings(receipts []exchange.Receipt, s Session) []reading {
	type same struct{ resource, asker, purpose, caseID, day string }
	at := map[same]int{}
	var list []reading
	for _, r := range receipts {
		key := same{r.Resource, r.Asker, r.Purpose, r.CaseID, workday.DateOf(r.At, p.zone).String()}
		if i, ok := at[key]; ok {
			list[i].Times++
			continue
		}
		if len(list) == mostReadings {
			break
		}
		at[key] = len(list)
		one := reading{Receipt: r, Times: 1, Own: r.Asker == string(s.Self.ID) || r.Asker == string(s.For.ID)}
		one.Service = p.purpose(r.Purpose)
		list = append(list, one)
	}
	return list
}

// leads is where a message leads: its own page, else its case.
func leads(m outreach.Message) string {
	if m.Link != "" {
		return path.Local(m.Link)
	}
	return path.Case(m.CaseID)
}

// purpose is the name of the service or life event that a purpose names.
func (p *portal) purpose(purpose string) i18n.Text {
	switch purpose {
	case outreach.PurposeOffer:
		return i18n.M("portal.purpose.offers")
	case outreach.PurposeLook:
		return i18n.M("portal.purpose.entitlements")
	}
	kind, id, _ := strings.Cut(purpose, ":")
	if e, ok := p.City.Event(id); ok && kind == "event" {
		return e.Name
	}
	if o, ok := p.offer(id); ok {
		return o.Name
	}
	return i18n.Same(purpose)
}

// masked is an identity number with its middle hidden.
func masked(number string) string {
	n := utf8.RuneCountInString(number)
	if n <= 8 {
		return number
	}
	runes := []rune(number)
	return string(runes[:4]) + strings.Repeat("*", n-8) + string(runes[n-4:])
}

// labels are the fields of a reading, in words.
func labels(ctx context.Context, all []i18n.Text) string {
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = ui.In(ctx, t)
	}
	return strings.Join(words, ui.T(ctx, "ui.list.comma"))
}

// profileView is what people may change of their own particulars.
type profileView struct {
	Party party.Party
	Wrong []fault.Field
	Saved bool
}

func (p *portal) profile(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	one := session(ctx).For
	if err := p.Policy.Allow(principal(ctx), policy.PartyEdit, policy.Resource{Type: policy.TypeParty, ID: string(one.ID), Owner: one.ID}); err != nil {
		return err
	}
	return p.show(ctx, w, r, profilePage(profileView{Party: one, Saved: r.URL.Query().Has("saved")}))
}

// phoneForm is a number as people write it, with a country code or without.
var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 -]{4,18}$`)

func (p *portal) saveProfile(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	one := session(ctx).For
	if err := p.Policy.Allow(principal(ctx), policy.PartyEdit, policy.Resource{Type: policy.TypeParty, ID: string(one.ID), Owner: one.ID}); err != nil {
		return err
	}
	one.Phone = strings.TrimSpace(r.PostForm.Get("phone"))
	one.Address = strings.TrimSpace(r.PostForm.Get("address"))
	one.Lang = i18n.ParseLang(r.PostForm.Get("lang"))
	one.Elder = r.PostForm.Get("elder") == "on"
	var err error
	if one.Phone != "" && !phoneForm.MatchString(one.Phone) {
		err = fault.Fields("portal.saveProfile", fault.Field{Pointer: "/phone", Message: i18n.M("portal.profile.phone")})
	} else {
		err = p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return p.Parties.Put(ctx, tx, one) })
	}
	if kind, message, fields := fault.Shown(err); err != nil && kind == fault.Invalid {
		return p.again(ctx, w, r, profilePage(profileView{Party: one, Wrong: orWhole(fields, message)}))
	}
	if err != nil {
		return err
	}
	look{lang: one.Lang, elder: one.Elder, asked: true}.keep(w, r)
	return gone(w, r, path.Profile+"?saved=yes")
}
