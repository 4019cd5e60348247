package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/ledger"
)

const origin = "tongban.example/shanghai"

var noon = time.Date(2026, 3, 2, 4, 0, 0, 123e6, time.UTC)

// keys is a fixed pair, made from a seed of zeros.
func keys(t *testing.T, name string, seed byte) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)), name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func open(t *testing.T, d *db.DB) (*ledger.Log, note.Verifier) {
	t.Helper()
	signer, verifier := keys(t, origin, 0)
	return ledger.Open(d, signer, origin, clock.NewFake(noon).Now), verifier
}

func leaf(i int) ledger.Leaf {
	return ledger.Leaf{ID: fmt.Sprintf("leaf-%06d", i), Kind: "case.decision", Subject: "party-1",
		At: noon.Add(time.Duration(i) * time.Second), Body: fmt.Appendf(nil, "decision %d", i)}
}

// add appends leaves from..to in one transaction.
func add(t *testing.T, d *db.DB, from, to int) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for i := from; i < to; i++ {
			if err := ledger.Append(ctx, tx, leaf(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sequence(t *testing.T, l *ledger.Log, want int) {
	t.Helper()
	if got, err := l.Sequence(t.Context()); err != nil || got != want {
		t.Fatalf("Sequence: got %d, %v, want %d", got, err, want)
	}
}

// naive is the Merkle tree hash as RFC 6962, section 2.1, writes it down.
func naive(records [][]byte) [sha256.Size]byte {
	switch len(records) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, records[0]...))
	}
	k := 1
	for 2*k < len(records) {
		k *= 2
	}
	left, right := naive(records[:k]), naive(records[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// root is the root hash that a checkpoint names.
func root(t *testing.T, checkpoint string) string {
	t.Helper()
	lines := strings.Split(checkpoint, "\n")
	if len(lines) < 4 || lines[0] != origin {
		t.Fatalf("checkpoint: got %q", checkpoint)
	}
	return lines[1] + " " + lines[2]
}

func wantRoot(t *testing.T, size int) string {
	t.Helper()
	var records [][]byte
	for i := range size {
		l := leaf(i)
		e := ledger.Entry{ID: l.ID, Kind: l.Kind, Subject: l.Subject, At: l.At, BodyHash: sha256.Sum256(l.Body)}
		records = append(records, e.Record())
	}
	hash := naive(records)
	text, err := json.Marshal(hash[:])
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", size, strings.Trim(string(text), `"`))
}

// The log grows by uneven steps, over the edges of tiles and batches; every
// checkpoint is the naive tree's, every proof holds.
func TestLogAgainstNaiveTree(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		l, verifier := open(t, d)
		sequence(t, l, 0)
		sizes := []int{0}
		for _, step := range []int{1, 1, 5, 248, 1, 1, 255, 600, 1300} {
			from := sizes[len(sizes)-1]
			add(t, d, from, from+step)
			sequence(t, l, step)
			sizes = append(sizes, from+step)
			checkpoint, err := l.Checkpoint(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := root(t, string(checkpoint)), wantRoot(t, from+step); got != want {
				t.Fatalf("root: got %s, want %s", got, want)
			}
		}
		last := sizes[len(sizes)-1]
		for _, i := range []int{0, 1, 6, 254, 255, 256, 257, 511, 1111, 1112, 2135, 2136, last - 1} {
			p, err := l.Prove(t.Context(), leaf(i).ID)
			if err != nil {
				t.Fatalf("Prove %d: %v", i, err)
			}
			if err := ledger.VerifyProof(p, verifier); err != nil || p.Index != int64(i) || !p.Covers(leaf(i).Body) || p.Covers([]byte("x")) {
				t.Errorf("leaf %d: proof of %d: %v", i, p.Index, err)
			}
		}
		for i, old := range sizes {
			for _, size := range sizes[i:] {
				p, err := l.Consistency(t.Context(), int64(old), int64(size))
				if err != nil {
					t.Fatalf("Consistency %d, %d: %v", old, size, err)
				}
				if err := ledger.VerifyConsistency(p, verifier); err != nil {
					t.Errorf("Consistency %d, %d: %v", old, size, err)
				}
			}
		}
		if err := l.Audit(t.Context()); err != nil {
			t.Error(err)
		}
		sequence(t, l, 0)
	})
}

// Any steps give the same tree as one step.
func TestLogProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(1, 40), 1, 8).Draw(rt, "steps")
		d := testdb.Open(t, db.SQLite)
		l, verifier := open(t, d)
		size := 0
		for _, step := range steps {
			add(t, d, size, size+step)
			sequence(t, l, step)
			size += step
		}
		index := rapid.IntRange(0, size-1).Draw(rt, "index")
		p, err := l.Prove(t.Context(), leaf(index).ID)
		if err != nil {
			rt.Fatal(err)
		}
		if err := ledger.VerifyProof(p, verifier); err != nil {
			rt.Fatal(err)
		}
		if got, want := root(t, p.Checkpoint), wantRoot(t, size); got != want {
			rt.Fatalf("root: got %s, want %s", got, want)
		}
	})
}

func TestAppendRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		add(t, d, 0, 1)
		for name, bad := range map[string]ledger.Leaf{
			"no id":     {Kind: "k", At: noon},
			"no kind":   {ID: "a", At: noon},
			"two lines": {ID: "a", Kind: "k", Subject: "x\ny", At: noon},
			"same id":   leaf(0),
		} {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return ledger.Append(ctx, tx, bad) })
			if err == nil || db.IsUnique(err) != (name == "same id") {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestProveKinds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		l, _ := open(t, d)
		if _, err := l.Checkpoint(t.Context()); !fault.Is(err, fault.NotFound) {
			t.Errorf("checkpoint of no log: got %v, want not found", err)
		}
		add(t, d, 0, 1)
		if _, err := l.Prove(t.Context(), leaf(0).ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("waiting leaf: got %v, want conflict", err)
		}
		if _, err := l.Prove(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown leaf: got %v, want not found", err)
		}
		sequence(t, l, 1)
		if _, err := l.Consistency(t.Context(), 0, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("size that was not published: got %v, want not found", err)
		}
		if _, err := l.Consistency(t.Context(), 2, 1); !fault.Is(err, fault.Invalid) {
			t.Errorf("backwards: got %v, want invalid", err)
		}
	})
}

// An act that is undone leaves no leaf, and one that was committed before a
// crash is placed by the next sequencer.
func TestCrashBetweenAppendAndSequence(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		undone := errors.New("undone")
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return errors.Join(ledger.Append(ctx, tx, leaf(0)), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatalf("got %v, want undone", err)
		}
		add(t, d, 0, 3) // then the process dies
		l, verifier := open(t, d)
		sequence(t, l, 3)
		p, err := l.Prove(t.Context(), leaf(2).ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.VerifyProof(p, verifier); err != nil {
			t.Error(err)
		}
	})
}

// Several sequencers beside appending acts place each leaf once.
func TestSequencersAtOnce(t *testing.T) {
	const leaves = 120
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		l, _ := open(t, d)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for i := w * leaves / 4; i < (w+1)*leaves/4; i += 5 {
					add(t, d, i, i+5)
					if _, err := l.Sequence(t.Context()); err != nil {
						t.Errorf("Sequence: %v", err)
					}
				}
			})
		}
		all.Wait()
		if _, err := l.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		var placed, highest int
		err := d.Reader().QueryRowContext(t.Context(), "SELECT count(position), max(position) FROM ledger_leaf").Scan(&placed, &highest)
		if err != nil || placed != leaves || highest != leaves-1 {
			t.Errorf("placed, highest: got %d, %d, %v, want %d, %d", placed, highest, err, leaves, leaves-1)
		}
		if err := l.Audit(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Whoever alters the database is found out.
func TestTampering(t *testing.T) {
	cases := []struct{ name, sql string }{
		{"a leaf's subject", "UPDATE ledger_leaf SET subject = 'party-2' WHERE position = 3"},
		{"a leaf's time", "UPDATE ledger_leaf SET at = at + 1 WHERE position = 3"},
		{"a leaf removed", "DELETE FROM ledger_leaf WHERE position = 3"},
		{"two leaves moved", "UPDATE ledger_leaf SET position = position + 4 WHERE position IN (2, 3)"},
		{"a tile", "UPDATE ledger_tile SET hashes = (SELECT leaf_hash FROM ledger_leaf WHERE position = 1)"},
		{"a tile removed", "DELETE FROM ledger_tile"},
		{"the checkpoint", "UPDATE ledger_checkpoint SET note = (SELECT note FROM ledger_checkpoint WHERE size = 2) WHERE size = 5"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := testdb.Open(t, db.SQLite)
			l, verifier := open(t, d)
			add(t, d, 0, 2)
			sequence(t, l, 2)
			add(t, d, 2, 5)
			sequence(t, l, 3)
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, c.sql)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Audit(t.Context()); err == nil {
				t.Error("Audit: got nil error")
			}
			p, err := l.Prove(t.Context(), leaf(3).ID)
			if err == nil {
				err = ledger.VerifyProof(p, verifier)
			}
			if err == nil {
				t.Error("Prove and VerifyProof: got nil error")
			}
		})
	}
}

// A proof that was altered, or comes from another log, does not verify.
func TestVerifyRefuses(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	l, verifier := open(t, d)
	add(t, d, 0, 7)
	sequence(t, l, 7)
	good, err := l.Prove(t.Context(), leaf(4).ID)
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.Prove(t.Context(), leaf(5).ID)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger := keys(t, origin, 1)
	_, elsewhere := keys(t, "tongban.example/elsewhere", 0)
	cases := []struct {
		name     string
		alter    func(p *ledger.Proof)
		verifier note.Verifier
	}{
		{"record of another", func(p *ledger.Proof) { p.Record = other.Record }, verifier},
		{"record not a record", func(p *ledger.Proof) { p.Record = "x" }, verifier},
		{"index", func(p *ledger.Proof) { p.Index++ }, verifier},
		{"index beyond", func(p *ledger.Proof) { p.Index = 99 }, verifier},
		{"index below", func(p *ledger.Proof) { p.Index = -1 }, verifier},
		{"path of another", func(p *ledger.Proof) { p.Path = other.Path }, verifier},
		{"no path", func(p *ledger.Proof) { p.Path = nil }, verifier},
		{"size", func(p *ledger.Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n7\n", "\n8\n", 1) }, verifier},
		{"no checkpoint", func(p *ledger.Proof) { p.Checkpoint = "" }, verifier},
		{"another key", func(*ledger.Proof) {}, stranger},
		{"another origin", func(*ledger.Proof) {}, elsewhere},
	}
	for _, c := range cases {
		p := good
		c.alter(&p)
		if err := ledger.VerifyProof(p, c.verifier); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want invalid", c.name, err)
		}
	}
	text, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	var back ledger.Proof
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(good, back); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
	if err := ledger.VerifyProof(back, verifier); err != nil {
		t.Error(err)
	}
}

func TestSequenceRefusesForeignKey(t *testing.T) {
	signer, _ := keys(t, "somebody", 0)
	l := ledger.Open(testdb.Open(t, db.SQLite), signer, origin, clock.NewFake(noon).Now)
	if _, err := l.Sequence(t.Context()); err == nil {
		t.Error("got nil error")
	}
}

func FuzzParseRecord(f *testing.F) {
	l := leaf(1)
	e := ledger.Entry{ID: l.ID, Kind: l.Kind, Subject: l.Subject, At: l.At, BodyHash: sha256.Sum256(l.Body)}
	f.Add(e.Record())
	f.Add([]byte("tongban ledger leaf v1\na\nb\n\n0\n\n"))
	f.Fuzz(func(t *testing.T, record []byte) {
		e, err := ledger.ParseRecord(record)
		if err == nil && !bytes.Equal(e.Record(), record) {
			t.Errorf("got %q, want %q", e.Record(), record)
		}
	})
}
