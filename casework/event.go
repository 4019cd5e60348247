package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
)

// Event is one line of a case's history. Note is a finished sentence in both
// languages.
type Event struct {
	Seq       int64
	At        time.Time
	Kind      string
	Actor     string // party or officer id, "system"
	OnBehalf  string // party id, where someone acted for someone
	Agency    string
	Note      i18n.Text
	Data      map[string]string
	ActorName string
}

// sentences are the kinds of event, each with the key of its sentence.
var sentences = map[string]string{
	"submitted":           "casework.event.submitted",
	"given":               "casework.event.given",
	"waiting":             "casework.event.waiting",
	"released":            "casework.event.released",
	"lapsed":              "casework.event.lapsed",
	"accepted":            "casework.event.accepted",
	"accepted-by-silence": "casework.event.acceptedBySilence",
	"refused":             "casework.event.refused",
	"supplement":          "casework.event.supplement",
	"supplied":            "casework.event.supplied",
	"reviewed":            "casework.event.reviewed",
	"consulted":           "casework.event.consulted",
	"answered":            "casework.event.answered",
	"suspended":           "casework.event.suspended",
	"resumed":             "casework.event.resumed",
	"extended":            "casework.event.extended",
	"approved":            "casework.event.approved",
	"rejected":            "casework.event.rejected",
	"issued":              "casework.event.issued",
	"founded":             "casework.event.founded",
	"done":                "casework.event.done",
	"asked":               "casework.event.asked",
	"notified":            "casework.event.notified",
	"timer":               "casework.event.timer",
	"delivered":           "casework.event.delivered",
	"closed":              "casework.event.closed",
	"withdrawn":           "casework.event.withdrawn",
}

// told are the kinds that the applicant gets a message about.
var told = map[string]bool{
	"submitted": true, "accepted": true, "accepted-by-silence": true, "refused": true, "supplement": true, "suspended": true,
	"resumed": true, "extended": true, "rejected": true, "issued": true, "lapsed": true, "delivered": true, "notified": true,
}

// sentence is what an event says, with its data filled in. The keys "x.zh" and
// "x.en" in data fill {x} in each language.
func sentence(kind, agency string, data map[string]string, city *catalog.City) i18n.Text {
	name := i18n.M("casework.agency.city")
	if a, ok := city.Agency(agency); ok {
		name = a.Name
	}
	args := []any{"actor", name}
	for key, value := range data {
		base, lang, two := strings.Cut(key, ".")
		switch {
		case key == "due":
			args = append(args, key, i18n.Written(value))
		case !two:
			args = append(args, key, value)
		case lang == "zh":
			args = append(args, base, i18n.Text{ZH: value, EN: data[base+".en"]})
		}
	}
	return i18n.M(sentences[kind], args...)
}

// digest binds an event's content to its ledger leaf without putting personal
// data there.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		for i := range n {
			n[i] = byte(uint64(len(p)) >> (8 * i))
		}
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}
