package outreach

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/i18n"
)

// The headers of what is posted. The signature is "t=SECONDS,v1=HEX", HEX being
// HMAC-SHA256 with the shared secret over "SECONDS.BODY"; whoever checks it
// refuses what is older than a few minutes.
const (
	HeaderSignature = "X-Tongban-Signature"
	HeaderKey       = "Idempotency-Key" // the same however often a text is posted
)

// Sign is the signature of a body at a time.
func Sign(secret string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac(secret, seconds, body))
}

// Signed reports whether the signature is that of the body, made within
// tolerance of now.
func Signed(secret, signature string, body []byte, now time.Time, tolerance time.Duration) bool {
	stamp, sum, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",v1=")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	got, err := hex.DecodeString(sum)
	return err == nil && hmac.Equal(got, mac(secret, stamp, body))
}

func mac(secret, seconds string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(seconds + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Gateway sends text messages by posting {"to", "text", "lang"} to the
// operator's gateway, signed and with an idempotency key. Its answers: 2xx
// taken; 408, 429 and 5xx try again; 422 the number is wrong; other refused.
type Gateway struct {
	URL    string
	Secret string
	Client *http.Client
	Clock  clock.Clock
}

// Send implements Sender.
func (g *Gateway) Send(ctx context.Context, to To, text Text) error {
	body, err := json.Marshal(map[string]string{"to": to.Address, "text": short(text), "lang": text.Lang.Tag()})
	if err != nil {
		return fmt.Errorf("outreach.Gateway: %w", err)
	}
	err = post(ctx, g.Client, g.URL, g.Secret, text.Key, body, g.Clock())
	if r := refusal(err); r != nil {
		r.Address = strings.HasPrefix(r.Said, "422")
	}
	if err != nil {
		return fmt.Errorf("outreach.Gateway: %w", err)
	}
	return nil
}

// short is a letter as a text message.
func short(t Text) string {
	if t.Kind == KindCode {
		return i18n.T(t.Lang, "offer.sms.plain", "brand", t.Brand, "text", t.Body)
	}
	return i18n.T(t.Lang, "offer.sms.line", "brand", t.Brand, "text", t.Subject, "link", t.Link, "settle", t.Settle)
}

// Hook posts letters as JSON to an address of a firm's own, signed with the
// secret that the firm has seen on the portal. What answers other than 2xx is
// tried again; 404 and 410 say that the address is gone.
type Hook struct {
	Client *http.Client
	Clock  clock.Clock
}

// HookEvent is what a webhook gets.
type HookEvent struct {
	ID    string     `json:"id"`
	Kind  string     `json:"kind"` // "offer" or "code"
	At    time.Time  `json:"at"`
	Title string     `json:"title"`
	Body  string     `json:"body"`
	Items []HookItem `json:"items,omitempty"`
	Code  string     `json:"code,omitempty"`
	URL   string     `json:"url,omitempty"`
}

// HookItem is one offer in a HookEvent.
type HookItem struct {
	Policy string `json:"policy"`
	Name   string `json:"name"`
	Gives  string `json:"gives"`
}

// Send implements Sender.
func (h *Hook) Send(ctx context.Context, to To, text Text) error {
	now := h.Clock()
	e := HookEvent{ID: text.Key, Kind: text.Kind, At: now, Title: text.Subject, Body: text.Body, Code: text.Code, URL: text.Link}
	for _, item := range text.Items {
		e.Items = append(e.Items, HookItem{item.Policy, item.Name.In(text.Lang), item.Gives.In(text.Lang)})
	}
	body, err := json.Marshal(e)
	if err == nil {
		err = post(ctx, h.Client, to.Address, to.Secret, text.Key, body, now)
	}
	if r := refusal(err); r != nil {
		r.Address = strings.HasPrefix(r.Said, "404") || strings.HasPrefix(r.Said, "410")
		if !r.Address {
			return errors.New(r.Said) // a receiver that is broken today may be mended tomorrow
		}
	}
	if err != nil {
		return fmt.Errorf("outreach.Hook: %w", err)
	}
	return nil
}

const (
	postTime = 10 * time.Second // for one post
	answer   = 4 << 10          // bytes read of an answer
)

// post sends a signed body. A 4xx answer is a Refusal that begins with the
// status; but for 408 and 429, which say "later".
func post(ctx context.Context, client *http.Client, address, secret, key string, body []byte, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "tongban")
	req.Header.Set(HeaderKey, key)
	req.Header.Set(HeaderSignature, Sign(secret, now, body))
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, answer)) // only for the record
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode >= 500 || res.StatusCode == http.StatusRequestTimeout || res.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("answer %d: %s", res.StatusCode, brief(strings.TrimSpace(string(said))))
	default:
		return &Refusal{Said: brief(strconv.Itoa(res.StatusCode) + " " + strings.TrimSpace(string(said)))}
	}
}

// Client is for posts to the operator's own gateway. It follows no redirect: a
// signed body goes where it was meant to go.
func Client() *http.Client { return &http.Client{CheckRedirect: stay} }

// PublicClient is Client for addresses that people type in. It connects to
// public addresses only, looked at after the name is resolved, so that nobody
// makes this server speak to what is behind its firewall.
func PublicClient() *http.Client {
	dialer := &net.Dialer{Timeout: postTime, Control: func(_, address string, _ syscall.RawConn) error {
		host, err := netip.ParseAddrPort(address)
		if err != nil || !public(host.Addr()) {
			return fmt.Errorf("outreach: %s is no public address", address)
		}
		return nil
	}}
	return &http.Client{CheckRedirect: stay, Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: postTime, MaxIdleConns: 16,
		IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// public reports whether the address is one of the internet's: not this
// machine's, a private network's, a link's, or one for many.
func public(a netip.Addr) bool {
	a = a.Unmap()
	shared := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

// hookAddress reports whether s can be a webhook's: https, with a host and no
// user or fragment.
func hookAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.Fragment == "" && len(s) <= 500
}
