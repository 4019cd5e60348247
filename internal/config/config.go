// Package config is the one typed configuration. It is read from a YAML file,
// then from TONGBAN_… variables of the environment; flags come last, in cmd.
// An unknown key is refused, and the whole is checked before anything listens.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Config is everything that a deployment decides. The yaml tag is the key in
// the file; the environment variable is the path of keys in capitals, joined by
// underscores: TONGBAN_LOGIN_CLIENT_ID.
type Config struct {
	Addr     string `yaml:"addr"`     // where to listen, "127.0.0.1:8080"
	URL      string `yaml:"url"`      // what people type: the origin of every absolute address
	Pack     string `yaml:"pack"`     // folder of the city
	Data     string `yaml:"data"`     // folder for keys, the embedded database and messaging
	Database string `yaml:"database"` // DSN; empty: SQLite in Data
	Bus      Bus    `yaml:"bus"`
	Demo     bool   `yaml:"demo"` // personas, demo sign-in; never where real people are
	Login    Login  `yaml:"login"`
	Log      Log    `yaml:"log"`
	Trace    Trace  `yaml:"trace"`
	Limits   Limits `yaml:"limits"`

	Outreach Outreach `yaml:"outreach"`
}

// Bus is the NATS cluster that the city's nodes share.
type Bus struct {
	URL         string `yaml:"url"`         // nats:// address; empty: embedded in Data
	Credentials string `yaml:"credentials"` // a NATS credentials file; may be empty
}

// Login is the OpenID Connect provider that people sign in with.
type Login struct {
	Issuer       string `yaml:"issuer"`
	ClientID     string `yaml:"client-id"`
	ClientSecret string `yaml:"client-secret"`
}

// Log is how log lines look.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
}

// Trace is where OpenTelemetry traces go.
type Trace struct {
	Endpoint string `yaml:"endpoint"` // OTLP over HTTP, "http://127.0.0.1:4318"; empty: nowhere
}

// Limits bound what one request or session may cost.
type Limits struct {
	Session time.Duration `yaml:"session"` // a session's life
	Request time.Duration `yaml:"request"` // a request's time
}

// Outreach is how the city writes to people unasked, and by what.
type Outreach struct {
	Weekly  int    `yaml:"weekly"`  // how often in seven days offers are told to one party
	Quiet   string `yaml:"quiet"`   // hours in which nothing is sent, "21:00-08:00" in the city's time; empty: none
	Mail    Mail   `yaml:"mail"`    //
	SMS     SMS    `yaml:"sms"`     //
	Webhook bool   `yaml:"webhook"` // let firms have offers posted to an address of theirs
}

// Mail is the server that takes e-mail (SMTP).
type Mail struct {
	Server   string `yaml:"server"`   // host:port; empty: no e-mail
	TLS      string `yaml:"tls"`      // starttls, implicit, or none, which is refused off this machine
	User     string `yaml:"user"`     // empty: without signing in
	Password string `yaml:"password"` //
	From     string `yaml:"from"`     // the sender, "通办 <tongban@city.example>"
}

// SMS is the gateway that takes text messages (HTTP).
type SMS struct {
	URL    string `yaml:"url"`    // where to post; empty: no text messages
	Secret string `yaml:"secret"` // signs each request, HMAC-SHA256
}

// Default is a configuration for one machine.
func Default() Config {
	return Config{Addr: "127.0.0.1:8080", Pack: "packs/shanghai", Data: "data", Log: Log{Level: "info", Format: "text"},
		Limits:   Limits{Session: 12 * time.Hour, Request: 30 * time.Second},
		Outreach: Outreach{Weekly: 2, Quiet: "21:00-08:00", Mail: Mail{TLS: "starttls"}}}
}

// Load reads the file (none for "") over the defaults, then the environment,
// given as "KEY=value". Errors name the file, line and key.
func Load(file string, environ []string) (Config, error) {
	c := Default()
	if file != "" {
		src, err := os.ReadFile(file)
		if err != nil {
			return c, fmt.Errorf("config: %w", err)
		}
		if err := parse(src, &c); err != nil {
			return c, fmt.Errorf("config: %s: %w", file, err)
		}
	}
	return c, c.environment(environ)
}

