// Package workday is the clock of the law: civil dates, a working-day calendar
// with public holidays and make-up days, and the statutory limits counted on it.
//
// A limit in working days begins on the day after the event and ends with the
// last working day, at midnight in the city's zone (行政许可法 art. 82 counts
// working days; 民法典 art. 201 leaves out the first day). Public holidays and
// make-up days are those of the yearly notice of the State Council; a year that
// the calendar does not know has its plain Mondays to Fridays.
//
// Everything here is a pure function of its arguments: no clock, no database.
package workday
