package eligibility

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility/internal/kernel"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// write makes the snapshot of what was spooled.
func (b *builder) write(ctx context.Context, out *os.File) error {
	m := meta{Words: make([][]string, len(b.words))}
	places := make([][]int64, len(b.words)) // a word's place when it came -> sorted
	for col, a := range b.schema.attributes {
		if a.Type == criterion.String {
			m.Words[col], places[col] = b.words[col].sorted()
		}
		m.Columns = append(m.Columns, columnFor(a.Type, b.extents[col]))
	}
	h := header{Version: snapshotVersion, Schema: b.schema.hash, Planes: uint64(layout(m.Columns)), Heap: uint64(len(b.heap.added))}
	copy(h.Magic[:], snapshotMagic)
	for _, s := range b.blocks {
		h.Rows += uint64(len(s.ids))
	}
	index, err := b.index(int(h.Rows))
	if err != nil {
		return err
	}
	h.Slots = uint64(len(index) / slotSize)
	if m.Strays, err = b.writeBlocks(ctx, out, m.Columns, places, int(h.Planes)); err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	h.Meta = uint64(len(text))
	at := h.places()
	if err := b.writeIDs(out, int64(at.ids)); err != nil {
		return err
	}
	for _, part := range []struct {
		at    uint64
		bytes []byte
	}{{at.index, index}, {at.heap, b.heap.added}, {at.meta, text}} {
		if _, err := out.WriteAt(part.bytes, int64(part.at)); err != nil {
			return err
		}
	}
	return finish(out, h)
}

// sorted is the words in order, and where each of them went.
func (d *dictionary) sorted() (words []string, places []int64) {
	words = slices.Clone(d.words)
	slices.Sort(words)
	places = make([]int64, len(words))
	for to, word := range words {
		places[d.at[word]] = int64(to)
	}
	return words, places
}

// index is the open-addressed table of the ids.
func (b *builder) index(rows int) ([]byte, error) {
	slots := 64
	for slots < rows+rows/3 {
		slots *= 2
	}
	index := make([]byte, slots*slotSize)
	row := 0
	at := func(row int) ident { return b.blocks[row/Lanes].ids[row%Lanes] }
	for _, s := range b.blocks {
		for _, id := range s.ids {
			text := id.party(&heap{file: b.heap.added})
			_, hash, short := identOf(text)
			slot := int(hash & uint64(slots-1))
			for {
				other := binary.LittleEndian.Uint32(index[slot*slotSize:])
				if other == 0 {
					break
				}
				before := at(int(other) - 1)
				if before == id || !short && before.party(&heap{file: b.heap.added}) == text {
					return nil, fault.New(fault.Invalid, buildOp, i18n.M("population.build.twice", "id", string(text)))
				}
				slot = (slot + 1) & (slots - 1)
			}
			row++
			binary.LittleEndian.PutUint32(index[slot*slotSize:], uint32(row))
		}
	}
	return index, nil
}

// maxStrays bounds the values that have no code, for all columns together.
const maxStrays = 1 << 20

// writeBlocks writes the blocks in the columns' codes and gives the strays.
func (b *builder) writeBlocks(ctx context.Context, out *os.File, columns []column, places [][]int64, planes int) ([]strayRow, error) {
	var next atomic.Int64
	var mu sync.Mutex // guards strays and failed
	var strays []strayRow
	var failed error
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			whole, spool := make(block, planes), []byte(nil)
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(b.blocks) {
					return
				}
				s := &b.blocks[i]
				spool = slices.Grow(spool[:0], int(s.size))[:s.size]
				_, err := b.spool.ReadAt(spool, s.at)
				var found []strayRow
				if err == nil || errors.Is(err, io.EOF) {
					found, err = b.recode(whole, spool, i, columns, places)
				}
				if err == nil {
					_, err = out.WriteAt(bytesOf(whole), pageSize+int64(i)*int64(planes)*kernel.Bytes)
				}
				mu.Lock()
				strays, failed = append(strays, found...), errors.Join(failed, err)
				if failed == nil && len(strays) > maxStrays {
					failed = fault.New(fault.Invalid, buildOp, i18n.M("population.build.large", "attribute", b.schema.attributes[strays[0].Col].ID))
				}
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	workers.Wait()
	slices.SortFunc(strays, func(x, y strayRow) int { return x.Block - y.Block })
	return strays, errors.Join(failed, context.Cause(ctx))
}

// recode writes one block.
func (b *builder) recode(whole block, spool []byte, i int, columns []column, places [][]int64) (strays []strayRow, err error) {
	clear(whole)
	n := len(b.blocks[i].ids)
	for lane := range n {
		setBit(&whole[0], lane, true)
	}
	for col := range columns {
		c := &columns[col]
		spool, err = spooledColumn(spool, n, func(lane int, raw int64) {
			if places[col] != nil {
				raw = places[col][raw]
			}
			if !c.set(whole, lane, raw, true) {
				strays = append(strays, strayRow{i, stray{col, lane, raw}})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return strays, nil
}

func (b *builder) writeIDs(out *os.File, at int64) error {
	var page []byte
	for _, s := range b.blocks {
		page = page[:0]
		for _, id := range s.ids {
			page = append(page, id[:]...)
		}
		if _, err := out.WriteAt(page, at); err != nil {
			return err
		}
		at += int64(len(page))
	}
	return nil
}

// finish adds the checksums and, last, the header.
func finish(out *os.File, h header) error {
	at := h.places()
	var sums []byte
	chunk := make([]byte, chunkSize)
	for from := at.blocks; from < at.sums; from += chunkSize {
		part := chunk[:min(chunkSize, at.sums-from)]
		if _, err := out.ReadAt(part, int64(from)); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		sums = binary.LittleEndian.AppendUint32(sums, crc32.Checksum(part, castagnoli()))
	}
	h.Sums = crc32.Checksum(sums, castagnoli())
	if _, err := out.WriteAt(sums, int64(at.sums)); err != nil {
		return err
	}
	_, err := out.WriteAt(h.encode(), 0)
	return err
}
