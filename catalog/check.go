package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
)

// The shapes of names in a pack.
var (
	slug  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`) // ids: they stand in addresses of pages
	word  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)        // keys: they stand in rules
	code6 = regexp.MustCompile(`^[0-9]{6}$`)               // GB/T 2260
)

// check holds the files of the pack to one another.
func (l *loader) check() {
	l.checkProfile()
	l.checkAgencies()
	l.checkLicences()
	l.checkResources()
	l.checkProcesses()
	for _, s := range l.city.Services {
		l.checkService(s)
	}
	l.checkAttributes()
	l.checkPresent()
	l.checkGroups()
	for _, p := range l.city.Policies {
		l.checkPolicy(p)
	}
	l.checkForms()
	l.checkEvents()
	l.checkPeople()
	l.checkOfficers()
	l.checkSynonyms()
}

// note is a checker's pen: it writes problems into one document, below a path.
type note struct {
	doc  *document
	path string
}

func (n note) in(parts ...any) note {
	for _, p := range parts {
		n.path = join(n.path, fmt.Sprint(p))
	}
	return n
}

func (n note) say(message, fix i18n.Text) {
	if n.doc != nil {
		n.doc.problem(n.path, message, fix)
	}
}

// id holds an id to its shape and to being the only one.
func (n note) id(id string, seen map[string]bool) {
	switch {
	case id == "":
		return // already noted as missing
	case !slug.MatchString(id) || len(id) > 60:
		n.say(i18n.M("catalog.check.slug", "id", id), i18n.M("catalog.check.slug.fix"))
	case seen[id]:
		n.say(i18n.M("catalog.check.twice", "id", id), i18n.M("catalog.check.twice.fix"))
	}
	seen[id] = true
}

// key is id for keys that rules use.
func (n note) key(key string, seen map[string]bool) {
	switch {
	case key == "":
		return
	case !word.MatchString(key) || len(key) > 60:
		n.say(i18n.M("catalog.check.word", "key", key), i18n.M("catalog.check.word.fix"))
	case seen[key]:
		n.say(i18n.M("catalog.check.twice", "id", key), i18n.M("catalog.check.twice.fix"))
	}
	seen[key] = true
}

// known holds a reference to what there is. kind names the thing in both
// languages.
func (n note) known(kind i18n.Text, id string, all []string) bool {
	if id == "" {
		return false
	}
	if slices.Contains(all, id) {
		return true
	}
	n.say(i18n.M("catalog.check.dangling", "kind", kind, "id", id), oneOf(id, all))
	return false
}

// among holds a code to a closed list.
func (n note) among(value string, all ...string) {
	if value != "" && !slices.Contains(all, value) {
		n.say(i18n.M("catalog.check.code", "value", value), oneOf(value, all))
	}
}

// set is among for a list, which must not repeat itself.
func (n note) set(values []string, all ...string) {
	seen := map[string]bool{}
	for i, v := range values {
		n.in(i).among(v, all...)
		if seen[v] {
			n.in(i).say(i18n.M("catalog.check.twice", "id", v), i18n.M("catalog.check.twice.fix"))
		}
		seen[v] = true
	}
}

// some asks for at least one.
func (n note) some(count int) {
	if count == 0 && (n.doc == nil || !n.doc.noted(n.path)) {
		key := n.path[strings.LastIndexByte(n.path, '.')+1:]
		n.say(i18n.M("catalog.check.none", "key", key), i18n.M("catalog.check.none.fix"))
	}
}

func (n note) uscc(code string) {
	if code == "" {
		return
	}
	if err := identifier.CheckUSCC(code); err != nil {
		_, message, _ := fault.Shown(err)
		n.say(message, i18n.M("catalog.check.uscc.fix"))
	}
}

func ids[T any](all []T, id func(T) string) []string {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = id(v)
	}
	return names
}

func (l *loader) agencies() []string {
	return ids(l.city.Agencies, func(a Agency) string { return a.ID })
}

func (l *loader) services() []string {
	return ids(l.city.Services, func(s *Service) string { return s.ID })
}

func (l *loader) licences() []string {
	return ids(l.city.Licences, func(t LicenceType) string { return t.ID })
}

func (l *loader) resources() []string {
	return ids(l.city.Resources, func(r Resource) string { return r.ID })
}

func (l *loader) checkProfile() {
	p, n := l.city.Profile, note{doc: l.docs[profileFile]}
	n.in("id").id(p.ID, map[string]bool{})
	if p.Code != "" && !code6.MatchString(p.Code) {
		n.in("code").say(i18n.M("catalog.check.area", "code", p.Code), i18n.M("catalog.check.area.fix"))
	}
	seen := map[string]bool{}
	for i, a := range p.Areas {
		at := n.in("areas", i, "code")
		if !code6.MatchString(a.Code) || len(p.Code) == 6 && a.Code[:2] != p.Code[:2] {
			at.say(i18n.M("catalog.check.area", "code", a.Code), i18n.M("catalog.check.area.fix"))
		}
		at.id(a.Code, seen)
	}
	n.in("areas").some(len(p.Areas))
	seen = map[string]bool{}
	for i, s := range p.Sectors {
		n.in("sectors", i, "id").id(s.ID, seen)
	}
	n.in("sectors").some(len(p.Sectors))
	for i, id := range p.Popular {
		n.in("popular", i).known(i18n.M("catalog.kind.service"), id, l.services())
	}
	for i, id := range p.Events {
		n.in("events", i).known(i18n.M("catalog.kind.event"), id, ids(l.city.Events, func(e *LifeEvent) string { return e.ID }))
	}
}

func (l *loader) checkAgencies() {
	n, seen, codes := note{doc: l.docs[agenciesFile]}, map[string]bool{}, map[string]bool{}
	for i, a := range l.city.Agencies {
		n.in(i, "id").id(a.ID, seen)
		n.in(i, "code").uscc(a.Code)
		if a.Code != "" && codes[a.Code] {
			n.in(i, "code").say(i18n.M("catalog.check.twice", "id", a.Code), i18n.M("catalog.check.twice.fix"))
		}
		codes[a.Code] = true
		n.in(i, "level").among(a.Level, "city", "district", "street")
	}
}

func (l *loader) checkLicences() {
	n, seen := note{doc: l.docs[licencesFile]}, map[string]bool{}
	for i, t := range l.city.Licences {
		at := n.in(i)
		at.in("id").id(t.ID, seen)
		at.in("issuer").known(i18n.M("catalog.kind.agency"), t.Issuer, l.agencies())
		if len(t.Code) != 21 || strings.Trim(t.Code[18:], "0123456789") != "" {
			if t.Code != "" {
				at.in("code").say(i18n.M("catalog.check.licenceCode", "code", t.Code), i18n.M("catalog.check.licenceCode.fix"))
			}
		} else {
			at.in("code").uscc(t.Code[:18])
		}
		keys := map[string]bool{}
		for j, c := range t.Claims {
			at.in("claims", j, "key").key(c.Key, keys)
		}
		at.in("claims").some(len(t.Claims))
		if t.Founds && !keys["name"] {
			at.in("founds").say(i18n.M("catalog.check.founds"), i18n.M("catalog.check.founds.fix"))
		}
		l.checkRegistration(at.in("registers"), t, keys)
	}
}

func (l *loader) checkRegistration(n note, t LicenceType, claims map[string]bool) {
	if t.Registers == nil {
		return
	}
	if !n.in("resource").known(i18n.M("catalog.kind.resource"), t.Registers.Resource, l.resources()) {
		return
	}
	resource, _ := l.city.Resource(t.Registers.Resource)
	fields := ids(resource.Fields, func(f ResourceField) string { return f.Key })
	for _, field := range slices.Sorted(maps.Keys(t.Registers.Fields)) {
		at := n.in("fields", field)
		at.known(i18n.M("catalog.kind.field"), field, fields)
		at.known(i18n.M("catalog.kind.claim"), t.Registers.Fields[field], slices.Sorted(maps.Keys(claims)))
	}
}

func (l *loader) checkResources() {
	n, seen := note{doc: l.docs[resourcesFile]}, map[string]bool{}
	for i, r := range l.city.Resources {
		n.in(i, "id").key(strings.ReplaceAll(r.ID, "-", "_"), seen)
		n.in(i, "agency").known(i18n.M("catalog.kind.agency"), r.Agency, l.agencies())
		n.in(i, "fields").some(len(r.Fields))
		keys := map[string]bool{}
		for j, f := range r.Fields {
			n.in(i, "fields", j, "key").key(f.Key, keys)
			n.in(i, "fields", j, "type").among(f.Type, "string", "int", "double", "bool", "date")
		}
	}
}

func (l *loader) checkOfficers() {
	n, seen := note{doc: l.docs[officersFile]}, map[string]bool{}
	for i, o := range l.city.Officers {
		n.in(i, "id").id(o.ID, seen)
		n.in(i, "agency").known(i18n.M("catalog.kind.agency"), o.Agency, l.agencies())
		n.in(i, "area").known(i18n.M("catalog.kind.area"), o.Area, l.areas())
		n.in(i, "roles").some(len(o.Roles))
		n.in(i, "roles").set(o.Roles, "officer", "decider", "clerk", "supervisor", "steward")
	}
}

func (l *loader) areas() []string {
	return ids(l.city.Profile.Areas, func(a Area) string { return a.Code })
}

func (l *loader) checkSynonyms() {
	n := note{doc: l.docs[synonymsFile]}
	for i, row := range l.city.Synonyms {
		if len(row) < 2 {
			n.in(strconv.Itoa(i)).say(i18n.M("catalog.check.synonym"), i18n.M("catalog.check.synonym.fix"))
		}
	}
}
