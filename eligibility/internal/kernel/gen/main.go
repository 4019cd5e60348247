//go:build ignore

// Command gen writes kernel_amd64.s and stub_amd64.go: every kernel for AVX2 and
// for AVX-512. Run it by `make generate`.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A bitmap, or a plane of a column, is 512 bytes.
const (
	bytes  = 512
	shift  = 9 // log2(bytes)
	ymm    = 32
	zmm    = 64
	nearby = 4 // registers of a chunk of near: 4 of F0, 4 of F1
)

func main() {
	ConstraintExpr("amd64")
	atLeast2()
	equal2()
	many2("and2", func(m Mem, y reg.VecVirtual) { VPAND(m, y, y) })
	many2("or2", func(m Mem, y reg.VecVirtual) { VPOR(m, y, y) })
	andNot2()
	andCount2()
	near2()
	codes2()
	greater2()
	read2()
	atLeast512()
	equal512()
	many512("and512", func(m Mem, z reg.VecVirtual) { VPANDQ(m, z, z) })
	many512("or512", func(m Mem, z reg.VecVirtual) { VPORQ(m, z, z) })
	andNot512()
	andCount512()
	near512()
	codes512()
	greater512()
	read512()
	Generate()
}

// start opens a function without a frame that keeps no pointer.
func start(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
}

func pointer(name string) reg.Register { return Load(Param(name), GP64()) }

// popcount adds the set bits of each byte of v to acc, with the nibble table.
type counter struct{ nibbles, table, acc reg.VecVirtual }

var nibbleTable = []uint64{0x0302020102010100, 0x0403030203020201}

func bitsTable(name string) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(i*8, U64(nibbleTable[i%2]))
	}
	return m
}

func byteTable(name string, b uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(i*8, U64(b*0x0101010101010101))
	}
	return m
}

var (
	tables  = map[string]Mem{}
	tableOf = func(name string, make func(string) Mem) Mem {
		if _, ok := tables[name]; !ok {
			tables[name] = make(name)
		}
		return tables[name]
	}
)

func newCounter() counter {
	c := counter{YMM(), YMM(), YMM()}
	VMOVDQU(tableOf("low", func(n string) Mem { return byteTable(n, 0x0f) }), c.nibbles)
	VMOVDQU(tableOf("ones", bitsTable), c.table)
	return c
}

func (c counter) add(v reg.VecVirtual) {
	low, high := YMM(), YMM()
	VPAND(c.nibbles, v, low)
	VPSRLW(U8(4), v, high)
	VPAND(c.nibbles, high, high)
	VPSHUFB(low, c.table, low)
	VPSHUFB(high, c.table, high)
	VPADDB(low, high, low)
	VPADDB(low, c.acc, c.acc)
}

// sum is the sum of the 32 byte counters of acc.
func (c counter) sum() reg.GPVirtual {
	zero, half, n := YMM(), XMM(), GP64()
	VPXOR(zero, zero, zero)
	VPSADBW(zero, c.acc, c.acc)
	VEXTRACTI128(U8(1), c.acc, half)
	VPADDQ(half, c.acc.AsX(), half)
	other := XMM()
	VPSRLDQ(U8(8), half, other)
	VPADDQ(half, other, half)
	VMOVQ(half, n)
	return n
}

