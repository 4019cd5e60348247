package eligibility

import (
	"context"
	"encoding/binary"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/tongban/tongban/party"
)

const buildOp = "eligibility.Build"

// Row is one subject: its facts by attribute id. What is absent, or not of the
// attribute's type, is unknown; what is no attribute is left out.
type Row struct {
	ID    party.ID
	Facts Facts
}

// Build writes a snapshot of the rows to path, in place of what was there when
// it is whole. It keeps a few blocks and 24 bytes a row in memory, and on disk twice
// what the file will have. The maps of facts are read while further rows are
// asked for, so each row wants its own. progress, which may be nil, hears how many
// rows were taken. It fails with Invalid where an id comes twice, and with the
// error that a row brings.
func Build(ctx context.Context, path string, schema *Schema, rows iter.Seq2[Row, error], progress func(rows int)) error {
	return build(ctx, path, schema, func(b *builder) error { return b.take(ctx, rows, progress) })
}

// build writes to path what take spools.
func build(ctx context.Context, path string, schema *Schema, take func(*builder) error) error {
	spool, err := os.CreateTemp(filepath.Dir(path), ".population-*.spool")
	if err != nil {
		return err
	}
	defer func() { spool.Close(); os.Remove(spool.Name()) }()
	b := &builder{schema: schema, spool: spool, words: make([]dictionary, len(schema.attributes)), extents: make([]extent, len(schema.attributes))}
	if err := take(b); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(path), ".population-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if err := b.write(ctx, out); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}

// builder spools blocks in codes of their own and, once the extents of all
// columns are known, writes them in the columns' codes.
type builder struct {
	schema *Schema
	words  []dictionary // by column

	mu      sync.Mutex // guards what follows
	spool   *os.File
	end     int64
	blocks  []spooled // by block
	extents []extent  // by column
	heap    heap
}

// spooled is where a block stands in the spool, and who is in it.
type spooled struct {
	at, size int64
	ids      []ident
}

// dictionary gives each text its place.
type dictionary struct {
	mu    sync.Mutex
	at    map[string]int64
	words []string
}

func (d *dictionary) place(s string) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.at[s]
	if !ok {
		if d.at == nil {
			d.at = map[string]int64{}
		}
		at = int64(len(d.words))
		d.words = append(d.words, s)
		d.at[s] = at
	}
	return at
}

type batch struct {
	block int
	rows  []Row
}

// take spools all rows, with a worker for each processor.
func (b *builder) take(ctx context.Context, rows iter.Seq2[Row, error], progress func(int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	full, empty := make(chan batch), make(chan []Row, 2*runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			e := newEncoder(b)
			for part := range full {
				if err := e.spool(part); err != nil {
					cancel(err)
				}
				clear(part.rows)
				select {
				case empty <- part.rows[:0]:
				default:
				}
			}
		})
	}
	err := b.hand(ctx, rows, progress, full, empty)
	close(full)
	workers.Wait()
	if err != nil {
		return err
	}
	return context.Cause(ctx)
}

