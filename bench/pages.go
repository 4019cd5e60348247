package bench

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// PagesOptions say how the benchmark of public pages runs. Handler is the whole
// program; Paths are its anonymous pages.
type PagesOptions struct {
	Handler http.Handler
	Paths   []string
	Clients int
	Seconds float64 // of each side, in a run
	Runs    int
}

// Pages measures anonymous pages, as the whole program serves them, beside
// net/http's file server with the very same compressed bytes in files, both
// over loopback with the same clients. It also sums what a first visit to the
// first path loads.
func Pages(ctx context.Context, o PagesOptions) (Report, error) {
	dir, err := os.MkdirTemp("", "tongban-bench-*")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(dir)
	ours, stop, err := listen(o.Handler)
	if err != nil {
		return Report{}, err
	}
	defer stop()
	s, ratios := samples{}, samples{}
	if err := firstLoad(ctx, ours, o.Paths[0], s); err != nil {
		return Report{}, err
	}
	var files []string
	for n, path := range o.Paths {
		body, err := fetch(ctx, ours+path, "br")
		if err != nil {
			return Report{}, err
		}
		name := fmt.Sprintf("/page%d.bin", n)
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			return Report{}, err
		}
		files = append(files, name)
	}
	static, stopStatic, err := listen(http.FileServer(http.Dir(dir)))
	if err != nil {
		return Report{}, err
	}
	defer stopStatic()
	for run := range o.Runs + 1 {
		pages, err := load(ctx, ours, o.Paths, o)
		if err != nil {
			return Report{}, err
		}
		plain, err := load(ctx, static, files, o)
		if err != nil {
			return Report{}, err
		}
		if run == 0 { // the first run warms both
			continue
		}
		s.add("pages_per_s", pages.rate)
		s.add("pages_p99_ms", percentile(pages.times, 0.99))
		s.add("static_files_per_s", plain.rate)
		ratios.add("static_file_server", pages.rate/plain.rate)
	}
	return Report{Figures: s.medians(), Ratios: ratios.medians(), Machine: machine(""), Runs: o.Runs}, nil
}

// listen serves h on a free port of loopback.
func listen(h http.Handler) (base string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with ErrServerClosed
	}()
	return "http://" + l.Addr().String(), func() { _ = server.Close(); <-done }, nil
}

// load asks for the paths in turn until the time is over.
func load(ctx context.Context, base string, paths []string, o PagesOptions) (timed, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.Clients, DisableCompression: true}}
	defer client.CloseIdleConnections()
	end := time.Now().Add(time.Duration(o.Seconds * float64(time.Second)))
	times := make([][]time.Duration, o.Clients)
	var count atomic.Int64
	start := time.Now()
	err := parallel(o.Clients, o.Clients, func(id, _ int) error {
		for n := id; time.Now().Before(end); n++ {
			begun := time.Now()
			if _, err := get(ctx, client, base+paths[n%len(paths)], "br"); err != nil {
				return err
			}
			times[id] = append(times[id], time.Since(begun))
			count.Add(1)
		}
		return nil
	})
	return timed{rate: float64(count.Load()) / time.Since(start).Seconds(), times: slices.Concat(times...)}, err
}

func fetch(ctx context.Context, address, encoding string) ([]byte, error) {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	return get(ctx, client, address, encoding)
}

func get(ctx context.Context, client *http.Client, address, encoding string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", encoding)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("bench: %s answered %s", address, resp.Status)
	}
	return body, err
}

// references are what a page makes a browser load.
var references = regexp.MustCompile(`<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"`)

// firstLoad sums the compressed bytes of a page and of what it refers to, and
// counts the requests that leave the site.
func firstLoad(ctx context.Context, base, path string, s samples) error {
	page, err := fetch(ctx, base+path, "gzip")
	if err != nil {
		return err
	}
	reader, err := gzip.NewReader(strings.NewReader(string(page)))
	if err != nil {
		return errors.Join(errors.New("bench: the page is not compressed"), err)
	}
	html, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	small, err := fetch(ctx, base+path, "br")
	if err != nil {
		return err
	}
	total, requests, others := len(small), 1, 0
	seen := map[string]bool{}
	for _, match := range references.FindAllStringSubmatch(string(html), -1) {
		u, err := url.Parse(match[1])
		if err != nil || seen[match[1]] || u.Scheme == "data" {
			continue
		}
		seen[match[1]] = true
		if u.Host != "" {
			others++
			continue
		}
		if !strings.HasPrefix(u.Path, "/assets/") { // canonical, alternate: nothing that is loaded
			continue
		}
		body, err := fetch(ctx, base+match[1], "br")
		if err != nil {
			return err
		}
		total += len(body)
		requests++
	}
	s.add("home_first_load_bytes", float64(total))
	s.add("home_requests", float64(requests))
	s.add("home_third_party_requests", float64(others))
	return nil
}
