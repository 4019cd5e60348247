package bench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/policy"
)

func statement(t *testing.T, w *world, query string) {
	t.Helper()
	err := w.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, w *world, query string) (n int) {
	t.Helper()
	if err := w.db.Reader().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// wrong are rows that a transaction cut in half would leave; each query counts
// them, and the right number is none.
var wrong = map[string]string{
	"cases without their dossier":               "SELECT COUNT(*) FROM cases c LEFT JOIN dossiers d ON d.case_id = c.id WHERE d.case_id IS NULL",
	"dossiers without a case":                   "SELECT COUNT(*) FROM dossiers d LEFT JOIN cases c ON d.case_id = c.id WHERE c.id IS NULL",
	"events without a case":                     "SELECT COUNT(*) FROM events e LEFT JOIN cases c ON e.case_id = c.id WHERE c.id IS NULL",
	"tasks without a case":                      "SELECT COUNT(*) FROM tasks t LEFT JOIN cases c ON t.case_id = c.id WHERE c.id IS NULL",
	"leaves without a case":                     "SELECT COUNT(*) FROM ledger_leaf l LEFT JOIN cases c ON l.subject = c.id WHERE l.kind = 'case' AND c.id IS NULL",
	"licences without a closed case":            "SELECT COUNT(*) FROM licences l LEFT JOIN cases c ON l.case_id = c.id AND c.status = 'closed' WHERE c.id IS NULL",
	"licences without their leaf":               "SELECT COUNT(*) FROM licences l LEFT JOIN ledger_leaf f ON f.kind LIKE 'licence%' AND f.id LIKE '%' || l.id || '%' WHERE f.id IS NULL",
	"closed cases without one licence":          "SELECT COUNT(*) FROM cases c WHERE c.status = 'closed' AND (SELECT COUNT(*) FROM licences l WHERE l.case_id = c.id) <> 1",
	"submissions without a case":                "SELECT COUNT(*) FROM submissions s LEFT JOIN cases c ON s.bundle = c.bundle WHERE c.id IS NULL",
	"cases without one submission":              "SELECT COUNT(*) FROM cases c WHERE (SELECT COUNT(*) FROM submissions s WHERE s.bundle = c.bundle AND s.owner = c.subject) <> 1",
	"people with two cases":                     "SELECT COUNT(*) FROM (SELECT subject FROM cases GROUP BY subject HAVING COUNT(*) > 1) AS more",
	"people with a case and a draft":            "SELECT COUNT(*) FROM cases c JOIN drafts d ON d.subject = c.subject",
	"cases with a gap in their events":          "SELECT COUNT(*) FROM (SELECT case_id FROM events GROUP BY case_id HAVING COUNT(*) <> MAX(seq) OR MIN(seq) <> 1) AS gaps",
	"cases without one leaf each step":          "SELECT COUNT(*) FROM cases c WHERE (SELECT COUNT(*) FROM ledger_leaf l WHERE l.kind = 'case' AND l.subject = c.id) <> c.rev",
	"open cases without one open task":          "SELECT COUNT(*) FROM cases c WHERE c.closed_at = 0 AND (SELECT COUNT(*) FROM tasks t WHERE t.case_id = c.id AND t.status = 'open') <> 1",
	"ended cases with an open task":             "SELECT COUNT(*) FROM cases c JOIN tasks t ON t.case_id = c.id WHERE c.closed_at > 0 AND t.status <> 'done'",
	"submitted cases without a job of silence":  "SELECT COUNT(*) FROM cases c LEFT JOIN jobs j ON j.kind = 'case.silence' AND j.key = c.id WHERE c.status = 'submitted' AND j.id IS NULL",
	"jobs of silence for others":                "SELECT COUNT(*) FROM jobs j LEFT JOIN cases c ON j.key = c.id AND c.status = 'submitted' WHERE j.kind = 'case.silence' AND c.id IS NULL",
	"jobs that failed":                          "SELECT COUNT(*) FROM jobs WHERE attempts > 0",
	"notices that were told and are to be told": "SELECT COUNT(*) FROM crash_told t JOIN jobs j ON j.kind = 'case.notice' AND j.key = t.key",
	"events to be told that are not": "SELECT COUNT(*) FROM events e WHERE e.kind IN ('submitted', 'accepted', 'issued') " +
		"AND NOT EXISTS (SELECT 1 FROM crash_told t WHERE t.key = e.case_id || '/' || e.seq) " +
		"AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = 'case.notice' AND j.key = e.case_id || '/' || e.seq)",
}

// audit checks that every acknowledged answer is there, once and whole, and
// that nothing is there in part. people is how many have begun an application.
func audit(t *testing.T, w *world, acks map[string]ack, people int) {
	t.Helper()
	for what, query := range wrong {
		if n := count(t, w, query); n != 0 {
			t.Errorf("got %d %s, want none", n, what)
		}
	}
	cases, drafts := count(t, w, "SELECT COUNT(*) FROM cases"), count(t, w, "SELECT COUNT(*) FROM drafts")
	if cases+drafts != people {
		t.Errorf("got %d cases and %d drafts, want them to be %d", cases, drafts, people)
	}
	left := map[string]ack{}
	for caseID, a := range acks {
		left[caseID] = a
	}
	rows, err := w.db.Reader().QueryContext(t.Context(), "SELECT id, number, rev, status, state, (SELECT COUNT(*) FROM events e WHERE e.case_id = cases.id) FROM cases")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, number, status, state string
		var rev, events int
		if err := rows.Scan(&id, &number, &rev, &status, &state, &events); err != nil {
			t.Fatal(err)
		}
		var says struct{ Events int }
		if err := json.Unmarshal([]byte(state), &says); err != nil || says.Events != events {
			t.Errorf("case %s: its state counts %d events, %v; there are %d", id, says.Events, err, events)
		}
		if a, ok := left[id]; ok && (a.number != number || rev < a.commands || rev > perCase) {
			t.Errorf("case %s: got number %s after %d commands, want %s after %d or more", id, number, rev, a.number, a.commands)
		}
		delete(left, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, a := range left {
		t.Errorf("case %s (%s) was acknowledged and is not there", id, a.number)
	}
}

// goOn finishes everything that the victims left, as the next process would.
func goOn(t *testing.T, w *world, acks map[string]ack, people int) {
	t.Helper()
	ctx := t.Context()
	w.tell()
	err := parallel(clients, people, func(_, n int) error {
		drafts, err := w.office.Drafts(ctx, citizen(n))
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if _, err := w.office.Submit(ctx, citizen(n), "", nil, d.ID); err != nil {
				return err
			}
		}
		mine, _, err := w.office.MyCases(ctx, citizen(n), casework.Page{})
		if err != nil || len(mine) != 1 {
			return fmt.Errorf("resident %d: %d cases, %w", n, len(mine), err)
		}
		return w.finish(ctx, mine[0].ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.worker.RunDue(ctx); err != nil {
		t.Fatal(err)
	}
	if closed, told := count(t, w, "SELECT COUNT(*) FROM cases WHERE status = 'closed'"), count(t, w, "SELECT COUNT(*) FROM crash_told"); closed != people || told != 3*people {
		t.Errorf("got %d closed and %d told, want %d and %d", closed, told, people, 3*people)
	}
	audit(t, w, acks, people)
	proved(t, w)
}

// finish does what is left of one case.
func (w *world) finish(ctx context.Context, caseID string) error {
	for {
		c, err := w.office.Case(ctx, policy.Principal{Kind: policy.System}, caseID)
		if err != nil || len(c.Tasks) == 0 {
			return err
		}
		choice := map[string]string{casework.DutyAccept: "accept"}[c.Tasks[0].Duty]
		if choice == "" {
			choice = "approve"
		}
		if _, err := w.office.Complete(ctx, officer, caseID, c.Tasks[0].ID, casework.Outcome{Choice: choice}); err != nil {
			return err
		}
	}
}

// proved gives every leaf its place and reads the whole log over.
func proved(t *testing.T, w *world) {
	t.Helper()
	secret, _, err := note.GenerateKey(rand.Reader, "bench")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	log := ledger.Open(w.db, signer, "bench", clock.System)
	placed, err := log.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if leaves := count(t, w, "SELECT COUNT(*) FROM ledger_leaf"); placed != leaves {
		t.Errorf("got %d leaves placed, want all %d", placed, leaves)
	}
	if err := log.Audit(t.Context()); err != nil {
		t.Error(err)
	}
}
