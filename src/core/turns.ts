/** A sender with this many timeouts in a row waits behind the others, until something of theirs ends in time. */
export const TIMEOUTS_IN_A_ROW = 3;