// atLeast2 runs one threshold over the planes of a column, from the lowest bit of
// the threshold that is 1. Above it, a bit that is 1 wants "and" and one that is 0
// wants "or". The branch on it is the same for every block and so well predicted,
// and it leaves one instruction for each register of a plane.
func atLeast2() {
	start("atLeast2", "func(dst *[64]uint64, plane *[64]uint64, rest uint64, n int)",
		"atLeast2 sets the bits of the lanes that reach a threshold.")
	dst, plane, rest, n := pointer("dst"), pointer("plane"), pointer("rest"), pointer("n")
	acc := make([]reg.VecVirtual, bytes/ymm)
	for i := range acc {
		acc[i] = YMM()
		VMOVDQU(Mem{Base: plane, Disp: i * ymm}, acc[i])
	}
	JMP(LabelRef("test"))
	Label("or")
	for i := range acc {
		VPOR(Mem{Base: plane, Disp: i * ymm}, acc[i], acc[i])
	}
	Label("test")
	DECQ(n)
	JL(LabelRef("done"))
	ADDQ(U32(bytes), plane)
	SHRQ(U8(1), rest)
	JCC(LabelRef("or"))
	Label("and")
	for i := range acc {
		VPAND(Mem{Base: plane, Disp: i * ymm}, acc[i], acc[i])
	}
	DECQ(n)
	JL(LabelRef("done"))
	ADDQ(U32(bytes), plane)
	SHRQ(U8(1), rest)
	JCS(LabelRef("and"))
	JMP(LabelRef("or"))
	Label("done")
	for i := range acc {
		VMOVDQU(acc[i], Mem{Base: dst, Disp: i * ymm})
	}
	VZEROUPPER()
	RET()
}

// wordOf leaves, for the lowest bit of code, all ones in y, or all zeros; turned,
// the other way round. It shifts the bit out.
func wordOf(code reg.Register, y reg.VecVirtual, turned bool) {
	words := tableOf("words", func(name string) Mem {
		m := GLOBL(name, RODATA|NOPTR)
		for i, word := range []uint64{0, 1<<64 - 1, 0} {
			DATA(i*8, U64(word))
		}
		return m
	})
	base, bit := GP64(), GP64()
	LEAQ(words, base)
	MOVQ(code, bit)
	ANDQ(U8(1), bit)
	SHRQ(U8(1), code)
	at := Mem{Base: base, Index: bit, Scale: 8}
	if turned {
		at.Disp = 8
	}
	VPBROADCASTQ(at, y)
}

// equal2 needs each plane to be as the bit of the code.
func equal2() {
	start("equal2", "func(dst *[64]uint64, plane *[64]uint64, code uint64, n int)", "equal2 sets the bits of the lanes whose n >= 1 bits are the code's.")
	dst := pointer("dst")
	for half := range 2 {
		name := string(rune('a' + half))
		plane, code, n := pointer("plane"), pointer("code"), pointer("n")
		acc := make([]reg.VecVirtual, 8)
		flip := YMM()
		wordOf(code, flip, true)
		for i := range acc {
			acc[i] = YMM()
			VPXOR(Mem{Base: plane, Disp: half*256 + i*ymm}, flip, acc[i])
		}
		JMP(LabelRef("test_" + name))
		Label("next_" + name)
		ADDQ(U32(bytes), plane)
		wordOf(code, flip, true)
		for i := range acc {
			x := YMM()
			VPXOR(Mem{Base: plane, Disp: half*256 + i*ymm}, flip, x)
			VPAND(x, acc[i], acc[i])
		}
		Label("test_" + name)
		DECQ(n)
		JNZ(LabelRef("next_" + name))
		for i := range acc {
			VMOVDQU(acc[i], Mem{Base: dst, Disp: half*256 + i*ymm})
		}
	}
	VZEROUPPER()
	RET()
}

// operand leaves the address of bitmap ops[k] of the arena in a register.
func operand(arena, ops, k reg.Register) reg.GPVirtual {
	at := GP64()
	MOVL(Mem{Base: ops, Index: k, Scale: 4}, at.As32())
	SHLQ(U8(shift), at)
	ADDQ(arena, at)
	return at
}

