import type { StoredPhotograph } from '../core/case/photograph.ts';
import { keys } from '../core/keys.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import { NO_SCAN, objectRow } from './object-row.ts';

/** How photographs of searches are kept: a record for each version, and the bytes once. */

type Place = Pick<StoredPhotograph, 'administration' | 'site' | 'caseId' | 'id'>;

const PRODUCER = 'photographs';

export function originalKey({ administration, site, caseId, id }: Place): string {
  return keys.photographBytes(administration, site, caseId, id, 'original');
}

export function shownKey({ administration, site, caseId, id }: Place): string {
  return keys.photographBytes(administration, site, caseId, id, 'shown');
}

/** Of what is shown. */
export function shownRow(place: Place, body: Uint8Array): ObjectRow {
  const what = { kind: 'photograph-shown', contentType: 'image/jpeg', producer: PRODUCER } as const;
  return objectRow(NO_SCAN, { key: shownKey(place), body, ...what });
}

/** Of the file as the camera wrote it. */
export function originalRow(value: Place & Pick<StoredPhotograph, 'type'>, body: Uint8Array): ObjectRow {
  const what = { kind: 'photograph-original', contentType: value.type, producer: PRODUCER } as const;
  return objectRow(NO_SCAN, { key: originalKey(value), body, ...what });
}
