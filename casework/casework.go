// Package casework is what becomes of an application: the draft, the evidence
// that the city finds by itself, the submission, the tasks of several agencies
// under the clock of the law, the decision with its reasons and remedies, the
// licence, and the delivery.
//
// Invariants:
//   - One call is one transaction: state, event, ledger leaf, jobs and licence
//     are all there or none.
//   - Events are only ever appended; a case's event numbers have no gap.
//   - A case runs to its end on the version, form and process it began with.
//   - No constraint, counter or transaction crosses two cases, but for the
//     submission that creates several at once.
//
// Limits follow 行政许可法 (2019): 5 working days to accept or ask, silence is
// acceptance (art. 32), one extension (art. 42), special procedures stop the
// clock (art. 45), a refusal names reasons and remedies (art. 38).
package casework

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// Deps is what an Office works with.
type Deps struct {
	DB       *db.DB
	City     *catalog.City
	Archive  *catalog.Archive
	Parties  *party.Store
	Exchange *exchange.Store
	Licences *licence.Store
	Policy   *policy.Policy
	Clock    clock.Clock
}

// Office handles drafts and cases. It is safe for concurrent use.
type Office struct {
	Deps
	rules    rules
	names    sync.Map             // the variables that a process and a version read
	versions map[string]published // by hash
	law      map[workday.Provision]workday.Limit
}

// published is a version of the pack with its service.
type published struct {
	service *catalog.Service
	version *catalog.ServiceVersion
	hash    string
}

// New is an office over deps, all of which are needed.
func New(deps Deps) *Office {
	o := &Office{Deps: deps, versions: map[string]published{}, law: workday.Limits()}
	for _, s := range deps.City.Services {
		for i := range s.Versions {
			hash := s.Versions[i].Hash()
			o.versions[hash] = published{s, &s.Versions[i], hash}
			o.versions[versionKey(s.ID, s.Versions[i].Effective)] = o.versions[hash]
		}
	}
	return o
}

// days is what the law allows, in working days.
func (o *Office) days(p workday.Provision) int { return o.law[p].Period.WorkDays }

// versionKey finds a version's hash without computing it again.
func versionKey(service string, effective workday.Date) string {
	return service + "@" + effective.String()
}

// Jobs gives the worker what the office has to do later: to accept by silence,
// to fire the timers of processes, and to start what waited.
func (o *Office) Jobs(w *db.Worker) {
	w.Handle(jobSilence, o.acceptBySilence)
	w.Handle(jobTimer, o.fireTimer)
	w.Handle(jobRelease, o.release)
}

const (
	jobSilence = "case.silence" // key: case id
	jobTimer   = "case.timer"   // key: case id + "/" + timer
	jobRelease = "case.release" // key: case id

	// JobNotice is the kind of the jobs that tell an applicant something; the
	// payload is a Notice in JSON. Whoever sends messages handles it.
	JobNotice = "case.notice"
)

// Notice is what a case has to tell its applicant. Kind is an event kind.
type Notice struct {
	CaseID string    `json:"case"`
	Seq    int64     `json:"seq"`
	To     party.ID  `json:"to"`
	Kind   string    `json:"kind"`
	Number string    `json:"number"`
	Name   i18n.Text `json:"name"` // the service's
	Note   i18n.Text `json:"note"`
	At     int64     `json:"at"` // ms
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// text is v as JSON. The values are the package's own and always encode.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("casework: encode: " + err.Error())
	}
	return string(b)
}

func parse[T any](op, s string) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return v, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	return v, nil
}

// service is a service that is in force, with the version of today.
func (o *Office) service(op, id string) (*catalog.Service, *catalog.ServiceVersion, error) {
	s, ok := o.City.Service(id)
	if !ok {
		return nil, nil, fault.New(fault.NotFound, op, i18n.M("casework.noService"))
	}
	v := s.At(o.today())
	if v == nil || !v.Online() {
		return nil, nil, fault.New(fault.NotFound, op, i18n.M("casework.notOnline"))
	}
	return s, v, nil
}

// maxID is the most bytes of whatever names something.
const maxID = 400

// named reports whether s can name something at all: what cannot is asked of
// no database.
func named(s string) bool {
	return s != "" && len(s) <= maxID && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func queries(q db.Queryer) *store.Queries { return store.New(q) }

// allow asks the policy and keeps its fault's kind.
func (o *Office) allow(pr policy.Principal, a policy.Action, r policy.Resource) error {
	return o.Policy.Allow(pr, a, r)
}

// mandate checks that the principal still may act for whom it says it acts for.
func (o *Office) mandate(ctx context.Context, q db.Queryer, pr policy.Principal, service string) (party.Actor, error) {
	if pr.Kind == policy.Officer {
		return pr.Actor, nil // the policy has decided: a clerk with the applicant at the counter
	}
	if pr.Actor.Self() {
		return pr.Actor, nil // who signed in is a person, and needs no mandate for themself
	}
	return o.Parties.Acting(ctx, q, pr.Actor.Party, pr.Actor.For, service)
}
