import { textsAt } from '../../codec/xml/path.ts';
import type { XmlDocument } from '../../codec/xml/xml.ts';
import { isNiiError } from '../../core/errors.ts';
import { atPointer } from '../../core/json-pointer.ts';
import type { Json } from '../../core/scan/scan.ts';
import type { Sdk } from '../../sdk/sdk.ts';
import { namedBytesOf, type Region } from './region.ts';

const LINES_CEILING = 100_000;
/** Lines that are kept with the record; the rest stays in the original. */
const KEPT_LINES = 1024;

type Document =
  | { readonly kind: 'xml'; readonly document: XmlDocument }
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'unreadable'; readonly error: Error };

/** Texts of a scan, each read once. One that cannot be read costs its fields, not the scan, and is said. */
export class Documents {
  readonly #sdk: Sdk;
  readonly #read = new Map<string, { readonly document: Document; readonly region: Region }>();

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  xmlTexts(region: Region, path: string): readonly string[] {
    const document = this.#of(region, 'xml', readXml);
    return document.kind === 'xml' ? textsAt(document.document.root, path) : [];
  }

  json(region: Region, pointer: string): string | number | undefined {
    const document = this.#of(region, 'json', readJson);
    const value = document.kind === 'json' ? atPointer(document.value, pointer) : undefined;
    if (typeof value === 'boolean') return String(value);
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  }

  lines(region: Region): readonly string[] {
    const document = this.#of(region, 'lines', readLines);
    return document.kind === 'lines' ? document.lines : [];
  }

  /** Why a text was not read, where one was not. */
  get failure(): Error | undefined {
    for (const { document } of this.#read.values()) if (document.kind === 'unreadable') return document.error;
    return undefined;
  }

  get anyRead(): boolean {
    return [...this.#read.values()].some(({ document }) => document.kind !== 'unreadable');
  }

  /** What each text holds, as it was written, by the name of its file. */
  asJson(): readonly (readonly [string, Json])[] {
    return [...this.#read.values()].flatMap(({ document, region }) => {
      const json = jsonOf(document, this.#sdk);
      return json === undefined ? [] : [[region.name, json] as const];
    });
  }

  #of(region: Region, kind: Document['kind'], read: (region: Region, sdk: Sdk) => Document): Document {
    const key = `${kind} ${region.start} ${region.name}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known.document;
    const document = this.#attempt(region, read);
    this.#read.set(key, { document, region });
    return document;
  }

  #attempt(region: Region, read: (region: Region, sdk: Sdk) => Document): Document {
    try {
      return read(region, this.#sdk);
    } catch (error) {
      if (!isNiiError(error)) throw error;
      this.#sdk.warn('NII_W_FIELD_MALFORMED', { field: region.name, message: error.message });
      return { kind: 'unreadable', error };
    }
  }
}

function readXml(region: Region, sdk: Sdk): Document {
  return { kind: 'xml', document: sdk.xml(namedBytesOf(region)) };
}

function readJson(region: Region, sdk: Sdk): Document {
  return { kind: 'json', value: sdk.json(namedBytesOf(region)) };
}

function readLines(region: Region, sdk: Sdk): Document {
  const { text } = sdk.text(namedBytesOf(region));
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/, LINES_CEILING);
  return { kind: 'lines', lines };
}

function jsonOf(document: Document, sdk: Sdk): Json | undefined {
  switch (document.kind) {
    case 'xml':
      return { [document.document.root.name]: sdk.toJson(document.document.root) };
    case 'json':
      return document.value;
    case 'lines':
      return document.lines.slice(0, KEPT_LINES).map((line) => sdk.clip(line));
    case 'unreadable':
      return undefined;
  }
}
