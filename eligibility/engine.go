package eligibility

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// EngineDeps is what an Engine works with; all are needed.
type EngineDeps struct {
	DB       *db.DB
	City     *catalog.City
	Exchange *exchange.Store
	Dir      string // where the snapshots are kept
	Clock    clock.Clock
	Log      *slog.Logger
}

// Engine is the populations of a city, residents and firms, built from its
// registers and kept current. It is safe for concurrent use. Until Rebuild or
// Open has succeeded its questions fail with Unavailable.
type Engine struct {
	EngineDeps
	crowds   map[string]*crowd
	building sync.Mutex   // one at a time
	loads    atomic.Int64 // how many populations were put in place
	moved    atomic.Int64
}

// crowd is the population of one audience.
type crowd struct {
	audience   string
	attributes []catalog.Attribute
	of         map[string][]catalog.Attribute // by register
	own        map[string]bool
	schema     *Schema

	mu       sync.RWMutex // of what follows
	pop      *Population
	built    time.Time // all that was written before is in it
	programs map[workday.Date]*Program
}

// maxPrograms bounds the days whose programs are kept.
const maxPrograms = 64

// NewEngine is an engine without populations yet.
func NewEngine(deps EngineDeps) *Engine {
	e := &Engine{EngineDeps: deps, crowds: map[string]*crowd{}}
	for _, audience := range audiences() {
		c := &crowd{audience: audience, attributes: deps.City.AttributesOf(audience), of: map[string][]catalog.Attribute{},
			own: own(deps.City.Attributes, audience), schema: NewSchema(deps.City.Attributes, audience), programs: map[workday.Date]*Program{}}
		for _, a := range c.attributes {
			c.of[a.Resource()] = append(c.of[a.Resource()], a)
		}
		e.crowds[audience] = c
	}
	return e
}

// Today is the city's day.
func (e *Engine) Today() workday.Date { return workday.DateOf(e.Clock(), e.City.Calendar.Zone()) }

// Close gives the snapshots back.
func (e *Engine) Close() error {
	for _, c := range e.crowds {
		c.mu.Lock()
		if c.pop != nil {
			if err := c.pop.Close(); err != nil {
				e.Log.Error("a snapshot does not close", "audience", c.audience, "error", err)
			}
			c.pop = nil
		}
		c.mu.Unlock()
	}
	return nil
}

func (e *Engine) crowd(op, audience string) (*crowd, error) {
	c, ok := e.crowds[audience]
	if !ok {
		return nil, fault.New(fault.NotFound, op, i18n.M("engine.audience", "audience", audience))
	}
	return c, nil
}

// with runs fn over the population of an audience and the program of a day. The
// population stays open while fn runs.
func (e *Engine) with(op, audience string, day workday.Date, fn func(*Population, *Program) error) error {
	c, err := e.crowd(op, audience)
	if err != nil {
		return err
	}
	prog, err := c.program(e.City, day)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.pop == nil {
		return fault.New(fault.Unavailable, op, i18n.M("engine.notReady"))
	}
	return fn(c.pop, prog)
}

// Prepare compiles the policies in force on a day, which the first question
// about the day would do otherwise.
func (e *Engine) Prepare(audience string, day workday.Date) error {
	return e.with("eligibility.Prepare", audience, day, func(*Population, *Program) error { return nil })
}

// program is the policies in force on a day.
func (c *crowd) program(city *catalog.City, day workday.Date) (*Program, error) {
	c.mu.RLock()
	prog, ok := c.programs[day]
	c.mu.RUnlock()
	if ok {
		return prog, nil
	}
	prog, err := ProgramOf(city, c.audience, day)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.programs) >= maxPrograms {
		clear(c.programs)
	}
	c.programs[day] = prog
	return prog, nil
}

// audiences are whom populations are made of.
func audiences() []string { return []string{"resident", "firm"} }

