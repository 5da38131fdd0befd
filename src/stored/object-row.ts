import { blockDigests } from '../codec/block-hash.ts';
import { NiiError } from '../core/errors.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { ObjectWhat } from '../core/rows/object-what.ts';

/** A derived object before it is stored, and before it is said who made it. */
export type Made = ObjectWhat & MadeBytes;

/** A derived object before it is stored. */
export type Derived = Made & {
  readonly parentSha256?: string;
  readonly producer: string;
};

interface MadeBytes {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** What belongs to no scan carries this in place of its id and revision. */
export const NO_SCAN = { scanId: '', revision: 0 } as const;

export function objectRow(
  owner: { readonly scanId: string; readonly revision: number },
  derived: Derived,
): ObjectRow {
  const { body, ...rest } = derived;
  return {
    ...rest,
    scanId: owner.scanId,
    revision: owner.revision,
    bytes: body.byteLength,
    ...blockDigests(body),
  };
}

/**
 * The row of an object as it lies in the store: an earlier version may have written the same value in other bytes.
 * @throws NII_CORRUPT where what it says belongs under another key
 */
export function asStored(row: ObjectRow, key: string, body: Uint8Array): ObjectRow {
  if (row.key !== key) throw new NiiError('NII_CORRUPT', `${key} contains the object of ${row.key}`);
  return { ...row, bytes: body.byteLength, ...blockDigests(body) };
}

/**
 * Every step that writes objects before their record holds this name among the others; the sweep holds it alone, so
 * that it never removes what a step is about to name.
 */
export const OBJECTS_LOCK = 'objects';
