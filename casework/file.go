package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

// MaxFile is the most bytes that one uploaded file may have.
const MaxFile = 10 << 20

// File is an uploaded document. MediaType is found in the bytes, whatever the
// sender says.
type File struct {
	ID        string
	Name      string
	MediaType string
	Data      []byte
}

// mediaTypes are what is taken: documents and pictures that an officer can
// open without running anything.
var mediaTypes = map[string]bool{"application/pdf": true, "image/jpeg": true, "image/png": true}

// check finds the media type in the bytes and makes the name safe to show.
func (f File) check(op string) (File, error) {
	at := func(kind fault.Kind, message i18n.Text) error {
		return &fault.Error{Kind: kind, Op: op, Message: message, Fields: []fault.Field{{Pointer: "/file", Message: message}}}
	}
	if len(f.Data) == 0 {
		return f, at(fault.Invalid, i18n.M("casework.emptyFile"))
	}
	if len(f.Data) > MaxFile {
		return f, at(fault.TooLarge, i18n.M("casework.largeFile", "max", MaxFile>>20))
	}
	f.MediaType, _, _ = strings.Cut(http.DetectContentType(f.Data), ";")
	if bytes.HasPrefix(f.Data, []byte("%PDF-")) {
		f.MediaType = "application/pdf"
	}
	if !mediaTypes[f.MediaType] {
		return f, at(fault.Unsupported, i18n.M("casework.mediaType"))
	}
	f.Name = safeName(f.Name)
	return f, nil
}

// safeName keeps the last part of a path, without control characters, at most
// 120 runes.
func safeName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:120])
	}
	if strings.Trim(name, ". ") == "" { // nothing, or a folder
		return "file"
	}
	return name
}

// Upload adds a document to a draft, in place of an earlier one for the same
// requirement. Errors: TooLarge, Unsupported, Invalid, NotFound.
func (o *Office) Upload(ctx context.Context, pr policy.Principal, draftID, requirement string, f File) (Draft, error) {
	const op = "casework.Upload"
	f, err := f.check(op)
	if err != nil {
		return Draft{}, err
	}
	return o.change(ctx, pr, draftID, 0, func(ctx context.Context, tx db.Tx, d *Draft) error {
		if _, err := o.requirement(op, *d, requirement); err != nil {
			return err
		}
		if old, ok := d.body.Files[requirement]; ok {
			if err := queries(tx.Later()).DeleteFile(ctx, old); err != nil {
				return err
			}
		}
		fileID, err := o.keep(ctx, tx, d.Subject, requirement, f)
		d.body.Files[requirement] = fileID
		return err
	})
}

func (o *Office) keep(ctx context.Context, tx db.Tx, subject party.ID, requirement string, f File) (string, error) {
	hash := sha256.Sum256(f.Data)
	fileID := id.New()
	return fileID, queries(tx.Later()).InsertFile(ctx, store.InsertFileParams{ID: fileID, Subject: string(subject), Requirement: requirement,
		Name: f.Name, MediaType: f.MediaType, Size: int64(len(f.Data)), Hash: hex.EncodeToString(hash[:]), At: ms(o.Clock()), Data: f.Data})
}

// Unupload takes a document out of a draft again.
func (o *Office) Unupload(ctx context.Context, pr policy.Principal, draftID, requirement string) (Draft, error) {
	return o.change(ctx, pr, draftID, 0, func(ctx context.Context, tx db.Tx, d *Draft) error {
		old, ok := d.body.Files[requirement]
		if !ok {
			return nil
		}
		delete(d.body.Files, requirement)
		return queries(tx.Later()).DeleteFile(ctx, old)
	})
}

// File reads a document of a case or of a draft, for those who may see it.
func (o *Office) File(ctx context.Context, pr policy.Principal, matter, fileID string) (File, error) {
	const op = "casework.File"
	missing := fault.New(fault.NotFound, op, i18n.M("casework.noFile"))
	items, err := o.itemsOf(ctx, pr, matter)
	if err != nil {
		return File{}, err
	}
	belongs := false
	for _, it := range items {
		belongs = belongs || it.File != nil && it.File.ID == fileID
	}
	if !belongs {
		return File{}, missing
	}
	f, err := queries(o.DB.Reader()).FileByID(ctx, fileID)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, missing
	}
	if err != nil {
		return File{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	return File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Data: f.Data}, nil
}

func (o *Office) itemsOf(ctx context.Context, pr policy.Principal, matter string) ([]Item, error) {
	c, err := o.Case(ctx, pr, matter)
	if err == nil {
		return c.Evidence, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	plan, err := o.Plan(ctx, pr, matter)
	return plan.Items, err
}
