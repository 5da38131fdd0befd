import { gzipSync } from 'node:zlib';
import type { NamedBytes } from '../../../src/tools/contract/fixtures.ts';
import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import { byteChanges } from '../../fuzz/change-bytes.ts';
import { isObject, type Json } from '../json.ts';
import type { Header } from '../request.ts';
import { oneIn, oneOf } from './chance.ts';
import { oddText, word } from './odd-text.ts';
import { type Aim, type Making, makeValue } from './values.ts';

export interface Body {
  readonly headers: readonly Header[];
  readonly bytes: Uint8Array;
}

const NESTED = 20_000;
const TOO_MANY_BYTES = 1024 * 1024 + 1;

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));

/** A body as a schema has it, at its edge, or not as it has it; now and then text that is no JSON at all. */
export function jsonBody(make: Making, schema: Json, aim: Aim): Body {
  const { numbers } = make;
  const json: Header = ['content-type', 'application/json'];
  if (aim === 'wrong' && oneIn(numbers, 5)) return { headers: [json], bytes: noJson(numbers) };
  const value = makeValue(make, schema, aim, '');
  const text = JSON.stringify(value) ?? 'null';
  if (aim === 'wrong' && oneIn(numbers, 12)) return { headers: [json], bytes: changed(numbers, utf8(text)) };
  if (aim === 'valid' && text === '{}' && oneIn(numbers, 2)) return { headers: [], bytes: new Uint8Array() };
  return { headers: [json], bytes: utf8(text) };
}

function noJson(numbers: SeededNumbers): Uint8Array {
  switch (numbers.below(9)) {
    case 0:
      return utf8('{"a":');
    case 1:
      return utf8('['.repeat(NESTED) + ']'.repeat(NESTED));
    case 2:
      return utf8(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`);
    case 3:
      return utf8('{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}}}');
    case 4:
      return utf8('\ufeff{}');
    case 5:
      return new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    case 6:
      return new Uint8Array(gzipSync('{}'));
    case 7:
      return oneIn(numbers, 20) ? utf8(`{"why":"${'a'.repeat(TOO_MANY_BYTES)}"}`) : utf8('{"a":1,"a":2}');
    default:
      return utf8(oddText(numbers));
  }
}

/** A file as it is, or changed. */
export function fileOf(numbers: SeededNumbers, files: readonly NamedBytes[], aim: Aim): NamedBytes {
  const file = oneOf(numbers, files);
  if (aim === 'valid') return file;
  if (aim === 'border') return { name: file.name, bytes: new Uint8Array() };
  return {
    name: oneIn(numbers, 2) ? file.name : oddText(numbers),
    bytes: changed(numbers, file.bytes),
  };
}

function changed(numbers: SeededNumbers, bytes: Uint8Array): Uint8Array {
  const change = oneOf(numbers, Object.values(byteChanges));
  return change(bytes, { numbers, others: [bytes] });
}

/** multipart/form-data of files and the fields of an upload. */
export function formBody(make: Making, files: readonly NamedBytes[], schema: Json, aim: Aim): Body {
  const { numbers } = make;
  const boundary = word(numbers, aim === 'border' ? 70 : 12);
  const count = aim === 'border' ? oneOf(numbers, [0, 1, 40]) : 1 + numbers.below(3);
  const parts = Array.from({ length: count }, () => {
    const { name, bytes } = fileOf(numbers, files, aim === 'wrong' && oneIn(numbers, 2) ? 'wrong' : 'valid');
    return part(boundary, `name="file"; filename="${quotable(name)}"`, bytes);
  });
  const fields = makeValue(make, schema, aim, '');
  const named = isObject(fields) ? Object.entries(fields).filter(([name]) => name !== 'file') : [];
  const texts = named.map(([name, value]) => part(boundary, `name="${quotable(name)}"`, utf8(String(value))));
  const end = aim === 'wrong' && oneIn(numbers, 4) ? '' : `--${boundary}--\r\n`;
  const all = Buffer.concat([
    ...(oneIn(numbers, 2) ? [...texts, ...parts] : [...parts, ...texts]),
    utf8(end),
  ]);
  return {
    headers: [['content-type', `multipart/form-data; boundary=${boundary}`]],
    bytes: new Uint8Array(all),
  };
}

function part(boundary: string, disposition: string, bytes: Uint8Array): Uint8Array {
  const head = `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n`;
  return Buffer.concat([utf8(head), bytes, utf8('\r\n')]);
}

/** A line break here would end the head of the part: sometimes it does. */
function quotable(name: string): string {
  return name.slice(0, 300).replaceAll('"', '%22');
}

/** multipart/related of DICOM files, as STOW-RS has it. */
export function relatedBody(numbers: SeededNumbers, files: readonly NamedBytes[], aim: Aim): Body {
  const boundary = word(numbers, 12);
  const type = aim === 'wrong' && oneIn(numbers, 4) ? 'application/dicom+json' : 'application/dicom';
  const count = aim === 'border' ? oneOf(numbers, [0, 1, 40]) : 1 + numbers.below(2);
  const pieces = Array.from({ length: count }, () => {
    const { bytes } = fileOf(numbers, files, aim === 'border' ? 'valid' : aim);
    return Buffer.concat([utf8(`--${boundary}\r\nContent-Type: ${type}\r\n\r\n`), bytes, utf8('\r\n')]);
  });
  const end = aim === 'wrong' && oneIn(numbers, 4) ? '' : `--${boundary}--\r\n`;
  return {
    headers: [['content-type', `multipart/related; type="${type}"; boundary=${boundary}`]],
    bytes: new Uint8Array(Buffer.concat([...pieces, utf8(end)])),
  };
}
