package catalog_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/workday"
)

func publish(t *testing.T, d *db.DB, c *catalog.City) {
	t.Helper()
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, c) }); err != nil {
		t.Fatal(err)
	}
}

func TestArchive(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		ctx, c := t.Context(), load(t, lakeside(t))
		publish(t, d, c)
		publish(t, d, c) // a restart publishes the same again
		archive := catalog.NewArchive()
		s, _ := c.Service("boat-registration")
		v := s.Latest()

		gotService, got, err := archive.Version(ctx, d.Reader(), v.Hash())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, got, cmp.Comparer(workday.Date.Equal), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("version (-want +got):\n%s", diff)
		}
		if gotService.ID != s.ID || gotService.Name != s.Name || len(gotService.Versions) != 1 {
			t.Errorf("service = %+v, want that of %s with one version", gotService, s.ID)
		}
		f, err := archive.Form(ctx, d.Reader(), c.Forms["boat"].Hash)
		if err != nil || f.ID != "boat" || f.Hash != c.Forms["boat"].Hash {
			t.Errorf("form = %v, %v; want boat", f, err)
		}
		p, err := archive.Process(ctx, d.Reader(), c.Processes["review"].Hash)
		if err != nil || p.ID != "review" || p.Hash != c.Processes["review"].Hash {
			t.Errorf("process = %v, %v; want review", p, err)
		}
		if again, _ := archive.Process(ctx, d.Reader(), p.Hash); again != p {
			t.Error("what was read once is read again")
		}
	})
}

// TestArchiveKeeps: what a pack no longer has stays to be read.
func TestArchiveKeeps(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		c := load(t, lakeside(t))
		publish(t, d, c)
		s, _ := c.Service("berth")
		old := s.Versions[0].Hash()
		s.Versions[0].Steps = nil // the pack moves on
		publish(t, d, c)
		_, v, err := catalog.NewArchive().Version(t.Context(), d.Reader(), old)
		if err != nil || len(v.Steps) != 1 {
			t.Errorf("the old version = %+v, %v; want it with its step", v, err)
		}
		_, v, err = catalog.NewArchive().Version(t.Context(), d.Reader(), s.Versions[0].Hash())
		if err != nil || len(v.Steps) != 0 {
			t.Errorf("the new version = %+v, %v; want it without steps", v, err)
		}
	})
}

func TestArchiveRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		archive, ctx := catalog.NewArchive(), t.Context()
		_, _, version := archive.Version(ctx, d.Reader(), "none")
		_, form := archive.Form(ctx, d.Reader(), "none")
		_, process := archive.Process(ctx, d.Reader(), "none")
		for name, err := range map[string]error{"version": version, "form": form, "process": process} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("an unknown %s gives %v, want NotFound", name, err)
			}
		}
	})
}
