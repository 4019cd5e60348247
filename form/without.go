package form

import "slices"

// Without is the form without some of its fields: they are not asked, need no
// answer, and an answer to them is not looked at. It is for what another
// service's result will fill in. A step that has no field left is left out.
func (f *Form) Without(keys ...string) *Form {
	if len(keys) == 0 {
		return f
	}
	less := *f
	less.Fields, less.byKey, less.Steps = nil, map[string]*Field{}, nil
	for _, field := range f.Fields {
		if !slices.Contains(keys, field.Key) {
			less.Fields = append(less.Fields, field)
			less.byKey[field.Key] = field
		}
	}
	for _, step := range f.Steps {
		step.Fields = slices.DeleteFunc(slices.Clone(step.Fields), func(key string) bool { return slices.Contains(keys, key) })
		if len(step.Fields) > 0 {
			less.Steps = append(less.Steps, step)
		}
	}
	return &less
}
