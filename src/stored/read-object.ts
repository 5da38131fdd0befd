import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Case } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import { Hold } from '../core/radiation/hold.ts';
import type { AnalysedManifest, ConvertedManifest, ReceivedManifest } from './manifest.ts';

/**
 * What stored objects say. The one place that reads them; `scan.json` is read by parseScanJson, because strangers send
 * it, too. All throw NII_CORRUPT naming the object.
 */

type Read<Value> = (bytes: Uint8Array, key: string) => Value;

export const readCase = readerOf('case', Case);
export const readHold = readerOf('hold', Hold);
export const readReceived = manifestReaderOf<ReceivedManifest>('received');
export const readConverted = manifestReaderOf<ConvertedManifest>('converted');
export const readAnalysed = manifestReaderOf<AnalysedManifest>('analysed');

function readerOf<Schema extends TSchema>(kind: string, schema: Schema): Read<Static<Schema>> {
  const check = Compile(schema);
  return (bytes, key) => {
    const value = parseJson(bytes, key);
    if (check.Check(value)) return value;
    const [fault] = check.Errors(value);
    throw new NiiError('NII_CORRUPT', `${key} is no ${kind}: ${fault?.instancePath} ${fault?.message}`);
  };
}

function manifestReaderOf<Manifest extends { readonly part: string }>(
  part: Manifest['part'],
): Read<Manifest> {
  return (bytes, key) => {
    const value = parseJson(bytes, key);
    if (typeof value !== 'object' || value === null || !('part' in value) || value.part !== part) {
      throw new NiiError('NII_CORRUPT', `${key} is not a manifest`);
    }
    // Written by this service; its part was checked, its objects are verified against their hashes.
    return value as Manifest;
  };
}

function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new NiiError('NII_CORRUPT', { detail: `${key} is not JSON`, cause });
  }
}