// fold2 combines the operands, 8 registers at a time, and hands each half over.
func fold2(combine func(Mem, reg.VecVirtual), done func(half int, ys []reg.VecVirtual)) {
	arena, ops, n := pointer("arena"), pointer("ops"), pointer("n")
	for half := range 2 {
		name := string(rune('a' + half))
		ys := make([]reg.VecVirtual, 8)
		k := GP64()
		XORQ(k, k)
		at := operand(arena, ops, k)
		for i := range ys {
			ys[i] = YMM()
			VMOVDQU(Mem{Base: at, Disp: half*256 + i*ymm}, ys[i])
		}
		JMP(LabelRef("test_" + name))
		Label("next_" + name)
		at = operand(arena, ops, k)
		for i := range ys {
			combine(Mem{Base: at, Disp: half*256 + i*ymm}, ys[i])
		}
		Label("test_" + name)
		INCQ(k)
		CMPQ(k, n)
		JL(LabelRef("next_" + name))
		done(half, ys)
	}
}

func many2(name string, combine func(Mem, reg.VecVirtual)) {
	start(name, "func(dst *[64]uint64, arena *[64]uint64, ops *uint32, n int)", name+" combines n >= 1 bitmaps of the arena.")
	dst := pointer("dst")
	fold2(combine, func(half int, ys []reg.VecVirtual) {
		for i, y := range ys {
			VMOVDQU(y, Mem{Base: dst, Disp: half*256 + i*ymm})
		}
	})
	VZEROUPPER()
	RET()
}

func andNot2() {
	start("andNot2", "func(dst, a, b *[64]uint64)", "andNot2 is a without b.")
	dst, a, b := pointer("dst"), pointer("a"), pointer("b")
	for i := range bytes / ymm {
		y := YMM()
		VMOVDQU(Mem{Base: b, Disp: i * ymm}, y)
		VPANDN(Mem{Base: a, Disp: i * ymm}, y, y)
		VMOVDQU(y, Mem{Base: dst, Disp: i * ymm})
	}
	VZEROUPPER()
	RET()
}

func andCount2() {
	start("andCount2", "func(arena *[64]uint64, ops *uint32, n int) int", "andCount2 counts the bits set in all of n >= 1 bitmaps.")
	c := newCounter()
	VPXOR(c.acc, c.acc, c.acc)
	fold2(func(m Mem, y reg.VecVirtual) { VPAND(m, y, y) }, func(half int, ys []reg.VecVirtual) {
		for _, y := range ys {
			c.add(y)
		}
	})
	n := c.sum()
	VZEROUPPER()
	Store(n, ReturnIndex(0))
	RET()
}

// near2 keeps, of 128 bytes at a time, who fails none and who fails exactly one.
func near2() {
	start("near2", "func(arena *[64]uint64, ops *uint32, n int, counts *uint64)",
		"near2 adds, of the bits of ops[0], those in every other bitmap to counts[0] and those missing only in ops[i] to counts[i].")
	arena, ops, n, counts := pointer("arena"), pointer("ops"), pointer("n"), pointer("counts")
	c := newCounter()
	offset := GP64()
	XORQ(offset, offset)
	Label("chunk")
	none, one := make([]reg.VecVirtual, nearby), make([]reg.VecVirtual, nearby)
	k := GP64()
	XORQ(k, k)
	at := operand(arena, ops, k)
	ADDQ(offset, at)
	for i := range none {
		none[i], one[i] = YMM(), YMM()
		VMOVDQU(Mem{Base: at, Disp: i * ymm}, none[i])
		VPXOR(one[i], one[i], one[i])
	}
	JMP(LabelRef("folded"))
	Label("fold")
	at = operand(arena, ops, k)
	ADDQ(offset, at)
	for i := range none {
		x, failed := YMM(), YMM()
		VMOVDQU(Mem{Base: at, Disp: i * ymm}, x)
		VPANDN(none[i], x, failed)
		VPAND(x, one[i], one[i])
		VPOR(failed, one[i], one[i])
		VPAND(x, none[i], none[i])
	}
	Label("folded")
	INCQ(k)
	CMPQ(k, n)
	JL(LabelRef("fold"))
	VPXOR(c.acc, c.acc, c.acc)
	for _, y := range none {
		c.add(y)
	}
	total := c.sum()
	ADDQ(total, Mem{Base: counts})
	any := YMM()
	VPOR(one[0], one[1], any)
	for _, y := range one[2:] {
		VPOR(y, any, any)
	}
	VPTEST(any, any)
	JZ(LabelRef("empty"))
	MOVQ(U32(1), k)
	JMP(LabelRef("counted"))
	Label("count")
	at = operand(arena, ops, k)
	ADDQ(offset, at)
	VPXOR(c.acc, c.acc, c.acc)
	for i := range one {
		x := YMM()
		VMOVDQU(Mem{Base: at, Disp: i * ymm}, x)
		VPANDN(one[i], x, x)
		c.add(x)
	}
	total = c.sum()
	ADDQ(total, Mem{Base: counts, Index: k, Scale: 8})
	INCQ(k)
	Label("counted")
	CMPQ(k, n)
	JL(LabelRef("count"))
	Label("empty")
	ADDQ(U32(nearby*ymm), offset)
	CMPQ(offset, U32(bytes))
	JL(LabelRef("chunk"))
	VZEROUPPER()
	RET()
}

