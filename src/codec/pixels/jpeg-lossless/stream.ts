import { ByteReader } from '../../bytes.ts';
import { endMarkerOf } from '../jpeg-header.ts';
import type { HuffmanTable } from './huffman.ts';

/** A stream of one component with first-order prediction, no restarts and no point transform. */
export interface LosslessStream {
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly table: HuffmanTable;
  /** Where the entropy-coded data lie. */
  readonly from: number;
  readonly to: number;
}

const SOI = 0xffd8;
const APP0 = 0xffe0;
const SOF3 = 0xffc3;
const DHT = 0xffc4;
const SOS = 0xffda;
const EOI = 0xffd9;
const SELECTION_VALUE = 1;
/** JFIF 1.1, no thumbnail, square pixels: libjpeg writes it, and so its streams and ours are the same. */
const jfif = [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];

/** The stream around entropy-coded data (T.81 B.2). */
export function writeStream(
  { precision, rows, columns, table }: Omit<LosslessStream, 'from' | 'to'>,
  data: Uint8Array,
): Uint8Array {
  const head = Uint8Array.from([
    ...u16(SOI),
    ...segment(APP0, jfif),
    ...segment(SOF3, [precision, ...u16(rows), ...u16(columns), 1, 1, 0x11, 0]),
    ...segment(DHT, [0, ...table.counts, ...table.symbols]),
    ...segment(SOS, [1, 1, 0, SELECTION_VALUE, 0, 0]),
  ]);
  const stream = new Uint8Array(head.length + data.length + 2);
  stream.set(head);
  stream.set(data, head.length);
  stream.set(u16(EOI), head.length + data.length);
  return stream;
}

function u16(value: number): readonly [number, number] {
  return [value >> 8, value & 0xff];
}

function segment(marker: number, body: readonly number[]): readonly number[] {
  return [...u16(marker), ...u16(body.length + 2), ...body];
}

const SEGMENTS_CEILING = 1000;

/**
 * What a stream says before its data; undefined for every stream of another kind.
 * @throws NII_TRUNCATED
 */
export function readStream(bytes: Uint8Array, name: string): LosslessStream | undefined {
  const to = endMarkerOf(bytes);
  const reader = new ByteReader(bytes, name);
  if (to === undefined || reader.u16be() !== SOI) return undefined;
  const tables = new Map<number, HuffmanTable>();
  let frame: Frame | undefined;
  for (let segments = 0; segments < SEGMENTS_CEILING; segments += 1) {
    const marker = reader.u16be();
    const length = reader.u16be();
    if (length < 2) return undefined;
    const body = new ByteReader(reader.take(length - 2), name);
    if (marker === SOS) {
      const table = tables.get(tableOfScan(body, frame) ?? -1);
      if (frame === undefined || table === undefined) return undefined;
      return { ...frame, table, from: reader.offset, to };
    }
    if (marker === DHT) readTables(body, tables);
    else if (marker === SOF3 && frame === undefined) frame = readFrame(body);
    else if (!isSkipped(marker)) return undefined;
  }
  return undefined;
}

/** What applications and people say of a picture. */
function isSkipped(marker: number): boolean {
  return (marker >= APP0 && marker <= 0xffef) || marker === 0xfffe;
}

interface Frame {
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly component: number;
}

/** Each sample once, across and down. */
const SAMPLING = 0x11;

/** T.81 B.2.2; undefined for several components. */
function readFrame(body: ByteReader): Frame | undefined {
  const precision = body.u8();
  const rows = body.u16be();
  const columns = body.u16be();
  const components = body.u8();
  const component = body.u8();
  const isOurs = components === 1 && body.u8() === SAMPLING && body.u8() === 0 && body.remaining === 0;
  return isOurs ? { precision, rows, columns, component } : undefined;
}

/** T.81 B.2.4.2; tables of class 0 by their number. */
function readTables(body: ByteReader, tables: Map<number, HuffmanTable>): void {
  while (body.remaining > 0) {
    const classAndNumber = body.u8();
    const counts = [...body.take(16)];
    const symbols = [...body.take(counts.reduce((sum, count) => sum + count, 0))];
    tables.set(classAndNumber, { counts, symbols });
  }
}

/** T.81 B.2.3: the number of the table that the scan of the one component uses. */
function tableOfScan(body: ByteReader, frame: Frame | undefined): number | undefined {
  const components = body.u8();
  const component = body.u8();
  const table = body.u8() >> 4;
  const [selection, end, approximation] = [body.u8(), body.u8(), body.u8()];
  const isOurs = components === 1 && component === frame?.component && selection === SELECTION_VALUE;
  return isOurs && end === 0 && approximation === 0 && body.remaining === 0 ? table : undefined;
}
