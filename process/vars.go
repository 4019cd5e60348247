package process

import (
	"maps"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// output stores the results of a task.
func (m *machine) output(n *node, out Vars) {
	outcome, told := out["outcome"]
	if told {
		m.vars = merge(m.vars, taskVar(n, "outcome", outcome))
	}
	if len(out) == 0 || told && len(out) == 1 {
		return
	}
	rest := maps.Clone(out)
	delete(rest, "outcome")
	m.vars = merge(m.vars, rest)
}

// taskVar is the variable task.<id>.<key>.
func taskVar(n *node, key string, value any) Vars {
	return Vars{"task": Vars{n.ID: Vars{key: value}}}
}

// merge is old with the new values laid over it, maps being merged key by key.
// Neither is changed.
func merge(old, over Vars) Vars {
	merged := maps.Clone(old)
	if merged == nil {
		merged = make(Vars, len(over))
	}
	for key, value := range over {
		a, isMap := merged[key].(Vars)
		b, both := value.(Vars)
		if isMap && both {
			value = merge(a, b)
		}
		merged[key] = value
	}
	return merged
}

// visible are the variables seen from within the token: those of the process
// with the items of the loops around, the inner ones first.
func (m *machine) visible(up int) Vars {
	vars := m.vars
	var items []Vars
	for up != 0 {
		t := m.find(up)
		if t.Item != nil {
			items = append(items, t.Item)
		}
		up = t.Up
	}
	for i := len(items) - 1; i >= 0; i-- {
		vars = lay(vars, items[i])
	}
	return vars
}

// lay is vars with the values of over in place of those of the same name.
func lay(vars, over Vars) Vars {
	vars = maps.Clone(vars)
	maps.Copy(vars, over)
	return vars
}

// messageOf is what an error says to people.
func messageOf(err error) i18n.Text {
	_, message, _ := fault.Shown(err)
	return message
}
