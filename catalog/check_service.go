package catalog

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
)

var code12 = regexp.MustCompile(`^[0-9]{12}$`)

// docOf is the document that a member of a folder was read from.
func (l *loader) docOf(pattern, id string) *document {
	for name, d := range l.docs {
		if match(pattern, name) && stem(name) == id {
			return d
		}
	}
	return nil
}

func (l *loader) serviceDoc(s *Service) *document {
	if d := l.docs[path.Join("services", s.Sector, s.ID+".yaml")]; d != nil {
		return d
	}
	return l.docOf("services/*/*.yaml", s.ID)
}

func (l *loader) checkService(s *Service) {
	n := note{doc: l.serviceDoc(s)}
	n.in("id").id(s.ID, l.seen)
	if s.Code == "" && s.Local == "" && n.doc != nil && !n.doc.noted(join(n.path, "code")) {
		n.in("code").say(i18n.M("catalog.value.missing", "key", "code"), i18n.M("catalog.service.code.fix"))
	}
	if s.Code != "" && !code12.MatchString(s.Code) {
		n.in("code").say(i18n.M("catalog.service.code", "code", s.Code), i18n.M("catalog.service.code.fix"))
	}
	n.in("type").among(s.Type, "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20")
	n.in("sector").known(i18n.M("catalog.kind.sector"), s.Sector, ids(l.city.Sectors, func(s Sector) string { return s.ID }))
	n.in("agency").known(i18n.M("catalog.kind.agency"), s.Agency, l.agencies())
	n.in("audience").some(len(s.Audience))
	n.in("audience").set(s.Audience, "resident", "firm")
	n.in("versions").some(len(s.Versions))
	for i := range s.Versions {
		l.checkVersion(n.in("versions", i), s, &s.Versions[i])
		if i > 0 {
			overlap(n.in("versions", i, "effective"), s.Versions[i-1], s.Versions[i])
		}
	}
}

// overlap holds versions to their order: each begins after the one before it
// has ended.
func overlap(n note, before, v ServiceVersion) {
	if before.Effective.IsZero() || v.Effective.IsZero() {
		return
	}
	if before.Until.IsZero() || !before.Until.Before(v.Effective) {
		n.say(i18n.M("catalog.version.overlap", "day", v.Effective),
			i18n.M("catalog.version.overlap.fix", "day", v.Effective.AddDays(-1)))
	}
}

func (l *loader) checkVersion(n note, s *Service, v *ServiceVersion) {
	if !v.Until.IsZero() && v.Until.Before(v.Effective) {
		n.in("until").say(i18n.M("catalog.version.until"), i18n.M("catalog.version.until.fix"))
	}
	if (v.Condition == "") != v.Refusal.IsZero() {
		n.in("condition").say(i18n.M("catalog.version.refusal"), i18n.M("catalog.version.refusal.fix"))
	}
	n.in("channels").some(len(v.Channels))
	n.in("channels").set(v.Channels, "1", "2", "3", "4", "9")
	n.in("handling").among(v.Handling, "1", "2")
	n.in("delivery").set(v.Delivery, "online", "courier", "counter")
	n.in("steps").some(len(v.Steps))
	n.in("basis").some(len(v.Basis))
	conform(n, v)
	l.checkFees(n.in("fees"), v)
	checkScenarios(n.in("scenarios"), v)
	l.checkEvidence(n.in("evidence"), v)
	for i, id := range v.Outputs {
		n.in("outputs", i).known(i18n.M("catalog.kind.licence"), id, l.licences())
	}
	l.checkOnline(n, s, v)
	l.checkClaims(n.in("claims"), v)
	l.checkRules(n, v)
}

// conform holds a version to the conformance rules of GB/T 39554 lists: visits
// have a reason, wholly online means none, committed services have days.
func conform(n note, v *ServiceVersion) {
	counter := slices.Contains(v.Channels, "1") || slices.Contains(v.Channels, "9")
	remote := slices.ContainsFunc(v.Channels, func(c string) bool { return c == "2" || c == "3" || c == "4" })
	at := n.in("visits", "count")
	switch {
	case v.Visits.Count > 0 && v.Visits.Reason.IsZero():
		at.say(i18n.M("catalog.version.reason"), i18n.M("catalog.version.reason.fix"))
	case v.Visits.Count > 0 && !counter && remote:
		at.say(i18n.M("catalog.version.online"), i18n.M("catalog.version.online.fix"))
	case v.Visits.Count == 0 && counter && !remote:
		at.say(i18n.M("catalog.version.counter"), i18n.M("catalog.version.counter.fix"))
	}
	days := n.in("limits", "committed")
	switch {
	case v.Handling == "2" && v.Limits.Committed == 0:
		days.say(i18n.M("catalog.version.committed"), i18n.M("catalog.version.committed.fix"))
	case v.Handling == "1" && v.Limits.Committed > 0:
		days.say(i18n.M("catalog.version.instant"), i18n.M("catalog.version.instant.fix"))
	case v.Limits.Statutory > 0 && v.Limits.Committed > v.Limits.Statutory:
		days.say(i18n.M("catalog.version.statutory", "days", v.Limits.Statutory), i18n.M("catalog.version.statutory.fix"))
	}
}

