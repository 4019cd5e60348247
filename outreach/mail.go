package outreach

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/i18n"
)

// The ways in which a mail server's line is protected.
const (
	StartTLS = "starttls" // asked for after the greeting; without it nothing is sent
	Implicit = "implicit" // from the first byte
	Plain    = "none"     // for a server on this machine
)

// Mailer sends e-mail over SMTP (RFC 5321): plain text with simple HTML beside
// it, and List-Unsubscribe with one click (RFC 8058). The Message-ID comes from
// the text's key, so that what is sent twice can be seen to be the same.
type Mailer struct {
	Server   string // host:port
	TLS      string // StartTLS, Implicit or Plain
	User     string // empty: without signing in
	Password string
	From     string // RFC 5322, "通办 <tongban@city.example>"
	Roots    *tls.Config
	Clock    clock.Clock
}

// mailTime bounds one conversation with the mail server.
const mailTime = 30 * time.Second

// Send implements Sender.
func (m *Mailer) Send(ctx context.Context, to To, text Text) error {
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return fmt.Errorf("outreach.Mailer: sender: %w", err)
	}
	message, err := m.compose(from, to.Address, text)
	if err != nil {
		return fmt.Errorf("outreach.Mailer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	if err := m.hand(ctx, from.Address, to.Address, message); err != nil {
		return fmt.Errorf("outreach.Mailer: %w", err)
	}
	return nil
}

// hand has the conversation with the server.
func (m *Mailer) hand(ctx context.Context, from, to string, message []byte) error {
	client, err := m.open(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := m.secure(client); err != nil {
		return err
	}
	if err := client.Mail(from); err != nil {
		return err // about us, not about the address
	}
	if err := client.Rcpt(to); err != nil {
		return refused(err, true)
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return refused(err, false)
	}
	_ = client.Quit() // the server has taken it; what it says to the farewell changes nothing
	return nil
}

func (m *Mailer) open(ctx context.Context) (*smtp.Client, error) {
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	if m.TLS == Implicit {
		conn = tls.Client(conn, m.config(host))
	}
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return client, nil
}

// secure begins TLS where it is asked for, and signs in.
func (m *Mailer) secure(client *smtp.Client) error {
	host, _, _ := net.SplitHostPort(m.Server) // open has taken it
	if m.TLS == StartTLS {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return errors.New("the server offers no STARTTLS")
		}
		if err := client.StartTLS(m.config(host)); err != nil {
			return err
		}
	}
	if m.User == "" {
		return nil
	}
	return client.Auth(smtp.PlainAuth("", m.User, m.Password, host))
}

func (m *Mailer) config(host string) *tls.Config {
	c := m.Roots.Clone() // nil stays nil
	if c == nil {
		c = &tls.Config{}
	}
	c.ServerName, c.MinVersion = host, tls.VersionTLS12
	return c
}

// refused is err as a Refusal where the server's answer is final (5xx).
func refused(err error, address bool) error {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 500 {
		return &Refusal{Said: brief(said.Error()), Address: address}
	}
	return err
}

// compose writes the message (RFC 5322, MIME).
func (m *Mailer) compose(from *mail.Address, to string, text Text) ([]byte, error) {
	var b bytes.Buffer
	sum := sha256.Sum256([]byte(text.Key))
	_, domain, _ := strings.Cut(from.Address, "@")
	parts := multipart.NewWriter(&b)
	header := [][2]string{
		{"From", from.String()}, {"To", (&mail.Address{Address: to}).String()}, {"Subject", mime.BEncoding.Encode("utf-8", text.Subject)},
		{"Date", m.Clock().Format(time.RFC1123Z)}, {"Message-ID", "<" + hex.EncodeToString(sum[:16]) + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, {"Content-Language", text.Lang.Tag()},
	}
	if text.Stop != "" {
		header = append(header, [2]string{"List-Unsubscribe", "<" + text.Stop + ">"}, [2]string{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	header = append(header, [2]string{"MIME-Version", "1.0"}, [2]string{"Content-Type", "multipart/alternative; boundary=" + parts.Boundary()})
	for _, h := range header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	var html bytes.Buffer
	if err := mailPage.Execute(&html, paper(text)); err != nil {
		return nil, err
	}
	for _, part := range [][2]string{{"text/plain", plain(text)}, {"text/html", html.String()}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {part[0] + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return nil, err
		}
		q := quotedprintable.NewWriter(w)
		_, err = q.Write([]byte(part[1]))
		if err := errors.Join(err, q.Close()); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// sheet is what the HTML of a letter is made of.
type sheet struct {
	Text
	Tag, Go, Change, End string
	Lines                []string
}

func paper(t Text) sheet {
	s := sheet{Text: t, Tag: t.Lang.Tag(), Go: i18n.T(t.Lang, "offer.mail.go"), Change: i18n.T(t.Lang, "offer.mail.settle"),
		End: i18n.T(t.Lang, "offer.mail.stop")}
	for _, item := range t.Items {
		s.Lines = append(s.Lines, i18n.T(t.Lang, "offer.mail.item", "name", item.Name, "gives", item.Gives))
	}
	return s
}

// plain is the letter without marks.
func plain(t Text) string {
	s := paper(t)
	lines := []string{t.Subject, "", t.Body}
	for _, line := range s.Lines {
		lines = append(lines, "- "+line)
	}
	if t.Link != "" {
		lines = append(lines, "", s.Go+" "+t.Link)
	}
	lines = append(lines, "", "-- ", t.Brand)
	if t.Settle != "" {
		lines = append(lines, s.Change+" "+t.Settle)
	}
	if t.Stop != "" {
		lines = append(lines, s.End+" "+t.Stop)
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

var mailPage = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Tag}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1f2328;font:16px/1.7 'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif">
<div style="max-width:560px;margin:0 auto">
<h1 style="font-size:22px;line-height:1.4">{{.Subject}}</h1>
<p>{{.Body}}</p>
{{with .Lines}}<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>
{{end}}{{if .Link}}<p><a href="{{.Link}}" style="display:inline-block;padding:11px 20px;background:#0b5cad;color:#ffffff;text-decoration:none;border-radius:4px">{{.Go}}</a></p>
{{end}}<hr style="border:0;border-top:1px solid #d0d7de;margin:24px 0 12px">
<p style="font-size:14px;color:#57606a">{{.Brand}}{{if .Settle}} · <a href="{{.Settle}}" style="color:#0b5cad">{{.Change}}</a>{{end}}{{if .Stop}} · <a href="{{.Stop}}" style="color:#0b5cad">{{.End}}</a>{{end}}</p>
</div></body></html>
`))
