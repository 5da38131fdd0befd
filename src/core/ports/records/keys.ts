import type { AccessKey, Scope } from '../../access.ts';
import type { Page } from '../../page.ts';

/** A key as it is listed. */
export interface ListedKey extends AccessKey {
  /** To within five minutes; undefined: never, or not since this was kept. */
  readonly lastUsedAt?: string;
}

export interface Keys {
  key(keyId: string): Promise<AccessKey | undefined>;
  keys(administration?: string): Promise<readonly AccessKey[]>;
  /** Every site (`*`: any) with a key or a scan, by administration and site. Of all administrations. */
  places(): Promise<readonly Scope[]>;

  /** In rising order of key id. */
  keysListed(administration: string, limit: number, cursor?: string): Promise<Page<ListedKey>>;

  putKey(key: AccessKey): Promise<void>;
}
