package eligibility

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// bitmaps sees the bytes of a file, whose words are little-endian, as bitmaps
// without a copy. Where the machine is big-endian, the words are turned in place.
func bitmaps(bytes []byte) []kernel.Bitmap {
	planes := unsafe.Slice((*kernel.Bitmap)(unsafe.Pointer(unsafe.SliceData(bytes))), len(bytes)/kernel.Bytes)
	turn(planes)
	return planes
}

// bytesOf sees a block as the bytes of a file. The block is not to be read as a
// block after that.
func bytesOf(b block) []byte {
	turn(b)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(b))), len(b)*kernel.Bytes)
}

func turn(planes []kernel.Bitmap) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return
	}
	for i := range planes {
		for w, x := range planes[i] {
			planes[i][w] = bits.ReverseBytes64(x)
		}
	}
}
