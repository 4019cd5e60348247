package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Seat is what a window keeps of one person: their cookies. People who share a
// window, as officers share a desk, take turns: each rises and sits down again
// without signing in anew.
type Seat []*network.CookieParam

// Rise empties the window of its cookies and gives them.
func (w *Window) Rise() Seat {
	w.t.Helper()
	var seat Seat
	run(w, "rise", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		kept, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{w.origin}})
		if err != nil {
			return err
		}
		for _, c := range kept.Cookies {
			seat = append(seat, &network.CookieParam{Name: c.Name, Value: c.Value, URL: w.origin, Path: c.Path, HTTPOnly: c.HTTPOnly, SameSite: c.SameSite})
		}
		_, err = chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
	return seat
}

// Sit gives the window the cookies of a seat, in place of what it has.
func (w *Window) Sit(seat Seat) {
	w.t.Helper()
	w.Rise()
	run(w, "sit down", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.SetCookies, network.SetCookiesParams{Cookies: seat})
		return err
	}))
}
