import { channelKinds } from '../core/scan/channel-kinds.ts';
import {
  type CountedValues,
  countValues,
  isCounts,
  normaliseLines,
  type OpaqueEndFacts,
  opaqueEnd,
  tellApart,
  type ValueCounts,
  withoutOpaqueInvalid,
} from '../core/scan/measured.ts';
import { type PlaneSource, type PlaneSources, rowBlocks } from '../core/scan/plane-source.ts';
import {
  type Channel,
  type NotMeasured,
  planeBytes,
  planeKey,
  type View,
  type Warning,
} from '../core/scan/scan.ts';
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

/** Views whose channels say what was not measured, and what the samples themselves show. */
export interface Survey {
  readonly views: readonly View[];
  readonly warnings: readonly Warning[];
}

/** Looks once at every sample: what was not measured, dead lines, saturation, exchanged energies. */
export function surveyPlanes(views: readonly View[], planes: PlaneSources): Survey {
  const surveyed = views.map((view) => surveyView(view, planes));
  return {
    views: surveyed.map(({ view }) => view),
    warnings: surveyed.flatMap(({ warnings }) => warnings),
  };
}

function surveyView(view: View, planes: PlaneSources) {
  const channels = view.channels.map((channel) => surveyChannel(view, channel, planes));
  const measured = channels.flatMap((one) => (one.measured === undefined ? [] : [one.measured]));
  return {
    view: { ...view, channels: channels.map(({ channel }) => channel) },
    warnings: [
      ...channels.flatMap(({ warnings }) => warnings),
      ...sizeWarnings(view),
      ...energyWarnings(measured),
    ],
  };
}

interface SurveyedChannel {
  readonly channel: Channel;
  readonly warnings: readonly Warning[];
  /** Where the samples are 16-bit counts. */
  readonly measured?: Measured;
}

function surveyChannel(view: View, stated: Channel, planes: PlaneSources): SurveyedChannel {
  const key = planeKey(view.id, stated.id);
  const plane = planes.get(key);
  const channel =
    stated.notMeasured === undefined ? stated : { ...stated, notMeasured: normaliseLines(stated) };
  const isLooked = isCounts(channel) && channelKinds[channel.kind].measured !== 'no';
  if (plane === undefined || !isLooked || plane.byteLength !== planeBytes(channel)) {
    return { channel, warnings: [] }; // checkScan says what is missing
  }
  const surveyed = opaqueEnd(channel) === undefined ? surveyValues : surveyProjection;
  const found = surveyed({ key, channel, plane });
  if (channel.bitsAllocated === 8) return found;
  return { ...found, measured: { key, channel: found.channel, plane } };
}

/** Dead lines and opaque samples read alike, and are told apart: docs/decisions/0025-zero-counts.md. */
function surveyProjection({ key, channel, plane }: Measured): SurveyedChannel {
  const known = withoutOpaqueInvalid(channel);
  const opaque = opaqueEnd(channel) ?? 0;
  const top = opaque === 0 ? 2 ** channel.bitsStored - 1 : 0;
  const counts = count({ key, channel: known, plane }, { marked: opaque, invalid: known.invalidValue, top });
  const facts = tellApart(channel, plane, counts);
  return {
    channel: { ...known, notMeasured: facts.notMeasured, opaqueSamples: facts.opaque },
    warnings: [
      ...(known === channel ? [] : [ambiguousWarning(key, facts)]),
      ...valueWarnings({ key, channel, plane }, counts, linesIn(facts.notMeasured)),
    ],
  };
}

function ambiguousWarning(key: string, { opaque, dead }: OpaqueEndFacts): Warning {
  const value = `${opaque} samples treated as opaque, ${dead} in lines that were not measured`;
  return warningOf('NII_W_INVALID_IS_OPAQUE', { field: key, value });
}

/** Whether 0 means "not measured" is for the file or its sidecar to say; a whole line of it is news either way. */
function surveyValues(measured: Measured): SurveyedChannel {
  const { channel } = measured;
  const top = 2 ** channel.bitsStored - 1;
  const counts = count(measured, { marked: channel.invalidValue ?? 0, top });
  const isWhole = (samples: number) => (marked: number) => marked === samples * channel.frames;
  const lines = {
    rows: counts.markedInRow.filter(isWhole(channel.columns)).length,
    columns: counts.markedInColumn.filter(isWhole(channel.rows)).length,
  };
  const invalid = channel.invalidValue === undefined ? 0 : counts.marked;
  return { channel, warnings: valueWarnings(measured, { ...counts, invalid }, lines) };
}

interface LineCounts {
  readonly rows: number;
  readonly columns: number;
}

function linesIn({ rows, columns }: NotMeasured): LineCounts {
  const length = (ranges: NotMeasured['rows']) => ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  return { rows: length(rows), columns: length(columns) };
}

/** One pass over the samples. */
function count({ channel, plane }: Measured, values: CountedValues): ValueCounts {
  const steps = countValues(channel, plane, values);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function valueWarnings(
  measured: Measured,
  { invalid, top }: Pick<ValueCounts, 'invalid' | 'top'>,
  lines: LineCounts,
): readonly Warning[] {
  const { key: field } = measured;
  const total = sampleCount(measured);
  const share = (n: number) => `${((100 * n) / total).toFixed(2)} %`;
  const dead = `${lines.rows} rows, ${lines.columns} columns`;
  return [
    ...(invalid > 0 ? [warningOf('NII_W_INVALID_SAMPLES', { field, value: share(invalid) })] : []),
    ...(lines.rows + lines.columns > 0 ? [warningOf('NII_W_DEAD_ROWS', { field, value: dead })] : []),
    ...(top > total * SATURATED_SHARE ? [warningOf('NII_W_SATURATED', { field, value: share(top) })] : []),
  ];
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

function sampleCount({ channel: { rows, columns, frames } }: Measured): number {
  return rows * columns * frames;
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
  // neighbours are alike: counted in turns, one need not wait for the count of the other
  const second = new Uint32Array(65_536);
  for (const samples of blocksOf(measured)) {
    for (let i = 0; i < samples.length; i += 2) {
      const value = samples[i] ?? 0;
      histogram[value] = (histogram[value] ?? 0) + 1;
      if (i + 1 === samples.length) break;
      const next = samples[i + 1] ?? 0;
      second[next] = (second[next] ?? 0) + 1;
    }
  }
  const wanted = sampleCount(measured) * 0.95;
  let below = 0;
  const value = histogram.findIndex((n, at) => {
    below += n + (second[at] ?? 0);
    return below >= wanted;
  });
  return Math.max(value, 1);
}
