package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/bus"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/packs"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// app is every room of the house, wired.
type app struct {
	cfg       config.Config
	log       *slog.Logger
	db        *db.DB
	city      *catalog.City
	index     *catalog.Index
	parties   *party.Store
	exchange  *exchange.Store
	licences  *licence.Store
	policy    *policy.Policy
	archive   *catalog.Archive
	office    *casework.Office
	messages  *outreach.Store
	ledger    *ledger.Log
	ledgerKey string
	book      *eligibility.Book
	engine    *eligibility.Engine
	grants    *grant.Store
	post      *outreach.Post
	offers    *outreach.Offers
	worker    *db.Worker
	bus       *bus.Bus
}

// sequenceEvery is how often new leaves get their place in the log.
const sequenceEvery = time.Second

// openApp builds the app; the caller closes it. The database must be migrated.
func openApp(ctx context.Context, cfg config.Config, log *slog.Logger) (a *app, err error) {
	a = &app{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if err := os.MkdirAll(filepath.Join(cfg.Data, "keys"), 0o700); err != nil {
		return a, err
	}
	if a.city, err = loadCity(cfg.Pack); err != nil {
		return a, err
	}
	if a.index, err = catalog.NewIndex(a.city); err != nil {
		return a, err
	}
	if a.db, err = db.Open(ctx, dsn(cfg)); err != nil {
		return a, err
	}
	if err := a.db.Current(ctx); err != nil {
		return a, err
	}
	if err := a.stores(ctx); err != nil {
		return a, err
	}
	a.bus, err = bus.Open(ctx, busOptions(cfg))
	return a, err
}

// busOptions are the configured cluster, or a server in the data folder.
func busOptions(cfg config.Config) bus.Options {
	if cfg.Bus.URL != "" {
		return bus.Options{URL: cfg.Bus.URL, Credentials: cfg.Bus.Credentials}
	}
	return bus.Options{Dir: filepath.Join(cfg.Data, "bus")}
}

// dsn is the configured database, or SQLite in the data folder.
func dsn(cfg config.Config) string {
	if cfg.Database != "" {
		return cfg.Database
	}
	return "sqlite:" + filepath.Join(cfg.Data, "tongban.db")
}

// loadCity reads the pack in a folder; where there is no such folder, the one of
// that name inside the binary.
func loadCity(folder string) (*catalog.City, error) {
	var files fs.FS = os.DirFS(folder)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		inside, subErr := fs.Sub(packs.Files, filepath.Base(folder))
		if _, statErr := fs.Stat(packs.Files, filepath.Base(folder)); subErr != nil || statErr != nil {
			return nil, fmt.Errorf("pack %s: there is no such folder", folder)
		}
		files = inside
	}
	city, problems := catalog.Load(files)
	if len(problems) > 0 {
		var lines []string
		for _, p := range problems {
			lines = append(lines, p.String())
		}
		return nil, fmt.Errorf("pack %s has %d problems:\n%s", folder, len(problems), strings.Join(lines, "\n"))
	}
	return city, nil
}

func (a *app) stores(ctx context.Context) error {
	keys, err := licence.OpenKeys(filepath.Join(a.cfg.Data, "keys", "licences"))
	if err != nil {
		return err
	}
	signer, verifier, err := ledgerKeys(filepath.Join(a.cfg.Data, "keys", "ledger.key"), "tongban/"+a.city.Profile.ID)
	if err != nil {
		return err
	}
	if a.policy, err = policy.Load(); err != nil {
		return err
	}
	if err := a.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, a.city) }); err != nil {
		return err
	}
	now := clock.Clock(clock.System)
	a.parties = party.New(a.db, now)
	a.exchange = exchange.New(a.db, now, a.city.Resources, a.city.Agencies)
	a.licences = licence.New(a.db, keys, now, a.cfg.URL, a.city)
	a.ledger, a.ledgerKey = ledger.Open(a.db, signer, "tongban/"+a.city.Profile.ID, now), verifier
	a.messages = outreach.New(a.db, now)
	a.archive = catalog.NewArchive()
	a.office = casework.New(casework.Deps{DB: a.db, City: a.city, Archive: a.archive, Parties: a.parties, Exchange: a.exchange,
		Licences: a.licences, Policy: a.policy, Clock: now})
	a.worker = db.NewWorker(a.db, now, a.log)
	a.office.Jobs(a.worker)
	if err := a.matching(); err != nil {
		return err
	}
	return a.outreach()
}

// ledgerKeys opens the log's signing key, or makes it at the first start.
func ledgerKeys(file, name string) (note.Signer, string, error) {
	src, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		private, public, err := note.GenerateKey(rand.Reader, name)
		if err != nil {
			return nil, "", err
		}
		if src, err = firstKey(file, []byte(private+"\n"+public+"\n")); err != nil {
			return nil, "", err
		}
	} else if err != nil {
		return nil, "", err
	}
	private, public, ok := strings.Cut(strings.TrimSpace(string(src)), "\n")
	if !ok {
		return nil, "", fmt.Errorf("%s: want two lines, the private key and the public one", file)
	}
	signer, err := note.NewSigner(private)
	return signer, public, err
}

// firstKey writes key to file, whole or not at all, and gives what the file then
// has: of two nodes that start at once, one wins and both use its key.
func firstKey(file string, key []byte) ([]byte, error) {
	temp, err := os.CreateTemp(filepath.Dir(file), "key-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(key)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(temp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(file)
}

// work runs what goes on beside the requests, until ctx ends: jobs, the ledger's
// sequence, and messages.
func (a *app) work(ctx context.Context) (wait func()) {
	outreach.Relay(a.worker, a.bus)
	var group sync.WaitGroup
	group.Go(func() {
		if err := a.worker.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "the worker has stopped", "error", err)
		}
	})
	group.Go(func() { a.ledger.Run(ctx, sequenceEvery, a.log) })
	group.Go(func() { a.follow(ctx) })
	group.Go(func() { a.reach(ctx) })
	group.Go(func() {
		if err := a.messages.Listen(ctx, a.bus); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "messages are not listened for", "error", err)
		}
	})
	return group.Wait
}

func (a *app) close() error {
	var errs []error
	if a.bus != nil {
		a.bus.Close()
	}
	if a.engine != nil {
		errs = append(errs, a.engine.Close())
	}
	if a.index != nil {
		errs = append(errs, a.index.Close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(errs...)
}
