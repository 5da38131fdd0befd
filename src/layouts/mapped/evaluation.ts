import { latin1 } from '../../codec/bytes.ts';
import { isNiiError } from '../../core/errors.ts';
import type { ConverterFile, Sdk } from '../../sdk/sdk.ts';
import type { Block, MappedAmount, MappedField } from '../schema/field.ts';
import type { MappedLayout } from '../schema/mapped.ts';
import { type Chunk, chunksIn } from './chunks.ts';
import type { Documents } from './documents.ts';
import { numberAt } from './number.ts';
import { bytesOf, partOf, placeOf, type Region, wholeOf } from './region.ts';
import { type FieldValue, treated } from './treatment.ts';

const IMAGE = 'image';

interface Place {
  readonly file?: string;
  readonly in?: string;
}

/**
 * Works out fields, blocks and amounts of a layout over the files of one scan, each once and only when asked for. What
 * depends on itself is rejected as a fault of the layout.
 */
export class Evaluation {
  readonly sdk: Sdk;
  readonly documents: Documents;
  /** Files that something was taken from. */
  readonly touched = new Set<ConverterFile>();
  readonly #layout: MappedLayout;
  readonly #files: readonly ConverterFile[];
  readonly #fields = new Map<string, FieldValue | undefined>();
  readonly #blocks = new Map<string, Region | undefined>();
  readonly #open = new Set<string>();
  #chunks: readonly Chunk[] | undefined;

  constructor(layout: MappedLayout, files: readonly ConverterFile[], sdk: Sdk, documents: Documents) {
    this.#layout = layout;
    this.#files = files;
    this.sdk = sdk;
    this.documents = documents;
  }

  /** The only file of a role, or undefined. @throws NII_MALFORMED where there are several */
  file(role: string): ConverterFile | undefined {
    const [file, another] = this.#files.filter((one) => one.role === role);
    if (another !== undefined) {
      throw this.sdk.error('NII_MALFORMED', `this scan has more than one ${role} file`);
    }
    if (file !== undefined) this.touched.add(file);
    return file;
  }

  /** Bytes of a file or block, or undefined where it has not come. @throws NII_TRUNCATED */
  region(place: Place): Region | undefined {
    if (place.in !== undefined) return this.#block(place.in);
    const file = this.file(place.file ?? IMAGE);
    return file === undefined ? undefined : wholeOf(file);
  }

