/** Now; the only clock. */
export interface Clock {
  now(): Date;
}

/** A step of the wall clock that the seconds between two looks do not explain. */
export interface ClockJump {
  /** More than 0: ahead. */
  readonly seconds: number;
  /** What the clock would say without the jump, and what it says. */
  readonly expected: Date;
  readonly found: Date;
}

/** Compares the wall clock with one that only counts seconds. */
export interface ClockWatch {
  /** Compares now. A jump is returned until it is noted, also if the clock has gone back meanwhile. */
  jump(): ClockJump | undefined;
  /** Everybody knows of the jump: from now on the clock is compared with its present time. */
  noted(): void;
}

/** Events, not stories: no pixels, no personal data, no secrets. pino and Fastify's logger fit. */
export interface Log {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}
