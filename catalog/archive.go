package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/tongban/tongban/catalog/internal/store"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/process"
)

// The kinds of what is archived.
const (
	keptVersion = "version"
	keptForm    = "form"
	keptProcess = "process"
)

// Publish keeps every version, form and process of the city under its hash, so
// that cases begun on them can be finished after the pack has moved on. What is
// kept already is left as it is; nothing is ever taken out.
func Publish(ctx context.Context, tx db.Tx, c *City) error {
	q := store.New(tx)
	rows, err := q.Kept(ctx)
	if err != nil {
		return fmt.Errorf("catalog.Publish: %w", err)
	}
	kept := make(map[store.KeptRow]bool, len(rows))
	for _, row := range rows {
		kept[row] = true
	}
	items, err := c.items()
	if err != nil {
		return fmt.Errorf("catalog.Publish: %w", err)
	}
	later := store.New(tx.Later())
	for _, item := range items {
		if kept[store.KeptRow{Kind: item.Kind, Hash: item.Hash}] {
			continue
		}
		if err := later.Keep(ctx, item); err != nil {
			return fmt.Errorf("catalog.Publish: %s %s: %w", item.Kind, item.Name, err)
		}
	}
	return nil
}

// items are all that cases of the city can be pinned to. A version is kept
// inside its service; a process with the sources of all that it calls.
func (c *City) items() ([]store.KeepParams, error) {
	var all []store.KeepParams
	for _, s := range c.Services {
		for i := range s.Versions {
			v := &s.Versions[i]
			if !v.Online() {
				continue // no case can begin on it
			}
			one := *s
			one.Versions = s.Versions[i : i+1]
			body, err := json.Marshal(one)
			if err != nil {
				return nil, fmt.Errorf("service %s: %w", s.ID, err)
			}
			all = append(all, store.KeepParams{Kind: keptVersion, Hash: v.Hash(), Name: s.ID, Body: string(body)})
		}
	}
	for id, f := range c.Forms {
		all = append(all, store.KeepParams{Kind: keptForm, Hash: f.Hash, Name: id, Body: string(f.Source())})
	}
	for id, d := range c.Processes {
		var sources []string
		for _, called := range c.reach(d) {
			sources = append(sources, string(called.Source()))
		}
		body, err := json.Marshal(sources)
		if err != nil {
			return nil, fmt.Errorf("process %s: %w", id, err)
		}
		all = append(all, store.KeepParams{Kind: keptProcess, Hash: d.Hash, Name: id, Body: string(body)})
	}
	return all, nil
}

// Archive reads back what Publish has kept. What it has read stays in memory:
// a hash never changes its meaning. It is safe for concurrent use.
type Archive struct {
	read sync.Map // kind + hash -> *Service, *form.Form or *process.Definition
}

// NewArchive is an archive that has read nothing yet.
func NewArchive() *Archive { return &Archive{} }

// Version is the version with the hash and its service, which has only that
// version. An unknown hash is a fault NotFound.
func (a *Archive) Version(ctx context.Context, q db.Queryer, hash string) (*Service, *ServiceVersion, error) {
	s, err := fetch(ctx, a, q, keptVersion, hash, func(_, body string) (*Service, error) {
		s := &Service{}
		if err := json.Unmarshal([]byte(body), s); err != nil {
			return nil, err
		}
		if len(s.Versions) != 1 || s.Versions[0].Hash() != hash {
			return nil, errors.New("the body is not what the hash says")
		}
		return s, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return s, &s.Versions[0], nil
}

// Form is the form with the hash; an unknown one is a fault NotFound.
func (a *Archive) Form(ctx context.Context, q db.Queryer, hash string) (*form.Form, error) {
	return fetch(ctx, a, q, keptForm, hash, func(name, body string) (*form.Form, error) {
		return form.Parse(name+".yaml", []byte(body))
	})
}

// Process is the process with the hash, linked to what it called when it was
// first published; an unknown one is a fault NotFound.
func (a *Archive) Process(ctx context.Context, q db.Queryer, hash string) (*process.Definition, error) {
	return fetch(ctx, a, q, keptProcess, hash, func(name, body string) (*process.Definition, error) {
		var sources []string
		if err := json.Unmarshal([]byte(body), &sources); err != nil {
			return nil, err
		}
		all := map[string]*process.Definition{}
		for _, src := range sources {
			d, err := process.Parse([]byte(src))
			if err != nil {
				return nil, err
			}
			all[d.ID] = d
		}
		for _, d := range all {
			if err := d.Link(all); err != nil {
				return nil, err
			}
		}
		if all[name] == nil {
			return nil, errors.New("the process itself is not among its sources")
		}
		return all[name], nil
	})
}

func fetch[T any](ctx context.Context, a *Archive, q db.Queryer, kind, hash string, parse func(name, body string) (*T, error)) (*T, error) {
	if v, ok := a.read.Load(kind + hash); ok {
		return v.(*T), nil
	}
	op := "catalog.Archive." + kind
	row, err := store.New(q).Fetch(ctx, store.FetchParams{Kind: kind, Hash: hash})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, op, i18n.M("catalog.archive.absent"))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	v, err := parse(row.Name, row.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %s %s: %w", op, row.Name, hash, err)
	}
	a.read.Store(kind+hash, v)
	return v, nil
}
