import { type Channel, type PixelPitch, planeKey, type ScanWithPlanes, type View } from '../core/scan.ts';
import { selectChannels } from './choose.ts';
import { displaySize, type Geometry } from './geometry.ts';
import type { ModelInputSpec, ModelManifest } from './manifest.ts';
import { displayRaster, isTurned, type Raster, sampleAt } from './raster.ts';
import { type AxisWeights, addRow, axisWeights } from './resample.ts';
import { type ModelImage, planTiles, type TilePlan } from './tiling.ts';
import {
  countUnmeasured,
  isMeasured,
  neighbourMean,
  openSource,
  type Source,
  toLog,
  toTransmission,
} from './transmission.ts';
import { atOnce, type Steps } from './turns.ts';

/** What goes into a model: the image, how it is cut, and each channel's padding. */
export interface ModelInput {
  readonly image: ModelImage;
  readonly plan: TilePlan;
  readonly pad: readonly number[];
}

export type TensorResult =
  | { readonly input: ModelInput; readonly geometry: Geometry }
  | { readonly notAnalysed: string };

export interface TensorOptions {
  /** Height of the upright picture on the scanner, for scans that do not say how large a pixel is. */
  readonly assumedHeightMm?: number;
}

type Spec = Pick<ModelManifest, 'input' | 'shape'>;

/** Most pixels of a model's image, before tiling: a train of 300 m at 11 mm is 12 million. */
const IMAGE_PIXELS = 64_000_000;
/** A scan of which more is missing says too little. */
const MOST_UNMEASURED = 0.5;
const COUNTED_AT_ONCE = 500_000;

/**
 * A scan as the image a model was made for: upright, in the model's units, pitch and scaling.
 * Averaging is done on transmission, before any logarithm, as a coarser detector would have measured.
 */
export function toTensor(scan: ScanWithPlanes, model: Spec, options: TensorOptions = {}): TensorResult {
  return atOnce(tensorSteps(scan, model, options));
}

/** The same, in parts of a few milliseconds. */
export function* tensorSteps(
  { scan, planes }: ScanWithPlanes,
  { input, shape }: Spec,
  options: TensorOptions,
): Steps<TensorResult> {
  const selection = selectChannels(scan, { input });
  if ('reason' in selection) return { notAnalysed: selection.reason };
  const sources: Source[] = [];
  for (const channel of selection.channels) {
    const bytes = planes.get(planeKey(selection.view.id, channel.id));
    const source =
      bytes === undefined ? `Channel '${channel.id}' has no samples` : openSource(channel, bytes);
    if (typeof source === 'string') return { notAnalysed: source };
    sources.push(source);
    yield;
  }
  const filled = yield* countFilled(sources);
  const frame = frameOf(selection.view, selection.channels, input, options);
  if ('notAnalysed' in frame) return frame;
  if (filled > MOST_UNMEASURED * sources.length * frame.stored.rows * frame.stored.columns) {
    return { notAnalysed: 'More than half of the samples have no measured value' };
  }
  const geometry = { ...frame, openBeam: sources.map(({ openBeam }) => openBeam), filled };
  const image = yield* imageSteps(sources, geometry, input);
  const pad = sources.map((_, index) => scaled(input.pad, input, index));
  return { input: { image, plan: planTiles(shape, image.rows, image.columns), pad }, geometry };
}

function* countFilled(sources: readonly Source[]): Steps<number> {
  let filled = 0;
  for (const source of sources) {
    for (let from = 0; from < source.samples.length; from += COUNTED_AT_ONCE) {
      filled += countUnmeasured(source, from, from + COUNTED_AT_ONCE);
      yield;
    }
  }
  return filled;
}

type Frame = Omit<Geometry, 'openBeam' | 'filled'>;

/** Where the model's pixels lie on the stored samples. */
function frameOf(
  view: View,
  channels: readonly Channel[],
  { pitchMm }: ModelInputSpec,
  { assumedHeightMm }: TensorOptions,
): Frame | { readonly notAnalysed: string } {
  const { rows = 0, columns = 0, pitch: filePitch } = channels[0] ?? {};
  const stored = { rows, columns };
  const display = displaySize({ stored, rule: view.display });
  const pitch = filePitch ?? assumedPitch(assumedHeightMm, display.rows);
  if (pitch === undefined) return { notAnalysed: 'Nothing says how large a pixel is' };
  const [rowMm, columnMm] = isTurned(view.display)
    ? [pitch.columnMm, pitch.rowMm]
    : [pitch.rowMm, pitch.columnMm];
  const model = {
    rows: Math.max(1, Math.round((display.rows * rowMm) / pitchMm)),
    columns: Math.max(1, Math.round((display.columns * columnMm) / pitchMm)),
  };
  if (!(model.rows * model.columns <= IMAGE_PIXELS)) {
    return {
      notAnalysed: `At ${pitchMm} mm a pixel it would be ${model.rows} x ${model.columns}, which is too large`,
    };
  }
  return { view: view.id, stored, rule: view.display, model, pitch };
}

