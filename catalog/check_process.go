package catalog

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/process"
)

// refusedProcess turns the errors of package process into problems.
func (l *loader) refusedProcess(name string, err error) {
	var all process.Errors
	if !errors.As(err, &all) {
		l.whole(name, i18n.Same(err.Error()), i18n.Text{})
		return
	}
	for _, e := range all {
		l.problems = append(l.problems, Problem{File: name, Line: e.Line, Col: e.Col, Message: e.Message})
	}
}

// checkProcesses links the processes to one another and holds what their tasks
// name to what the pack has.
func (l *loader) checkProcesses() {
	for _, id := range slices.Sorted(maps.Keys(l.city.Processes)) {
		d := l.city.Processes[id]
		file := "processes/" + id + ".bpmn"
		if err := d.Link(l.city.Processes); err != nil {
			l.refusedProcess(file, err)
		}
		for _, e := range d.Elements() {
			message, fix, ok := l.task(e)
			if !ok {
				line, col := element(d.Source(), e.ID)
				l.problems = append(l.problems, Problem{File: file, Line: line, Col: col, Message: message, Fix: fix})
			}
		}
	}
}

func (l *loader) task(e *process.Element) (message, fix i18n.Text, ok bool) {
	switch e.Kind {
	case process.UserTask:
		duties := []string{"accept", "review", "consult", "decide", "deliver"}
		if duty := e.Attrs["duty"]; !slices.Contains(duties, duty) {
			return i18n.M("catalog.process.duty", "id", e.ID, "duty", duty), oneOf(duty, duties), false
		}
	case process.ServiceTask:
		call, resource, fact := strings.Cut(e.Attrs["call"], ":")
		switch {
		case fact && call == "fact" && slices.Contains(l.resources(), resource):
		case !fact && (call == "issue" || call == "notify"):
		default:
			return i18n.M("catalog.process.call", "id", e.ID, "call", e.Attrs["call"]), i18n.M("catalog.process.call.fix"), false
		}
	}
	return i18n.Text{}, i18n.Text{}, true
}

// roles lists the agency roles that a process's user tasks name, those of the
// processes it calls among them, and reports whether it issues a licence.
func (c *City) roles(d *process.Definition) (used []string, issues bool) {
	for _, d := range c.reach(d) {
		for _, e := range d.Elements() {
			if e.Kind == process.UserTask && e.Attrs["agency"] != "" {
				used = append(used, e.Attrs["agency"])
			}
			issues = issues || e.Kind == process.ServiceTask && e.Attrs["call"] == "issue"
		}
	}
	slices.Sort(used)
	return slices.Compact(used), issues
}

// reach is a process with all that it calls, each once.
func (c *City) reach(d *process.Definition) []*process.Definition {
	all := []*process.Definition{d}
	for i := 0; i < len(all); i++ {
		for _, id := range all[i].Calls() {
			if next := c.Processes[id]; next != nil && !slices.Contains(all, next) {
				all = append(all, next)
			}
		}
	}
	return all
}

// checkVariables holds what a process's conditions read to what a case of this
// version knows.
func (l *loader) checkVariables(n note, d *process.Definition, dict *criterion.Dict) {
	for _, d := range l.city.reach(d) {
		var own []string
		for _, e := range d.Elements() {
			own = append(own, e.Attrs["result"], e.Attrs["item"])
		}
		for _, name := range d.Variables() {
			head, _, _ := strings.Cut(name, ".")
			if slices.Contains(own, head) {
				continue
			}
			if !l.reads(d, name, dict) {
				n.say(i18n.M("catalog.process.variable", "process", d.ID, "name", name), i18n.M("catalog.process.variable.fix"))
			}
		}
	}
}

// reads reports whether a variable that a process reads will be there: one of
// the dictionary, or the outcome of one of the process's own tasks.
func (l *loader) reads(d *process.Definition, name string, dict *criterion.Dict) bool {
	if rest, ok := strings.CutPrefix(name, "task."); ok {
		id, _, _ := strings.Cut(rest, ".")
		_, known := d.Element(id)
		return known
	}
	_, err := criterion.Compile(name, dict)
	return err == nil
}

// element is the place in a BPMN file of the element with the id.
func element(src []byte, id string) (line, col int) {
	i := bytes.Index(src, []byte(` id="`+id+`"`))
	if i < 0 {
		return 1, 1
	}
	start := max(0, bytes.LastIndexByte(src[:i], '<'))
	line = 1 + bytes.Count(src[:start], []byte("\n"))
	return line, 1 + utf8.RuneCount(src[bytes.LastIndexByte(src[:start], '\n')+1:start])
}