// codes2 makes bytes of 32 bits of each plane, from the highest plane down: a
// byte is doubled, and takes one more where the bit is set.
func codes2() {
	start("codes2", "func(dst *[4096]uint8, plane *[64]uint64, n int)", "codes2 writes the numbers that n planes, 1 to 8, hold.")
	dst, plane, n := pointer("dst"), pointer("plane"), pointer("n")
	spread, bit := YMM(), YMM()
	VMOVDQU(tableOf("spread", func(name string) Mem {
		m := GLOBL(name, RODATA|NOPTR)
		for i := range 4 {
			DATA(i*8, U64(uint64(i)*0x0101010101010101))
		}
		return m
	}), spread)
	VMOVDQU(tableOf("bit", func(name string) Mem {
		m := GLOBL(name, RODATA|NOPTR)
		for i := range 4 {
			DATA(i*8, U64(0x8040201008040201))
		}
		return m
	}), bit)
	top := GP64() // the highest plane
	MOVQ(n, top)
	DECQ(top)
	SHLQ(U8(shift), top)
	ADDQ(plane, top)
	chunks := GP64()
	MOVQ(U32(bytes/4), chunks)
	Label("chunk")
	at, left, acc := GP64(), GP64(), YMM()
	MOVQ(top, at)
	MOVQ(n, left)
	VPXOR(acc, acc, acc)
	Label("plane")
	y := YMM()
	VPBROADCASTD(Mem{Base: at}, y)
	VPSHUFB(spread, y, y)
	VPAND(bit, y, y)
	VPCMPEQB(bit, y, y)
	VPADDB(acc, acc, acc)
	VPSUBB(y, acc, acc)
	SUBQ(U32(bytes), at)
	DECQ(left)
	JNZ(LabelRef("plane"))
	VMOVDQU(acc, Mem{Base: dst})
	ADDQ(U8(ymm), dst)
	ADDQ(U8(4), top)
	DECQ(chunks)
	JNZ(LabelRef("chunk"))
	VZEROUPPER()
	RET()
}

func codes512() {
	start("codes512", "func(dst *[4096]uint8, plane *[64]uint64, n int)", "codes512 writes the numbers that n planes, 1 to 8, hold.")
	dst, plane, n := pointer("dst"), pointer("plane"), pointer("n")
	one := ZMM()
	VPTERNLOGQ(U8(0xff), one, one, one)
	VPABSB(one, one)
	top := GP64()
	MOVQ(n, top)
	DECQ(top)
	SHLQ(U8(shift), top)
	ADDQ(plane, top)
	chunks := GP64()
	MOVQ(U32(bytes/8), chunks)
	Label("chunk")
	at, left, acc := GP64(), GP64(), ZMM()
	MOVQ(top, at)
	MOVQ(n, left)
	VPXORQ(acc, acc, acc)
	Label("plane")
	set := K()
	KMOVQ(Mem{Base: at}, set)
	VPADDB(acc, acc, acc)
	VPADDB(one, acc, set, acc)
	SUBQ(U32(bytes), at)
	DECQ(left)
	JNZ(LabelRef("plane"))
	VMOVDQU64(acc, Mem{Base: dst})
	ADDQ(U8(zmm), dst)
	ADDQ(U8(8), top)
	DECQ(chunks)
	JNZ(LabelRef("chunk"))
	VZEROUPPER()
	RET()
}

