package eligibility

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tongban/tongban/eligibility/internal/kernel"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// A snapshot file is a page of header and then, without gaps: the blocks; the
// ids, 16 bytes a row; the index, 4 bytes a slot (row+1, 0: free) with linear
// probing; the heap of long ids; the meta data in JSON; the checksums, one CRC-32C
// of each MiB after the header. Numbers are little-endian. A file is written
// once; what changes later changes in memory only.
const (
	snapshotVersion = 1
	snapshotMagic   = "TONGPOPU"
	pageSize        = 4096
	chunkSize       = 1 << 20
	slotSize        = 4
	maxCount        = 1 << 36 // of anything in a file
)

// header is the first page of a snapshot.
type header struct {
	Magic   [8]byte
	Version uint32
	_       uint32
	Schema  [32]byte
	Rows    uint64 // ids and lanes in use, those of the last block among them
	Planes  uint64 // of a block
	Slots   uint64 // of the index, a power of two
	Heap    uint64 // bytes
	Meta    uint64 // bytes
	Sums    uint32 // CRC-32C of the checksums
	Check   uint32 // CRC-32C of the header before it
}

// meta is the part of a snapshot that is read whole when it is opened.
type meta struct {
	Columns []column   `json:"columns"`
	Words   [][]string `json:"words"` // by column; sorted when the file was written
	Strays  []strayRow `json:"strays"`
}

// stray is a value of a lane that has no code in its column.
type stray struct {
	Col  int   `json:"col"`
	Lane int   `json:"lane"`
	Raw  int64 `json:"raw"`
}

type strayRow struct {
	Block int `json:"block"`
	stray
}

// places is where the parts of a file begin.
type places struct{ blocks, ids, index, heap, meta, sums, end uint64 }

func (h *header) count() uint64 { return (h.Rows + Lanes - 1) / Lanes }

func (h *header) places() places {
	p := places{blocks: pageSize}
	p.ids = p.blocks + h.count()*h.Planes*kernel.Bytes
	p.index = p.ids + h.Rows*identSize
	p.heap = p.index + h.Slots*slotSize
	p.meta = p.heap + h.Heap
	p.sums = p.meta + h.Meta
	p.end = p.sums + (p.sums-pageSize+chunkSize-1)/chunkSize*4
	return p
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// encode is the header's page, with its checksum.
func (h *header) encode() []byte {
	page := make([]byte, pageSize)
	n, _ := binary.Encode(page, binary.LittleEndian, h)
	binary.LittleEndian.PutUint32(page[n-4:], crc32.Checksum(page[:n-4], castagnoli()))
	return page
}

const openOp = "eligibility.Open"

func damaged(detail string) error {
	return fault.Wrap(fault.Invalid, openOp, i18n.M("population.open.damaged"), errors.New(detail))
}

// readHeader checks all that the header says.
func readHeader(file []byte, schema *Schema) (h header, p places, err error) {
	if len(file) < pageSize {
		return h, p, damaged("shorter than a header")
	}
	n, _ := binary.Decode(file, binary.LittleEndian, &h)
	switch {
	case string(h.Magic[:]) != snapshotMagic:
		return h, p, damaged("not a snapshot")
	case h.Version != snapshotVersion:
		return h, p, fault.New(fault.Unsupported, openOp, i18n.M("population.open.version"))
	case h.Check != crc32.Checksum(file[:n-4], castagnoli()):
		return h, p, damaged("header")
	case !bytes.Equal(h.Schema[:], schema.hash[:]):
		return h, p, fault.New(fault.Conflict, openOp, i18n.M("population.open.schema"))
	}
	for _, count := range []uint64{h.Rows, h.Planes, h.Slots, h.Heap, h.Meta} {
		if count > maxCount {
			return h, p, damaged("a count is too large")
		}
	}
	if h.count() > 0 && h.Planes > maxCount/h.count() || h.Slots&(h.Slots-1) != 0 || h.Slots < h.Rows {
		return h, p, damaged("counts do not fit together")
	}
	if p = h.places(); p.end != uint64(len(file)) {
		return h, p, damaged("its length is not what the header says")
	}
	return h, p, verify(file, h, p)
}

// verify compares every checksum, with all processors.
func verify(file []byte, h header, p places) error {
	sums := file[p.sums:p.end]
	if h.Sums != crc32.Checksum(sums, castagnoli()) {
		return damaged("checksums")
	}
	var next atomic.Int64
	var bad atomic.Bool
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				i := uint64(next.Add(1) - 1)
				from := pageSize + i*chunkSize
				if from >= p.sums || bad.Load() {
					return
				}
				sum := crc32.Checksum(file[from:min(from+chunkSize, p.sums)], castagnoli())
				if sum != binary.LittleEndian.Uint32(sums[4*i:]) {
					bad.Store(true)
				}
			}
		})
	}
	workers.Wait()
	if bad.Load() {
		return damaged("a checksum differs")
	}
	return nil
}

// Open maps a snapshot into memory and checks it whole. It fails with NotFound
// where there is none, Unsupported for another version's, Conflict where the
// schema has changed, and Invalid where the file is damaged or cut short. The file
// may be replaced or removed while it is open.
func Open(path string, schema *Schema) (*Population, error) {
	file, unmap, err := mapFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, openOp, i18n.M("population.open.missing"), err)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, openOp, i18n.M("fault.unavailable"), err)
	}
	p, err := load(file, schema)
	if err != nil {
		return nil, errors.Join(err, unmap())
	}
	p.unmap = unmap
	return p, nil
}

// load takes a snapshot apart.
func load(file []byte, schema *Schema) (*Population, error) {
	h, at, err := readHeader(file, schema)
	if err != nil {
		return nil, err
	}
	var m meta
	if err := json.Unmarshal(file[at.meta:at.sums], &m); err != nil {
		return nil, damaged(err.Error())
	}
	if !m.sound(schema, h) {
		return nil, damaged("columns")
	}
	p := newPopulation(schema, m.Columns, m.Words)
	p.fileIDs, p.index = file[at.ids:at.index], file[at.index:at.heap]
	p.heap.file = file[at.heap:at.meta]
	p.rows = int(h.Rows)
	planes := bitmaps(file[at.blocks:at.ids])
	for from := 0; from < len(planes); from += int(h.Planes) {
		p.blocks = append(p.blocks, planes[from:from+int(h.Planes)])
	}
	for _, s := range m.Strays {
		p.strays[s.Block] = append(p.strays[s.Block], s.stray)
	}
	p.taken = p.countTaken()
	return p, nil
}

// sound reports whether the meta data fits the schema and the header.
func (m *meta) sound(schema *Schema, h header) bool {
	if len(m.Columns) != len(schema.attributes) || len(m.Words) != len(m.Columns) {
		return false
	}
	want := make([]column, len(m.Columns))
	for i, c := range m.Columns {
		if c.Kind != schema.attributes[i].Type || c.Bits < 1 || c.Bits > maxBits || c.Base > math.MaxInt64-int64(c.last()) {
			return false
		}
		want[i] = column{Kind: c.Kind, Bits: c.Bits, Base: c.Base}
	}
	if uint64(layout(want)) != h.Planes || !slices.Equal(m.Columns, want) {
		return false
	}
	for _, s := range m.Strays {
		if s.Block < 0 || uint64(s.Block) >= h.count() || s.Lane < 0 || s.Lane >= Lanes || s.Col < 0 || s.Col >= len(m.Columns) {
			return false
		}
	}
	return true
}
