/** Now; the only clock. */
export interface Clock {
  now(): Date;
}

/** Events, not stories: no pixels, no personal data, no secrets. pino and Fastify's logger fit. */
export interface Log {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}