// greater2 makes a byte of the signs of two comparisons.
func greater2() {
	start("greater2", "func(dst *[64]uint64, v *[4096]int64, than int64)", "greater2 sets the bits of the lanes above a number.")
	dst, v, than, n := pointer("dst"), pointer("v"), YMM(), GP64()
	p, err := Param("than").Resolve()
	if err != nil {
		panic(err)
	}
	VPBROADCASTQ(p.Addr, than)
	MOVQ(U32(bytes), n)
	Label("next")
	signs := [2]reg.GPVirtual{GP32(), GP32()}
	for i := range signs {
		y := YMM()
		VMOVDQU(Mem{Base: v, Disp: i * ymm}, y)
		VPCMPGTQ(than, y, y)
		VMOVMSKPD(y, signs[i])
	}
	SHLL(U8(4), signs[1])
	ORL(signs[0], signs[1])
	MOVB(signs[1].As8(), Mem{Base: dst})
	ADDQ(U8(2*ymm), v)
	INCQ(dst)
	DECQ(n)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}

func greater512() {
	start("greater512", "func(dst *[64]uint64, v *[4096]int64, than int64)", "greater512 sets the bits of the lanes above a number.")
	dst, v, than, n := pointer("dst"), pointer("v"), ZMM(), GP64()
	p, err := Param("than").Resolve()
	if err != nil {
		panic(err)
	}
	VPBROADCASTQ(p.Addr, than)
	MOVQ(U32(bytes), n)
	Label("next")
	above := K()
	VPCMPQ(U8(1), Mem{Base: v}, than, above) // 1: less
	KMOVB(above, Mem{Base: dst})
	ADDQ(U8(zmm), v)
	INCQ(dst)
	DECQ(n)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}

func read2() {
	start("read2", "func(p *[64]uint64, n int) uint64", "read2 reads n >= 1 bitmaps and gives their exclusive or in words.")
	p, n := pointer("p"), pointer("n")
	ys := make([]reg.VecVirtual, 4)
	for i := range ys {
		ys[i] = YMM()
		VPXOR(ys[i], ys[i], ys[i])
	}
	Label("next")
	for i := range bytes / ymm {
		VPXOR(Mem{Base: p, Disp: i * ymm}, ys[i%4], ys[i%4])
	}
	ADDQ(U32(bytes), p)
	DECQ(n)
	JNZ(LabelRef("next"))
	for _, y := range ys[1:] {
		VPXOR(y, ys[0], ys[0])
	}
	half := XMM()
	VEXTRACTI128(U8(1), ys[0], half)
	VPXOR(half, ys[0].AsX(), half)
	other := XMM()
	VPSRLDQ(U8(8), half, other)
	VPXOR(half, other, half)
	out := GP64()
	VMOVQ(half, out)
	VZEROUPPER()
	Store(out, ReturnIndex(0))
	RET()
}

// The truth tables of VPTERNLOGQ, by the bits of the result, a word for the bit of
// the code, and the plane.
const (
	andOr = 0xb2 // the bit is 1: and; 0: or
	match = 0x60 // and the plane differs from the word
)

// planes512 folds n planes more into acc by a truth table.
func planes512(acc []reg.VecVirtual, plane, code, n reg.Register, turned bool, table uint8) {
	JMP(LabelRef("test"))
	Label("next")
	ADDQ(U32(bytes), plane)
	word := ZMM()
	wordOf(code, word, turned)
	for i := range acc {
		VPTERNLOGQ(U8(table), Mem{Base: plane, Disp: i * zmm}, word, acc[i])
	}
	Label("test")
	DECQ(n)
	JGE(LabelRef("next"))
	dst := pointer("dst")
	for i := range acc {
		VMOVDQU64(acc[i], Mem{Base: dst, Disp: i * zmm})
	}
	VZEROUPPER()
	RET()
}

