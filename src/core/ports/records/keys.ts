import type { AccessKey } from '../../access.ts';

export interface Keys {
  key(keyId: string): Promise<AccessKey | undefined>;
  keys(administration?: string): Promise<readonly AccessKey[]>;
}

export interface KeyWrites {
  putKey(key: AccessKey): Promise<void>;
}
