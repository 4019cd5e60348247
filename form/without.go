package form

import (
	"maps"
	"slices"
)

// Without is the form without some fields: they are not asked, need no answer
// and are not known. A life event leaves out what one service's result gives to
// another; a field whose Show depends on one that is left out is not asked
// either. A step that has no field left is left out.
func (f *Form) Without(keys ...string) *Form {
	gone := func(key string) bool { return slices.Contains(keys, key) }
	less := *f
	less.Fields = slices.DeleteFunc(slices.Clone(f.Fields), func(field *Field) bool { return gone(field.Key) })
	less.byKey = maps.Clone(f.byKey)
	maps.DeleteFunc(less.byKey, func(key string, _ *Field) bool { return gone(key) })
	less.Steps = nil
	for _, step := range f.Steps {
		step.Fields = slices.DeleteFunc(slices.Clone(step.Fields), gone)
		if len(step.Fields) > 0 {
			less.Steps = append(less.Steps, step)
		}
	}
	return &less
}