// checkFees: a fee names who takes it; basis and standard are required texts.
func (l *loader) checkFees(n note, v *ServiceVersion) {
	for i, f := range v.Fees {
		n.in(i, "agency").known(i18n.M("catalog.kind.agency"), f.Agency, l.agencies())
	}
}

func checkScenarios(n note, v *ServiceVersion) {
	seen := map[string]bool{}
	for i, s := range v.Scenarios {
		n.in(i, "id").key(s.ID, seen)
		values := map[string]bool{}
		for j, c := range s.Choices {
			n.in(i, "choices", j, "value").id(c.Value, values)
		}
		if len(s.Choices) < 2 {
			n.in(i, "choices").say(i18n.M("catalog.version.choices"), i18n.M("catalog.version.choices.fix"))
		}
	}
}

func (l *loader) checkEvidence(n note, v *ServiceVersion) {
	seen := map[string]bool{}
	for i, e := range v.Evidence {
		n.in(i, "id").id(e.ID, seen)
		n.in(i, "licence").known(i18n.M("catalog.kind.licence"), e.Licence, l.licences())
		if e.Fact != nil {
			n.in(i, "fact", "resource").known(i18n.M("catalog.kind.resource"), e.Fact.Resource, l.resources())
		}
		if e.Reuse > 3660 {
			n.in(i, "reuse").say(i18n.M("catalog.version.reuse"), i18n.M("catalog.version.reuse.fix"))
		}
	}
}

// checkOnline holds form, process and the process's roles together.
func (l *loader) checkOnline(n note, s *Service, v *ServiceVersion) {
	n.in("form").known(i18n.M("catalog.kind.form"), v.Form, l.present("forms/*.yaml"))
	n.in("process").known(i18n.M("catalog.kind.process"), v.Process, l.present("processes/*.bpmn"))
	if (v.Form == "") != (v.Process == "") {
		n.in("form").say(i18n.M("catalog.version.half"), i18n.M("catalog.version.half.fix"))
	}
	for _, role := range slices.Sorted(maps.Keys(v.Agencies)) {
		n.in("agencies", role).known(i18n.M("catalog.kind.agency"), v.Agencies[role], l.agencies())
		if role == "lead" && v.Agencies[role] != s.Agency {
			n.in("agencies", role).say(i18n.M("catalog.version.lead"), i18n.M("catalog.version.lead.fix"))
		}
	}
	definition := l.city.Processes[v.Process]
	if definition == nil {
		return
	}
	used, issues := l.city.roles(definition)
	l.checkStaff(n, s, v, used)
	for _, role := range used {
		if _, named := v.Agencies[role]; !named && role != "lead" {
			n.in("process").say(i18n.M("catalog.version.role", "role", role, "process", v.Process),
				i18n.M("catalog.version.role.fix", "role", role))
		}
	}
	if len(v.Outputs) > 0 && !issues {
		n.in("process").say(i18n.M("catalog.version.issue", "process", v.Process), i18n.M("catalog.version.issue.fix"))
	}
	if len(v.Delivery) == 0 {
		n.in("delivery").say(i18n.M("catalog.version.delivery"), i18n.M("catalog.version.delivery.fix"))
	}
}

// checkStaff: where the pack brings its officers, every agency that handles a
// case of the version has one. Without officers.yaml they come from elsewhere.
func (l *loader) checkStaff(n note, s *Service, v *ServiceVersion, roles []string) {
	if len(l.city.Officers) == 0 {
		return
	}
	for _, role := range roles {
		agency := v.Agencies[role]
		if role == "lead" {
			agency = s.Agency
		}
		handles := func(o Officer) bool {
			return o.Agency == agency && (slices.Contains(o.Roles, "officer") || slices.Contains(o.Roles, "decider"))
		}
		if _, known := l.city.Agency(agency); known && !slices.ContainsFunc(l.city.Officers, handles) {
			n.in("process").say(i18n.M("catalog.version.staff", "agency", agency, "role", role), i18n.M("catalog.version.staff.fix"))
		}
	}
}

// checkClaims: every claim that a version fills is one of its outputs', and
// every claim that is always shown is filled: by a rule here, or by a variable
// of its own name.
func (l *loader) checkClaims(n note, v *ServiceVersion) {
	var all, must []string
	for _, id := range v.Outputs {
		t, ok := l.city.LicenceType(id)
		if !ok {
			return // already noted
		}
		for _, c := range t.Claims {
			all = append(all, c.Key)
			if c.Always {
				must = append(must, c.Key)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(v.Claims)) {
		n.in(key).known(i18n.M("catalog.kind.claim"), key, all)
	}
	if v.Process == "" || l.unread(v.Form) {
		return
	}
	slices.Sort(must)
	vars := l.city.variables(v)
	for _, key := range slices.Compact(must) {
		if _, named := vars[key]; !named && strings.TrimSpace(v.Claims[key]) == "" {
			n.say(i18n.M("catalog.version.claim", "claim", key), i18n.M("catalog.version.claim.fix"))
		}
	}
}
