import { sha256Hex } from '../codec/sha256.ts';
import type { Actor } from '../core/access.ts';
import type { MaskedClass } from '../core/disclosure/field-class.ts';
import { maskRecord } from '../core/disclosure/mask.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import { parseScanJson, scanJsonBytes } from '../format/scan-json.ts';
import { openObject, type RevisionTx, type WantedObject } from './read.ts';

export interface MaskedRecord {
  readonly body: Buffer;
  readonly sha256: string;
}

/** The record of a revision without the fields of some classes: other bytes, with a hash of their own. @throws NII_NOT_FOUND */
export async function maskedRecord(
  deps: Stores<RevisionTx & Tx<'audit'>>,
  actor: Actor,
  { scanId, revision }: { readonly scanId: string; readonly revision: number | 'latest' },
  without: readonly MaskedClass[],
): Promise<MaskedRecord> {
  const name = `without ${without.join(', ')}`;
  const wanted: WantedObject = { kind: 'scan-json', name, is: ({ kind }) => kind === 'scan-json' };
  const { stream } = await openObject(deps, actor, scanId, revision, wanted);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await stream()) chunks.push(chunk);
  const body = Buffer.from(scanJsonBytes(maskRecord(parseScanJson(Buffer.concat(chunks)), without)));
  return { body, sha256: sha256Hex(body) };
}
