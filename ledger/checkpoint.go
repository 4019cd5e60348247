package ledger

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// checkpoint is the state of the log at one size: the text of a signed note,
// three lines of origin, size and root hash.
type checkpoint struct {
	origin string
	tree   tlog.Tree
}

func (c checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.origin, c.tree.N, base64.StdEncoding.EncodeToString(c.tree.Hash[:]))
}

func (c checkpoint) sign(signer note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.text()}, signer)
}

// parseCheckpoint reads the text of a checkpoint. Lines after the third are
// extensions and are passed over, as the format wants.
func parseCheckpoint(text string) (checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[0] == "" {
		return checkpoint{}, fmt.Errorf("checkpoint of %d lines", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("checkpoint size %q", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return checkpoint{}, fmt.Errorf("checkpoint root %q", lines[2])
	}
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: tlog.Hash(root)}}, nil
}

// openCheckpoint checks the signature of a checkpoint and that its origin is the
// verifier's name.
func openCheckpoint(op, signed string, verifier note.Verifier) (checkpoint, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, fault.Wrap(fault.Invalid, op, i18n.M("ledger.badSignature"), err)
	}
	c, err := parseCheckpoint(opened.Text)
	if err != nil {
		return checkpoint{}, fault.Wrap(fault.Invalid, op, i18n.M("ledger.badCheckpoint"), err)
	}
	if c.origin != verifier.Name() {
		return checkpoint{}, fault.Wrap(fault.Invalid, op, i18n.M("ledger.badCheckpoint"),
			fmt.Errorf("origin %q, want %q", c.origin, verifier.Name()))
	}
	return c, nil
}

// ownCheckpoint reads a checkpoint of our own store without looking at its
// signature: whoever relies on it checks that.
func ownCheckpoint(signed string) (checkpoint, error) {
	text, _, ok := strings.Cut(signed, "\n\n")
	if !ok {
		return checkpoint{}, fmt.Errorf("checkpoint without signature")
	}
	return parseCheckpoint(text + "\n")
}
