package kernel

import (
	"encoding/binary"
	"math/bits"
)

// portable works on words, 64 lanes at a time, and on eight words at once, which
// then stay in registers.
var portable = &Kernel{
	Name: "portable", AtLeast: atLeast, Equal: equal,
	And: and, Or: or, AndNot: andNot, AndCount: andCount, Near: near, Codes: codes, Greater: greater, Read: read,
}

// eight is as many words of a bitmap as stay in registers.
type eight = [8]uint64

func part(b *Bitmap, at int) *eight { return (*eight)(b[at : at+8]) }

func (x *wide) and(y *eight) {
	x.a &= y[0]
	x.b &= y[1]
	x.c &= y[2]
	x.d &= y[3]
	x.e &= y[4]
	x.f &= y[5]
	x.g &= y[6]
	x.h &= y[7]
}

func (x *wide) or(y *eight) {
	x.a |= y[0]
	x.b |= y[1]
	x.c |= y[2]
	x.d |= y[3]
	x.e |= y[4]
	x.f |= y[5]
	x.g |= y[6]
	x.h |= y[7]
}

func (x *wide) without(y *eight) {
	x.a &^= y[0]
	x.b &^= y[1]
	x.c &^= y[2]
	x.d &^= y[3]
	x.e &^= y[4]
	x.f &^= y[5]
	x.g &^= y[6]
	x.h &^= y[7]
}

// wide is eight words that the compiler may keep in registers, as it does not
// with an array.
type wide struct{ a, b, c, d, e, f, g, h uint64 }

func load(y *eight) wide { return wide{y[0], y[1], y[2], y[3], y[4], y[5], y[6], y[7]} }

func (x *wide) store(y *eight) { *y = eight{x.a, x.b, x.c, x.d, x.e, x.f, x.g, x.h} }

func (x *wide) count() int {
	return bits.OnesCount64(x.a) + bits.OnesCount64(x.b) + bits.OnesCount64(x.c) + bits.OnesCount64(x.d) +
		bits.OnesCount64(x.e) + bits.OnesCount64(x.f) + bits.OnesCount64(x.g) + bits.OnesCount64(x.h)
}

// atLeast goes up from the lowest bit of the code that is 1: a lane that reaches
// what is below keeps that where the bits are the same, and else the higher number
// wins.
func atLeast(dst *Bitmap, planes []Bitmap, code uint64) {
	first := bits.TrailingZeros64(code)
	for at := 0; at < Words; at += 8 {
		x, rest := load(part(&planes[first], at)), code>>first>>1
		for p := first + 1; p < len(planes); p++ {
			if y := part(&planes[p], at); rest&1 == 1 {
				x.and(y)
			} else {
				x.or(y)
			}
			rest >>= 1
		}
		x.store(part(dst, at))
	}
}

func equal(dst *Bitmap, planes []Bitmap, code uint64) {
	const all = ^uint64(0)
	for at := 0; at < Words; at += 8 {
		x, rest := wide{all, all, all, all, all, all, all, all}, code
		for p := range planes {
			if y := part(&planes[p], at); rest&1 == 1 {
				x.and(y)
			} else {
				x.without(y)
			}
			rest >>= 1
		}
		x.store(part(dst, at))
	}
}

func and(dst *Bitmap, arena []Bitmap, ops []uint32) {
	for at := 0; at < Words; at += 8 {
		x := load(part(&arena[ops[0]], at))
		for _, op := range ops[1:] {
			x.and(part(&arena[op], at))
		}
		x.store(part(dst, at))
	}
}

func or(dst *Bitmap, arena []Bitmap, ops []uint32) {
	for at := 0; at < Words; at += 8 {
		x := load(part(&arena[ops[0]], at))
		for _, op := range ops[1:] {
			x.or(part(&arena[op], at))
		}
		x.store(part(dst, at))
	}
}

func andNot(dst, a, b *Bitmap) {
	for w := range dst {
		dst[w] = a[w] &^ b[w]
	}
}

func andCount(arena []Bitmap, ops []uint32) (n int) {
	for at := 0; at < Words; at += 8 {
		x := load(part(&arena[ops[0]], at))
		for _, op := range ops[1:] {
			x.and(part(&arena[op], at))
		}
		n += x.count()
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
		n := 0
		for w, x := range &arena[op] {
			n += bits.OnesCount64(one[w] &^ x)
		}
		counts[i+1] += uint64(n)
	}
}

// codes turns squares of eight lanes by eight planes.
func codes(dst *[Lanes]uint8, planes []Bitmap) {
	for w := range Words {
		for b := 0; b < 64; b += 8 {
			var square uint64 // byte p: the bits of plane p
			for p := range planes {
				square |= planes[p][w] >> b & 0xff << (8 * p)
			}
			binary.LittleEndian.PutUint64(dst[w*64+b:], transpose(square))
		}
	}
}

// transpose turns eight bytes of eight bits over: bit i of byte p becomes bit p
// of byte i. (Hacker's Delight, 7-3.)
func transpose(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}

func greater(dst *Bitmap, v *[Lanes]int64, than int64) {
	for w := range dst {
		var out uint64
		for i, x := range v[w*64 : w*64+64] {
			var bit uint64
			if x > than {
				bit = 1
			}
			out |= bit << i
		}
		dst[w] = out
	}
}

func read(p []Bitmap) uint64 {
	var out uint64
	for i := range p {
		for _, x := range &p[i] {
			out ^= x
		}
	}
	return out
}
