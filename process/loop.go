package process

import (
	"reflect"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// items are the items of a multi-instance activity's collection.
func (m *machine) items(n *node, up int) ([]any, error) {
	var value any = m.visible(up)
	for _, key := range n.loop.path {
		vars, ok := value.(Vars)
		if !ok {
			value = nil
			break
		}
		value = vars[key]
	}
	list, ok := value.([]any)
	if !ok {
		v := reflect.ValueOf(value)
		if v.Kind() != reflect.Slice {
			return nil, refuse(fault.Invalid, m.op, i18n.M("process.run.collection", "element", n.label(), "name", n.loop.collection))
		}
		for i := range v.Len() {
			list = append(list, v.Index(i).Interface())
		}
	}
	if len(list) > maxItems {
		return nil, refuse(fault.Invalid, m.op, i18n.M("process.run.items", "element", n.label(), "max", maxItems))
	}
	return list, nil
}

// loop begins a multi-instance activity: one token for it as a whole, which its
// boundary timers watch, and one for each instance.
func (m *machine) loop(n *node, up int) error {
	items, err := m.items(n, up)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		m.leave(n, up)
		return nil
	}
	progress := &round{Left: len(items), Outcomes: make([]any, len(items))}
	body := m.rest(live{token: token{Up: up, Loop: progress}, node: n})
	if n.loop.sequential {
		progress.Rest = items[1:]
		items = items[:1]
	}
	for i, item := range items {
		if err := m.instance(body, i, item); err != nil {
			return err
		}
	}
	m.arm(body)
	return nil
}

func (m *machine) instance(body live, turn int, item any) error {
	t := live{token: token{Up: body.ID, Turn: turn}, node: body.node}
	if key := body.node.loop.item; key != "" {
		t.Item = Vars{key: item}
	}
	return m.begin(m.rest(t))
}

// turn counts a finished instance: the next item begins, or the activity ends.
func (m *machine) turn(body *live, t live, outcome any) error {
	progress := *body.Loop
	progress.Left--
	progress.Outcomes = append([]any(nil), progress.Outcomes...)
	if t.Turn < len(progress.Outcomes) {
		progress.Outcomes[t.Turn] = outcome
	}
	if progress.Left > 0 {
		next := progress.Rest
		if len(next) > 0 {
			progress.Rest = next[1:]
		}
		body.Loop = &progress
		if len(next) > 0 {
			return m.instance(*body, t.Turn+1, next[0])
		}
		return nil
	}
	whole := *body
	if t.node.Kind != Subprocess && t.node.Kind != CallActivity {
		m.vars = merge(m.vars, taskVar(t.node, "outcomes", progress.Outcomes))
	}
	return m.finish(whole, nil)
}
