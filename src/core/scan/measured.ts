import { channelKinds } from './channel-kinds.ts';
import { type PlaneSource, rowBlocks } from './plane-source.ts';
import { type Channel, LINE_RANGES_CEILING, type NotMeasured } from './scan.ts';

/**
 * What was measured and what was not. A detector behind lead and a dead detector both read nothing: a whole line of it
 * is dead, anything else is dense. docs/decisions/0025-zero-counts.md.
 */

type Meaning = Pick<
  Channel,
  'kind' | 'polarity' | 'samplesPerPixel' | 'sampleFormat' | 'bitsAllocated' | 'bitsStored'
>;

/** The sample value behind what lets nothing through; undefined for channels where a value does not say that. */
export function opaqueEnd({ kind, polarity, bitsStored, ...samples }: Meaning): number | undefined {
  if (!channelKinds[kind].isProjection || !isCounts(samples)) return undefined;
  if (polarity === 'high-is-transparent') return 0;
  return polarity === 'high-is-opaque' ? 2 ** bitsStored - 1 : undefined;
}

/** One unsigned integer of 8 or 16 bits a pixel. */
export function isCounts({
  samplesPerPixel,
  sampleFormat,
  bitsAllocated,
}: Pick<Meaning, 'samplesPerPixel' | 'sampleFormat' | 'bitsAllocated'>): boolean {
  return (
    samplesPerPixel === 1 && sampleFormat === 'unsigned' && (bitsAllocated === 8 || bitsAllocated === 16)
  );
}

/** In a shorter line an object may hide every sample. */
const SHORTEST_DEAD_LINE = 16;

/** Whether a line with this many samples at the opaque end was not measured: 99 of 100 of them, or more. */
export function isDeadLine(opaque: number, samples: number): boolean {
  return samples >= SHORTEST_DEAD_LINE && opaque * 100 >= samples * 99;
}

/**
 * The same of every second sample of a line. Detectors fail so that they read nothing in each second pulse; no object
 * lets through every second sample of a whole line.
 */
function isDeadOrAlternating(all: number, ofOddPlace: number, samples: number, oddPlaces: number): boolean {
  return (
    isDeadLine(all, samples) ||
    isDeadLine(ofOddPlace, oddPlaces) ||
    isDeadLine(all - ofOddPlace, samples - oddPlaces)
  );
}

/** Sample values that are counted. */
export interface CountedValues {
  /** By row and by column. */
  readonly marked: number;
  readonly invalid?: number | undefined;
  readonly top: number;
}

/** How often each value was found, through all frames. */
export interface ValueCounts {
  readonly markedValue: number;
  readonly markedInRow: Uint32Array;
  readonly markedInColumn: Uint32Array;
  /** Those of them in columns, or rows, of odd number. */
  readonly oddInRow: Uint32Array;
  readonly oddInColumn: Uint32Array;
  readonly marked: number;
  readonly invalid: number;
  readonly top: number;
}

const COUNTED_AT_ONCE_BYTES = 1024 * 1024;

type Sized = Pick<Channel, 'rows' | 'columns' | 'frames' | 'bitsAllocated'>;

/** One pass over the samples of a channel of counts; it yields after each MiB. */
export function* countValues(
  { rows, columns, bitsAllocated }: Sized,
  plane: PlaneSource,
  values: CountedValues,
): Generator<void, ValueCounts> {
  const counts = {
    markedValue: values.marked,
    markedInRow: new Uint32Array(rows),
    markedInColumn: new Uint32Array(columns),
    oddInRow: new Uint32Array(rows),
    oddInColumn: new Uint32Array(columns),
    marked: 0,
    invalid: 0,
    top: 0,
  };
  const rowBytes = columns * (bitsAllocated / 8);
  for (const { firstRow, bytes } of rowBlocks(plane, rowBytes, COUNTED_AT_ONCE_BYTES)) {
    const samples = samplesOf(bytes, bitsAllocated);
    for (let start = 0; start < samples.length; start += columns) {
      const row = (firstRow + start / columns) % rows;
      countRow(samples, start, columns, values, counts, row);
    }
    yield;
  }
  return counts;
}

