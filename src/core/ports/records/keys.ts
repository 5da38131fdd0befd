import type { AccessKey } from '../../access.ts';

export interface Keys {
  key(keyId: string): Promise<AccessKey | undefined>;
  /** Those of them that there are. */
  keysOf(keyIds: readonly string[]): Promise<readonly AccessKey[]>;
  keys(administration?: string): Promise<readonly AccessKey[]>;
}

export interface KeyWrites {
  putKey(key: AccessKey): Promise<void>;
}
