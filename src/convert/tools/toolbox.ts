import { ByteReader, swap16 } from '../../codec/bytes.ts';
import { gather, gatherStream } from '../../codec/gather.ts';
import { checkNpySize, parseNpy, parseNpyHeader } from '../../codec/npy.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { decodeText } from '../../codec/text.ts';
import { findNode, parseXml, type XmlDocument, xmlToJson } from '../../codec/xml/xml.ts';
import { isWagonNumber, normaliseWagon } from '../../core/check-digits.ts';
import { defined } from '../../core/defined.ts';
import { type ErrorCode, NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { ConverterDefaults } from '../../core/scan/defaults.ts';
import { type Json, planeKey, type Warning } from '../../core/scan/scan.ts';
import { type CodeKind, codeFacts, isCode, normaliseCode } from '../../core/trade/codes.ts';
import { type WarningCode, warningTable } from '../../core/warnings.ts';
import { localTime, timeText } from '../../layouts/time.ts';
import type { ConverterFile, NamedBytes, Sdk } from '../../sdk/sdk.ts';
import { numbersIn, unitsOf } from './containers.ts';
import { renderedPicture } from './rendered.ts';

const SIZE_CEILING = 16 * 1024 * 1024;

/** Reads a JSON text of any Unicode encoding. @throws NII_MALFORMED, NII_LIMIT_DEPTH, NII_LIMIT_BYTES */
export function parseJson({ name, bytes }: NamedBytes, limits: Pick<Limits, 'depth'>): Json {
  if (bytes.length > SIZE_CEILING)
    throw new NiiError('NII_LIMIT_BYTES', `${name}: JSON too large (${bytes.length} bytes)`);
  const { text } = decodeText(bytes);
  if (nesting(text) > limits.depth) throw new NiiError('NII_LIMIT_DEPTH', `${name}: nested too deeply`);
  try {
    // What JSON.parse returns is of no other shape than Json.
    return JSON.parse(text.replace(/^\ufeff/, '')) as Json;
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: `${name}: not JSON`, field: name, cause });
  }
}

const quote = 0x22;
const backslash = 0x5c;
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Deepest bracket outside of strings; counted before anything is built, each character once. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text.charCodeAt(i);
    if (letter === quote) inString = !inString;
    else if (inString) i += letter === backslash ? 1 : 0;
    else if (opening.has(letter)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(letter)) depth -= 1;
  }
  return deepest;
}

const TEXT_CEILING = 4096;
/** More than the longest header that is read. */
const NPY_HEAD_BYTES = 128 * 1024;

/** The tools of one conversion and the warnings that were given through them. */
export interface Toolbox {
  readonly sdk: Sdk;
  readonly warnings: readonly Warning[];
}

/** A fresh set of tools for one conversion. */
export function toolbox(
  limits: Limits,
  defaults: ConverterDefaults = {},
  onDecode: (pixels: number) => void = () => {},
): Toolbox {
  let announced = 0;
  const announce = (count: number): number => {
    announced += count;
    onDecode(announced);
    return count;
  };
  const warnings: Warning[] = [];
  const warn: Sdk['warn'] = (code, context) => {
    warnings.push(warningOf(code, context));
  };
  return {
    warnings,
    sdk: Object.freeze({
      limits,
      defaults,
      warn,
      ...pureTools(limits),
      pixels: (rows: number, columns: number) => announce(pixels(rows, columns, limits)),
      ...warningTools(limits, warn),
      dicom: async () => (await import('./dicom.ts')).dicomTools(limits, onDecode),
    }),
  };
}

/** A warning with the table's text unless another is given. */
export function warningOf(
  code: WarningCode,
  { field, value, message }: { field?: string; value?: string; message?: string } = {},
): Warning {
  return {
    code,
    ...defined({ field: field && clip(field), value: value && clip(value) }),
    message: clip(message ?? warningTable[code]),
  };
}

function clip(text: string): string {
  return text.length <= TEXT_CEILING ? text : `${text.slice(0, TEXT_CEILING - 1)}…`;
}

