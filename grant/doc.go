// Package grant is the life of what the city gives without being asked
// (免申即享). The rules match a subject (package eligibility); the registers are
// read afresh; an officer of the policy's agency puts the grant on a list, and
// another person confirms the list; the subject is told and may refuse for some
// days; then it is given: a payment order, a licence, a case, as the policy
// says. What is paid for periods is looked at again before each period and at
// each change in the registers; it stops when the conditions do, and what was
// paid for a time after that is asked back.
//
// Invariants:
//   - One command is one transaction: status, event, ledger leaf, payment order
//     and message are all there or none.
//   - A subject has a policy's grant once at a time. Who refused is not asked
//     again; what is given once is given once.
//   - Nobody confirms what they proposed, nor what is for themself.
//   - Nothing is given that the registers do not carry at that very moment.
//   - A period is ordered once.
//
// Money is whole yuan.
package grant
