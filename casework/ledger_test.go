package casework_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/ledger"
)

// leaves are the ledger's leaves of the case, each with the number of its last
// event, in order.
func (w *world) leaves(caseID string) []int {
	w.t.Helper()
	var list []int
	for _, row := range w.rows("SELECT id FROM ledger_leaf WHERE kind = 'case' AND subject = $1", caseID) {
		var last int
		if _, err := fmt.Sscanf(row, "id="+caseID+"/%d ", &last); err != nil {
			w.t.Errorf("leaf %q of case %s: %v", row, caseID, err)
		}
		list = append(list, last)
	}
	slices.Sort(list)
	return list
}

// body is what the leaf of events first to last is made of, worked out anew
// from what the store keeps: number, kind, time, and a hash over the case, the
// kind, who acted, for whom, for which agency, and the data, each with its length before it.
func (w *world) body(caseID string, first, last int) []byte {
	w.t.Helper()
	type line struct {
		Seq  int64  `json:"seq"`
		Kind string `json:"kind"`
		At   int64  `json:"at"`
		Hash string `json:"hash"`
	}
	var lines []line
	rows, err := w.db.Reader().QueryContext(w.ctx, "SELECT seq, kind, at, actor, on_behalf, agency, data FROM events WHERE case_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq",
		caseID, first, last)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var l line
		var actor, behalf, agency, data string
		w.must(rows.Scan(&l.Seq, &l.Kind, &l.At, &actor, &behalf, &agency, &data))
		h := sha256.New()
		for _, part := range []string{caseID, l.Kind, actor, behalf, agency, data} {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(part))))
			h.Write([]byte(part))
		}
		l.Hash = hex.EncodeToString(h.Sum(nil))
		lines = append(lines, l)
	}
	w.must(rows.Err())
	body, err := json.Marshal(lines)
	w.must(err)
	return body
}

// Each transaction's events have one leaf, which proves them; what is changed
// afterwards is not what was proved.
func TestLedger(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		secret, public, err := note.GenerateKey(rand.Reader, "town")
		w.must(err)
		signer, err := note.NewSigner(secret)
		w.must(err)
		verifier, err := note.NewVerifier(public)
		w.must(err)
		log := ledger.Open(d, signer, "town", w.clock.Now)
		want := map[string][]int{} // the last event of each transaction
		one := w.submit(an, "permit")
		want[one.ID] = []int{1}
		noted := func(caseID string) { want[caseID] = append(want[caseID], len(w.see(caseID).Events)) }
		for _, step := range [][2]string{{"accept", "accept"}, {"review", "approve"}, {"decide", "approve"}} {
			w.do(one.ID, step[0], step[1])
			noted(one.ID)
		}
		two := w.submit(bo, "wide")
		noted(two.ID)
		_, err = w.office.AskSupplement(w.ctx, w.officer("one"), two.ID, []casework.SupplementItem{{What: "签名"}}, "")
		w.must(err)
		noted(two.ID)
		if err := commands[casework.CmdWork](w, one.ID); err == nil { // refused: no leaf
			t.Error("a review of a closed case was taken")
		}
		_, err = w.office.Withdraw(w.ctx, w.citizen(bo), two.ID, "")
		w.must(err)
		noted(two.ID)
		n, err := log.Sequence(w.ctx)
		w.must(err)
		if cases := w.number("SELECT COUNT(*) FROM ledger_leaf WHERE kind = 'case'"); cases != 7 || n < cases {
			t.Errorf("got %d leaves of cases, %d placed; want 7, all placed", cases, n)
		}
		for caseID, ends := range want {
			if got := w.leaves(caseID); !slices.Equal(got, ends) {
				t.Errorf("case %s: got leaves at %v, want %v", caseID, got, ends)
			}
			first := 1
			for _, last := range ends {
				p, err := log.Prove(w.ctx, fmt.Sprintf("%s/%d", caseID, last))
				w.must(err)
				body := w.body(caseID, first, last)
				if err := ledger.VerifyProof(p, verifier); err != nil || !p.Covers(body) {
					t.Errorf("case %s, events %d to %d: got %v, covered %v; want them proved by %s", caseID, first, last, err, p.Covers(body), body)
				}
				if p.Covers(append(body, ' ')) {
					t.Error("the leaf covers something else too")
				}
				first = last + 1
			}
		}
		w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE events SET actor = 'bo' WHERE case_id = $1 AND seq = 1", one.ID)
			return err
		}))
		p, err := log.Prove(w.ctx, one.ID+"/1")
		w.must(err)
		if p.Covers(w.body(one.ID, 1, 1)) {
			t.Error("an event that was changed is still proved")
		}
	})
}
