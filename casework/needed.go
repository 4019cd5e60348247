package casework

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/process"
)

// needed is the part of a case's variables that its process and its licences
// read. The rest stays in the dossier: what every step rewrites is kept small.
func (o *Office) needed(svc *catalog.Service, ver *catalog.ServiceVersion, def *process.Definition, vars map[string]any) map[string]any {
	names := o.read(svc.ID+"@"+ver.Effective.String()+"@"+def.Hash, ver, def)
	kept := make(map[string]any, len(names))
	for name, value := range vars {
		if names[name] {
			kept[name] = value
		}
	}
	return kept
}

// read is the set of variables, without what follows a dot, that the process's
// conditions and the version's claims read.
func (o *Office) read(key string, ver *catalog.ServiceVersion, def *process.Definition) map[string]bool {
	if known, ok := o.names.Load(key); ok {
		return known.(map[string]bool)
	}
	names := map[string]bool{}
	add := func(variables []string) {
		for _, v := range variables {
			name, _, _ := strings.Cut(v, ".")
			names[name] = true
		}
	}
	add(def.Variables())
	calls := def.Calls()
	for i := 0; i < len(calls); i++ {
		d, ok := o.City.Processes[calls[i]]
		if !ok {
			continue
		}
		add(d.Variables())
		for _, more := range d.Calls() {
			if !slices.Contains(calls, more) {
				calls = append(calls, more)
			}
		}
	}
	for _, output := range ver.Outputs {
		t, _ := o.City.LicenceType(output)
		for _, claim := range t.Claims {
			src, ok := ver.Claims[claim.Key]
			if !ok {
				src = claim.Key
			}
			if rule, err := o.rules.get(src); err == nil {
				add(rule.Variables())
			}
		}
	}
	o.names.Store(key, names)
	return names
}
