package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"
)

// maxFiles is how many files a pack may have: several times the services of
// the largest city.
const maxFiles = 50_000

// Load reads a pack and checks it as a whole. It never stops at the first
// fault: the problems are all that the pack has, in the order of files and
// lines. The city is usable only where there are none; it is never nil.
func Load(fsys fs.FS) (*City, []Problem) {
	l := &loader{
		fsys: fsys, docs: map[string]*document{}, seen: map[string]bool{}, policies: map[string]bool{}, sum: sha256.New(),
		city: &City{Forms: map[string]*form.Form{}, Processes: map[string]*process.Definition{}},
	}
	l.names = l.list()
	for _, want := range []string{profileFile, calendarFile, agenciesFile, licencesFile, resourcesFile} {
		if !slices.Contains(l.names, want) {
			l.whole(want, i18n.M("catalog.load.absent"), i18n.M("catalog.load.absent.fix"))
		}
	}
	for _, name := range l.names {
		if src, ok := l.bytes(name); ok {
			l.file(name, src)
		}
	}
	l.calendar()
	c := l.city
	c.Sectors = c.Profile.Sectors
	c.Version = hex.EncodeToString(l.sum.Sum(nil))[:16]
	c.order()
	c.services = make(map[string]*Service, len(c.Services))
	for _, s := range c.Services {
		c.services[s.ID] = s
	}
	c.policies = make(map[string]*Policy, len(c.Policies))
	for _, p := range c.Policies {
		c.policies[p.ID] = p
	}
	l.attributes()
	l.check()
	c.present()
	for _, d := range l.docs {
		l.problems = append(l.problems, d.Problems...)
	}
	return c, sortProblems(l.problems)
}

// The files of a pack that stand alone. Services, policies, events, forms and
// processes have a folder each.
const (
	profileFile    = "city.yaml"
	calendarFile   = "calendar.yaml"
	agenciesFile   = "agencies.yaml"
	licencesFile   = "licences.yaml"
	resourcesFile  = "resources.yaml"
	attributesFile = "attributes.yaml"
	peopleFile     = "people.yaml"
	officersFile   = "officers.yaml"
	synonymsFile   = "synonyms.yaml"
)

// loader gathers a pack. docs holds the tree of every YAML file by name, so
// that checks across files can point at the place.
type loader struct {
	fsys     fs.FS
	city     *City
	docs     map[string]*document
	days     []byte          // calendar.yaml, read when the zone is known
	names    []string        // the pack's files
	seen     map[string]bool // service ids
	policies map[string]bool // policy ids
	problems []Problem
	sum      hash.Hash
}

func (l *loader) whole(file string, message, fix i18n.Text) {
	l.problems = append(l.problems, Problem{File: file, Line: 1, Col: 1, Message: message, Fix: fix})
}

// list names the pack's files in order; hidden ones and notes are left out.
func (l *loader) list() []string {
	var names []string
	err := fs.WalkDir(l.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir(), path.Ext(name) == ".md":
		case len(names) == maxFiles:
			l.whole(name, i18n.M("catalog.load.many", "max", maxFiles), i18n.M("catalog.load.many.fix"))
			return fs.SkipAll
		default:
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		l.whole(".", i18n.M("catalog.load.folder"), i18n.M("catalog.load.folder.fix"))
	}
	return names
}

// bytes reads one file, bounded, and adds it to the pack's version.
func (l *loader) bytes(name string) ([]byte, bool) {
	info, err := fs.Stat(l.fsys, name)
	if err == nil && info.Size() > source.MaxBytes {
		l.whole(name, i18n.M("catalog.load.large", "max", source.MaxBytes>>10), i18n.M("catalog.load.large.fix"))
		return nil, false
	}
	src, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		l.whole(name, i18n.M("catalog.load.unreadable"), i18n.M("catalog.load.unreadable.fix"))
		return nil, false
	}
	digest := sha256.Sum256(src)
	l.sum.Write(append([]byte(name+"\x00"), digest[:]...))
	return src, true
}

// file reads one file according to its name.
func (l *loader) file(name string, src []byte) {
	c := l.city
	switch name {
	case profileFile:
		l.yaml(name, src, &c.Profile)
	case calendarFile:
		l.days = src
	case agenciesFile:
		l.yaml(name, src, &c.Agencies)
	case licencesFile:
		l.yaml(name, src, &c.Licences)
	case resourcesFile:
		l.yaml(name, src, &c.Resources)
	case attributesFile:
		l.yaml(name, src, &c.Attributes)
	case peopleFile:
		l.yaml(name, src, &c.People)
	case officersFile:
		l.yaml(name, src, &c.Officers)
	case synonymsFile:
		l.yaml(name, src, &c.Synonyms)
	default:
		l.member(name, src)
	}
}

