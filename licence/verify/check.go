package verify

import (
	"time"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/sdjwt"
)

// checkSignature tries the issuer's key that the header names.
func checkSignature(t *sdjwt.Token, issuer Issuer) Check {
	for _, key := range issuer.Keys {
		if key.Kid != t.Header.Kid {
			continue
		}
		public, err := key.Public()
		if err == nil && t.Verify(public) == nil {
			return Check{CheckSignature, true, i18n.M("verify.signature.ok")}
		}
		return Check{CheckSignature, false, i18n.M("verify.signature.wrong")}
	}
	return Check{CheckSignature, false, i18n.M("verify.signature.noKey")}
}

// checkIssuer asks whether the agency is in the trust file and whether licences
// of this type are its own to issue.
func checkIssuer(known bool, issuer Issuer, typed bool, typ Type, agency string) Check {
	switch {
	case !known:
		return Check{CheckIssuer, false, i18n.M("verify.issuer.unknown")}
	case !typed:
		return Check{CheckIssuer, false, i18n.M("verify.issuer.unknownType")}
	case typ.Issuer != agency:
		return Check{CheckIssuer, false, i18n.M("verify.issuer.notItsOwn", "issuer", issuer.Name, "type", typ.Name)}
	default:
		return Check{CheckIssuer, true, i18n.M("verify.issuer.ok", "issuer", issuer.Name, "type", typ.Name)}
	}
}

// moment is when something was so, in words, in the verifier's own zone; a
// verifier that has none says so.
func moment(t, now time.Time) i18n.Text {
	t = t.In(now.Location())
	clock := t.Format(" 15:04")
	if t.Location() == time.UTC {
		clock += " UTC"
	}
	day := i18n.Day(t)
	return i18n.Text{ZH: day.ZH + clock, EN: day.EN + clock}
}

func checkDates(p payload, now time.Time) Check {
	from := i18n.Day(p.ValidFrom.In(now.Location()))
	switch {
	case now.Before(p.ValidFrom):
		return Check{CheckDates, false, i18n.M("verify.dates.early", "from", from)}
	case p.ValidUntil.IsZero():
		return Check{CheckDates, true, i18n.M("verify.dates.open", "from", from)}
	}
	last := i18n.Day(p.ValidUntil.Add(-time.Second).In(now.Location()))
	if !now.Before(p.ValidUntil) {
		return Check{CheckDates, false, i18n.M("verify.dates.late", "until", last)}
	}
	return Check{CheckDates, true, i18n.M("verify.dates.ok", "from", from, "until", last)}
}

// checkStatus looks into the snapshot. A licence younger than the snapshot
// cannot be in it, which is said. One that names a status list needs a verifier
// that can read it.
func checkStatus(p payload, trust Trust, now time.Time) Check {
	at := moment(trust.At, now)
	switch {
	case p.Status:
		return Check{CheckStatus, false, i18n.M("verify.status.list")}
	case trust.revoked(p.ID):
		return Check{CheckStatus, false, i18n.M("verify.status.revoked", "at", at)}
	case p.IssuedAt.After(trust.At):
		return Check{CheckStatus, true, i18n.M("verify.status.younger", "at", at)}
	default:
		return Check{CheckStatus, true, i18n.M("verify.status.ok", "at", at)}
	}
}

// checkDisclosures tells what sdjwt.Parse found: it refuses a disclosure that
// the signed part does not contain.
func checkDisclosures(shown []Claim, withheld int) Check {
	return Check{CheckDisclosures, true, i18n.M("verify.disclosures.ok", "shown", len(shown), "withheld", withheld)}
}

// checkPresentation says how the licence is bound to who shows it. One that is
// bound to a key is not good without the holder's signature.
func checkPresentation(p payload) Check {
	if p.Bound {
		return Check{CheckPresentation, false, i18n.M("verify.presentation.bound")}
	}
	return Check{CheckPresentation, true, i18n.M("verify.presentation.bearer")}
}
