package bench

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
)

// What the peers get: a folder with task.json and, for each column that the
// rules read, NAME.npy (whole numbers of 32 bits; unknown is the least one).

// task is task.json.
type task struct {
	Residents int          `json:"residents"`
	Workers   int          `json:"workers"`
	Runs      int          `json:"runs"`
	Today     string       `json:"today"`
	Columns   []taskColumn `json:"columns"`
	Policies  []taskPolicy `json:"policies"`
	Atoms     []string     `json:"atoms"` // NumPy: what a[i] stands for
}

type taskColumn struct {
	Name  string   `json:"name"`
	Kind  string   `json:"kind"` // bool (0, 1), int, double (times a power of ten), date (1 is 0001-01-01), string (an index in Words)
	File  string   `json:"file"`
	Words []string `json:"words,omitempty"`
	Scale float64  `json:"scale,omitempty"` // of a double
}

type taskPolicy struct {
	ID    string `json:"id"`
	SQL   string `json:"sql"`
	NumPy string `json:"numpy"`
}

// unknownCell stands for a value that is not known.
const unknownCell = math.MinInt32

// columnFile writes one column as an .npy file.
type columnFile struct {
	file *os.File
	to   *bufio.Writer
	at   int // index of the trait
}

// createColumn begins the file of n numbers.
func createColumn(path string, n, at int) (*columnFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	c := &columnFile{f, bufio.NewWriterSize(f, 1<<16), at}
	header := fmt.Sprintf("{'descr': '<i4', 'fortran_order': False, 'shape': (%d,), }", n)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	prefix := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	_, err = c.to.Write(append(prefix, header...))
	return c, err
}

func (c *columnFile) write(b *crowd.Batch) error {
	cells := b.Cells[c.at]
	buffer := make([]byte, 0, 4*crowd.BatchSize)
	for i, value := range cells.Values {
		switch {
		case !cells.Known[i]:
			value = unknownCell
		case value > math.MaxInt32 || value <= unknownCell:
			return fmt.Errorf("bench: %d does not fit the peers' columns", value)
		}
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(int32(value)))
	}
	_, err := c.to.Write(buffer)
	return err
}

func (c *columnFile) close() error { return errors.Join(c.to.Flush(), c.file.Close()) }

// export writes the folder of the peers' task.
func export(dir string, t task, names []string, people iter.Seq[*crowd.Batch], all []crowd.Column) (err error) {
	var files []*columnFile
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.close())
		}
	}()
	for at, attribute := range all {
		if !slices.Contains(names, attribute.ID) {
			continue
		}
		column := taskColumn{Name: attribute.ID, Kind: string(attribute.Type), File: attribute.ID + ".npy", Words: attribute.Words}
		if attribute.Type == criterion.Double {
			column.Scale = math.Pow10(attribute.Decimals)
		}
		t.Columns = append(t.Columns, column)
		f, err := createColumn(filepath.Join(dir, column.File), t.Residents, at)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	for b := range people {
		for _, f := range files {
			if err := f.write(b); err != nil {
				return err
			}
		}
	}
	text, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "task.json"), text, 0o644)
}
