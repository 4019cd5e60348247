package casework

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
)

// Answer records the answers to the scenario questions. Errors: Invalid with a
// field "/scenario/ID" for an answer that is not offered.
func (o *Office) Answer(ctx context.Context, pr policy.Principal, draftID string, rev int64, scenario map[string]string) (Draft, error) {
	const op = "casework.Answer"
	return o.change(ctx, pr, draftID, rev, func(ctx context.Context, tx db.Tx, d *Draft) error {
		members, err := o.members(op, *d)
		if err != nil {
			return err
		}
		if wrong := checkScenario(members, scenario, false); len(wrong) > 0 {
			return fault.Fields(op, wrong...)
		}
		maps.Copy(d.Scenario, scenario)
		return nil
	})
}

// Save stores the values of one step and then checks that step: where the
// check finds faults the values are kept all the same, and the error is Invalid
// with a field for each. Fields of the step that values lacks are emptied. A
// step of -1 sets just the given values, and a nil value empties its field;
// fields that the form does not know, and other values for those that are never
// typed, are refused and nothing is stored.
func (o *Office) Save(ctx context.Context, pr policy.Principal, draftID string, rev int64, step int, values map[string]any) (Draft, error) {
	const op = "casework.Save"
	var wrong []fault.Field
	d, err := o.change(ctx, pr, draftID, rev, func(ctx context.Context, tx db.Tx, d *Draft) error {
		if refused := append(unknownFields(d.Form, values), fixedFields(d, values)...); len(refused) > 0 {
			return fault.Fields(op, refused...)
		}
		if step >= len(d.Form.Steps) || step < -1 {
			return fault.New(fault.NotFound, op, i18n.M("casework.noStep"))
		}
		if step >= 0 {
			for _, key := range d.Form.Steps[step].Fields {
				if !d.Form.Field(key).Readonly {
					set(d, key, values[key])
				}
			}
			wrong = d.Form.Step(d.Data, step)
			if len(wrong) == 0 && d.Step == step {
				d.Step = step + 1
			}
			return nil
		}
		for key, value := range values {
			set(d, key, value)
		}
		wrong = presentFaults(d.Form.Validate(d.Data), values)
		return nil
	})
	if err == nil && len(wrong) > 0 {
		err = fault.Fields(op, wrong...)
	}
	return d, err
}

// presentFaults keeps the faults of fields that values sets.
func presentFaults(all []fault.Field, values map[string]any) []fault.Field {
	return slices.DeleteFunc(all, func(f fault.Field) bool {
		v, ok := values[fieldKey(f.Pointer)]
		return !ok || v == nil
	})
}

func fieldKey(pointer string) string {
	if len(pointer) > 0 && pointer[0] == '/' {
		pointer = pointer[1:]
	}
	return pointer
}

func unknownFields(f *form.Form, values map[string]any) []fault.Field {
	known := map[string]bool{}
	for _, field := range f.Fields {
		known[field.Key] = true
	}
	var unknown []fault.Field
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !known[key] && len(unknown) < maxUnknown {
			key = clip(key)
			unknown = append(unknown, fault.Field{Pointer: "/" + pointers.Replace(key), Message: i18n.M("casework.unknownField", "field", key)})
		}
	}
	return unknown
}

// fixedFields are the values that differ in fields that are shown and filled,
// and never typed.
func fixedFields(d *Draft, values map[string]any) []fault.Field {
	var fixed []fault.Field
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if f := d.Form.Field(key); f != nil && f.Readonly && !same(d.Data[key], values[key]) {
			fixed = append(fixed, fault.Field{Pointer: "/" + pointers.Replace(key), Message: i18n.M("casework.fixedField", "field", f.Label)})
		}
	}
	return fixed
}

// pointers writes a key in a JSON pointer (RFC 6901).
var pointers = strings.NewReplacer("~", "~0", "/", "~1")

// maxUnknown is the most unknown fields that are told of.
const maxUnknown = 20

// clip shortens what somebody else made up, for a message.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// set stores one value; a prefilled field whose value changes is marked edited.
func set(d *Draft, key string, value any) {
	if p, ok := d.Provenance[key]; ok && !p.Edited && !same(d.Data[key], value) {
		p.Edited = true
		d.Provenance[key] = p
	}
	if value == nil {
		delete(d.Data, key)
		return
	}
	d.Data[key] = value
}

// same compares two values as JSON sees them: numbers by value.
func same(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	}
	return 0, false
}

// Pledge records, or takes back, the pledge that replaces a document. Errors:
// Invalid where the law allows no pledge for it.
func (o *Office) Pledge(ctx context.Context, pr policy.Principal, draftID, requirement string, agreed bool) (Draft, error) {
	const op = "casework.Pledge"
	return o.change(ctx, pr, draftID, 0, func(ctx context.Context, tx db.Tx, d *Draft) error {
		req, err := o.requirement(op, *d, requirement)
		if err != nil {
			return err
		}
		if req.Pledge.IsZero() {
			return fault.Fields(op, fault.Field{Pointer: "/evidence/" + requirement, Message: i18n.M("casework.noPledge")})
		}
		if !agreed {
			delete(d.body.Pledges, requirement)
			return nil
		}
		d.body.Pledges[requirement] = ms(o.Clock())
		return nil
	})
}
