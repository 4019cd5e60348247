package portal

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/verify"
	"github.com/tongban/tongban/web/ui"
)

// verifyView is the question for a licence, or what was found.
type verifyView struct {
	Typed  string
	Result *verify.Result
	Wrong  []fault.Field
}

// verify asks for a licence; an address with a token, as a code holds it, is
// answered at once.
func (p *portal) verify(ctx context.Context, r *http.Request) (component, error) {
	token := r.URL.Query().Get("token")
	if token == "" {
		return verifyPage(verifyView{}), nil
	}
	return verifyPage(p.verified(ctx, token)), nil
}

// verifyPosted takes a licence as text or as a text file. Anybody may post.
func (p *portal) verifyPosted(w http.ResponseWriter, r *http.Request) {
	s, known := p.Sessions.Current(r)
	ctx := p.frame(r, lookOf(r, s), s, known)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := parse(r); err != nil {
		ui.Fail(ctx, w, r, p.Log, err)
		return
	}
	typed := r.PostForm.Get("token")
	if file, _, err := r.FormFile("file"); err == nil && strings.TrimSpace(typed) == "" {
		src, _ := io.ReadAll(file) // short of the whole, it does not verify
		_ = file.Close()
		typed = string(src)
	}
	v := p.verified(ctx, typed)
	status := http.StatusOK
	if len(v.Wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	p.write(ctx, w, r, status, verifyPage(v))
}

func (p *portal) verified(ctx context.Context, typed string) verifyView {
	v := verifyView{Typed: strings.TrimSpace(strings.ToValidUTF8(typed, ""))}
	if v.Typed == "" {
		v.Wrong = []fault.Field{{Pointer: "/token", Message: i18n.M("portal.verify.empty")}}
		return v
	}
	trust, err := p.Licences.Trust(ctx, p.DB.Reader(), "")
	if err == nil {
		var result verify.Result
		if result, err = verify.Verify(tokenOf(v.Typed), trust, p.Clock().In(p.zone)); err == nil {
			v.Result = &result
			return v
		}
	}
	kind, message, _ := fault.Shown(err)
	if kind == fault.Internal {
		p.Log.ErrorContext(ctx, "verify failed", "error", err)
	}
	v.Wrong = []fault.Field{{Pointer: "/token", Message: message}}
	return v
}

// claimLabel is a claim's name, or its key where the city has none for it.
func claimLabel(ctx context.Context, c verify.Claim) string {
	if c.Label.IsZero() {
		return c.Key
	}
	return ui.In(ctx, c.Label)
}

func noText() i18n.Text { return i18n.Text{} }
