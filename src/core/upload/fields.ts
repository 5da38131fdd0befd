import type { Purpose } from '../scan/purposes.ts';

/** Sent beside the files of an upload; what the files themselves say wins where they say it. */
export interface UploadMeta {
  /** Where the scanner stands; must be the key's own site unless the key is for any. */
  readonly site?: string;
  readonly scanner?: string;
  readonly lane?: string;
  /** Equal for all scans and radiation records of one vehicle while it is here. */
  readonly visit?: string;
  readonly purpose?: Purpose;
}

const isField: Readonly<Record<keyof UploadMeta, true>> = {
  site: true,
  scanner: true,
  lane: true,
  visit: true,
  purpose: true,
};

/** Names of these fields in forms, addresses and rejections. */
export const uploadFields: ReadonlySet<string> = new Set(Object.keys(isField));
