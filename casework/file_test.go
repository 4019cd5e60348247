package casework_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
)

var (
	pdf  = []byte("%PDF-1.4 sample")
	png  = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 32)...)
	jpeg = append([]byte("\xff\xd8\xff\xe0"), make([]byte, 32)...)
)

// item is the document in the draft's plan.
func (w *world) item(pr policy.Principal, draftID, requirement string) casework.Item {
	w.t.Helper()
	plan, err := w.office.Plan(w.ctx, pr, draftID)
	w.must(err)
	i := slices.IndexFunc(plan.Items, func(it casework.Item) bool { return it.Requirement.ID == requirement })
	if i < 0 {
		w.t.Fatalf("the plan has no %s", requirement)
	}
	return plan.Items[i]
}

func (w *world) upload(pr policy.Principal, draftID, requirement, name string, data []byte) casework.Item {
	w.t.Helper()
	_, err := w.office.Upload(w.ctx, pr, draftID, requirement, casework.File{Name: name, MediaType: "application/pdf", Data: data})
	w.must(err)
	return w.item(pr, draftID, requirement)
}

// What a file is, its bytes say, not its name and not the sender.
func TestUploadRefuses(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	w.upload(pr, d.ID, "photo", "first.pdf", pdf)
	for _, tt := range []struct {
		name, file string
		data       []byte
		kind       fault.Kind
	}{
		{"empty", "a.pdf", nil, fault.Invalid},
		{"a byte too large", "a.pdf", append(bytes.Clone(pdf), make([]byte, casework.MaxFile+1-len(pdf))...), fault.TooLarge},
		{"text", "a.pdf", []byte("hello"), fault.Unsupported},
		{"a page", "a.png", []byte("<html><script>alert(1)</script>"), fault.Unsupported},
		{"a drawing that runs scripts", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), fault.Unsupported},
		{"a program", "a.jpg", append([]byte("MZ\x90\x00"), make([]byte, 64)...), fault.Unsupported},
		{"an archive", "a.pdf", append([]byte("PK\x03\x04"), make([]byte, 64)...), fault.Unsupported},
		{"a document further in", "a.pdf", append(make([]byte, 600), pdf...), fault.Unsupported},
	} {
		w.refused(tt.name, tt.kind, func() error {
			_, err := w.office.Upload(w.ctx, pr, d.ID, "photo", casework.File{Name: tt.file, MediaType: "application/pdf", Data: tt.data})
			if diff := cmp.Diff([]string{"/file"}, pointers(err)); diff != "" {
				t.Errorf("%s: faults (-want +got)\n%s", tt.name, diff)
			}
			return err
		})
	}
	w.refused("no such document", fault.NotFound, func() error {
		_, err := w.office.Upload(w.ctx, pr, d.ID, "../photo", casework.File{Name: "a.pdf", Data: pdf})
		return err
	})
	if got := w.item(pr, d.ID, "photo"); got.File.Name != "first.pdf" {
		t.Errorf("got %+v, want the first file still there", got.File)
	}
}

