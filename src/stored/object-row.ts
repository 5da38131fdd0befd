import { NiiError } from '../core/errors.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import { sha256Hex } from './identity.ts';

/** A derived object before it is stored. */
export interface Derived {
  readonly key: string;
  readonly kind: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly parentSha256?: string;
  readonly producer: string;
}

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
    sha256: sha256Hex(body),
  };
}

/**
 * The row of an object as it lies in the store: an earlier version may have written the same value in other bytes.
 * @throws NII_CORRUPT where what it says belongs under another key
 */
export function asStored(row: ObjectRow, key: string, body: Uint8Array): ObjectRow {
  if (row.key !== key) throw new NiiError('NII_CORRUPT', `${key} says what belongs at ${row.key}`);
  return { ...row, bytes: body.byteLength, sha256: sha256Hex(body) };
}

/**
 * Every step that writes objects before their record holds this name among the others; the sweep holds it alone, so
 * that it never removes what a step is about to name.
 */
export const OBJECTS_LOCK = 'objects';
