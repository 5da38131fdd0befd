import { Compile, type Validator } from 'typebox/compile';
import { Case } from '../core/case/case.ts';
import type { DocumentKind } from '../core/documents.ts';
import { NiiError } from '../core/errors.ts';
import { Hold } from '../core/radiation/hold.ts';
import type { AnalysedManifest, ConvertedManifest, ReceivedManifest } from './manifest.ts';

/**
 * What stored objects say. The one place that reads them; `scan.json` is read by parseScanJson, because strangers send
 * it, too. All throw NII_CORRUPT naming the object.
 */

type Read<Value> = (bytes: Uint8Array, key: string) => Value;

export const readCase: Read<Case> = (bytes, key) => readAs({ kind: 'case', schema: Case }, bytes, key);
export const readHold: Read<Hold> = (bytes, key) => readAs({ kind: 'hold', schema: Hold }, bytes, key);
export const readReceived = manifestReaderOf<ReceivedManifest>('received');
export const readConverted = manifestReaderOf<ConvertedManifest>('converted');
export const readAnalysed = manifestReaderOf<AnalysedManifest>('analysed');

export function readDocument<Value>(kind: DocumentKind<Value>, bytes: Uint8Array, key: string): Value {
  return readAs(kind, bytes, key);
}

const validators = new WeakMap<object, Validator>();

function readAs<Value>(
  { kind, schema }: Pick<DocumentKind<Value>, 'schema'> & { readonly kind: string },
  bytes: Uint8Array,
  key: string,
): Value {
  const validator = validators.get(schema) ?? Compile(schema);
  validators.set(schema, validator);
  const value = parseJson(bytes, key);
  // the kind's schema is that of its values
  if (validator.Check(value)) return value as Value;
  const [fault] = validator.Errors(value);
  throw new NiiError('NII_CORRUPT', `${key} is no ${kind}: ${fault?.instancePath} ${fault?.message}`);
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