  /** Undefined where the files do not have it. @throws NII_TRUNCATED, NII_MALFORMED, NII_UNSUPPORTED_VARIANT */
  field(name: string): FieldValue | undefined {
    if (this.#fields.has(name)) return this.#fields.get(name);
    const value = this.#once(`field ${name}`, () => this.#evaluate(name));
    this.#fields.set(name, value);
    return value;
  }

  /** As `field`, and undefined too where the file that holds it ends before it. */
  value(name: string): FieldValue | undefined {
    try {
      return this.field(name);
    } catch (error) {
      if (isNiiError(error, 'NII_TRUNCATED')) return undefined;
      throw error;
    }
  }

  /** A whole number, 0 or more. @throws NII_MALFORMED where the files give none */
  amount(amount: MappedAmount): number {
    if (typeof amount === 'number') return amount;
    if (typeof amount === 'string') return this.#whole(amount);
    const term = (value: string | number | undefined, otherwise: number) =>
      value === undefined ? otherwise : this.amount(value);
    const product = amount.product.reduce<number>((so, factor) => so * this.amount(factor), 1);
    const divisor = term(amount.dividedBy, 1);
    const value = Math.ceil(product / divisor) + term(amount.plus, 0) - term(amount.minus, 0);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw this.sdk.error('NII_MALFORMED', `the fields of the file give an amount of ${value}`);
  }

  /** Chunks of the container, in order; none where its file is missing. */
  chunks(): readonly Chunk[] {
    this.#chunks ??= this.#once('chunks', () => {
      const layout = this.#layout.chunks;
      const region = layout === undefined ? undefined : this.region(layout);
      if (layout === undefined || region === undefined) return [];
      return chunksIn(region, this.amount(layout.at ?? 0), layout, this.sdk);
    });
    return this.#chunks;
  }

  /** Every field with its value, as far as the files have it. */
  all(): readonly (readonly [string, FieldValue])[] {
    return Object.keys(this.#layout.fields ?? {}).flatMap((name) => {
      const value = this.value(name);
      return value === undefined ? [] : [[name, value] as const];
    });
  }

  #once<T>(what: string, work: () => T): T {
    if (this.#open.has(what)) throw this.sdk.error('NII_CONFIG', `the layout's ${what} depends on itself`);
    this.#open.add(what);
    try {
      return work();
    } finally {
      this.#open.delete(what);
    }
  }

  #whole(name: string): number {
    const value = this.field(name);
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    throw this.sdk.error('NII_MALFORMED', `${name} is ${value ?? 'missing'}: use a whole number`);
  }

  #block(name: string): Region | undefined {
    if (!this.#blocks.has(name)) {
      const block = this.#layout.blocks?.[name];
      if (block === undefined) throw this.sdk.error('NII_CONFIG', `the layout has no block ${name}`);
      this.#blocks.set(
        name,
        this.#once(`block ${name}`, () => this.#located(name, block)),
      );
    }
    return this.#blocks.get(name);
  }

  #located(name: string, block: Block): Region | undefined {
    const found = 'chunk' in block ? this.#chunkData(block) : this.#partFor(block);
    if (found !== undefined || block.optional === true) return found;
    if ('chunk' in block ? this.chunks().length === 0 : this.region(block) === undefined) return undefined;
    throw this.sdk.error('NII_TRUNCATED', `the file has no ${name}`);
  }

  #chunkData({ chunk, nth = 0 }: Extract<Block, { chunk: string }>): Region | undefined {
    return this.chunks().filter(({ tag }) => tag === chunk)[nth]?.data;
  }

  #partFor(block: Exclude<Block, { chunk: string }>): Region | undefined {
    const region = this.region(block);
    if (region === undefined) return undefined;
    const at = 'at' in block ? this.amount(block.at) : this.#behind(block, region);
    const length = block.length === undefined ? undefined : this.amount(block.length);
    const missing = at === undefined || at + (length ?? 0) > region.size;
    if (at === undefined || (missing && block.optional === true)) return undefined;
    return partOf(region, at, length, this.sdk);
  }

  #behind({ after, from = 0 }: Extract<Block, { after: string }>, region: Region): number | undefined {
    const wanted = new Uint8Array(Buffer.from(after, 'hex'));
    const at = placeOf(region, wanted, this.amount(from));
    return at === undefined ? undefined : at + wanted.length;
  }

  #evaluate(name: string): FieldValue | undefined {
    const field = this.#layout.fields?.[name];
    if (field === undefined) throw this.sdk.error('NII_CONFIG', `the layout has no field ${name}`);
    const value = treated(this.#found(field), field, name, this.sdk);
    if (value !== undefined || field.required !== true) return value;
    throw this.sdk.error('NII_MALFORMED', `${name} is missing, but required`);
  }

  #found(field: MappedField): FieldValue | undefined {
    if ('join' in field) return this.#joined(field);
    if ('first' in field)
      return field.first.map((name) => this.value(name)).find((value) => value !== undefined);
    const region = this.region(field);
    if (region === undefined) return undefined;
    if ('fileName' in field) return region.name;
    if ('type' in field)
      return this.#binary(field, region, (at) => numberAt(region, at, field.type, this.sdk));
    if ('text' in field) return this.#binary(field, region, (at) => this.#text(field, region, at));
    return this.#written(field, region);
  }

  #joined({ join, with: between = ' ' }: Extract<MappedField, { join: readonly string[] }>): string {
    return join
      .map((name) => this.field(name))
      .filter((value) => value !== undefined)
      .join(between);
  }

  #binary(
    field: Extract<MappedField, { at: MappedAmount }>,
    region: Region,
    read: (at: number) => FieldValue,
  ): FieldValue | undefined {
    const at = this.amount(field.at);
    const length = 'type' in field ? 1 : this.amount(field.length);
    return field.optional === true && at + length > region.size ? undefined : read(at);
  }

  #text(field: Extract<MappedField, { text: string }>, region: Region, at: number): string {
    const bytes = bytesOf(region, at, this.amount(field.length), this.sdk);
    const narrow = field.text === 'ascii' || field.text === 'latin-1';
    const text = narrow ? latin1(bytes) : new TextDecoder(field.text).decode(bytes);
    return text.split('\0', 1)[0] ?? '';
  }

  #written(
    field: Extract<MappedField, { xml: string } | { json: string } | { key: string } | { line: number }>,
    region: Region,
  ): FieldValue | undefined {
    if ('xml' in field) {
      const texts = this.documents.xmlTexts(region, field.xml).filter((text) => text !== '');
      return field.all === true ? texts.join('\n') : texts[0];
    }
    if ('json' in field) return this.documents.json(region, field.json);
    const lines = this.documents.lines(region);
    if ('key' in field) return valueOfKey(lines, field);
    return lines[field.line - 1]?.slice((field.from ?? 1) - 1, field.to);
  }
}

/** Of the first line whose part before the separator is the key. */
function valueOfKey(
  lines: readonly string[],
  { key, separator }: Extract<MappedField, { key: string }>,
): string | undefined {
  const separators = separator === undefined ? ['=', ':'] : [separator];
  for (const line of lines) {
    for (const one of separators) {
      const at = line.indexOf(one);
      if (at >= 0 && line.slice(0, at).trim() === key) return line.slice(at + one.length);
    }
  }
  return undefined;
}
