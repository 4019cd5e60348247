// Package ledger is the city's transparency log: an append-only Merkle tree
// (RFC 6962) over the acts that must not be altered afterwards, such as
// decisions and licences. A leaf is written in the transaction of the act
// itself, without a global counter, so that acts never wait for each other; a
// sequencer then gives waiting leaves their places in batches and signs a
// checkpoint (c2sp.org/tlog-checkpoint). Hashes lie in tiles of 256
// (c2sp.org/tlog-tiles).
//
// Invariants: a leaf exists if and only if its act was committed; a published
// checkpoint is never withdrawn, and the tree of every later one extends it;
// what is published of a leaf is its record, which holds a hash of the act and
// not the act.
package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/ledger/internal/store"
)

// recordHeader is the first line of a record and fixes its format.
const recordHeader = "tongban ledger leaf v1"

// Leaf is one act to be kept in the log.
type Leaf struct {
	ID      string    // of the act, unique in the log
	Kind    string    // "case.decision", "licence.issue" ...
	Subject string    // whom or what it concerns
	At      time.Time // kept to the millisecond
	Body    []byte    // the act itself; only its SHA-256 is kept
}

// Entry is what the log keeps of a leaf.
type Entry struct {
	ID       string
	Kind     string
	Subject  string
	At       time.Time
	BodyHash [sha256.Size]byte
}

func (l Leaf) entry() Entry {
	return Entry{l.ID, l.Kind, l.Subject, time.UnixMilli(l.At.UnixMilli()).UTC(), sha256.Sum256(l.Body)}
}

// Record is the bytes that the tree is built over: six lines, the format's
// name, the entry's fields in order, time in milliseconds UTC, hash in hex.
func (e Entry) Record() []byte {
	return []byte(strings.Join([]string{recordHeader, e.ID, e.Kind, e.Subject,
		strconv.FormatInt(e.At.UnixMilli(), 10), hex.EncodeToString(e.BodyHash[:]), ""}, "\n"))
}

// ParseRecord reads what Record wrote and nothing else.
func ParseRecord(record []byte) (Entry, error) {
	lines := strings.Split(string(record), "\n")
	if len(lines) != 7 || lines[0] != recordHeader || lines[6] != "" {
		return Entry{}, fmt.Errorf("ledger.ParseRecord: not a %s", recordHeader)
	}
	ms, err := strconv.ParseInt(lines[4], 10, 64)
	if err != nil {
		return Entry{}, fmt.Errorf("ledger.ParseRecord: time: %w", err)
	}
	e := Entry{ID: lines[1], Kind: lines[2], Subject: lines[3], At: time.UnixMilli(ms).UTC()}
	hash, err := hex.DecodeString(lines[5])
	if err != nil || len(hash) != sha256.Size {
		return Entry{}, fmt.Errorf("ledger.ParseRecord: %q is not a SHA-256", lines[5])
	}
	copy(e.BodyHash[:], hash)
	if string(e.Record()) != string(record) || e.check() != nil {
		return Entry{}, fmt.Errorf("ledger.ParseRecord: not in canonical form")
	}
	return e, nil
}

// check refuses fields that would not survive a record.
func (e Entry) check() error {
	if e.ID == "" || e.Kind == "" {
		return fmt.Errorf("a leaf needs an id and a kind")
	}
	for _, field := range []string{e.ID, e.Kind, e.Subject} {
		if strings.ContainsFunc(field, unicode.IsControl) {
			return fmt.Errorf("control character in %q", field)
		}
	}
	return nil
}

// Append adds a leaf with tx. It has a place in the tree once Sequence has run
// after the commit. The insert is queued, so that a second leaf with the same id
// fails the transaction at its end.
func Append(ctx context.Context, tx db.Tx, leaf Leaf) error {
	entry := leaf.entry()
	if err := entry.check(); err != nil {
		return fmt.Errorf("ledger.Append: %w", err)
	}
	hash := tlog.RecordHash(entry.Record())
	err := store.New(tx.Later()).InsertLeaf(ctx, store.InsertLeafParams{
		ID: entry.ID, Kind: entry.Kind, Subject: entry.Subject, At: entry.At.UnixMilli(),
		BodyHash: entry.BodyHash[:], LeafHash: hash[:],
	})
	if err != nil {
		return fmt.Errorf("ledger.Append: %w", err)
	}
	return nil
}
