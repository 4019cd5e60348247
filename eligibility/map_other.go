//go:build !unix

package eligibility

import "os"

// mapFile reads a whole file.
func mapFile(path string) (file []byte, unmap func() error, err error) {
	file, err = os.ReadFile(path)
	return file, func() error { return nil }, err
}
