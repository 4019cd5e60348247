package portal

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/workday"
)

func zoneOf(c *catalog.City) *time.Location {
	if c.Calendar != nil {
		return c.Calendar.Zone()
	}
	return time.UTC
}

// edition is what a public page depends on besides its address: the catalogue,
// and the day, since versions of services come into force at midnight.
func (p *portal) edition() string { return p.City.Version + "@" + p.today().String() }

func (p *portal) today() workday.Date { return workday.DateOf(p.Clock(), p.zone) }

// offer is a service as it stands today.
type offer struct {
	*catalog.Service
	Now    *catalog.ServiceVersion
	Agency i18n.Text // the lead agency's name
	Phone  string
}

// offer is the service of an id; false where there is none in force.
func (p *portal) offer(id string) (offer, bool) {
	s, ok := p.City.Service(id)
	if !ok {
		return offer{}, false
	}
	v := s.At(p.today())
	if v == nil {
		return offer{}, false
	}
	o := offer{Service: s, Now: v}
	if a, ok := p.City.Agency(s.Agency); ok {
		o.Agency, o.Phone = a.Name, a.Phone
	}
	return o, true
}

// offers are the services in force that keep wants, in the city's order.
func (p *portal) offers(keep func(*catalog.Service) bool) []offer {
	var found []offer
	for _, s := range p.City.Services {
		if !keep(s) {
			continue
		}
		if o, ok := p.offer(s.ID); ok {
			found = append(found, o)
		}
	}
	return found
}

// For reports whether the service is for residents or for firms.
func (o offer) For(audience string) bool { return slices.Contains(o.Audience, audience) }

// Fee says what the service costs: nothing, a sum, or that it depends.
func (o offer) Fee(ctx context.Context) string {
	var sum int64
	for _, f := range o.Now.Fees {
		if f.When != "" {
			return ui.T(ctx, "portal.fee.depends")
		}
		sum += f.Amount
	}
	return ui.Money(ctx, sum)
}

// Time says how long the service takes.
func (o offer) Time(ctx context.Context) string {
	if o.Now.Handling == "1" {
		return ui.Days(ctx, 0)
	}
	return ui.Days(ctx, o.Now.Limits.Committed)
}

// Visits says how often the applicant must come.
func (o offer) Visits(ctx context.Context) string {
	if o.Now.Visits.Count == 0 {
		return ui.T(ctx, "portal.visits.none")
	}
	return ui.T(ctx, "portal.visits.count", "n", o.Now.Visits.Count)
}

// Free is how many pieces of evidence the city may know without the applicant.
func (o offer) Free() int {
	n := 0
	for _, e := range o.Now.Evidence {
		if e.Licence != "" || e.Fact != nil {
			n++
		}
	}
	return n
}

// Evidence says how many documents there are, and how many need not be handed
// in.
func (o offer) EvidenceCount(ctx context.Context) string {
	if len(o.Now.Evidence) == 0 {
		return ui.T(ctx, "portal.evidence.none")
	}
	return ui.T(ctx, "portal.evidence.count", "n", len(o.Now.Evidence))
}

func channel(ctx context.Context, code string) string {
	switch code {
	case "1":
		return ui.T(ctx, "portal.channel.counter")
	case "2":
		return ui.T(ctx, "portal.channel.computer")
	case "3":
		return ui.T(ctx, "portal.channel.mobile")
	case "4":
		return ui.T(ctx, "portal.channel.courier")
	default:
		return ui.T(ctx, "portal.channel.other")
	}
}

func delivery(ctx context.Context, way string) string {
	switch way {
	case "online":
		return ui.T(ctx, "portal.delivery.online")
	case "courier":
		return ui.T(ctx, "portal.delivery.courier")
	default:
		return ui.T(ctx, "portal.delivery.counter")
	}
}

// each says every code in words, as one list.
func each(ctx context.Context, codes []string, say func(context.Context, string) string) string {
	words := make([]string, len(codes))
	for i, code := range codes {
		words[i] = say(ctx, code)
	}
	return strings.Join(words, ui.T(ctx, "ui.list.comma"))
}

// ways says codes in words that are no names, as one list: only the first has a
// capital.
func ways(ctx context.Context, codes []string, say func(context.Context, string) string) string {
	first := true
	return each(ctx, codes, func(ctx context.Context, code string) string {
		word := say(ctx, code)
		r, n := utf8.DecodeRuneInString(word)
		if second, _ := utf8.DecodeRuneInString(word[n:]); !first && !unicode.IsUpper(second) { // "ID card" stays
			word = string(unicode.ToLower(r)) + word[n:]
		}
		first = false
		return word
	})
}

// names lists the services by name.
func names(ctx context.Context, offers []offer) string {
	words := make([]string, len(offers))
	for i, o := range offers {
		words[i] = ui.In(ctx, o.Name)
	}
	return strings.Join(words, ui.T(ctx, "ui.list.comma"))
}

// mostExamples is how many words stand under the search box.
const mostExamples = 6

// examples are words to search for in the page's language: the city's, else
// the names of popular services.
func (p *portal) examples(ctx context.Context) []string {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	var words []string
	for _, word := range p.City.Profile.Examples {
		if han(word) == (ui.Lang(ctx) == i18n.ZH) {
			words = append(words, word)
		}
	}
	if len(words) > 0 {
		return words[:min(len(words), mostExamples)]
	}
	for _, id := range p.City.Profile.Popular {
		if o, ok := p.offer(id); ok && len(words) < mostExamples/2 {
			words = append(words, ui.In(ctx, o.Name))
		}
	}
	return words
}

// brief joins short facts; the dot never begins a line.
func brief(facts ...string) string { return strings.Join(facts, "\u00a0· ") }
