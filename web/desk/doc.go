// Package desk is where public servants work: an inbox by light and due date, the
// case with its facts, evidence, process and history, the measures that the law
// gives an agency, decisions with their letters, intake at a counter, and the
// supervisor's overview. Handlers parse, ask who is there, call the domain and
// render; what may be done is the domain's and the policy's answer.
//
// Everything works without scripts: plain links, plain forms, a redirect after
// each post. What was typed stays when a page comes back with errors, and when a
// colleague was quicker. Pages show personal data and are never stored.
package desk
