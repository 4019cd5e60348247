package portal

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
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
	Held   []licence.Licence
	Titles map[string]i18n.Text
	Names  map[string]i18n.Text
}

func (p *portal) licences(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	holder := session(ctx).For.ID
	if err := p.Policy.Allow(principal(ctx), policy.LicenceView, policy.Resource{Type: policy.TypeLicence, Owner: holder}); err != nil {
		return err
	}
	held, err := p.Licences.Held(ctx, p.DB.Reader(), holder)
	if err != nil {
		return err
	}
	v := licencesView{Held: held, Names: p.agencyNames(), Titles: map[string]i18n.Text{}}
	for _, t := range p.City.Licences {
		v.Titles[t.ID] = t.Name
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
	owner := policy.Resource{Type: policy.TypeLicence, ID: l.ID, Owner: l.Holder}
	if err := p.Policy.Allow(principal(ctx), policy.LicenceView, owner); fault.Is(err, fault.Denied) {
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
	v.Token = licence.Present(l, v.Chosen)
	v.Link = p.Origin + path.VerifyToken(v.Token)
	v.QR = qr(v.Link)
	return p.show(ctx, w, r, licencePage(v))
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
