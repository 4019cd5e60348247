package portal

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// licencesView is the wallet.
type licencesView struct {
	Held  []licence.Licence
	Types map[string]catalog.LicenceType
	Names map[string]i18n.Text
}

func (p *portal) licences(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	holder := session(ctx).For.ID
	if pr := principal(ctx); pr.Services == nil { // else each licence decides
		if err := p.Policy.Allow(pr, policy.LicenceView, policy.Resource{Type: policy.TypeLicence, Owner: holder}); err != nil {
			return err
		}
	}
	held, err := p.Licences.Held(ctx, p.DB.Reader(), holder)
	if err != nil {
		return err
	}
	held = slices.DeleteFunc(held, func(l licence.Licence) bool { return p.seeLicence(ctx, policy.LicenceView, l) != nil })
	v := licencesView{Held: held, Names: p.agencyNames(), Types: map[string]catalog.LicenceType{}}
	for _, t := range p.City.Licences {
		v.Types[t.ID] = t
	}
	return p.show(ctx, w, r, licencesPage(v))
}

// licenceView is one licence, what of it is to be shown, and the code to show.
type licenceView struct {
	licence.Licence
	Type   catalog.LicenceType
	Issuer i18n.Text
	Chosen []string // claims that the holder has chosen to show
	Token  string   // with just these
	Link   string   // that the code holds
	QR     string   // the picture, as a data address; empty where the link is too long for one
	Good   bool
}

func (p *portal) licence(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	l, err := p.Licences.Get(ctx, p.DB.Reader(), r.PathValue("licence"))
	if err != nil {
		return err
	}
	if err := p.seeLicence(ctx, policy.LicenceView, l); fault.Is(err, fault.Denied) {
		return notFound("portal.licence") // that it exists is nobody else's business
	} else if err != nil {
		return err
	}
	v := licenceView{Licence: l, Issuer: p.agencyNames()[l.Issuer], Good: l.Holds(p.Clock())}
	v.Type, _ = p.City.LicenceType(l.Type)
	for _, key := range r.URL.Query()["show"] {
		if slices.ContainsFunc(v.Type.Claims, func(c catalog.Claim) bool { return c.Key == key && !c.Always }) {
			v.Chosen = append(v.Chosen, key)
		}
	}
	if err := p.seeLicence(ctx, policy.LicencePresent, l); err != nil {
		return err
	}
	v.Token = licence.Present(l, v.Chosen)
	v.Link = p.Origin + path.VerifyToken(v.Token)
	v.QR = qr(v.Link)
	return p.show(ctx, w, r, licencePage(v))
}

// seeLicence is nil where the reader may do a to the licence. It belongs to the
// services that issue its type.
func (p *portal) seeLicence(ctx context.Context, a policy.Action, l licence.Licence) error {
	return p.Policy.Allow(principal(ctx), a, policy.Resource{Type: policy.TypeLicence, ID: l.ID, Owner: l.Holder, Services: p.City.IssuedBy(l.Type)})
}

// qr draws a code, or nothing where the text is too long for one that a phone
// can still read.
func qr(text string) string {
	png, err := qrcode.Encode(text, qrcode.Low, -3)
	if err != nil {
		return ""
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
}

// bearer is the name of whom or what a licence is about, as it says itself;
// empty where it names nobody. A wallet may hold one's own and one's child's.
func bearer(t catalog.LicenceType, l licence.Licence) string {
	for _, c := range t.Claims {
		if c.Key == "name" || c.Key == "owner" || strings.HasSuffix(c.Key, "_name") {
			return l.Claims[c.Key]
		}
	}
	return ""
}

// written is a value as a register writes it, for people: dates in words.
func written(ctx context.Context, value string) string {
	return i18n.Written(value).In(ui.Lang(ctx))
}

// until says how long a licence holds.
func until(ctx context.Context, end time.Time) string {
	if end.IsZero() {
		return ui.T(ctx, "portal.licence.forever")
	}
	return ui.Day(ctx, end.Add(-time.Millisecond))
}

// tokenOf is the token in what someone pasted: the token itself, or a link that
// holds one.
func tokenOf(pasted string) string {
	if u, err := url.Parse(pasted); err == nil && u.Query().Get("token") != "" {
		return u.Query().Get("token")
	}
	return pasted
}

// always names the claims that every showing contains.
func always(ctx context.Context, t catalog.LicenceType) string {
	var keys []string
	for _, c := range t.Claims {
		if c.Always {
			keys = append(keys, ui.In(ctx, c.Label))
		}
	}
	return each(ctx, keys, func(_ context.Context, label string) string { return label })
}
