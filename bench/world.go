package bench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/pgtemp"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// files is a city of one agency and one service, whose process has five tasks
// and then issues a licence.
//
//go:embed city
var files embed.FS

// world is that city with an office.
type world struct {
	db       *db.DB
	city     *catalog.City
	office   *casework.Office
	parties  *party.Store
	exchange *exchange.Store
	worker   *db.Worker
	dir      string
	server   *pgtemp.Server
	dsn      string
}

// open makes a world on the engine: SQLite in a temporary folder, PostgreSQL
// at dsn, or, for an empty dsn, on a server of its own with default settings.
func open(ctx context.Context, engine db.Engine, dsn string) (w *world, err error) {
	w = &world{dsn: dsn}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.dir, err = os.MkdirTemp("", "tongban-bench-*"); err != nil {
		return w, err
	}
	if w.dsn == "" {
		if err := w.serve(ctx, engine); err != nil {
			return w, err
		}
	}
	if w.db, err = db.Open(ctx, w.dsn); err != nil {
		return w, err
	}
	if err := w.db.Migrate(ctx); err != nil {
		return w, err
	}
	return w, w.furnish(ctx)
}

func (w *world) serve(ctx context.Context, engine db.Engine) error {
	switch engine {
	case db.SQLite:
		w.dsn = "sqlite:" + filepath.Join(w.dir, "bench.db")
		return nil
	case db.Postgres:
		err := os.Chmod(w.dir, 0o755) // as root, the server runs as another user
		if err != nil {
			return err
		}
		w.server, err = pgtemp.Start(ctx, filepath.Join(w.dir, "pg"))
		if err == nil {
			w.dsn = w.server.DSN("postgres")
		}
		return err
	}
	return fmt.Errorf("bench: unknown engine %q; want sqlite or postgres", engine)
}

func (w *world) furnish(ctx context.Context) error {
	root, err := fs.Sub(files, "city")
	if err != nil {
		return err
	}
	city, problems := catalog.Load(root)
	if len(problems) > 0 {
		return fmt.Errorf("bench: %s", problems[0])
	}
	w.city = city
	keys, err := licence.OpenKeys(filepath.Join(w.dir, "keys"))
	if err != nil {
		return err
	}
	rules, err := policy.Load()
	if err != nil {
		return err
	}
	if err := w.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, city) }); err != nil {
		return err
	}
	w.parties = party.New(w.db, clock.System)
	w.exchange = exchange.New(w.db, clock.System, city.Resources, city.Agencies)
	w.office = casework.New(casework.Deps{DB: w.db, City: city, Archive: catalog.NewArchive(), Parties: w.parties, Exchange: w.exchange,
		Licences: licence.New(w.db, keys, clock.System, "https://bench.example", city), Policy: rules, Clock: clock.System})
	w.worker = db.NewWorker(w.db, clock.System, slog.New(slog.NewTextHandler(io.Discard, nil)))
	w.office.Jobs(w.worker)
	w.worker.HandleAll(casework.JobNotice, func(context.Context, db.Tx, []db.Job) error { return nil })
	return nil
}

func (w *world) close() error {
	var errs []error
	if w.db != nil {
		errs = append(errs, w.db.Close())
	}
	if w.server != nil {
		errs = append(errs, w.server.Stop())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}

// resident is the n-th synthetic resident.
func resident(n int) party.ID { return party.ID(fmt.Sprintf("resident-%07d", n)) }

func citizen(n int) policy.Principal {
	id := resident(n)
	return policy.Principal{ID: string(id), Kind: policy.Citizen, Actor: party.Actor{Party: id, For: id}}
}

// officer may do every task of the bench city.
var officer = policy.Principal{ID: "one-officer", Kind: policy.Officer, Agency: "one", Roles: []string{policy.RoleOfficer, policy.RoleDecider},
	Actor: party.Actor{Party: "one-officer"}}

// settle makes residents from..to with their register entry.
func (w *world) settle(ctx context.Context, from, to int) error {
	for start := from; start < to; start += 500 {
		err := w.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			for n := start; n < min(start+500, to); n++ {
				p := party.Party{ID: resident(n), Kind: party.Person, Name: fmt.Sprintf("居民%07d", n), IDType: "414", IDNumber: fmt.Sprintf("B%08d", n), Area: "310101"}
				if err := w.parties.Put(ctx, tx, p); err != nil {
					return err
				}
				if err := w.exchange.Put(ctx, tx, "population", p.ID, map[string]any{"address": "一区测试路1号"}, clock.System()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// crowdMember is the n-th resident of the crowd that lists are measured with.
func crowdMember(n int) party.ID { return party.ID(fmt.Sprintf("crowd-%d", n)) }
