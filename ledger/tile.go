package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/ledger/internal/store"
)

// tileHeight makes tiles of 2^8 hashes.
const tileHeight = 8

// tileKey is a tile's place; a tile that is not full yet grows in place.
type tileKey struct{ level, number int64 }

// tree reads the tree's hashes from the stored tiles, and from fresh ones that
// are not stored yet. It is used by one goroutine for one operation.
type tree struct {
	ctx   context.Context
	q     *store.Queries
	tiles map[tileKey][]byte
	fresh map[int64]tlog.Hash // by storage index
}

func newTree(ctx context.Context, q db.Queryer) *tree {
	return &tree{ctx, store.New(q), map[tileKey][]byte{}, map[int64]tlog.Hash{}}
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if hash, ok := t.fresh[index]; ok {
			hashes[i] = hash
			continue
		}
		tile := tlog.TileForIndex(tileHeight, index)
		data, err := t.tile(tile)
		if err != nil {
			return nil, err
		}
		if hashes[i], err = tlog.HashFromTile(tile, data, index); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// tile is the stored hashes of a tile, cut to its width.
func (t *tree) tile(tile tlog.Tile) ([]byte, error) {
	key := tileKey{int64(tile.L), tile.N}
	data, ok := t.tiles[key]
	if !ok {
		var err error
		data, err = t.q.Tile(t.ctx, store.TileParams{Level: int32(key.level), Number: key.number})
		if errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("tile %s is missing", tile.Path())
		}
		if err != nil {
			return nil, err
		}
		t.tiles[key] = data
	}
	want := tile.W * tlog.HashSize
	if len(data) < want {
		return nil, fmt.Errorf("tile %s is too short", tile.Path())
	}
	return data[:want], nil
}

// extend adds leaf hashes behind the first size ones.
func (t *tree) extend(size int64, leaves [][]byte) error {
	for i, leaf := range leaves {
		if len(leaf) != tlog.HashSize {
			return fmt.Errorf("leaf hash of %d bytes", len(leaf))
		}
		n := size + int64(i)
		hashes, err := tlog.StoredHashesForRecordHash(n, tlog.Hash(leaf), t)
		if err != nil {
			return err
		}
		first := tlog.StoredHashIndex(0, n)
		for j, hash := range hashes {
			t.fresh[first+int64(j)] = hash
		}
	}
	return nil
}

// save queues the tiles that a tree of size old needs to become one of size new.
func (t *tree) save(later *store.Queries, old, new int64) error {
	for _, tile := range tlog.NewTiles(tileHeight, old, new) {
		data, err := tlog.ReadTileData(tile, t)
		if err != nil {
			return err
		}
		if err := later.PutTile(t.ctx, store.PutTileParams{Level: int32(tile.L), Number: tile.N, Hashes: data}); err != nil {
			return err
		}
	}
	return nil
}
