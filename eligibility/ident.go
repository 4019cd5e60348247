package eligibility

import (
	"encoding/binary"
	"hash/fnv"
	"math/bits"

	"github.com/google/uuid"

	"github.com/tongban/tongban/party"
)

// ident is a party's id in 16 bytes. A UUID in canonical text is its own bytes;
// its byte 8 begins with the bits 10. A shorter text stands in the other 15
// bytes, and byte 8 is its length. A longer one is in the heap: byte 8 is 0x40,
// the first eight bytes are where and the last four how long.
type ident [16]byte

const (
	identSize = 16
	tagAt     = 8
	inHeap    = 0x40
	maxInline = identSize - 1
)

// identOf is the ident of a party; short is false where it needs the heap, and
// then it is the hash of the text that finds it.
func identOf(id party.ID) (out ident, hash uint64, short bool) {
	if len(id) == 36 {
		if u, err := uuid.Parse(string(id)); err == nil && u[tagAt]>>6 == 2 && u.String() == string(id) {
			return ident(u), ident(u).hash(), true
		}
	}
	if len(id) > maxInline {
		h := fnv.New64a()
		h.Write([]byte(id))
		return out, h.Sum64(), false
	}
	n := copy(out[:tagAt], id)
	copy(out[tagAt+1:], id[n:])
	out[tagAt] = byte(len(id))
	return out, out.hash(), true
}

// identAt is the ident of a long id that stands in the heap.
func identAt(at int64, n int) (out ident) {
	binary.LittleEndian.PutUint64(out[:], uint64(at))
	binary.LittleEndian.PutUint32(out[12:], uint32(n))
	out[tagAt] = inHeap
	return out
}

// party is the id that the ident stands for; empty where the heap lacks it.
func (id ident) party(heap *heap) party.ID {
	switch tag := id[tagAt]; {
	case tag>>6 == 2:
		return party.ID(uuid.UUID(id).String())
	case tag <= maxInline:
		var text [maxInline]byte
		copy(text[copy(text[:], id[:tagAt]):], id[tagAt+1:])
		return party.ID(text[:tag])
	case tag == inHeap:
		return party.ID(heap.text(binary.LittleEndian.Uint64(id[:]), binary.LittleEndian.Uint32(id[12:])))
	}
	return ""
}

// hash spreads idents over an index. It is part of the snapshot's format.
func (id ident) hash() uint64 {
	a, b := binary.LittleEndian.Uint64(id[:]), binary.LittleEndian.Uint64(id[8:])
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xc2b2ae3d27d4eb4f)
	h := hi ^ lo ^ a
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>29
}

// heap holds the long ids: those of the file and those added since.
type heap struct{ file, added []byte }

func (h *heap) text(at uint64, n uint32) string {
	part := h.file
	if at >= uint64(len(h.file)) {
		at -= uint64(len(h.file))
		part = h.added
	}
	if at > uint64(len(part)) || uint64(n) > uint64(len(part))-at {
		return ""
	}
	return string(part[at : at+uint64(n)])
}

// add puts s into the heap.
func (h *heap) add(s string) ident {
	at := int64(len(h.file) + len(h.added))
	h.added = append(h.added, s...)
	return identAt(at, len(s))
}