// member reads a file of one of the folders.
func (l *loader) member(name string, src []byte) {
	c := l.city
	switch {
	case match("services/*/*.yaml", name):
		s := &Service{}
		l.yaml(name, src, s)
		c.Services = append(c.Services, s)
		l.named(name, "id", s.ID)
		if dir := path.Base(path.Dir(name)); s.Sector != "" && s.Sector != dir {
			l.docs[name].problem("sector", i18n.M("catalog.load.sector", "dir", dir), i18n.M("catalog.load.sector.fix", "sector", s.Sector))
		}
	case match("policies/*/*.yaml", name):
		l.policy(name, src)
	case match("events/*.yaml", name):
		e := &LifeEvent{}
		l.yaml(name, src, e)
		c.Events = append(c.Events, e)
		l.named(name, "id", e.ID)
	case match("forms/*.yaml", name):
		l.form(name, src)
	case match("processes/*.bpmn", name):
		l.process(name, src)
	default:
		l.whole(name, i18n.M("catalog.load.stray"), i18n.M("catalog.load.stray.fix"))
	}
}

func match(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

func (l *loader) yaml(name string, src []byte, out any) {
	d := open(name, src)
	l.docs[name] = d
	d.decode(out)
}

// named holds the id in a file to the file's name.
func (l *loader) named(name, path, id string) {
	if want := stem(name); id != "" && id != want {
		l.docs[name].problem(path, i18n.M("catalog.load.name", "id", id, "file", want), i18n.M("catalog.load.name.fix", "file", want))
	}
}

func stem(name string) string {
	return strings.TrimSuffix(path.Base(name), path.Ext(name))
}

func (l *loader) form(name string, src []byte) {
	l.docs[name] = open(name, src)
	l.docs[name].Problems = nil // form.Parse tells of them
	f, err := form.Parse(name, src)
	if l.refused(name, err) {
		return
	}
	if id := l.docs[name].at["$id"]; id != nil {
		l.named(name, "$id", l.docs[name].String(id))
	}
	l.city.Forms[f.ID] = f
}

func (l *loader) process(name string, src []byte) {
	d, err := process.Parse(src)
	if err != nil {
		l.refusedProcess(name, err)
		return
	}
	if d.ID != stem(name) {
		line, col := element(src, d.ID)
		l.problems = append(l.problems, Problem{File: name, Line: line, Col: col,
			Message: i18n.M("catalog.load.name", "id", d.ID, "file", stem(name)),
			Fix:     i18n.M("catalog.load.name.fix", "file", stem(name))})
	}
	l.city.Processes[d.ID] = d
}

// present lists the ids that the pack has files for, those that could not be
// read among them: what refers to them is not at fault.
func (l *loader) present(pattern string) []string {
	var all []string
	for _, name := range l.names {
		if match(pattern, name) {
			all = append(all, stem(name))
		}
	}
	return all
}

// unread reports whether a version names a form that is not there to be looked
// at.
func (l *loader) unread(form string) bool { return form != "" && l.city.Forms[form] == nil }

func (l *loader) calendar() {
	zone, err := time.LoadLocation(l.city.Profile.Zone)
	if d := l.docs[profileFile]; d != nil && l.city.Profile.Zone != "" && err != nil {
		d.problem("zone", i18n.M("catalog.load.zone", "zone", l.city.Profile.Zone), i18n.M("catalog.load.zone.fix"))
	}
	if err != nil {
		zone = time.UTC
	}
	l.city.Calendar = workday.New(zone, nil, nil)
	if l.days == nil {
		return
	}
	calendar, err := workday.Parse(calendarFile, l.days, zone)
	if !l.refused(calendarFile, err) {
		l.city.Calendar = calendar
	}
}

// refused turns another package's error into problems; it reports whether
// there was one.
func (l *loader) refused(name string, err error) bool {
	if err == nil {
		return false
	}
	var faults source.Problems
	if errors.As(err, &faults) {
		l.problems = append(l.problems, faults...)
	} else {
		l.whole(name, i18n.Same(err.Error()), i18n.Text{})
	}
	return true
}
