package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// all is decided once, by what the processor says it has.
var all = available(cpu.X86.HasAVX2, cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL &&
	cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VPOPCNTDQ)

// available lists the kernels for a processor, the fastest first.
func available(hasAVX2, hasAVX512 bool) []*Kernel {
	var list []*Kernel
	if hasAVX512 {
		list = append(list, avx512)
	}
	if hasAVX2 {
		list = append(list, avx2)
	}
	return append(list, portable)
}

// lowest is the lowest plane that counts; all planes are there.
func (t *Threshold) lowest(planes []Bitmap) *Bitmap {
	return &planes[:len(t.flips)][t.first]
}

// next is the first step, nil where there is none.
func (t *Threshold) next() *uint64 { return unsafe.SliceData(t.steps) }

// The wrappers check lengths, so that the assembly need not.

var avx2 = &Kernel{
	Name: "avx2",
	AtLeast: func(dst *Bitmap, planes []Bitmap, t *Threshold) {
		atLeast2(dst, t.lowest(planes), t.rest, len(t.flips)-t.first-1)
	},
	Less: func(dst *Bitmap, planes []Bitmap, t *Threshold) {
		less2(dst, t.lowest(planes), t.rest, len(t.flips)-t.first-1)
	},
	Equal: func(dst *Bitmap, planes []Bitmap, t *Threshold) {
		equal2(dst, &planes[:len(t.flips)][0], &t.flips[0], len(t.flips))
	},
	And:      func(dst *Bitmap, arena []Bitmap, ops []uint32) { and2(dst, &arena[0], &ops[0], len(ops)) },
	Or:       func(dst *Bitmap, arena []Bitmap, ops []uint32) { or2(dst, &arena[0], &ops[0], len(ops)) },
	AndNot:   andNot2,
	AndCount: func(arena []Bitmap, ops []uint32) int { return andCount2(&arena[0], &ops[0], len(ops)) },
	Near: func(arena []Bitmap, ops []uint32, counts []uint64) {
		near2(&arena[0], &ops[0], len(ops), &counts[:len(ops)][0])
	},
	Greater: greater2,
	Read:    func(planes []Bitmap) uint64 { return read2(&planes[0], len(planes)) },
}

var avx512 = &Kernel{
	Name: "avx512",
	AtLeast: func(dst *Bitmap, planes []Bitmap, t *Threshold) {
		atLeast512(dst, t.lowest(planes), t.next(), len(t.steps))
	},
	Less: func(dst *Bitmap, planes []Bitmap, t *Threshold) {
		less512(dst, t.lowest(planes), t.next(), len(t.steps))
	},
	Equal: func(dst *Bitmap, planes []Bitmap, t *Threshold) {
		equal512(dst, &planes[:len(t.flips)][0], &t.flips[0], len(t.flips))
	},
	And:      func(dst *Bitmap, arena []Bitmap, ops []uint32) { and512(dst, &arena[0], &ops[0], len(ops)) },
	Or:       func(dst *Bitmap, arena []Bitmap, ops []uint32) { or512(dst, &arena[0], &ops[0], len(ops)) },
	AndNot:   andNot512,
	AndCount: func(arena []Bitmap, ops []uint32) int { return andCount512(&arena[0], &ops[0], len(ops)) },
	Near: func(arena []Bitmap, ops []uint32, counts []uint64) {
		near512(&arena[0], &ops[0], len(ops), &counts[:len(ops)][0])
	},
	Greater: greater512,
	Read:    func(planes []Bitmap) uint64 { return read512(&planes[0], len(planes)) },
}
