// Package portal is the one door for residents and firms: find a service,
// apply, follow the case, hold the licence. Handlers parse, ask who is there,
// call the domain and render; they decide nothing of the domain's.
//
// Pages that read alike for everybody are rendered once for each catalogue
// version, day, language and elder mode, and served from a pagecache. Whoever
// is signed in gets pages of their own, which nobody stores.
//
// Everything works without scripts: plain links, plain forms, and a redirect
// after each post. What was typed stays when a page comes back with errors.
package portal
