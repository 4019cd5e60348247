package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// maxGroup bounds how many transactions share one commit.
const maxGroup = 128

// lite is a SQLite file with one writing connection, owned by one goroutine,
// and a pool of reading ones.
type lite struct {
	path    string
	temp    string // a directory to remove, for :memory:
	writers *sql.DB
	readers *sql.DB
	aheads  *sql.DB // reading too, for those who write ahead: they may need a reader besides
	conn    *sql.Conn
	queue   chan *request
	stop    chan struct{} // closed by close
	done    chan struct{} // closed when the writer goroutine has ended
	once    sync.Once
	ring    func()
	commits int // by the writer goroutine, for tests
}

func openSQLite(ctx context.Context, path string, ring func()) (_ *lite, err error) {
	l := &lite{path: path, ring: ring, queue: make(chan *request), stop: make(chan struct{}), done: make(chan struct{})}
	if path == ":memory:" {
		if l.temp, err = os.MkdirTemp("", "tongban-*"); err != nil {
			return nil, err
		}
		l.path = filepath.Join(l.temp, "tongban.db")
	}
	defer func() {
		if err != nil {
			_ = l.closePools() // err says more
		}
	}()
	// Made here so that nobody but its owner may read it; SQLite would not mind.
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err = file.Close(); err != nil {
		return nil, err
	}
	l.writers = l.pool(1)
	l.readers = l.pool(max(4, 2*runtime.GOMAXPROCS(0)), "query_only(1)")
	l.aheads = l.pool(max(4, 2*runtime.GOMAXPROCS(0)), "query_only(1)")
	if l.conn, err = l.writers.Conn(ctx); err != nil {
		return nil, err
	}
	if err = l.readers.PingContext(ctx); err != nil {
		return nil, err
	}
	go l.loop()
	return l, nil
}

// pool opens connections to the file with the settings that all of them need.
func (l *lite) pool(size int, pragmas ...string) *sql.DB {
	q := url.Values{"_pragma": append([]string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-65536)",
		"temp_store(MEMORY)", "wal_autocheckpoint(4000)",
	}, pragmas...)}
	pool := sql.OpenDB(liteConnector{"file:" + (&url.URL{Path: l.path}).EscapedPath() + "?" + q.Encode()})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool
}

func (l *lite) reader() *sql.DB { return l.readers }

func (l *lite) migrator() *sql.DB { return l.pool(1) }

func (l *lite) close() error {
	var err error
	l.once.Do(func() {
		close(l.stop)
		<-l.done
		err = l.closePools()
	})
	return err
}

func (l *lite) closePools() error {
	var errs []error
	if l.conn != nil {
		errs = append(errs, l.conn.Close())
	}
	for _, pool := range []*sql.DB{l.readers, l.aheads, l.writers} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if l.temp != "" {
		errs = append(errs, os.RemoveAll(l.temp))
	}
	return errors.Join(errs...)
}

// request is one caller of Write. The writer goroutine hands it the turn, the
// caller runs its function in its own goroutine and says how it went, and the
// writer tells it what became of the transaction.
type request struct {
	ctx  context.Context
	fn   func(context.Context, Tx) error
	made *aheadTx // fn has run already, and this is what it queued
	turn chan *liteTx
	over chan error
	done chan error
}

func (l *lite) write(ctx context.Context, fn func(context.Context, Tx) error) error {
	return l.wait(&request{ctx: ctx, fn: fn, turn: make(chan *liteTx), over: make(chan error), done: make(chan error, 1)})
}

// wait hands a request to the writer and returns how it went.
func (l *lite) wait(r *request) error {
	select {
	case l.queue <- r:
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-l.stop:
		return errClosed
	}
	for {
		select {
		case tx := <-r.turn:
			r.run(tx)
		case err := <-r.done:
			return err
		}
	}
}

// run takes the turn. The writer hears of the end even when the goroutine ends
// inside fn, as it does when a test fails there.
func (r *request) run(tx *liteTx) {
	err := errExit
	defer func() { r.over <- err }()
	err = call(r.ctx, tx, r.fn)
}

// loop is the writer goroutine.
func (l *lite) loop() {
	defer close(l.done)
	for {
		select {
		case r := <-l.queue:
			l.group(r, maxGroup)
		case <-l.stop:
			return
		}
	}
}

// group runs first and whoever waits behind it, at most limit, in one
// transaction, each in its own savepoint, and commits once for all. Callers
// whose fn failed hear at once; the others hear after the commit. Where SQLite
// gave up the whole transaction, the others run again, each alone.
func (l *lite) group(first *request, limit int) {
	if err := l.exec("begin immediate"); err != nil {
		first.done <- fmt.Errorf("db.Write: begin: %w", err)
		return
	}
	var kept []*liteTx
	var lost error
	for r := first; r != nil && lost == nil; r = l.next(limit - len(kept)) {
		tx := &liteTx{Conn: l.conn, hooks: hooks{ring: l.ring}, request: r}
		var own error
		if own, lost = l.member(tx); own != nil {
			r.done <- own
		} else {
			kept = append(kept, tx)
		}
		if lost != nil {
			break
		}
	}
	if lost == nil {
		lost = l.exec("commit")
		l.commits++
	}
	if lost != nil {
		_ = l.exec("rollback") // fails when SQLite has rolled back by itself
	}
	l.acknowledge(kept, lost, limit > 1)
}

// acknowledge tells the members of a group how it ended, or runs them again.
func (l *lite) acknowledge(kept []*liteTx, lost error, again bool) {
	for _, tx := range kept {
		switch {
		case lost == nil:
			tx.committed()
			tx.request.done <- nil
		case again:
			l.group(tx.request, 1)
		default:
			tx.request.done <- fmt.Errorf("db.Write: commit: %w", lost)
		}
	}
}

// next is the next waiting request, nil when there is none or no room.
func (l *lite) next(room int) *request {
	if room <= 0 {
		return nil
	}
	select {
	case r := <-l.queue:
		return r
	default:
		return nil
	}
}

// member runs one request in its savepoint. own is its failure; lost says that
// the transaction of the whole group is gone.
func (l *lite) member(tx *liteTx) (own, lost error) {
	if err := l.exec("savepoint member"); err != nil {
		return nil, err
	}
	if tx.request.made != nil {
		own = tx.replay(tx.request.made)
	} else {
		tx.request.turn <- tx
		own = <-tx.request.over
	}
	if own == nil {
		own = tx.failed
	}
	if own == nil {
		own = tx.request.ctx.Err()
	}
	if own != nil {
		if lost = l.exec("rollback to member"); lost != nil {
			return own, lost
		}
	}
	return own, l.exec("release member")
}

func (l *lite) exec(query string) error {
	_, err := l.conn.ExecContext(context.Background(), query)
	return err
}
