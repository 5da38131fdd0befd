import { latin1 } from '../codec/bytes.ts';
import { fileStart } from '../codec/dicom/read/start.ts';
import { isNpy, parseNpyHeader } from '../codec/npy.ts';
import { decodeText } from '../codec/text.ts';
import { xmlRootName } from '../codec/xml/xml.ts';
import { isNiiError } from '../core/errors.ts';
import type { ConverterManifest, HeadNumber, Rule, Test } from './manifest.ts';

/** A converter that says a file is its own, and the rule that says so. */
export interface Claim {
  readonly manifest: ConverterManifest;
  readonly rule: Rule;
  /** It counts only where no scan of another package wants the file. */
  readonly fallback: boolean;
}

/** What of a file recognition looks at: its first bytes, never its name. */
export interface Sniffed {
  readonly head: Uint8Array;
  readonly bytes: number;
}

/** Every converter that claims the file, each by its first rule that holds. */
export function recognise(
  file: Sniffed,
  converters: readonly { readonly manifest: ConverterManifest }[],
): readonly Claim[] {
  return converters.flatMap(({ manifest }) => {
    const rule = manifest.recognise.find((candidate) => holds(candidate, file.head));
    if (rule === undefined) return [];
    return [{ manifest, rule, fallback: manifest.fallback === true || rule.fallback === true }];
  });
}

function holds(rule: Rule, head: Uint8Array): boolean {
  if (!rule.all.every((test) => passes(test, head))) return false;
  const votes = (rule.of ?? []).filter((test) => passes(test, head)).length;
  return votes >= (rule.atLeast ?? 0);
}

function passes(test: Test, head: Uint8Array): boolean {
  if ('bytes' in test) return bytesAt(head, test.at ?? 0, test.bytes.length / 2) === test.bytes;
  if ('number' in test) return numberPasses(test, headNumber(head, test.number));
  if ('xmlRoot' in test) return test.xmlRoot.includes(xmlRootName(head) ?? '');
  if ('xmlElement' in test) return test.xmlElement.every((name) => hasXmlElement(head, name));
  if ('lines' in test) return linesPass(test.lines, head);
  if ('jsonKey' in test) return hasJsonKey(head, test.jsonKey);
  if ('dicomDataSet' in test) return fileStart(head) !== undefined;
  return npyPasses(test.npy, head);
}

function bytesAt(head: Uint8Array, at: number, count: number): string {
  return Buffer.from(head.subarray(at, at + count)).toString('hex');
}

function numberPasses(test: Extract<Test, { number: HeadNumber }>, value: number | undefined): boolean {
  if (value === undefined) return false;
  const listed = test.oneOf === undefined || test.oneOf.includes(value);
  return (
    listed &&
    value >= (test.min ?? Number.NEGATIVE_INFINITY) &&
    value <= (test.max ?? Number.POSITIVE_INFINITY)
  );
}

const widths = { u8: 1, u16le: 2, u16be: 2, u32le: 4, u32be: 4 } as const;

/** A number in the head, or undefined behind its end. */
function headNumber(head: Uint8Array, { at, type }: HeadNumber): number | undefined {
  if (at + widths[type] > head.length) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  switch (type) {
    case 'u8':
      return view.getUint8(at);
    case 'u16le':
      return view.getUint16(at, true);
    case 'u16be':
      return view.getUint16(at, false);
    case 'u32le':
      return view.getUint32(at, true);
    case 'u32be':
      return view.getUint32(at, false);
  }
}

const texts = new WeakMap<Uint8Array, string>();

/** The head as a text, decoded once for the tests of all packages. */
function textOf(head: Uint8Array): string {
  const known = texts.get(head);
  if (known !== undefined) return known;
  const { text } = decodeText(head.subarray(0, head.length - (head.length % 2)));
  texts.set(head, text);
  return text;
}

function hasXmlElement(head: Uint8Array, name: string): boolean {
  if (xmlRootName(head) === undefined) return false;
  const text = textOf(head);
  return new RegExp(`<(?:[\\w.-]+:)?${name.replaceAll('.', '\\.')}[\\s/>]`).test(text);
}

/** The last of several lines is left out: the end of the head may have cut it. */
function linesPass(expression: string, head: Uint8Array): boolean {
  const text = textOf(head);
  const all = text.split(/\r\n|\r|\n/);
  const lines = (all.length > 1 ? all.slice(0, -1) : all)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const form = new RegExp(expression);
  const [first] = lines;
  if (first === undefined || !form.test(first)) return false;
  return lines.filter((line) => form.test(line)).length * 2 > lines.length;
}

/** A string, with its colon where it is a key; a bracket; or a quote that the end of the head leaves open. */
const jsonToken = /"((?:[^"\\]|\\.)*)"(\s*:)?|[[\]{}]|"/gs;

/** Whether the head starts an object that has this key itself, not in something nested in it. */
export function hasJsonKey(head: Uint8Array, wanted: string): boolean {
  if (!/^[\s\xef\xbb\xbf\xff\xfe\0]*\{/.test(latin1(head.subarray(0, 256)))) return false;
  const text = textOf(head);
  let depth = 0;
  for (const [token, string, colon] of text.matchAll(jsonToken)) {
    if (depth === 1 && colon !== undefined && string === wanted) return true;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth === 0 || token === '"') return false;
  }
  return false;
}

/** An array whose header cannot be read is claimed too: the reader then says what is wrong with it. */
function npyPasses(dimensions: readonly number[], head: Uint8Array): boolean {
  if (!isNpy(head)) return false;
  const header = npyHeader(head);
  return header === undefined || dimensions.includes(header.shape.length);
}

function npyHeader(head: Uint8Array): ReturnType<typeof parseNpyHeader> | undefined {
  try {
    return parseNpyHeader(head);
  } catch (error) {
    if (isNiiError(error)) return undefined;
    throw error;
  }
}

/** Bytes that the file's own header promises, where the rule can tell. */
export function promisedBytes(rule: Rule, head: Uint8Array): number | undefined {
  if (rule.size === undefined) return undefined;
  if (rule.size === 'npy') {
    const header = npyHeader(head);
    return header === undefined ? undefined : header.dataOffset + header.dataBytes;
  }
  const { header, factors, constant = 1, dividedBy = 1 } = rule.size;
  const values = factors.map((factor) => headNumber(head, factor) ?? Number.NaN);
  const promised = header + values.reduce((product, value) => product * value, constant) / dividedBy;
  return Number.isFinite(promised) ? Math.ceil(promised) : undefined;
}