type Counting = { -readonly [Name in keyof ValueCounts]: ValueCounts[Name] };

function countRow(
  samples: Uint8Array | Uint16Array,
  start: number,
  columns: number,
  { marked, invalid, top }: CountedValues,
  counts: Counting,
  row: number,
): void {
  const { markedInColumn, markedInRow, oddInColumn, oddInRow } = counts;
  const isOddRow = row & 1;
  let inRow = 0;
  let inOddColumns = 0;
  for (let column = 0; column < columns; column++) {
    const value = samples[start + column];
    if (value === marked) {
      inRow++;
      inOddColumns += column & 1;
      markedInColumn[column] = (markedInColumn[column] ?? 0) + 1;
      oddInColumn[column] = (oddInColumn[column] ?? 0) + isOddRow;
    } else if (value === invalid) counts.invalid++;
    else if (value === top) counts.top++;
  }
  markedInRow[row] = (markedInRow[row] ?? 0) + inRow;
  oddInRow[row] = (oddInRow[row] ?? 0) + inOddColumns;
  counts.marked += inRow;
}

/** Planes are little-endian, as is every machine that this runs on; a copy where memory is not aligned. */
function samplesOf(bytes: Uint8Array, bitsAllocated: number): Uint8Array | Uint16Array {
  if (bitsAllocated === 8) return bytes;
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

/** The samples at the opaque end of a channel, told apart. */
export interface OpaqueEndFacts {
  readonly notMeasured: NotMeasured;
  /** Measured. */
  readonly opaque: number;
  /** In lines that were not measured. */
  readonly dead: number;
}

/**
 * Tells dead lines from opaque samples; lines that the channel states as not measured already stay so.
 * @param counts with the opaque end as the marked value
 */
export function tellApart(
  channel: Sized & Pick<Channel, 'notMeasured'>,
  plane: PlaneSource,
  counts: ValueCounts,
): OpaqueEndFacts {
  const { rows, columns, frames } = channel;
  const dead = maskOfLines(channel);
  const { markedInRow, markedInColumn, oddInRow, oddInColumn } = counts;
  const half = (places: number) => Math.floor(places / 2) * frames;
  markedInRow.forEach((opaque, row) => {
    if (isDeadOrAlternating(opaque, oddInRow[row] ?? 0, columns * frames, half(columns))) dead.rows[row] = 1;
  });
  markedInColumn.forEach((opaque, column) => {
    if (isDeadOrAlternating(opaque, oddInColumn[column] ?? 0, rows * frames, half(rows)))
      dead.columns[column] = 1;
  });
  const notMeasured = { rows: rangesOf(dead.rows), columns: rangesOf(dead.columns) };
  const inDeadLines = markedIn(channel, plane, counts, maskOfLines({ rows, columns, notMeasured }));
  return { notMeasured, opaque: counts.marked - inDeadLines, dead: inDeadLines };
}

interface LineMask {
  readonly rows: Uint8Array;
  readonly columns: Uint8Array;
}

/** 1 where a line was not measured; what is named outside of the channel is left out. */
function maskOfLines({
  rows,
  columns,
  notMeasured,
}: Pick<Channel, 'rows' | 'columns' | 'notMeasured'>): LineMask {
  const mask = { rows: new Uint8Array(rows), columns: new Uint8Array(columns) };
  for (const { from, to } of notMeasured?.rows ?? []) mask.rows.fill(1, from, to);
  for (const { from, to } of notMeasured?.columns ?? []) mask.columns.fill(1, from, to);
  return mask;
}

/** Runs of lines; those beyond the ceiling of a record are left out, so that they stay opaque. */
function rangesOf(mask: Uint8Array): NotMeasured['rows'] {
  const ranges: NotMeasured['rows'] = [];
  for (let from = mask.indexOf(1); from !== -1 && ranges.length < LINE_RANGES_CEILING; ) {
    const end = mask.indexOf(0, from);
    const to = end === -1 ? mask.length : end;
    ranges.push({ from, to });
    from = mask.indexOf(1, to);
  }
  return ranges;
}

/** The ranges of lines in order, joined and cut to the channel. */
export function normaliseLines(channel: Pick<Channel, 'rows' | 'columns' | 'notMeasured'>): NotMeasured {
  const mask = maskOfLines(channel);
  return { rows: rangesOf(mask.rows), columns: rangesOf(mask.columns) };
}

/** Marked samples in these lines; what lies in a row and in a column of them is looked up, and counted once. */
function markedIn(channel: Sized, plane: PlaneSource, counts: ValueCounts, dead: LineMask): number {
  const sum = (marked: Uint32Array, mask: Uint8Array) =>
    marked.reduce((total, count, line) => total + count * (mask[line] ?? 0), 0);
  const inRows = sum(counts.markedInRow, dead.rows);
  const inColumns = sum(counts.markedInColumn, dead.columns);
  if (inRows === 0 || inColumns === 0) return inRows + inColumns;
  if (!dead.rows.includes(0) || !dead.columns.includes(0)) return counts.marked;
  return inRows + inColumns - markedInBoth(channel, plane, counts.markedValue, dead);
}

function markedInBoth(
  { rows, columns, frames, bitsAllocated }: Sized,
  plane: PlaneSource,
  marked: number,
  dead: LineMask,
): number {
  const rowBytes = columns * (bitsAllocated / 8);
  let count = 0;
  for (let row = 0; row < rows * frames; row++) {
    if (dead.rows[row % rows] !== 1) continue;
    const samples = samplesOf(plane.read(row * rowBytes, (row + 1) * rowBytes), bitsAllocated);
    dead.columns.forEach((isDead, column) => {
      if (isDead === 1 && samples[column] === marked) count++;
    });
  }
  return count;
}

/**
 * The channel with its dead lines, and without an invalid value that is the opaque end: as it is where the record says
 * which lines were not measured, else (records of before 1.2) as the samples show. It yields after each MiB.
 */
export function* withDeadLines<C extends Channel>(channel: C, plane: PlaneSource): Generator<void, C> {
  const marked = opaqueEnd(channel);
  if (channel.notMeasured !== undefined || marked === undefined) return channel;
  const counts = yield* countValues(channel, plane, { marked, top: -1 });
  const { notMeasured } = tellApart(channel, plane, counts);
  return { ...withoutOpaqueInvalid(channel), notMeasured };
}

/** The same at once. */
export function findDeadLines<C extends Channel>(channel: C, plane: PlaneSource): C {
  const steps = withDeadLines(channel, plane);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** An invalid value that is the opaque end says nothing: what has it may be the densest object of all. */
export function withoutOpaqueInvalid<C extends Meaning & Pick<Channel, 'invalidValue'>>(channel: C): C {
  if (channel.invalidValue === undefined || channel.invalidValue !== opaqueEnd(channel)) return channel;
  const { invalidValue: _, ...rest } = channel;
  return rest as C;
}

/** What of the samples of one frame was measured. */
export interface MeasuredMask extends LineMask {
  readonly invalidValue: number | undefined;
}

/** @param channel of a record that says which lines were not measured, or from `withDeadLines` */
export function measuredMask(
  channel: Pick<Channel, 'rows' | 'columns' | 'notMeasured' | 'invalidValue'>,
): MeasuredMask {
  return { ...maskOfLines(channel), invalidValue: channel.invalidValue };
}

/** Whether a sample at a row and column of the mask is a measurement. */
export function isMeasured(
  { rows, columns, invalidValue }: MeasuredMask,
  sample: number,
  row: number,
  column: number,
): boolean {
  return sample !== invalidValue && rows[row] !== 1 && columns[column] !== 1 && Number.isFinite(sample);
}
