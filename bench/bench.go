// Package bench measures the program beside a peer or a limit in the same run,
// because the machines it runs on are shared: the ratio is what counts. Every
// benchmark makes what it needs in a temporary folder, runs several times, and
// reports the medians.
package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what a benchmark found: medians over Runs.
type Report struct {
	Figures map[string]float64 `json:"figures"` // with the unit at the end of the name: _s, _ms, _per_s, _bytes
	Ratios  map[string]float64 `json:"ratios"`  // ours to the peer's, more is better unless the aim says otherwise
	Machine Machine            `json:"machine"`
	Runs    int                `json:"runs"`
}

// Machine is where it ran.
type Machine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Go     string `json:"go"`
	Engine string `json:"engine,omitempty"`
}

func machine(engine string) Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU(), Go: runtime.Version(), Engine: engine}
}

// cpu is the processor's name where the system tells it.
func cpu() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// samples gathers each run's figures, and gives the medians.
type samples map[string][]float64

func (s samples) add(name string, value float64) { s[name] = append(s[name], value) }

func (s samples) medians() map[string]float64 {
	m := map[string]float64{}
	for name, values := range s {
		m[name] = median(values)
	}
	return m
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// percentile is the value that p of the durations do not exceed, in
// milliseconds; p is between 0 and 1.
func percentile(times []time.Duration, p float64) float64 {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]) / float64(time.Millisecond)
}

// Write prints the report as one JSON object, or as a table.
func (r Report) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	for _, part := range []struct {
		title string
		rows  map[string]float64
	}{{"figure", r.Figures}, {"ratio", r.Ratios}} {
		fmt.Fprintf(t, "%s\tmedian of %d\t\n", part.title, r.Runs)
		for _, name := range slices.Sorted(maps.Keys(part.rows)) {
			fmt.Fprintf(t, "%s\t%.3g\t\n", name, part.rows[name])
		}
	}
	m := r.Machine
	fmt.Fprintf(t, "machine\t%s, %d cores, %s %s\t\n", m.CPU, m.Cores, m.Go, m.Engine)
	return t.Flush()
}