// hand cuts the rows into blocks.
func (b *builder) hand(ctx context.Context, rows iter.Seq2[Row, error], progress func(int), full chan<- batch, empty <-chan []Row) error {
	next, taken := batch{rows: make([]Row, 0, Lanes)}, 0
	send := func() error {
		select {
		case full <- next:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if taken += len(next.rows); progress != nil {
			progress(taken)
		}
		next = batch{block: next.block + 1}
		select {
		case next.rows = <-empty:
		default:
			next.rows = make([]Row, 0, Lanes)
		}
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if next.rows = append(next.rows, row); len(next.rows) == Lanes {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if len(next.rows) > 0 {
		return send()
	}
	return nil
}

// encoder turns rows into a spooled block.
type encoder struct {
	b       *builder
	known   []map[string]int64 // by column: words whose place it remembers
	raw     [][]int64          // by column and lane
	has     [][]bool
	extents []extent
	out     []byte
}

func newEncoder(b *builder) *encoder {
	n := len(b.schema.attributes)
	e := &encoder{b: b, known: make([]map[string]int64, n), raw: make([][]int64, n), has: make([][]bool, n), extents: make([]extent, n)}
	for i := range n {
		e.known[i] = map[string]int64{}
		e.raw[i], e.has[i] = make([]int64, Lanes), make([]bool, Lanes)
	}
	return e
}

func (e *encoder) place(col int, s string) int64 {
	at, ok := e.known[col][s]
	if !ok {
		at = e.b.words[col].place(s)
		e.known[col][s] = at
	}
	return at
}

func (e *encoder) spool(part batch) error {
	for col := range e.raw {
		clear(e.has[col])
		e.extents[col] = extent{}
	}
	ids := make([]ident, len(part.rows))
	for lane, row := range part.rows {
		ids[lane] = e.b.ident(row.ID)
		for name, value := range row.Facts {
			col, ok := e.b.schema.at[name]
			if !ok {
				continue
			}
			raw, ok := e.b.schema.raw(col, value, func(s string) int64 { return e.place(col, s) })
			if ok {
				e.raw[col][lane], e.has[col][lane] = raw, true
				e.extents[col].add(raw)
			}
		}
	}
	return e.keep(part.block, ids)
}

// keep spools what raw and has hold.
func (e *encoder) keep(block int, ids []ident) error {
	e.out = e.out[:0]
	for col, x := range e.extents {
		e.out = appendSpooled(e.out, x, e.raw[col][:len(ids)], e.has[col])
	}
	return e.b.keep(block, ids, e.extents, e.out)
}

// appendSpooled writes a column of a block: its least value, a width, and codes.
func appendSpooled(out []byte, x extent, raw []int64, has []bool) []byte {
	width := byte(8)
	for _, w := range []byte{4, 2, 1} {
		if uint64(x.hi)-uint64(x.lo) < 1<<(8*w)-1 {
			width = w
		}
	}
	out = append(binary.LittleEndian.AppendUint64(out, uint64(x.lo)), width)
	for lane, v := range raw {
		code := uint64(0)
		if has[lane] {
			code = uint64(v) - uint64(x.lo) + 1
		}
		switch width {
		case 1:
			out = append(out, byte(code))
		case 2:
			out = binary.LittleEndian.AppendUint16(out, uint16(code))
		case 4:
			out = binary.LittleEndian.AppendUint32(out, uint32(code))
		default:
			out = binary.LittleEndian.AppendUint64(out, code)
		}
	}
	return out
}

// ident is the ident of an id that is new.
func (b *builder) ident(id party.ID) ident {
	out, _, short := identOf(id)
	if short {
		return out
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heap.add(string(id))
}

func (b *builder) keep(block int, ids []ident, extents []extent, bytes []byte) error {
	b.mu.Lock()
	at := b.end
	b.end += int64(len(bytes))
	for len(b.blocks) <= block {
		b.blocks = append(b.blocks, spooled{})
	}
	b.blocks[block] = spooled{at, int64(len(bytes)), ids}
	for col, x := range extents {
		b.extents[col].join(x)
	}
	b.mu.Unlock()
	if _, err := b.spool.WriteAt(bytes, at); err != nil {
		return err
	}
	return nil
}

// spooledColumn takes the next column off a spooled block.
func spooledColumn(p []byte, n int, each func(lane int, raw int64)) (rest []byte, err error) {
	if len(p) < 9 {
		return nil, io.ErrUnexpectedEOF
	}
	lo, width := binary.LittleEndian.Uint64(p), int(p[8])
	if p = p[9:]; len(p) < n*width {
		return nil, io.ErrUnexpectedEOF
	}
	for lane := range n {
		var code uint64
		switch at := p[lane*width:]; width {
		case 1:
			code = uint64(at[0])
		case 2:
			code = uint64(binary.LittleEndian.Uint16(at))
		case 4:
			code = uint64(binary.LittleEndian.Uint32(at))
		default:
			code = binary.LittleEndian.Uint64(at)
		}
		if code != 0 {
			each(lane, int64(lo+code-1))
		}
	}
	return p[n*width:], nil
}
