import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import { sha256Hex } from './identity.ts';
import { jsonBytes } from './manifest.ts';

/** Rows of objects that belong to no scan carry this in place of its id. */
const NO_SCAN = '';

/** A JSON object with its row; it belongs to no scan. */
export interface OwnObject {
  readonly row: ObjectRow;
  readonly body: Uint8Array;
}

type OwnKind =
  | 'acknowledgement'
  | 'register'
  | 'declaration'
  | 'person'
  | 'passage'
  | 'annotation'
  | 'photograph';

/** @param revision - the version of what it says, where it has one */
export function ownObject(
  key: string,
  kind: OwnKind,
  value: object,
  { producer, revision = 0 }: { readonly producer: string; readonly revision?: number },
): OwnObject {
  const body = jsonBytes(value);
  const row: ObjectRow = {
    key,
    scanId: NO_SCAN,
    revision,
    kind,
    bytes: body.byteLength,
    sha256: sha256Hex(body),
    contentType: 'application/json',
    producer,
  };
  return { row, body };
}
