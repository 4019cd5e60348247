package portal_test

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// all are the elements of a name under n, in order.
func all(n *html.Node, name string) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			found = append(found, d)
		}
	}
	return found
}

// class are the elements under n that have the class.
func class(n *html.Node, name string) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && slices.Contains(strings.Fields(attr(d, "class")), name) {
			found = append(found, d)
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

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// textOf is what a reader sees, with single spaces.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "svg") {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// fieldsOf is what a browser would post of a form as it stands.
func fieldsOf(form *html.Node) url.Values {
	data := url.Values{}
	for d := range form.Descendants() {
		name := attr(d, "name")
		if d.Type != html.ElementNode || name == "" || hasAttr(d, "disabled") {
			continue
		}
		switch d.Data {
		case "input":
			kind := attr(d, "type")
			if (kind == "radio" || kind == "checkbox") && !hasAttr(d, "checked") || kind == "file" || kind == "submit" {
				continue
			}
			data.Add(name, attr(d, "value"))
		case "textarea":
			data.Add(name, textOf(d))
		case "select":
			for _, o := range all(d, "option") {
				if hasAttr(o, "selected") {
					data.Add(name, attr(o, "value"))
				}
			}
		}
	}
	return data
}