func atLeast512() {
	start("atLeast512", "func(dst *[64]uint64, plane *[64]uint64, rest uint64, n int)", "atLeast512 sets the bits of the lanes that reach a threshold.")
	plane, rest, n := pointer("plane"), pointer("rest"), pointer("n")
	acc := make([]reg.VecVirtual, bytes/zmm)
	for i := range acc {
		acc[i] = ZMM()
		VMOVDQU64(Mem{Base: plane, Disp: i * zmm}, acc[i])
	}
	planes512(acc, plane, rest, n, false, andOr)
}

func equal512() {
	start("equal512", "func(dst *[64]uint64, plane *[64]uint64, code uint64, n int)", "equal512 sets the bits of the lanes whose n >= 1 bits are the code's.")
	plane, code, n := pointer("plane"), pointer("code"), pointer("n")
	acc, flip := make([]reg.VecVirtual, bytes/zmm), ZMM()
	wordOf(code, flip, true)
	for i := range acc {
		acc[i] = ZMM()
		VPXORQ(Mem{Base: plane, Disp: i * zmm}, flip, acc[i])
	}
	DECQ(n)
	planes512(acc, plane, code, n, true, match)
}

func fold512(combine func(Mem, reg.VecVirtual), done func(zs []reg.VecVirtual)) {
	arena, ops, n := pointer("arena"), pointer("ops"), pointer("n")
	zs := make([]reg.VecVirtual, bytes/zmm)
	k := GP64()
	XORQ(k, k)
	at := operand(arena, ops, k)
	for i := range zs {
		zs[i] = ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, zs[i])
	}
	JMP(LabelRef("test"))
	Label("next")
	at = operand(arena, ops, k)
	for i := range zs {
		combine(Mem{Base: at, Disp: i * zmm}, zs[i])
	}
	Label("test")
	INCQ(k)
	CMPQ(k, n)
	JL(LabelRef("next"))
	done(zs)
}

func many512(name string, combine func(Mem, reg.VecVirtual)) {
	start(name, "func(dst *[64]uint64, arena *[64]uint64, ops *uint32, n int)", name+" combines n >= 1 bitmaps of the arena.")
	dst := pointer("dst")
	fold512(combine, func(zs []reg.VecVirtual) {
		for i, z := range zs {
			VMOVDQU64(z, Mem{Base: dst, Disp: i * zmm})
		}
	})
	VZEROUPPER()
	RET()
}

func andNot512() {
	start("andNot512", "func(dst, a, b *[64]uint64)", "andNot512 is a without b.")
	dst, a, b := pointer("dst"), pointer("a"), pointer("b")
	for i := range bytes / zmm {
		z := ZMM()
		VMOVDQU64(Mem{Base: b, Disp: i * zmm}, z)
		VPANDNQ(Mem{Base: a, Disp: i * zmm}, z, z)
		VMOVDQU64(z, Mem{Base: dst, Disp: i * zmm})
	}
	VZEROUPPER()
	RET()
}

// sum512 is the number of bits set in the vectors, which it overwrites.
func sum512(zs []reg.VecVirtual) reg.GPVirtual {
	for _, z := range zs {
		VPOPCNTQ(z, z)
	}
	for step := 1; step < len(zs); step *= 2 {
		for i := 0; i+step < len(zs); i += 2 * step {
			VPADDQ(zs[i+step], zs[i], zs[i])
		}
	}
	half, quarter, other, n := YMM(), XMM(), XMM(), GP64()
	VEXTRACTI64X4(U8(1), zs[0], half)
	VPADDQ(zs[0].AsY(), half, half)
	VEXTRACTI128(U8(1), half, quarter)
	VPADDQ(quarter, half.AsX(), quarter)
	VPSRLDQ(U8(8), quarter, other)
	VPADDQ(quarter, other, quarter)
	VMOVQ(quarter, n)
	return n
}