func parse(src []byte, c *Config) error {
	if strings.TrimSpace(string(src)) == "" {
		return nil
	}
	return yaml.UnmarshalWithOptions(src, c, yaml.Strict())
}

// environment sets every key whose variable is there. A TONGBAN_ variable that
// is no key is an error, so that a misspelt one is not passed over. The prefix
// TONGBAN_TEST_ belongs to the tests.
func (c *Config) environment(environ []string) error {
	fields := map[string]reflect.Value{}
	collect("TONGBAN", reflect.ValueOf(c).Elem(), fields)
	for _, pair := range environ {
		key, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(key, "TONGBAN_") || strings.HasPrefix(key, "TONGBAN_TEST_") {
			continue
		}
		field, ok := fields[key]
		if !ok {
			return fmt.Errorf("config: environment variable %s is no setting", key)
		}
		if err := set(field, value); err != nil {
			return fmt.Errorf("config: environment variable %s: %w", key, err)
		}
	}
	return nil
}

func collect(prefix string, v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		key := prefix + "_" + strings.ToUpper(strings.ReplaceAll(tag, "-", "_"))
		if v.Field(i).Kind() == reflect.Struct {
			collect(key, v.Field(i), into)
			continue
		}
		into[key] = v.Field(i)
	}
}

func set(field reflect.Value, s string) error {
	switch field.Interface().(type) {
	case string:
		field.SetString(s)
	case bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("want true or false")
		}
		field.SetBool(b)
	case int:
		n, err := strconv.Atoi(s)
		if err != nil {
			return errors.New("want a number")
		}
		field.SetInt(int64(n))
	case time.Duration:
		d, err := time.ParseDuration(s)
		if err != nil {
			return errors.New("want a duration such as 30s")
		}
		field.SetInt(int64(d))
	}
	return nil
}

// Check reports everything that is wrong, one line each.
func (c *Config) Check() error {
	var wrong []error
	bad := func(key, why string) { wrong = append(wrong, fmt.Errorf("config: %s: %s", key, why)) }
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		bad("addr", "want host:port")
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme)) {
		bad("url", "want https://host")
	}
	if c.Pack == "" {
		bad("pack", "name the folder of the city")
	}
	if c.Data == "" {
		bad("data", "name a folder")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "want debug, info, warn or error")
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		bad("log.format", "want text or json")
	}
	if !c.Demo && (c.Login.Issuer == "" || c.Login.ClientID == "" || c.Login.ClientSecret == "") {
		bad("login", "issuer, client-id and client-secret are needed outside the demo")
	}
	if !c.Demo && c.URL == "" {
		bad("url", "is needed outside the demo")
	}
	if c.Limits.Session < time.Minute {
		bad("limits.session", "want at least 1m")
	}
	if c.Limits.Request < time.Second {
		bad("limits.request", "want at least 1s")
	}
	c.Outreach.check(bad)
	return errors.Join(wrong...)
}

// check reports what is wrong with the senders.
func (o *Outreach) check(bad func(key, why string)) {
	if o.Weekly < 0 {
		bad("outreach.weekly", "want 0 or more")
	}
	if o.Quiet != "" && !quietForm.MatchString(o.Quiet) {
		bad("outreach.quiet", "want hours such as 21:00-08:00, or nothing")
	}
	if o.Mail.Server != "" {
		host, _, err := net.SplitHostPort(o.Mail.Server)
		if err != nil {
			bad("outreach.mail.server", "want host:port")
		}
		if !slices.Contains([]string{"starttls", "implicit", "none"}, o.Mail.TLS) {
			bad("outreach.mail.tls", "want starttls, implicit or none")
		}
		if ip := net.ParseIP(host); o.Mail.TLS == "none" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			bad("outreach.mail.tls", "none is for a server on this machine only")
		}
		if _, err := mail.ParseAddress(o.Mail.From); err != nil {
			bad("outreach.mail.from", "want a sender such as 通办 <tongban@city.example>")
		}
	}
	if u, err := url.Parse(o.SMS.URL); o.SMS.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "127.0.0.1") {
		bad("outreach.sms.url", "want https://host/path")
	}
	if o.SMS.URL != "" && len(o.SMS.Secret) < 16 {
		bad("outreach.sms.secret", "want at least 16 characters")
	}
}

// quietForm is two times of day.
var quietForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$`)