// Open takes up the snapshots of an earlier run, which Follow then brings up to
// date; what there is none of, or of another pack, is built.
func (e *Engine) Open(ctx context.Context, progress func(audience string, rows int)) error {
	e.building.Lock()
	defer e.building.Unlock()
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		return fmt.Errorf("eligibility.Open: %w", err)
	}
	for _, audience := range audiences() {
		c := e.crowds[audience]
		info, err := os.Stat(e.file(c))
		if err == nil {
			err = e.load(c, info.ModTime())
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			e.Log.InfoContext(ctx, "a snapshot is built anew", "audience", audience, "why", err)
		}
		if err := e.rebuild(ctx, c, progress); err != nil {
			return fmt.Errorf("eligibility.Open: %s: %w", audience, err)
		}
	}
	return nil
}

// Rebuild reads all registers and puts new populations in the place of those
// there were. progress, which may be nil, hears how many subjects were read.
func (e *Engine) Rebuild(ctx context.Context, progress func(audience string, rows int)) error {
	e.building.Lock()
	defer e.building.Unlock()
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		return fmt.Errorf("eligibility.Rebuild: %w", err)
	}
	for _, audience := range audiences() {
		if err := e.rebuild(ctx, e.crowds[audience], progress); err != nil {
			return fmt.Errorf("eligibility.Rebuild: %s: %w", audience, err)
		}
	}
	return nil
}

func (e *Engine) rebuild(ctx context.Context, c *crowd, progress func(string, int)) error {
	started := e.Clock()
	heard := func(rows int) {
		if progress != nil {
			progress(c.audience, rows)
		}
	}
	if err := Build(ctx, e.file(c), c.schema, e.rows(ctx, c, started), heard); err != nil {
		return err
	}
	if err := os.Chtimes(e.file(c), started, started); err != nil { // the time of the registers that are in it
		return err
	}
	return e.load(c, started)
}

func (e *Engine) file(c *crowd) string { return filepath.Join(e.Dir, c.audience+".tbp") }

// load opens the snapshot of a crowd, in which is all that was written before
// built.
func (e *Engine) load(c *crowd, built time.Time) error {
	pop, err := Open(e.file(c), c.schema)
	if err != nil {
		return err
	}
	c.mu.Lock()
	before := c.pop
	c.pop, c.built = pop, built
	c.mu.Unlock()
	e.loads.Add(1)
	if before == nil {
		return nil
	}
	return before.Close()
}

// rows is the audience's subjects as the registers have them.
func (e *Engine) rows(ctx context.Context, c *crowd, now time.Time) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		err := e.Exchange.Each(ctx, func(subject party.ID, entries map[string]exchange.Entry) error {
			if !c.has(entries) {
				return nil
			}
			if !yield(Row{ID: subject, Facts: FactsOf(c.attributes, entries, now)}, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(Row{}, err)
		}
	}
}

var errStopped = errors.New("no more rows are wanted")

// has reports whether a subject with these entries belongs to the audience.
func (c *crowd) has(entries map[string]exchange.Entry) bool {
	for resource := range entries {
		if c.own[resource] {
			return true
		}
	}
	return false
}

// Refresh takes up what a register says now of a subject, and gives what that
// changes in what the subject is entitled to today.
func (e *Engine) Refresh(ctx context.Context, news exchange.News) ([]Move, error) {
	var all []Move
	for _, audience := range audiences() {
		c := e.crowds[audience]
		attributes, ok := c.of[news.Resource]
		if !ok {
			continue
		}
		err := e.with("eligibility.Refresh", audience, e.Today(), func(p *Population, prog *Program) error {
			moves, ok := p.Amend(prog, news.Subject, said(attributes, news, e.Clock()))
			if !ok { // perhaps the first that is heard of them
				entries, err := e.Exchange.Entries(ctx, e.DB.Reader(), news.Subject)
				if err != nil || !c.has(entries) {
					return err
				}
				moves = p.Change(prog, news.Subject, FactsOf(c.attributes, entries, e.Clock()))
			}
			all = append(all, moves...)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("eligibility.Refresh: %w", err)
		}
	}
	e.moved.Add(int64(len(all)))
	return all, nil
}

// Moved is how many entitlements have begun or ended by what Refresh has taken
// up since the engine was made.
func (e *Engine) Moved() int64 { return e.moved.Load() }
