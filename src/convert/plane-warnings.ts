import { channelKinds } from '../core/scan/channel-kinds.ts';
import { type PlaneSource, type PlaneSources, rowBlocks } from '../core/scan/plane-source.ts';
import { type Channel, planeKey, type View, type Warning } from '../core/scan/scan.ts';
import { warningOf } from './tools/toolbox.ts';

/** Below this share, a few bright or failed samples are noise rather than news. */
const SATURATED_SHARE = 0.001;
/** The energies are called exchanged when the one named high lets through this much less where it is opaque. */
const EXCHANGED_RATIO = 0.98;
const OPAQUE = { from: 0.02, to: 0.5 };

interface Measured {
  readonly key: string;
  readonly channel: Channel;
  readonly plane: PlaneSource;
}

/** What the samples themselves show: not measured, dead lines, saturation, exchanged energies. */
export function planeWarnings(views: readonly View[], planes: PlaneSources): readonly Warning[] {
  return views.flatMap((view) => {
    const measured = view.channels.flatMap((channel) => measuredOf(view, channel, planes));
    return [...measured.flatMap(channelWarnings), ...sizeWarnings(view), ...energyWarnings(measured)];
  });
}

function measuredOf(view: View, channel: Channel, planes: PlaneSources): readonly Measured[] {
  const key = planeKey(view.id, channel.id);
  const plane = planes.get(key);
  const isCounts =
    channel.bitsAllocated === 16 && channel.sampleFormat === 'unsigned' && channel.samplesPerPixel === 1;
  if (plane === undefined || !isCounts || channelKinds[channel.kind].measured === 'no') return [];
  if (plane.byteLength !== channel.rows * channel.columns * channel.frames * 2) return []; // checkScan says so
  return [{ key, channel, plane }];
}

/** The samples in blocks of whole rows. */
function* blocksOf({ channel, plane }: Measured): Generator<Uint16Array> {
  for (const { bytes } of rowBlocks(plane, channel.columns * 2)) yield samplesOf(bytes);
}

