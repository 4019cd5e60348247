package casework_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// The small town in testdata has three agencies and a service for each way in
// which a process can run.
//
//	permit    accept, review, decide, issue; every sort of evidence; fees; delivery to be chosen
//	wide      review and decision side by side, courier
//	joint     reviews of two other agencies; pair: of one
//	quick     instant; decided by rule where everything is in the registers
//	timed     reminders, an escalation and a wait
//	base      decided first, made and issued later
//	next      needs base
//	gift      nothing is issued, money is paid
//	straight  decided without being accepted
//	branchy   a branch that goes on beside the decision
var smallTown = sync.OnceValues(func() (*catalog.City, error) { return load("testdata/city") })

// The people of the town. an and bo live in the first and the second district;
// the register does not vouch for bo. hu helps an with permit and quick. The
// firm is headed by an.
const (
	an, bo, hu, firm = "an", "bo", "hu", "firm"
	district1        = "310101"
	district2        = "310104"
)

func newTown(t *testing.T, d *db.DB) *world {
	t.Helper()
	city, err := smallTown()
	if err != nil {
		t.Fatal(err)
	}
	w := furnish(t, d, city)
	w.must(d.Write(w.ctx, w.people))
	return w
}

func (w *world) people(ctx context.Context, tx db.Tx) error {
	for i, p := range []party.Party{
		{ID: an, Name: "安安", Area: district1},
		{ID: bo, Name: "柏波", Area: district2},
		{ID: hu, Name: "胡助", Area: district1},
		{ID: firm, Kind: party.Organisation, Name: "小城公司", IDType: "001", IDNumber: "91350100M000100Y43", Area: district1},
	} {
		if p.Kind == "" {
			p.Kind, p.IDType, p.IDNumber = party.Person, "414", fmt.Sprintf("T%08d", i+1)
		}
		if err := w.parties.Put(ctx, tx, p); err != nil {
			return err
		}
		if p.Kind != party.Person {
			continue
		}
		values := map[string]any{"address": "小城路" + fmt.Sprint(i+1) + "号", "good": p.ID != bo}
		if err := w.exchange.Put(ctx, tx, "population", p.ID, values, monday); err != nil {
			return err
		}
	}
	for _, m := range []party.Mandate{
		{ID: "hu-for-an", Principal: an, Agent: hu, Kind: party.Helper, Services: []string{"permit", "quick"}, From: monday, Until: monday.AddDate(1, 0, 0), GrantedBy: an},
		{ID: "an-for-firm", Principal: firm, Agent: an, Kind: party.LegalRepresentative, From: monday, GrantedBy: party.System},
	} {
		if err := w.parties.Grant(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}

// submit applies for the service and gives the first case.
func (w *world) submit(who, service string) casework.Case {
	w.t.Helper()
	return w.apply(w.citizen(who), casework.Target{Service: service}).Cases[0]
}

// see is the whole case, as the system sees it.
func (w *world) see(caseID string) casework.Case {
	w.t.Helper()
	c, err := w.office.Case(w.ctx, policy.Principal{ID: "system", Kind: policy.System}, caseID)
	w.must(err)
	return c
}

// do completes the open task at the element, by an officer of its agency.
func (w *world) do(caseID, element, choice string) casework.Case {
	w.t.Helper()
	for _, task := range w.see(caseID).Tasks {
		if task.Element == element || task.ID == element {
			_, err := w.office.Complete(w.ctx, w.officer(task.Agency), caseID, task.ID, casework.Outcome{Choice: choice, Note: "理由"})
			w.must(err)
			return w.see(caseID)
		}
	}
	w.t.Fatalf("case %s: no open task at %s; open %v, events %v", caseID, element, tasks(w.see(caseID)), kinds(w.see(caseID)))
	return casework.Case{}
}

// run does what is due by now.
func (w *world) run() {
	w.t.Helper()
	_, err := w.worker.RunDue(w.ctx)
	w.must(err)
	failures, err := db.Failures(w.ctx, w.db.Reader(), 10)
	w.must(err)
	for _, f := range failures {
		w.t.Errorf("job %s %s failed: %s", f.Job.Kind, f.Job.Key, f.Error)
	}
}

func tasks(c casework.Case) []string {
	var list []string
	for _, t := range c.Tasks {
		list = append(list, t.Element+"@"+t.Agency)
	}
	slices.Sort(list)
	return list
}

// tables are all that casework, or what it calls, writes to.
var tables = []string{"drafts", "files", "submissions", "cases", "dossiers", "tasks", "events", "corrections", "jobs", "ledger_leaf",
	"licences", "party", "mandate", "exchange_entries", "exchange_receipts"}

// rows is everything in the table, a line for each row, sorted.
func (w *world) rows(query string, args ...any) []string {
	w.t.Helper()
	rows, err := w.db.Reader().QueryContext(w.ctx, query, args...)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	var list []string
	for rows.Next() {
		values, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		w.must(rows.Scan(at...))
		var line strings.Builder
		for i, v := range values {
			fmt.Fprintf(&line, "%s=%v ", columns[i], v)
		}
		list = append(list, line.String())
	}
	w.must(rows.Err())
	slices.Sort(list)
	return list
}

func (w *world) number(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.Reader().QueryRowContext(w.ctx, query, args...).Scan(&n))
	return n
}

func (w *world) snapshot() map[string][]string {
	w.t.Helper()
	all := map[string][]string{}
	for _, table := range tables {
		all[table] = w.rows("SELECT * FROM " + table)
	}
	return all
}

// refused checks that do fails with the kind and leaves no trace.
func (w *world) refused(what string, kind fault.Kind, do func() error) {
	w.t.Helper()
	before := w.snapshot()
	err := do()
	if !fault.Is(err, kind) {
		w.t.Errorf("%s: got %v, want %v", what, err, kind)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		w.t.Errorf("%s was refused and wrote (-before +after):\n%s", what, diff)
	}
}

func pointers(err error) []string {
	var list []string
	_, _, fields := fault.Shown(err)
	for _, f := range fields {
		list = append(list, f.Pointer)
	}
	slices.Sort(list)
	return list
}

// Every service of the town runs to its end.
func TestTown(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for _, s := range w.city.Services {
		c := w.finish(w.submit(an, s.ID).ID)
		if s.ID == "timed" || s.ID == "branchy" {
			w.clock.Add(48 * time.Hour)
			c = w.finish(c.ID)
		}
		if c.Status != casework.Closed {
			t.Errorf("%s: got %s, want closed; events %v", s.ID, c.Status, kinds(c))
		}
	}
}

// altered is the town after a change of its pack: edits name a file, and what
// becomes of its text; a file that becomes empty is gone.
func altered(t *testing.T, edits map[string]func(string) string) *catalog.City {
	t.Helper()
	pack := fstest.MapFS{}
	root := os.DirFS("testdata/city")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(root, path)
		if edit, ok := edits[path]; ok {
			src = []byte(edit(string(src)))
		}
		if len(src) > 0 {
			pack[path] = &fstest.MapFile{Data: src}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	city, problems := catalog.Load(pack)
	if len(problems) > 0 {
		t.Fatalf("altered pack: %s", problems[0])
	}
	return city
}

// gone removes a file.
func gone(string) string { return "" }

// replace is an edit.
func replace(old, new string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, old, new) }
}
