package eligibility

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// Block is the rows of one block in columns, in the order of the schema's
// attributes. A value is a whole number as it is, a number with decimals times
// 10^decimals, a date as its day (DayNumber), a bool as 0 or 1, and a text as its
// place in the words of its column.
type Block struct {
	IDs    []party.ID // Lanes of them, fewer in the last block
	Values [][]int64  // by column, by row
	Known  [][]bool
}

// DayNumber is a date as a Block holds it: 1 is 0001-01-01.
func DayNumber(d workday.Date) int64 { return rawDay(d) + dayZero }

// BuildBlocks is Build for those who make rows by the million and have them in
// columns. filler is called once for each processor; what it gives is asked for
// blocks, from 0 to so many in all, in no order, and a Block is read before the
// next is asked for. words are the texts of each column of type string.
func BuildBlocks(ctx context.Context, path string, schema *Schema, words [][]string, blocks int, filler func() func(i int) (*Block, error)) error {
	return build(ctx, path, schema, func(b *builder) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		var next atomic.Int64
		var workers sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				e, fill := newEncoder(b), filler()
				places := e.places(words)
				for ctx.Err() == nil {
					i := int(next.Add(1) - 1)
					if i >= blocks {
						return
					}
					rows, err := fill(i)
					if err == nil {
						err = e.spoolBlock(i, rows, places)
					}
					if err != nil {
						cancel(err)
					}
				}
			})
		}
		workers.Wait()
		return context.Cause(ctx)
	})
}

// places are the dictionary's places of words, by column.
func (e *encoder) places(words [][]string) [][]int64 {
	all := make([][]int64, len(words))
	for col, list := range words {
		for _, w := range list {
			all[col] = append(all[col], e.place(col, w))
		}
	}
	return all
}

func (e *encoder) spoolBlock(block int, rows *Block, places [][]int64) error {
	n := len(rows.IDs)
	if n > Lanes || len(rows.Values) != len(e.raw) {
		return fmt.Errorf("eligibility.BuildBlocks: block %d has %d rows of %d columns", block, n, len(rows.Values))
	}
	ids := make([]ident, n)
	for row, id := range rows.IDs {
		ids[row] = e.b.ident(id)
	}
	for col := range e.raw {
		e.extents[col] = extent{}
		raw, has := e.raw[col][:n], e.has[col]
		copy(has, rows.Known[col][:n])
		for row, v := range rows.Values[col][:n] {
			if !has[row] {
				continue
			}
			switch e.b.schema.attributes[col].Type {
			case criterion.String:
				v = places[col][v]
			case criterion.Date:
				v -= dayZero
			}
			raw[row] = v
			e.extents[col].add(v)
		}
	}
	return e.keep(block, ids)
}
