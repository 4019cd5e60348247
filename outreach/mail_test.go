package outreach

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/tongban/tongban/internal/i18n"
)

// mailbox is a mail server on this machine that keeps what it is given.
type mailbox struct {
	mu      sync.Mutex // guards got and refuse
	got     []string
	refuse  map[string]error // by address
	after   error            // answer to a message
	address string
	roots   *tls.Config
}

// openMailbox starts a server; security is one of StartTLS, Implicit, Plain.
func openMailbox(t *testing.T, security string) *mailbox {
	t.Helper()
	cert, pool := certificate(t)
	m := &mailbox{refuse: map[string]error{}, roots: &tls.Config{RootCAs: pool}}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &visit{box: m}, nil }))
	s.Domain, s.AllowInsecureAuth = "localhost", security == Plain
	s.ErrorLog = quietLog{}
	if security != Plain {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = l.Addr().String()
	if security == Implicit {
		l = tls.NewListener(l, s.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }() // ends with Close
	t.Cleanup(func() { s.Close(); <-done })
	return m
}

type quietLog struct{}

func (quietLog) Printf(string, ...any) {}
func (quietLog) Println(...any)        {}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// visit is one connection.
type visit struct {
	box  *mailbox
	user string
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "tongban" || password != "secret" {
			return errors.New("who are you")
		}
		v.user = user
		return nil
	}), nil
}

func (v *visit) Mail(string, *smtp.MailOptions) error {
	if v.user == "" {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	return v.box.refuse[to]
}

func (v *visit) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	if v.box.after != nil {
		return v.box.after
	}
	v.box.got = append(v.box.got, string(raw))
	return nil
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

func (m *mailbox) mailer(security string) *Mailer {
	return &Mailer{Server: m.address, TLS: security, User: "tongban", Password: "secret", From: "通办 <tongban@city.example>", Roots: m.roots,
		Clock: func() time.Time { return monday }}
}

func sample(lang i18n.Lang) Text {
	l := Letter{ID: "l1", To: "chen", Kind: KindOffer, Title: i18n.M("offer.letter.title", "n", 2), Body: i18n.M("offer.letter.body"), Path: OffersPath,
		Items: []Item{{"allowance", i18n.Text{ZH: "老年综合津贴", EN: "Old-age allowance"}, i18n.M("offer.gives.month", "amount", "75")},
			{"card", i18n.Text{ZH: "<b>敬老卡</b>", EN: "<b>Card</b>"}, i18n.Text{ZH: "免费乘车", EN: "free rides"}}}}
	text := l.in(lang, i18n.Text{ZH: "示例通办", EN: "Sample Tongban"}, "https://ban.example", stopLink("https://ban.example", "a.b"))
	text.Key = "l1/mail"
	return text
}

// TestMailer sends over each sort of line, and reads what has come.
func TestMailer(t *testing.T) {
	for _, security := range []string{StartTLS, Implicit, Plain} {
		t.Run(security, func(t *testing.T) {
			box := openMailbox(t, security)
			for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
				if err := box.mailer(security).Send(t.Context(), To{Address: "chen@home.example"}, sample(lang)); err != nil {
					t.Fatal(err)
				}
			}
			zh, en := readMail(t, box.got[0]), readMail(t, box.got[1])
			if zh.header.Get("Message-Id") != en.header.Get("Message-Id") || !strings.HasSuffix(zh.header.Get("Message-Id"), "@city.example>") {
				t.Errorf("Message-ID of the same text: got %q and %q", zh.header.Get("Message-Id"), en.header.Get("Message-Id"))
			}
			for key, want := range map[string]string{"To": "<chen@home.example>", "List-Unsubscribe": "<https://ban.example/unsubscribe?token=a.b>",
				"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated", "Content-Language": "zh-CN",
				"Date": "Mon, 23 Nov 2026 02:32:00 +0000"} {
				if got := zh.header.Get(key); got != want {
					t.Errorf("%s: got %q, want %q", key, got, want)
				}
			}
			if zh.subject != "为您找到 2 项可以享受的政策" || en.subject != "2 things you are entitled to" {
				t.Errorf("subjects: got %q and %q", zh.subject, en.subject)
			}
			wants(t, "plain", zh.plain, "老年综合津贴：每月 75 元", "https://ban.example/for-you", "/for-you/preferences", "/unsubscribe?token=a.b", "示例通办")
			wants(t, "plain in English", en.plain, "Old-age allowance: 75 yuan a month", "Stop these e-mails")
			wants(t, "HTML", zh.html, `<html lang="zh-CN">`, "老年综合津贴：每月 75 元", `href="https://ban.example/unsubscribe?token=a.b"`, "&lt;b&gt;敬老卡&lt;/b&gt;")
		})
	}
}

func wants(t *testing.T, name, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s lacks %q:\n%s", name, word, text)
		}
	}
}

type letterRead struct {
	header               mail.Header
	subject, plain, html string
}

func readMail(t *testing.T, raw string) letterRead {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := letterRead{header: m.Header}
	if out.subject, err = (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, into := range []*string{&out.plain, &out.html} {
		part, err := parts.NextPart() // which undoes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		*into = string(body)
	}
	return out
}

func TestMailerRefused(t *testing.T) {
	box := openMailbox(t, StartTLS)
	plain := openMailbox(t, Plain)
	box.refuse["nobody@home.example"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	box.refuse["full@home.example"] = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	stranger := box.mailer(StartTLS)
	stranger.Password = "guess"
	untrusted := box.mailer(StartTLS)
	untrusted.Roots = nil
	gone := box.mailer(StartTLS)
	gone.Server = "127.0.0.1:1"
	tests := []struct {
		name    string
		m       *Mailer
		to      string
		refused bool // for good, the address being to blame
	}{
		{"no such user", box.mailer(StartTLS), "nobody@home.example", true},
		{"full today", box.mailer(StartTLS), "full@home.example", false},
		{"wrong password", stranger, "chen@home.example", false},
		{"unknown certificate", untrusted, "chen@home.example", false},
		{"no STARTTLS offered", plain.mailer(StartTLS), "chen@home.example", false},
		{"nobody there", gone, "chen@home.example", false},
		{"no port", &Mailer{Server: "mail", From: "a@b.example", Clock: gone.Clock}, "chen@home.example", false},
		{"no sender", &Mailer{Server: box.address}, "chen@home.example", false},
	}
	for _, tt := range tests {
		err := tt.m.Send(t.Context(), To{Address: tt.to}, sample(i18n.ZH))
		if err == nil {
			t.Errorf("%s: sent, want an error", tt.name)
			continue
		}
		if r := refusal(err); (r != nil && r.Address) != tt.refused {
			t.Errorf("%s: got %v, want it refused for good: %t", tt.name, err, tt.refused)
		}
	}
	box.after = &smtp.SMTPError{Code: 554, Message: "this looks like spam"}
	err := box.mailer(StartTLS).Send(t.Context(), To{Address: "chen@home.example"}, sample(i18n.ZH))
	if r := refusal(err); r == nil || r.Address || !strings.Contains(r.Said, "spam") {
		t.Errorf("message refused: got %v, want a refusal that does not blame the address", err)
	}
	if len(box.got)+len(plain.got) != 0 {
		t.Errorf("got %d letters, want none", len(box.got)+len(plain.got))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := box.mailer(StartTLS).Send(ctx, To{Address: "chen@home.example"}, sample(i18n.ZH)); err == nil {
		t.Error("after the end: sent, want an error")
	}
}