func andCount512() {
	start("andCount512", "func(arena *[64]uint64, ops *uint32, n int) int", "andCount512 counts the bits set in all of n >= 1 bitmaps.")
	fold512(func(m Mem, z reg.VecVirtual) { VPANDQ(m, z, z) }, func(zs []reg.VecVirtual) {
		n := sum512(zs)
		VZEROUPPER()
		Store(n, ReturnIndex(0))
		RET()
	})
}

func near512() {
	start("near512", "func(arena *[64]uint64, ops *uint32, n int, counts *uint64)",
		"near512 adds, of the bits of ops[0], those in every other bitmap to counts[0] and those missing only in ops[i] to counts[i].")
	arena, ops, n, counts := pointer("arena"), pointer("ops"), pointer("n"), pointer("counts")
	none, one := make([]reg.VecVirtual, bytes/zmm), make([]reg.VecVirtual, bytes/zmm)
	k := GP64()
	XORQ(k, k)
	at := operand(arena, ops, k)
	for i := range none {
		none[i], one[i] = ZMM(), ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, none[i])
		VPXORQ(one[i], one[i], one[i])
	}
	JMP(LabelRef("folded"))
	Label("fold")
	at = operand(arena, ops, k)
	for i := range none {
		x, failed := ZMM(), ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, x)
		VPANDNQ(none[i], x, failed)
		VPANDQ(x, one[i], one[i])
		VPORQ(failed, one[i], one[i])
		VPANDQ(x, none[i], none[i])
	}
	Label("folded")
	INCQ(k)
	CMPQ(k, n)
	JL(LabelRef("fold"))
	ADDQ(sum512(none), Mem{Base: counts})
	any, some := ZMM(), K()
	VPORQ(one[0], one[1], any)
	for _, z := range one[2:] {
		VPORQ(z, any, any)
	}
	VPTESTMQ(any, any, some)
	KORTESTB(some, some)
	JZ(LabelRef("empty"))
	MOVQ(U32(1), k)
	JMP(LabelRef("counted"))
	Label("count")
	at = operand(arena, ops, k)
	xs := make([]reg.VecVirtual, len(one))
	for i := range one {
		xs[i] = ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, xs[i])
		VPANDNQ(one[i], xs[i], xs[i])
	}
	ADDQ(sum512(xs), Mem{Base: counts, Index: k, Scale: 8})
	INCQ(k)
	Label("counted")
	CMPQ(k, n)
	JL(LabelRef("count"))
	Label("empty")
	VZEROUPPER()
	RET()
}

func read512() {
	start("read512", "func(p *[64]uint64, n int) uint64", "read512 reads n >= 1 bitmaps and gives their exclusive or in words.")
	p, n := pointer("p"), pointer("n")
	zs := make([]reg.VecVirtual, 4)
	for i := range zs {
		zs[i] = ZMM()
		VPXORQ(zs[i], zs[i], zs[i])
	}
	Label("next")
	for i := range bytes / zmm {
		VPXORQ(Mem{Base: p, Disp: i * zmm}, zs[i%4], zs[i%4])
	}
	ADDQ(U32(bytes), p)
	DECQ(n)
	JNZ(LabelRef("next"))
	for _, z := range zs[1:] {
		VPXORQ(z, zs[0], zs[0])
	}
	half, quarter, other, out := YMM(), XMM(), XMM(), GP64()
	VEXTRACTI64X4(U8(1), zs[0], half)
	VPXOR(zs[0].AsY(), half, half)
	VEXTRACTI128(U8(1), half, quarter)
	VPXOR(quarter, half.AsX(), quarter)
	VPSRLDQ(U8(8), quarter, other)
	VPXOR(quarter, other, quarter)
	VMOVQ(quarter, out)
	VZEROUPPER()
	Store(out, ReturnIndex(0))
	RET()
}
