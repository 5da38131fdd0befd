import { Compile } from 'typebox/compile';
import { NiiError } from '../core/errors.ts';
import { NiiScan } from '../core/scan/scan.ts';
import { canonicalJson } from './canonical-json.ts';

const schema = Compile(NiiScan);

/** The record as `scan.json`: canonical JSON in UTF-8, so that the same record is the same bytes. */
export function scanJsonBytes(scan: NiiScan): Uint8Array {
  return new TextEncoder().encode(canonicalJson(scan));
}

/**
 * Reads a `scan.json` and checks it against the schema.
 * @throws NII_MALFORMED naming the first field that is not by the schema
 */
export function parseScanJson(bytes: Uint8Array): NiiScan {
  const value = parsed(bytes);
  if (schema.Check(value)) return value;
  const [first] = schema.Errors(value);
  const detail = `scan.json${first?.instancePath ?? ''} ${first?.message ?? 'is not by its schema'}`;
  throw new NiiError('NII_MALFORMED', { detail, field: 'scan.json' });
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', {
      detail: 'scan.json is not JSON in UTF-8',
      field: 'scan.json',
      cause,
    });
  }
}
