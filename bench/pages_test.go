package bench

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// site is a page with a style sheet of its own and one of somebody else.
func site(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		fmt.Fprint(w, "body{}")
		return
	}
	body := `<link rel="stylesheet" href="/assets/a.css"><script src="https://elsewhere.example/x.js"></script>`
	if r.Header.Get("Accept-Encoding") == "gzip" {
		z := gzip.NewWriter(w)
		defer z.Close()
		fmt.Fprint(z, body)
		return
	}
	fmt.Fprint(w, body)
}

func TestPages(t *testing.T) {
	r, err := Pages(t.Context(), PagesOptions{Handler: http.HandlerFunc(site), Paths: []string{"/"}, Clients: 2, Seconds: 0.05, Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Figures["home_third_party_requests"]; got != 1 {
		t.Errorf("third-party requests: got %v, want 1", got)
	}
	if got := r.Figures["home_requests"]; got != 2 {
		t.Errorf("requests: got %v, want 2: the page and its style sheet", got)
	}
	if r.Ratios["static_file_server"] <= 0 {
		t.Errorf("ratios: got %v, want static_file_server above 0", r.Ratios)
	}
}

func TestMedianAndPercentile(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{1, 2, 3, 10}, 2.5}} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v): got %v, want %v", tt.values, got, tt.want)
		}
	}
}
