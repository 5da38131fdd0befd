import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { NiiError } from '../../core/errors.ts';
import type { Region, Samples } from '../../core/material/planes.ts';
import { toDifferences } from '../../core/samples/differences.ts';
import { emptyLike, reduceSamples, reductionOf, sideOfLevel } from '../../core/samples/reduce.ts';
import { isCounts } from '../../core/scan/measured.ts';
import type { Channel } from '../../core/scan/scan.ts';

/** From and to, end exclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface RegionAsked {
  readonly level: number;
  readonly rows: Stretch | undefined;
  readonly columns: Stretch | undefined;
  readonly as: 'samples' | 'differences';
}

export interface SampleRegion extends Region {
  readonly bytes: Uint8Array;
}

/** Stored samples that one answer may be made of: a train is looked at as a whole. They are read band by band. */
const MOST_SAMPLES = 2 ** 27;
/** Samples of one answer, which is in memory as a whole. */
const MOST_ANSWERED = 2 ** 22;
/** Stored samples that are read and made smaller without a pause. */
const SAMPLES_AT_ONCE = 2 ** 18;

/**
 * A part of a channel, or a smaller copy of it, little-endian, row by row.
 * @param path - of the file with all of its samples
 * @throws NII_BAD_REQUEST for a region outside of the channel, too large a one, and channels that have no levels
 */
export async function readRegion(channel: Channel, path: string, asked: RegionAsked): Promise<SampleRegion> {
  const region = regionOf(channel, asked);
  const file = await open(path);
  try {
    const samples = await samplesOf(file, channel, asked.level, region);
    const bytes =
      asked.as === 'differences'
        ? toDifferences(samples, region.columns)
        : new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    return { ...region, bytes };
  } finally {
    await file.close();
  }
}

const compress = promisify(gzip);

/**
 * Of noise nothing repeats but runs of nought: without a search for more the answer is 5 % smaller, and made in a third of
 * the time.
 */
export function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  return compress(bytes, { strategy: constants.Z_RLE });
}

function regionOf(channel: Channel, { level, rows, columns }: RegionAsked): Region {
  if (!isCounts(channel) || channel.frames !== 1)
    throw invalid(
      'level',
      `Channel "${channel.id}" has no levels or regions: request the whole channel. Only one-frame channels with one 8-bit or 16-bit unsigned integer per pixel have them`,
    );
  const down = cut('rows', rows, sideOfLevel(channel.rows, level));
  const across = cut('columns', columns, sideOfLevel(channel.columns, level));
  const region = {
    row: down.from,
    column: across.from,
    rows: down.to - down.from,
    columns: across.to - across.from,
  };
  const stored = region.rows * region.columns * 4 ** level;
  if (region.rows * region.columns > MOST_ANSWERED)
    throw invalid(
      'rows',
      `${region.rows * region.columns} samples are too many for one response: use at most ${MOST_ANSWERED}`,
    );
  if (stored > MOST_SAMPLES)
    throw invalid(
      'rows',
      `${stored} stored samples are too many for one response:  use at most ${MOST_SAMPLES}`,
    );
  return region;
}

function cut(field: 'rows' | 'columns', asked: Stretch | undefined, side: number): Stretch {
  const { from, to } = asked ?? { from: 0, to: side };
  if (from < to && to <= side) return { from, to };
  throw invalid(field, `Invalid ${field} ${from}-${to}: the level has ${side}, use from-to within 0-${side}`);
}

function invalid(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field });
}

/** Band by band, so that other answers are given in between. */
async function samplesOf(
  file: FileHandle,
  channel: Channel,
  level: number,
  region: Region,
): Promise<Samples> {
  const block = 2 ** level;
  const width = Math.min(channel.columns - region.column * block, region.columns * block);
  const rowsAtOnce = Math.max(1, Math.floor(SAMPLES_AT_ONCE / (width * block)));
  const out = emptyLike(emptySamples(channel, 0), region.rows * region.columns);
  for (let done = 0; done < region.rows; done += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, region.rows - done);
    const first = (region.row + done) * block;
    const height = Math.min(channel.rows - first, rows * block);
    const band = await readBand(file, channel, {
      row: first,
      column: region.column * block,
      rows: height,
      columns: width,
    });
    const sides = { rows: height, columns: width };
    const whole = { row: 0, column: 0, rows, columns: region.columns };
    out.set(reduceSamples(band, sides, level, whole, reductionOf(channel)), done * region.columns);
  }
  return out;
}

function emptySamples({ bitsAllocated }: Channel, length: number): Samples {
  return bitsAllocated === 8 ? new Uint8Array(length) : new Uint16Array(length);
}

/** One read where the band is as wide as the channel, else one a row. */
async function readBand(file: FileHandle, channel: Channel, band: Region): Promise<Samples> {
  const samples = emptySamples(channel, band.rows * band.columns);
  const bytes = new Uint8Array(samples.buffer);
  const width = channel.bitsAllocated / 8;
  const isWide = band.columns === channel.columns;
  const pieces = isWide ? 1 : band.rows;
  const length = bytes.length / pieces;
  for (let piece = 0; piece < pieces; piece++) {
    const position = ((band.row + piece) * channel.columns + band.column) * width;
    const { bytesRead } = await file.read(bytes, piece * length, length, position);
    if (bytesRead !== length)
      throw new NiiError('NII_CORRUPT', `The samples of "${channel.id}" are incomplete`);
  }
  return samples;
}
