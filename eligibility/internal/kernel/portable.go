package kernel

import "math/bits"

// portable works on words: 64 lanes at a time.
var portable = &Kernel{
	Name: "portable", AtLeast: atLeast, Less: less, Equal: equal,
	And: and, Or: or, AndNot: andNot, AndCount: andCount, Near: near, Read: read,
}

// atLeast goes up from the lowest bit that counts: a lane that reaches what is
// below keeps that where the bits are the same, and else the higher number wins.
func atLeast(dst *Bitmap, planes []Bitmap, t *Threshold) {
	out := planes[t.first]
	for p := t.first + 1; p < len(t.flips); p++ {
		x := &planes[p]
		if t.flips[p] == 0 {
			for w := range out {
				out[w] &= x[w]
			}
		} else {
			for w := range out {
				out[w] |= x[w]
			}
		}
	}
	*dst = out
}

func less(dst *Bitmap, planes []Bitmap, t *Threshold) {
	var reached Bitmap
	atLeast(&reached, planes, t)
	andNot(dst, dst, &reached)
}

func equal(dst *Bitmap, planes []Bitmap, t *Threshold) {
	out := Bitmap{}
	for w := range out {
		out[w] = planes[0][w] ^ t.flips[0]
	}
	for p := 1; p < len(t.flips); p++ {
		x := &planes[p]
		if t.flips[p] == 0 {
			for w := range out {
				out[w] &= x[w]
			}
		} else {
			for w := range out {
				out[w] &^= x[w]
			}
		}
	}
	*dst = out
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

func read(p []Bitmap) uint64 {
	var out uint64
	for i := range p {
		for _, x := range &p[i] {
			out ^= x
		}
	}
	return out
}