/** Planes are little-endian, as is every machine that this runs on; a copy where memory is not aligned. */
function samplesOf(plane: Uint8Array): Uint16Array {
  const aligned = plane.byteOffset % 2 === 0 ? plane : plane.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

function sampleCount({ plane }: Measured): number {
  return plane.byteLength / 2;
}

function channelWarnings(measured: Measured): readonly Warning[] {
  const { key } = measured;
  const counts = count(measured);
  const total = sampleCount(measured);
  const share = (n: number) => `${((100 * n) / total).toFixed(2)} %`;
  const lines = counts.deadRows + counts.deadColumns;
  return [
    ...(counts.invalid > 0
      ? [warningOf('NII_W_INVALID_SAMPLES', { field: key, value: share(counts.invalid) })]
      : []),
    ...(lines > 0
      ? [
          warningOf('NII_W_DEAD_ROWS', {
            field: key,
            value: `${counts.deadRows} rows, ${counts.deadColumns} columns`,
          }),
        ]
      : []),
    ...(counts.top > total * SATURATED_SHARE
      ? [warningOf('NII_W_SATURATED', { field: key, value: share(counts.top) })]
      : []),
  ];
}

interface Counts {
  readonly invalid: number;
  readonly top: number;
  readonly deadRows: number;
  readonly deadColumns: number;
}

interface Tally {
  invalid: number;
  top: number;
  deadRows: number;
  readonly aliveColumns: Uint8Array;
}

/** One pass over the samples. */
function count(measured: Measured): Counts {
  const { channel } = measured;
  const aliveColumns = new Uint8Array(channel.columns);
  const tally: Tally = { invalid: 0, top: 0, deadRows: 0, aliveColumns };
  for (const samples of blocksOf(measured)) countBlock(samples, channel, tally);
  const deadColumns = aliveColumns.reduce((dead, alive) => dead + (1 - alive), 0);
  // Whether 0 means "not measured" is for the file or its sidecar to say; a whole line of it is news either way.
  return { ...tally, invalid: channel.invalidValue === undefined ? 0 : tally.invalid, deadColumns };
}

function countBlock(
  samples: Uint16Array,
  { columns, invalidValue, bitsStored }: Channel,
  tally: Tally,
): void {
  const { aliveColumns } = tally;
  const without = invalidValue ?? 0;
  const top = 2 ** bitsStored - 1;
  let invalid = 0;
  let atTop = 0;
  for (let start = 0; start < samples.length; start += columns) {
    let alive = 0;
    for (let column = 0; column < columns; column++) {
      const value = samples[start + column];
      if (value === without) invalid++;
      else {
        alive = 1;
        aliveColumns[column] = 1;
        if (value === top) atTop++;
      }
    }
    if (alive === 0) tally.deadRows++;
  }
  tally.invalid += invalid;
  tally.top += atTop;
}

function sizeWarnings(view: View): readonly Warning[] {
  const [first] = view.channels;
  const odd = view.channels.find(({ rows, columns }) => rows !== first?.rows || columns !== first.columns);
  return odd === undefined ? [] : [warningOf('NII_W_CHANNEL_SIZE', { field: `${view.id}-${odd.id}` })];
}

function energyWarnings(measured: readonly Measured[]): readonly Warning[] {
  const [high, low] = (['high', 'low'] as const).map((energy) =>
    measured.find(({ channel }) => channel.energy === energy && channel.polarity === 'high-is-transparent'),
  );
  if (high === undefined || low === undefined || sampleCount(high) !== sampleCount(low)) return [];
  const ratio = opaqueRatio(high, low);
  if (ratio >= EXCHANGED_RATIO) return [];
  return [warningOf('NII_W_ENERGY_ORDER', { field: high.key, value: ratio.toFixed(3) })];
}

/** Transmission of the high over that of the low energy, over what is neither open beam nor black; 1 where nothing is. */
function opaqueRatio(high: Measured, low: Measured): number {
  const openHigh = openBeam(high);
  const openLow = openBeam(low);
  const sums = { high: 0, low: 0 };
  for (const [a, b] of pairedBlocks(high, low)) addOpaque(a, b, openHigh, openLow, sums);
  return sums.low === 0 ? 1 : sums.high / sums.low;
}

/** Blocks of the same samples of two channels with equally many. */
function* pairedBlocks(one: Measured, other: Measured): Generator<readonly [Uint16Array, Uint16Array]> {
  let from = 0;
  for (const samples of blocksOf(one)) {
    const to = from + samples.byteLength;
    yield [samples, samplesOf(other.plane.read(from, to))];
    from = to;
  }
}

function addOpaque(
  high: Uint16Array,
  low: Uint16Array,
  openHigh: number,
  openLow: number,
  sums: { high: number; low: number },
): void {
  for (let i = 0; i < high.length; i++) {
    const a = (high[i] ?? 0) / openHigh;
    const b = (low[i] ?? 0) / openLow;
    if (a > OPAQUE.from && a < OPAQUE.to && b > OPAQUE.from && b < OPAQUE.to) {
      sums.high += a;
      sums.low += b;
    }
  }
}

/** Stated, or the value that 95 % of the samples do not exceed. */
function openBeam(measured: Measured): number {
  const { channel } = measured;
  if (channel.openBeam !== undefined && channel.openBeam > 0) return channel.openBeam;
  const histogram = new Uint32Array(65_536);
  for (const samples of blocksOf(measured)) {
    for (const value of samples) histogram[value] = (histogram[value] ?? 0) + 1;
  }
  const wanted = sampleCount(measured) * 0.95;
  let below = 0;
  const value = histogram.findIndex((n) => {
    below += n;
    return below >= wanted;
  });
  return Math.max(value, 1);
}