function assumedPitch(heightMm: number | undefined, displayedRows: number): PixelPitch | undefined {
  if (heightMm === undefined) return undefined;
  const mm = heightMm / displayedRows;
  return { rowMm: mm, columnMm: mm, source: 'assumed' };
}

function* imageSteps(
  sources: readonly Source[],
  geometry: Geometry,
  input: ModelInputSpec,
): Steps<ModelImage> {
  const { rows, columns } = geometry.model;
  const data = new Float32Array(sources.length * rows * columns);
  for (const [index, source] of sources.entries()) {
    const plane = data.subarray(index * rows * columns, (index + 1) * rows * columns);
    yield* channelSteps(
      source,
      geometry,
      input,
      (quantity) => scaled(inUnits(quantity, input), input, index),
      plane,
    );
  }
  return { channels: sources.length, rows, columns, data };
}

/** Resamples one channel into a plane, a row of the model a step. */
function* channelSteps(
  source: Source,
  geometry: Geometry,
  input: ModelInputSpec,
  finish: (quantity: number) => number,
  plane: Float32Array,
): Steps<void> {
  const { rows, columns } = geometry.model;
  const display = displayRaster(geometry.stored.rows, geometry.stored.columns, geometry.rule);
  const vertical = axisWeights(display.rows, rows);
  const horizontal = axisWeights(display.columns, columns);
  const readRow = rowReader(source, display, input);
  const target = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    target.fill(0);
    averageRows(readRow, vertical, row, horizontal, target);
    for (let column = 0; column < columns; column++)
      plane[row * columns + column] = finish(target[column] ?? 0);
    yield;
  }
}

function averageRows(
  readRow: (row: number) => Float64Array,
  { first, weights, most }: AxisWeights,
  row: number,
  horizontal: AxisWeights,
  target: Float64Array,
): void {
  const lead = first[row] ?? 0;
  for (let k = 0; k < most; k++) {
    const weight = weights[row * most + k] ?? 0;
    if (weight > 0) addRow(readRow(lead + k), horizontal, weight, target);
  }
}

/** Reads upright rows as transmission (or counts); the row read last is kept, because neighbours share one. */
function rowReader(source: Source, display: Raster, input: ModelInputSpec): (row: number) => Float64Array {
  const { samples, upright, openBeam } = source;
  const values = new Float64Array(display.columns);
  const toQuantity = (counts: number): number =>
    input.units === 'counts' ? counts : toTransmission(counts, openBeam.value);
  const read = sampleReader(source, (sample) => toQuantity(upright(sample)));
  let held = -1;
  return (row) => {
    if (row === held) return values;
    for (let column = 0; column < display.columns; column++) {
      const index = sampleAt(display, row, column);
      const value = read(samples[index] ?? Number.NaN);
      values[column] = Number.isNaN(value) ? toQuantity(fillFor(source, index, input)) : value;
    }
    held = row;
    return values;
  };
}

/** Quantity of a sample, NaN where nothing was measured; by table where there are few different samples. */
function sampleReader(
  { channel, samples }: Source,
  quantity: (sample: number) => number,
): (sample: number) => number {
  const measured = (sample: number): number => (isMeasured(channel, sample) ? quantity(sample) : Number.NaN);
  if (!(samples instanceof Uint8Array || samples instanceof Uint16Array)) return measured;
  const table = Float64Array.from({ length: 2 ** (8 * samples.BYTES_PER_ELEMENT) }, (_, sample) =>
    measured(sample),
  );
  return (sample) => table[sample] ?? Number.NaN;
}

/** Counts that stand for a sample without a value. */
function fillFor(source: Source, index: number, { invalid }: ModelInputSpec): number {
  const mean = invalid === 'neighbour-mean' ? neighbourMean(source, index) : undefined;
  return mean ?? source.openBeam.value;
}

function inUnits(quantity: number, { units }: ModelInputSpec): number {
  return units === 'log' ? toLog(quantity) : quantity;
}

function scaled(value: number, { scale = 1, mean, std }: ModelInputSpec, channel: number): number {
  return (value * scale - (mean?.[channel] ?? 0)) / (std?.[channel] ?? 1);
}