function pureTools(limits: Limits) {
  return {
    reader: (file: NamedBytes) => new ByteReader(file.bytes, file.name),
    error: (code: ErrorCode, detail: string, offset?: number) =>
      new NiiError(code, offset === undefined ? { detail } : { detail, offset }),
    planeKey,
    gather,
    gatherStream,
    swap16,
    text: (file: NamedBytes) => decodeText(file.bytes),
    find: findNode,
    toJson: xmlToJson,
    units: unitsOf,
    clip,
    raster: (file: NamedBytes) => rasterOf(file, limits),
    json: (file: NamedBytes) => parseJson(file, limits),
    sha256: (bytes: Uint8Array) => sha256Hex(bytes),
    hex: (bytes: Uint8Array) => Buffer.from(bytes).toString('hex'),
  };
}

async function rasterOf({ bytes, name }: NamedBytes, limits: Limits) {
  return (await import('../../codec/raster/read.ts')).readRaster(bytes, limits, name);
}

function warningTools(limits: Limits, warn: Sdk['warn']) {
  return {
    rendered: (file: NamedBytes, channel: string) =>
      renderedPicture(file, channel, (one) => rasterOf(one, limits), warn),
    xml: (file: NamedBytes) => xmlWithWarnings(file, limits, warn),
    npy: (file: NamedBytes) => {
      const npy = parseNpy(file.bytes, limits, file.name);
      warnOfTrailing(npy.trailingBytes, file.name, warn);
      return npy;
    },
    npyHeader: (file: ConverterFile) => {
      const header = parseNpyHeader(file.slice(0, Math.min(file.size, NPY_HEAD_BYTES)), file.name);
      warnOfTrailing(checkNpySize(header, file.size, limits, file.name), file.name, warn);
      return header;
    },
    containers: (written: string, source: Parameters<Sdk['containers']>[1], field: string) =>
      numbersIn(written, source, field, warn),
    wagon: (written: string, field: string) => wagonNumber(written, field, warn),
    code: (kind: CodeKind, written: string, field: string) => codeOf(kind, written, field, warn),
    localTime: (time: Parameters<Sdk['localTime']>[0]) => localTime(time, warn),
    timeText: (written: string) => timeText(written, warn),
  };
}

function wagonNumber(written: string, field: string, warn: Sdk['warn']): string {
  const number = clip(normaliseWagon(written));
  if (!isWagonNumber(number)) warn('NII_W_WAGON_NUMBER', { field, value: number });
  return number;
}

function codeOf(kind: CodeKind, written: string, field: string, warn: Sdk['warn']): string | undefined {
  const code = normaliseCode(kind, written);
  if (isCode(kind, code)) return code;
  warn('NII_W_CODE_FORM', {
    field,
    value: written,
    message: `Invalid code "${clip(written)}": expected ${codeFacts[kind].form}`,
  });
  return undefined;
}

function warnOfTrailing(bytes: number, name: string, warn: Sdk['warn']): void {
  if (bytes > 0) warn('NII_W_TRAILING_BYTES', { field: name, value: String(bytes) });
}

function pixels(rows: number, columns: number, limits: Limits): number {
  const count = rows * columns;
  if (!Number.isSafeInteger(count) || rows < 1 || columns < 1) {
    throw new NiiError('NII_MALFORMED', `invalid image size: ${rows} rows and ${columns} columns`);
  }
  if (count > limits.pixels) {
    throw new NiiError(
      'NII_LIMIT_PIXELS',
      `${rows} rows × ${columns} columns; the limit is ${limits.pixels} pixels`,
    );
  }
  return count;
}

function xmlWithWarnings(file: NamedBytes, limits: Limits, warn: Sdk['warn']): XmlDocument {
  const document = parseXml(file.bytes, limits, file.name);
  if (document.mismatch) {
    const message = `Declared as ${document.declared}, written in ${document.encoding}`;
    warn('NII_W_ENCODING_WRONG', { field: file.name, value: document.declared ?? '', message });
  }
  if (document.repaired) warn('NII_W_XML_REPAIRED', { field: file.name });
  return document;
}
