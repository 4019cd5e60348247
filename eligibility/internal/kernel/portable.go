package kernel

import "math/bits"

// portable works on words, 64 lanes at a time, and on eight words at once, which
// then stay in registers.
var portable = &Kernel{
	Name: "portable", AtLeast: atLeast, Less: less, Equal: equal,
	And: and, Or: or, AndNot: andNot, AndCount: andCount, Near: near, Greater: greater, Read: read,
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

// atLeast goes up from the lowest bit that counts: a lane that reaches what is
// below keeps that where the bits are the same, and else the higher number wins.
func atLeast(dst *Bitmap, planes []Bitmap, t *Threshold) {
	for at := 0; at < Words; at += 8 {
		x := t.reach(planes, at)
		x.store(part(dst, at))
	}
}

func less(dst *Bitmap, planes []Bitmap, t *Threshold) {
	for at := 0; at < Words; at += 8 {
		reached, x := t.reach(planes, at), load(part(dst, at))
		x.without(&eight{reached.a, reached.b, reached.c, reached.d, reached.e, reached.f, reached.g, reached.h})
		x.store(part(dst, at))
	}
}

func (t *Threshold) reach(planes []Bitmap, at int) wide {
	x := load(part(&planes[t.first], at))
	rest := t.rest
	for p := t.first + 1; p < len(t.flips); p++ {
		if y := part(&planes[p], at); rest&1 == 1 {
			x.and(y)
		} else {
			x.or(y)
		}
		rest >>= 1
	}
	return x
}

func equal(dst *Bitmap, planes []Bitmap, t *Threshold) {
	const all = ^uint64(0)
	for at := 0; at < Words; at += 8 {
		x := wide{all, all, all, all, all, all, all, all}
		for p, flip := range t.flips {
			if y := part(&planes[p], at); flip == 0 {
				x.and(y)
			} else {
				x.without(y)
			}
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
