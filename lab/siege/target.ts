/** The service under attack: an address, two keys, and what its machine tells of it. */
export interface Target {
  /** Of this machine alone: see `loopbackUrl`. */
  readonly url: URL;
  /** May send scans. */
  readonly senderKey: string;
  /** May look at scans and at the queue. */
  readonly readerKey: string;
  /** The API's process. */
  readonly pid?: number;
  /** How `nii` is started, for attacks on the command line. */
  readonly nii?: readonly string[];
}

/** What one round of an attack is told. */
export interface Round {
  /** Makes what is sent differ from that of another round. */
  readonly serial: number;
  /** Ends the round. */
  readonly signal: AbortSignal;
}

/** Sends what was prepared. @returns what came of each part of it: a status, or what else happened */
export type Strike = () => Promise<readonly string[]>;

export interface Attack {
  readonly name: string;
  readonly summary: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** What a service in good order answers; `2xx` stands for all of a hundred. */
  readonly allowed: readonly string[];
  /** Most that the API may grow. */
  readonly memoryMiB: number;
  /** Makes what the attack sends and stores what it needs, before anything is measured. */
  prepare(target: Target, round: Round): Promise<Strike>;
}

export function isAllowed({ allowed }: Pick<Attack, 'allowed'>, answer: string): boolean {
  return allowed.includes(answer) || allowed.includes(answer.replace(/^([1-5])\d\d$/, '$1xx'));
}

const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/;

/** An address of this machine. @throws RangeError for any other: attacks are for a service of one's own */
export function loopbackUrl(written: string): URL {
  const url = new URL(written);
  if (url.protocol === 'http:' && loopback.test(url.hostname)) return url;
  throw new RangeError(
    `Invalid address "${written}": attacks go to http:// on this machine (127.0.0.1) only`,
  );
}