func TestUploadTakes(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(an)
	d := w.draft(pr, "permit")
	for _, tt := range []struct {
		name string
		data []byte
		want casework.FileInfo
	}{
		{"照片.pdf", pdf, casework.FileInfo{Name: "照片.pdf", MediaType: "application/pdf"}},
		{"photo.exe", png, casework.FileInfo{Name: "photo.exe", MediaType: "image/png"}},
		{"photo", jpeg, casework.FileInfo{Name: "photo", MediaType: "image/jpeg"}},
		{"../../etc/passwd", pdf, casework.FileInfo{Name: "passwd", MediaType: "application/pdf"}},
		{`C:\Users\an\a.pdf`, pdf, casework.FileInfo{Name: "a.pdf", MediaType: "application/pdf"}},
		{"a\x00b\r\nc\u202egpj.pdf", pdf, casework.FileInfo{Name: "abcgpj.pdf", MediaType: "application/pdf"}},
		{"\xff\xfe.pdf", pdf, casework.FileInfo{Name: ".pdf", MediaType: "application/pdf"}},
		{"..", pdf, casework.FileInfo{Name: "file", MediaType: "application/pdf"}},
		{"dir/", pdf, casework.FileInfo{Name: "file", MediaType: "application/pdf"}},
		{"", pdf, casework.FileInfo{Name: "file", MediaType: "application/pdf"}},
		{strings.Repeat("𠮷", 300) + ".pdf", pdf, casework.FileInfo{Name: strings.Repeat("𠮷", 120), MediaType: "application/pdf"}},
		{"largest.pdf", append(bytes.Clone(pdf), make([]byte, casework.MaxFile-len(pdf))...), casework.FileInfo{Name: "largest.pdf", MediaType: "application/pdf"}},
	} {
		got := w.upload(pr, d.ID, "photo", tt.name, tt.data)
		tt.want.ID, tt.want.Size, tt.want.At = got.File.ID, int64(len(tt.data)), monday.UnixMilli()
		if diff := cmp.Diff(&tt.want, got.File); diff != "" || got.How != casework.ByUpload || got.Grade != "C" {
			t.Errorf("%q: got %s, grade %s (-want +got)\n%s", tt.name, got.How, got.Grade, diff)
		}
		f, err := w.office.File(w.ctx, pr, d.ID, got.File.ID)
		if err != nil || !bytes.Equal(f.Data, tt.data) || f.MediaType != tt.want.MediaType {
			t.Errorf("%q: got %d bytes of %s back, %v; want %d", tt.name, len(f.Data), f.MediaType, err, len(tt.data))
		}
		if n := w.number("SELECT COUNT(*) FROM files"); n != 1 {
			t.Errorf("%q: got %d files kept, want the last alone", tt.name, n)
		}
	}
	for range 2 {
		_, err := w.office.Unupload(w.ctx, pr, d.ID, "photo")
		w.must(err)
	}
	if got, n := w.item(pr, d.ID, "photo"), w.number("SELECT COUNT(*) FROM files"); got.How != casework.Missing || n != 0 {
		t.Errorf("taken out: got %s and %d files, want missing and none", got.How, n)
	}
}

// A draft that is thrown away takes its files with it; so does one that is
// submitted, of those that were not needed after all.
func TestFilesGoWithDraft(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	pr := w.citizen(bo)
	d := w.draft(pr, "permit")
	w.upload(pr, d.ID, "photo", "a.png", png)
	w.upload(pr, d.ID, "address", "a.png", png)
	w.must(w.office.Discard(w.ctx, pr, d.ID))
	if n, m := w.number("SELECT COUNT(*) FROM files"), w.number("SELECT COUNT(*) FROM drafts"); n+m != 0 {
		t.Errorf("discarded: got %d files and %d drafts, want none", n, m)
	}
	d = w.draft(pr, "permit")
	w.upload(pr, d.ID, "address", "a.png", png)
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { // now the register vouches for him
		return w.exchange.Put(ctx, tx, "population", bo, map[string]any{"address": "小城路2号", "good": true}, monday)
	}))
	w.fill(pr, w.draft(pr, "permit"))
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	w.must(err)
	if got := w.rows("SELECT requirement FROM files"); !slices.Equal(got, []string{"requirement=photo "}) {
		t.Errorf("submitted: got %v kept for %s, want the photograph", got, r.Cases[0].ID)
	}
	if asked, err := w.exchange.Receipts(w.ctx, w.db.Reader(), bo, 100); err != nil || len(asked) == 0 || asked[0].Asker == "" {
		t.Errorf("got receipts %v, %v; want who asked the register", asked, err)
	}
}

