/** Now; the only clock. */
export interface Clock {
  now(): Date;
}
