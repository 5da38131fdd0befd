/** One connection to what takes messages of syslog. */
export interface SiemLink {
  /** Hands messages over in this order; that they arrived is not known before `end`. @throws NII_SIEM_UNREACHABLE */
  send(messages: readonly Uint8Array[]): Promise<void>;
  /** @throws NII_SIEM_UNREACHABLE when the connection broke meanwhile */
  check(): void;
  /** Resolves once the receiver has read everything and closed. @throws NII_SIEM_UNREACHABLE when it did not */
  end(): Promise<void>;
  /** At once, whatever has arrived. */
  drop(): void;
}

/** Where the audit is streamed to. */
export interface Siem {
  /** @throws NII_SIEM_UNREACHABLE, with the reason where a certificate was rejected */
  connect(): Promise<SiemLink>;
}
