package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// plain is a browser without scripts: it follows links, fills in forms and
// keeps cookies, and that is all.
type plain struct {
	t      *testing.T
	client *http.Client
	where  *url.URL
	page   *html.Node
}

func newPlain(t *testing.T) *plain {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &plain{t: t, client: &http.Client{Jar: jar}}
}

func (p *plain) take(resp *http.Response, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.where = resp.Request.URL
	if p.page, err = html.Parse(bytes.NewReader(body)); err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s answers %s: %s", p.where, resp.Status, textOf(p.page))
	}
}

func (p *plain) open(address string) {
	p.t.Helper()
	p.take(p.client.Get(address))
}

// follow goes where the first link with the words leads.
func (p *plain) follow(words string) {
	p.t.Helper()
	for _, a := range elements(p.page, "a") {
		if strings.Contains(textOf(a), words) {
			to, err := p.where.Parse(attr(a, "href"))
			if err != nil {
				p.t.Fatal(err)
			}
			p.open(to.String())
			return
		}
	}
	p.t.Fatalf("%s: no link %q: %s", p.where, words, textOf(p.page))
}

// send sends the form whose button has the words, as it stands, with answers
// to what is not answered yet.
func (p *plain) send(words string, answers url.Values) {
	p.t.Helper()
	for _, form := range elements(p.page, "form") {
		for _, button := range elements(form, "button") {
			if strings.Contains(textOf(button), words) {
				p.post(form, button, answers)
				return
			}
		}
	}
	p.t.Fatalf("%s: no button %q: %s", p.where, words, textOf(p.page))
}

func (p *plain) post(form, button *html.Node, answers url.Values) {
	p.t.Helper()
	to, err := p.where.Parse(attr(form, "action"))
	if err != nil {
		p.t.Fatal(err)
	}
	values := formValues(form, answers)
	if name := attr(button, "name"); name != "" {
		values.Set(name, attr(button, "value"))
	}
	switch {
	case attr(form, "method") != "post":
		to.RawQuery = values.Encode()
		p.open(to.String())
	case attr(form, "enctype") == "multipart/form-data":
		p.t.Fatalf("%s: a file is asked for", p.where)
	default:
		p.take(p.client.PostForm(to.String(), values))
	}
}

// formValues is what a browser sends of a form as it stands, with answers to
// what is not answered yet, and the first choice where one must be made.
func formValues(form *html.Node, answers url.Values) url.Values {
	values, choices := url.Values{}, map[string]string{}
	for e := range form.Descendants() {
		name, kind := attr(e, "name"), attr(e, "type")
		switch {
		case e.Type != html.ElementNode || name == "" || e.Data == "button":
		case answers.Has(name):
			values[name] = answers[name]
		case e.Data == "select":
			for _, o := range elements(e, "option") {
				if has(o, "selected") {
					values.Set(name, attr(o, "value"))
				}
			}
		case e.Data == "textarea":
			values.Set(name, textOf(e))
		case kind == "radio" && !has(e, "checked"):
			if choices[name] == "" {
				choices[name] = attr(e, "value")
			}
		case kind == "checkbox" && !has(e, "checked"):
		case e.Data == "input":
			values.Add(name, attr(e, "value"))
		}
	}
	for name, value := range choices {
		if !values.Has(name) {
			values.Set(name, value)
		}
	}
	return values
}

func (p *plain) sees(words ...string) {
	p.t.Helper()
	for _, word := range words {
		if !strings.Contains(textOf(p.page), word) {
			p.t.Fatalf("%s: does not see %q: %s", p.where, word, textOf(p.page))
		}
	}
}

// signsIn goes through the demo's provider.
func (p *plain) signsIn(home, id string) {
	p.t.Helper()
	p.open(home + "/signin")
	p.follow("去登录")
	for _, form := range elements(p.page, "form") {
		if formValues(form, nil).Get("user") == id {
			p.post(form, elements(form, "button")[0], nil)
			return
		}
	}
	p.t.Fatalf("%s: %s is not offered: %s", p.where, id, textOf(p.page))
}

func elements(n *html.Node, name string) []*html.Node {
	var found []*html.Node
	for e := range n.Descendants() {
		if e.Type == html.ElementNode && e.Data == name {
			found = append(found, e)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// textOf is what one reads, with single spaces.
func textOf(n *html.Node) string {
	var words []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			words = append(words, strings.Fields(d.Data)...)
		}
	}
	return strings.Join(words, " ")
}
