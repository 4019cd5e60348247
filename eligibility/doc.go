// Package eligibility answers who is entitled to what: the policies of a city
// against what its registers know of residents and firms.
//
// There are two ways to the answer, which always agree. A Book decides one
// policy for one subject and says why: each condition, what it read, what is
// missing, how much there is to get. A Program decides all policies for a whole
// Population in columns; an Engine keeps the populations of a city current. Both
// are made of the same rules of the pack (packages catalog and criterion), each
// written once, in CEL.
//
// What is always so:
//
//   - Unknown is a value of its own. A fact that no register has, or that is
//     older than its attribute allows, is neither yes nor no; nobody is entitled
//     because of it, and nobody is refused. The answer says what is unknown.
//   - A verdict is of a day. Policies and conditions hold from a day to a day,
//     and ages are those of the day asked for, which may lie ahead.
//   - A near miss is one condition that is not met, by a fact or for want of one,
//     while all others are.
//   - A decision is about data, not about people: it reads registers through
//     whoever calls, who leaves the receipts.
package eligibility