// An upload counts again for as long as the service says, for its owner.
func TestReuse(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first := w.see(w.submit(an, "permit").ID)
		photo := first.Evidence[slices.IndexFunc(first.Evidence, func(it casework.Item) bool { return it.Requirement.ID == "photo" })]
		for _, tt := range []struct {
			name  string
			who   policy.Principal
			after time.Duration
			want  casework.How
		}{
			{"at once", w.citizen(an), 0, casework.ByReuse},
			{"by her helper", w.citizen(hu, an), time.Hour, casework.ByReuse},
			{"on the last day", w.citizen(an), 30 * 24 * time.Hour, casework.ByReuse},
			{"a moment later", w.citizen(an), 30*24*time.Hour + time.Millisecond, casework.Missing},
			{"another person", w.citizen(bo), 0, casework.Missing},
			{"for her firm", w.citizen(an, firm), 0, casework.Missing},
		} {
			w.clock.Set(monday.Add(tt.after))
			draft := w.draft(tt.who, "permit")
			got := w.item(tt.who, draft.ID, "photo")
			if got.How != tt.want || tt.want == casework.ByReuse && (got.File.ID != photo.File.ID || got.Grade != "C") {
				t.Errorf("%s: got %s of grade %s, want %s", tt.name, got.How, got.Grade, tt.want)
			}
			if tt.want != casework.ByReuse {
				continue
			}
			if f, err := w.office.File(w.ctx, tt.who, draft.ID, photo.File.ID); err != nil || len(f.Data) == 0 {
				t.Errorf("%s: got %v, want the file", tt.name, err)
			}
			_, err := w.office.Unupload(w.ctx, tt.who, draft.ID, "photo") // there is nothing to take out
			w.must(err)
		}
	})
}

// An upload that was never submitted is not used again.
func TestNoReuseOfDrafts(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	d := w.draft(w.citizen(an), "permit")
	w.upload(w.citizen(an), d.ID, "photo", "a.png", png)
	plan, err := w.office.Outlook(w.ctx, w.citizen(an), "quick")
	w.must(err)
	if plan.Items[0].How == casework.ByReuse {
		t.Errorf("got %s, want nothing from a draft", plan.Items[0].How)
	}
}

// A file is read only through a matter that it belongs to and that the reader
// may see.
func TestForeignFile(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		mine := w.see(w.submit(an, "permit").ID)
		photo := mine.Evidence[slices.IndexFunc(mine.Evidence, func(it casework.Item) bool { return it.File != nil })].File.ID
		other := w.submit(bo, "permit")
		draft := w.draft(w.citizen(bo), "permit")
		read := func(pr policy.Principal, matter string) error {
			_, err := w.office.File(w.ctx, pr, matter, photo)
			return err
		}
		for name, ok := range map[string]error{
			"the applicant":        read(w.citizen(an), mine.ID),
			"the lead agency":      read(w.officer("one"), mine.ID),
			"the helper":           read(w.citizen(hu, an), mine.ID),
			"by the case's number": read(w.citizen(an), mine.Number),
		} {
			if ok != nil {
				t.Errorf("%s: got %v, want the file", name, ok)
			}
		}
		for name, err := range map[string]error{
			"another person":                read(w.citizen(bo), mine.ID),
			"through his own case":          read(w.citizen(bo), other.ID),
			"through his own draft":         read(w.citizen(bo), draft.ID),
			"an agency without a part":      read(w.officer("two"), mine.ID),
			"a supervisor":                  read(w.officer("one", policy.RoleSupervisor), mine.ID),
			"the officer, by another case":  read(w.officer("one"), other.ID),
			"a clerk with another person":   read(w.with(bo), mine.ID),
			"no such matter":                read(w.citizen(an), "none"),
			"a matter that cannot be named": read(w.citizen(an), "\x00"),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: got %v, want not-found", name, err)
			}
		}
	})
}

