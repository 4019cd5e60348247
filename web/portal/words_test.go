package portal

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

func TestArticle(t *testing.T) {
	ctx := ui.With(context.Background(), ui.Frame{Lang: i18n.EN})
	tests := []struct{ zh, want string }{
		{"第三十八条", "article 38"}, {"第十条", "article 10"}, {"第一百零二条、第一百一十条", "article 102, article 110"}, {"第二十条", "article 20"},
		{"第一千二百六十条", "article 1260"}, {"附件一", "附件一"}, {"", ""},
	}
	for _, tt := range tests {
		if got := article(ctx, tt.zh); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.zh, got, tt.want)
		}
		if got := article(context.Background(), tt.zh); got != tt.zh {
			t.Errorf("%s in Chinese: got %q, want it as it is", tt.zh, got)
		}
	}
}

func TestMasked(t *testing.T) {
	tests := []struct{ number, want string }{
		{"310105199209219961", "3101**********9961"}, {"X9900012", "X9900012"}, {"E12345678", "E123*5678"}, {"", ""},
	}
	for _, tt := range tests {
		if got := masked(tt.number); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.number, got, tt.want)
		}
	}
}

func TestTokenOf(t *testing.T) {
	tests := []struct{ pasted, want string }{
		{"eyJ.a.b~c~", "eyJ.a.b~c~"}, {"https://city.example/verify?token=eyJ.a.b%7Ec%7E", "eyJ.a.b~c~"}, {"https://city.example/", "https://city.example/"}, {"%zz", "%zz"},
	}
	for _, tt := range tests {
		if got := tokenOf(tt.pasted); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.pasted, got, tt.want)
		}
	}
}

// FuzzQuery takes whatever a reader types and makes of it a query that is
// short, whole and without spaces around.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"护照", "  低保 ", "\xff\xfe", strings.Repeat("长", 200), ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := query(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > longestQuery || strings.HasPrefix(got, " ") {
			t.Errorf("query(%q): got %q", s, got)
		}
		_ = tokenOf(s)
	})
}
