package outreach

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
)

// Preferences is what a party wants to be told. The zero value is that of a
// party who has said nothing, but for Weekly, which is then CityWeekly.
type Preferences struct {
	Off      bool     // no offers at all: none is made, none is shown
	Sectors  []string // no offers of these, sorted
	Quiet    *Quiet   // hours in which nothing is sent; nil: the city's
	Weekly   int      // how often it is told in seven days; 0: never, it looks by itself
	Contacts []Contact
}

// CityWeekly stands for the city's own number.
const CityWeekly = -1

// mostWeekly bounds what a party may ask for.
const mostWeekly = 7

// Contact is a channel with the party's address on it.
type Contact struct {
	Channel   Channel
	Address   string
	Live      bool      // the party wants it used
	Secret    string    // of a webhook
	Confirmed bool      // the party has typed in the code that was sent there
	FailedAt  time.Time // when the address was refused; zero: it was not
	Failure   string    // what the other side said
}

// Usable reports whether letters may go there.
func (c Contact) Usable() bool { return c.Live && c.Confirmed && c.FailedAt.IsZero() }

// Wants reports whether the party may be offered what belongs to the sector.
func (p Preferences) Wants(sector string) bool { return !p.Off && !slices.Contains(p.Sectors, sector) }

// Contact is the party's on a channel; false where it has named no address.
func (p Preferences) Contact(c Channel) (Contact, bool) {
	i := slices.IndexFunc(p.Contacts, func(one Contact) bool { return one.Channel == c })
	if i < 0 {
		return Contact{}, false
	}
	return p.Contacts[i], true
}

// city stands in the column for the city's own hours.
const city = "city"

// Preferences reads what a party wants.
func (p *Post) Preferences(ctx context.Context, q db.Queryer, of party.ID) (Preferences, error) {
	const op = "outreach.Preferences"
	wants := Preferences{Weekly: CityWeekly}
	row, err := store.New(q).Preferences(ctx, string(of))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return wants, fmt.Errorf("%s: %w", op, err)
	}
	if err == nil {
		wants.Off, wants.Weekly = row.Off, int(row.Weekly)
		if err := json.Unmarshal([]byte(row.Sectors), &wants.Sectors); err != nil {
			return wants, fmt.Errorf("%s: %w", op, err)
		}
		if row.Quiet != city {
			hours, err := ParseQuiet(row.Quiet)
			if err != nil {
				return wants, fmt.Errorf("%s: %w", op, err)
			}
			wants.Quiet = &hours
		}
	}
	rows, err := store.New(q).Channels(ctx, string(of))
	if err != nil {
		return wants, fmt.Errorf("%s: %w", op, err)
	}
	for _, r := range rows {
		wants.Contacts = append(wants.Contacts, toContact(r))
	}
	return wants, nil
}

func toContact(r store.OutreachChannel) Contact {
	return Contact{Channel: Channel(r.Channel), Address: r.Address, Live: r.Live, Secret: r.Secret, Confirmed: r.ConfirmedAt != 0, Failure: r.Failure, FailedAt: moment(r.FailedAt)}
}

// put writes what a party wants, without its contacts.
func (p *Post) put(ctx context.Context, tx db.Tx, of party.ID, wants Preferences) error {
	slices.Sort(wants.Sectors)
	sectors, err := json.Marshal(append([]string{}, slices.Compact(wants.Sectors)...))
	if err != nil {
		return fmt.Errorf("outreach.put: %w", err)
	}
	hours := city
	if wants.Quiet != nil {
		hours = wants.Quiet.String()
	}
	return store.New(tx.Later()).PutPreferences(ctx, store.PutPreferencesParams{Party: string(of), Off: wants.Off, Sectors: string(sectors), Quiet: hours,
		Weekly: int32(wants.Weekly), ChangedAt: p.Clock().UnixMilli()})
}

// quiet is the hours that hold for a party.
func (p *Post) quiet(wants Preferences) Quiet {
	if wants.Quiet != nil {
		return *wants.Quiet
	}
	return p.Quiet
}

// weekly is how often a party is told in seven days: as often as it says, and
// never more often than the city does.
func (p *Post) weekly(wants Preferences) int {
	if wants.Weekly == CityWeekly {
		return p.Weekly
	}
	return min(wants.Weekly, p.Weekly)
}

// numberForm is a mobile number, with the country's code or without.
var numberForm = regexp.MustCompile(`^\+?[0-9]{6,15}$`)

// clean is an address in the form in which it is kept; false where it can be
// none of the channel's.
func clean(c Channel, address string) (string, bool) {
	address = strings.TrimSpace(address)
	switch c {
	case Mail:
		a, err := mail.ParseAddress(address)
		return address, err == nil && a.Address == address && len(address) <= 254
	case SMS:
		address = strings.NewReplacer(" ", "", "-", "").Replace(address)
		return address, numberForm.MatchString(address)
	case Webhook:
		return address, hookAddress(address)
	}
	return "", false
}