// What a supplement notice asks for is handed in piece by piece, and replaces
// what was there.
func TestSupply(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pr := w.citizen(an)
		caseID := w.submit(an, "permit").ID
		before := w.number("SELECT COUNT(*) FROM files")
		supply := func(requirement string, data []byte) error {
			_, err := w.office.Supply(w.ctx, pr, caseID, requirement, casework.File{Name: "新.pdf", Data: data})
			return err
		}
		answer := func() error { _, err := w.office.AnswerSupplement(w.ctx, pr, caseID, "都在这里"); return err }
		w.refused("before it is asked", fault.Conflict, func() error { return supply("photo", png) })
		for name, items := range map[string][]casework.SupplementItem{
			"nothing": nil, "nothing said": {{Requirement: "photo"}}, "no such document": {{Requirement: "passport", What: "护照"}},
			"control characters": {{What: "a\x00"}}, "twice the same": {{Requirement: "photo", What: "照片"}, {Requirement: "photo", What: "照片"}},
		} {
			w.refused(name, fault.Invalid, func() error {
				_, err := w.office.AskSupplement(w.ctx, w.officer("one"), caseID, items, "")
				return err
			})
		}
		_, err := w.office.AskSupplement(w.ctx, w.officer("one"), caseID, []casework.SupplementItem{
			{Requirement: "photo", What: "近照"}, {Requirement: "extra", What: "说明"}, {What: "签名"}}, "请一次补齐")
		w.must(err)
		w.must(supply("photo", jpeg))
		w.must(supply("photo", png)) // changed her mind
		w.refused("not asked for", fault.Conflict, func() error { return supply("letter", png) })
		w.refused("nothing in particular", fault.Conflict, func() error { return supply("", png) })
		w.refused("the wrong type", fault.Unsupported, func() error { return supply("extra", []byte("text")) })
		w.refused("not yet whole", fault.Invalid, func() error {
			err := answer()
			if diff := cmp.Diff([]string{"/items/extra"}, pointers(err)); diff != "" {
				t.Errorf("faults (-want +got)\n%s", diff)
			}
			return err
		})
		w.must(supply("extra", pdf))
		w.must(answer())
		c := w.see(caseID)
		if c.Status != casework.Submitted || c.Supplement.AnsweredAt != monday.UnixMilli() || c.Supplement.Answer != "都在这里" {
			t.Errorf("got %s, %+v; want it handed back", c.Status, c.Supplement)
		}
		for _, it := range c.Evidence {
			if it.Requirement.ID != "photo" && it.Requirement.ID != "extra" {
				continue
			}
			if it.How != casework.ByUpload || it.File.Name != "新.pdf" || it.Source.ZH != "您补交" {
				t.Errorf("%s: got %s from %s, file %+v; want what was supplied", it.Requirement.ID, it.How, it.Source.ZH, it.File)
			}
			if f, err := w.office.File(w.ctx, w.officer("one"), caseID, it.File.ID); err != nil || len(f.Data) == 0 {
				t.Errorf("%s: got %v, want the officer to read it", it.Requirement.ID, err)
			}
		}
		if got := w.number("SELECT COUNT(*) FROM files"); got != before+2 {
			t.Errorf("got %d files, want %d and two more: the one that was replaced is gone", got, before)
		}
		w.refused("after it", fault.Conflict, func() error { return supply("photo", png) })
	})
}

// An application that is taken back takes with it what was supplied for it and
// never handed over.
func TestSuppliedGoesWithdrawn(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := w.submit(an, "permit").ID
	before := w.number("SELECT COUNT(*) FROM files")
	_, err := w.office.AskSupplement(w.ctx, w.officer("one"), caseID, []casework.SupplementItem{{Requirement: "photo", What: "近照"}}, "")
	w.must(err)
	_, err = w.office.Supply(w.ctx, w.citizen(an), caseID, "photo", casework.File{Data: png})
	w.must(err)
	w.must(withdraw(w, caseID))
	if got := w.number("SELECT COUNT(*) FROM files"); got != before {
		t.Errorf("got %d files, want %d", got, before)
	}
}
