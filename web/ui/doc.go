// Package ui is what the pages of every face share: the layout with its bars
// and switches, the theme, the icons, and the components (form fields with
// their provenance, error summary, summary list, task list, timeline, lights).
// Pages follow the patterns of the GOV.UK Design System in Tongban's own look;
// they hold WCAG 2.2 AA, and AAA contrast in elder mode.
//
// A page knows its request through a Frame in the context: the language, elder
// mode, who is signed in, what time it is. Nothing else travels that way.
// Every sentence comes through T or In; nothing needs a script to work; no
// script or style stands inside a page, so that the content security policy
// can refuse them all.
package ui
