package kernel

import (
	"encoding/binary"
	"math/bits"
)

// portable is written for 64-bit words: 8 lanes of bytes or 4 of 16 bits are
// compared at once within a word.
var portable = &Kernel{
	Name: "portable", Range8: range8, Range16: range16, Range32: range32, Table: table,
	And: and, Or: or, AndNot: andNot, AndCount: andCount, Near: near, Read: read,
}

const (
	top8  = 0x8080808080808080
	one8  = 0x0101010101010101
	top16 = 0x8000800080008000
	one16 = 0x0001000100010001
)

// within has the top bit of every lane x of the word with x-lo <= span set. The
// top bits are kept apart so that no lane borrows from the next.
func within(x, lo, span, top uint64) uint64 {
	t := ((x | top) - (lo &^ top)) ^ ((x ^ ^lo) & top) // x - lo
	ge := (span | top) - (t &^ top)                    // top bit: span >= t, but for their own top bits
	return (span&^t | ^(span^t)&ge) & top
}

func range8(dst *Bitmap, col []byte, lo, span uint8) {
	l, s := uint64(lo)*one8, uint64(span)*one8
	col = col[:Lanes]
	for w := range dst {
		var out uint64
		for i := 0; i < 64; i += 8 {
			m := within(binary.LittleEndian.Uint64(col[w*64+i:]), l, s, top8)
			out |= m >> 7 * 0x0102040810204080 >> 56 << i // the 8 top bits side by side
		}
		dst[w] = out
	}
}

func range16(dst *Bitmap, col []byte, lo, span uint16) {
	l, s := uint64(lo)*one16, uint64(span)*one16
	col = col[:2*Lanes]
	for w := range dst {
		var out uint64
		for i := 0; i < 64; i += 4 {
			m := within(binary.LittleEndian.Uint64(col[2*(w*64+i):]), l, s, top16)
			out |= m >> 15 * 0x0001000200040008 >> 48 & 15 << i
		}
		dst[w] = out
	}
}

func range32(dst *Bitmap, col []byte, lo, span uint32) {
	col = col[:4*Lanes]
	for w := range dst {
		var out uint64
		for i := 0; i < 64; i += 2 {
			x := binary.LittleEndian.Uint64(col[4*(w*64+i):])
			a, b := uint32(x)-lo, uint32(x>>32)-lo
			out |= (1 ^ (uint64(span)-uint64(a))>>63) << i
			out |= (1 ^ (uint64(span)-uint64(b))>>63) << (i + 1)
		}
		dst[w] = out
	}
}

func table(dst *Bitmap, col []byte, set *Set) {
	var has [256]uint64
	for v := range has {
		if set.Has(uint8(v)) {
			has[v] = 1
		}
	}
	col = col[:Lanes]
	for w := range dst {
		var out uint64
		for i, v := range col[w*64 : w*64+64] {
			out |= has[v] << i
		}
		dst[w] = out
	}
}

func and(dst *Bitmap, arena []Bitmap, ops []uint32) {
	out := arena[ops[0]]
	for _, op := range ops[1:] {
		for w, x := range &arena[op] {
			out[w] &= x
		}
	}
	*dst = out
}

func or(dst *Bitmap, arena []Bitmap, ops []uint32) {
	out := arena[ops[0]]
	for _, op := range ops[1:] {
		for w, x := range &arena[op] {
			out[w] |= x
		}
	}
	*dst = out
}

func andNot(dst, a, b *Bitmap) {
	for w := range dst {
		dst[w] = a[w] &^ b[w]
	}
}

func andCount(arena []Bitmap, ops []uint32) int {
	n := 0
	if len(ops) == 1 {
		for _, x := range &arena[ops[0]] {
			n += bits.OnesCount64(x)
		}
		return n
	}
	var out Bitmap
	last := len(ops) - 1
	and(&out, arena, ops[:last])
	for w, x := range &arena[ops[last]] {
		n += bits.OnesCount64(out[w] & x)
	}
	return n
}

func near(arena []Bitmap, ops []uint32, counts []uint64) {
	none, one := arena[ops[0]], Bitmap{}
	for _, op := range ops[1:] {
		for w, x := range &arena[op] {
			one[w] = one[w]&x | none[w]&^x
			none[w] &= x
		}
	}
	for w := range none {
		counts[0] += uint64(bits.OnesCount64(none[w]))
	}
	if one == (Bitmap{}) {
		return
	}
	for i, op := range ops[1:] {
		for w, x := range &arena[op] {
			counts[i+1] += uint64(bits.OnesCount64(one[w] &^ x))
		}
	}
}

func read(p []byte) uint64 {
	var out uint64
	for ; len(p) >= 32; p = p[32:] {
		a, b := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
		c, d := binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:])
		out ^= a ^ b ^ c ^ d
	}
	return out
}
