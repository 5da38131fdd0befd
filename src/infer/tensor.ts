import { type CabBand, maskedLines } from '../core/scan/cab.ts';
import type { FailedSamples } from '../core/scan/failed-sample.ts';
import type { ScanWithSources } from '../core/scan/plane-source.ts';
import { type Channel, type PixelPitch, planeKey, type View } from '../core/scan/scan.ts';
import { selectChannels } from './choose.ts';
import { displaySize, type Geometry } from './geometry.ts';
import type { ModelInputSpec, ModelManifest } from './manifest.ts';
import { displayRaster, isTurned, type Raster, type Rectangle, sampleAt, sourceRectangle } from './raster.ts';
import { type AxisWeights, addWeighted, axisWeights, resampleRow } from './resample.ts';
import { type ModelImage, planTiles, type TilePlan } from './tiling.ts';
import {
  countUnmeasured,
  FILL_REACH,
  MOST_TRANSMISSION,
  neighbourMean,
  openSource,
  openWindow,
  type Source,
  type SourceWindow,
  toLog,
  toTransmission,
} from './transmission.ts';
import type { Steps } from './turns.ts';

/** What goes into a model: how the image is cut, each channel's padding, and the image, column by column of it. */
export interface ModelInput {
  readonly plan: TilePlan;
  readonly pad: readonly number[];
  /** Columns of the model's image from `from` up to, not including, `to`, all rows. */
  readonly columns: (from: number, to: number) => Steps<ModelImage>;
}

export type TensorResult =
  | { readonly input: ModelInput; readonly geometry: Geometry }
  | { readonly notAnalysed: string };

export interface TensorOptions {
  /** Height of the upright picture on the scanner, for scans that do not say how large a pixel is. */
  readonly assumedHeightMm?: number;
  /** Lines that go into the model as not measured. */
  readonly leftOut?: readonly CabBand[];
}

type Spec = Pick<ModelManifest, 'input' | 'shape'>;

/** Most pixels of a model's image, before tiling: a train of 700 m at 11 mm is 27 million. */
const IMAGE_PIXELS = 256_000_000;
/** A scan of which more is missing says too little. */
const MOST_UNMEASURED = 0.5;

/**
 * A scan as the image a model was made for: upright, in the model's units, pitch and scaling.
 * Averaging is done on transmission, before any logarithm, as a coarser detector would have measured. Only the columns
 * that are asked for are made, in parts of a few milliseconds, so that a train takes no more memory than a truck.
 */
export function* tensorSteps(
  { scan, planes }: ScanWithSources,
  { input, shape }: Spec,
  options: TensorOptions,
): Steps<TensorResult> {
  const selection = selectChannels(scan, { input });
  if ('reason' in selection) return { notAnalysed: selection.reason };
  const sources: Source[] = [];
  for (const channel of selection.channels) {
    const plane = planes.get(planeKey(selection.view.id, channel.id));
    const source =
      plane === undefined
        ? `Channel '${channel.id}' has no samples`
        : yield* openSource(channel, plane, maskedLines(options.leftOut ?? [], selection.view.id, channel));
    if (typeof source === 'string') return { notAnalysed: source };
    sources.push(source);
    yield;
  }
  let filled = 0;
  for (const source of sources) filled += yield* countUnmeasured(source);
  const frame = frameOf(selection.view, selection.channels, { input, shape }, options);
  if ('notAnalysed' in frame) return frame;
  if (filled > MOST_UNMEASURED * sources.length * frame.stored.rows * frame.stored.columns) {
    return { notAnalysed: 'More than half of the samples have no measured value' };
  }
  const leftOut = maskedLines(options.leftOut ?? [], frame.view, { ...frame.stored, samplesPerPixel: 1 });
  const geometry = { ...frame, openBeam: sources.map(({ openBeam }) => openBeam), filled, leftOut };
  const pad = sources.map((_, index) => scaled(input.pad, scalingOf(input, index)));
  const plan = planTiles(shape, geometry.model.rows, geometry.model.columns);
  return { input: { plan, pad, columns: imageColumns(sources, geometry, input) }, geometry };
}

type Frame = Omit<Geometry, 'openBeam' | 'filled' | 'leftOut'>;

/** Where the model's pixels lie on the stored samples. */
function frameOf(
  view: View,
  channels: readonly Channel[],
  { input: { pitchMm }, shape }: Spec,
  { assumedHeightMm }: TensorOptions,
): Frame | { readonly notAnalysed: string } {
  const { rows = 0, columns = 0, pitch: filePitch } = channels[0] ?? {};
  const stored = { rows, columns };
  const display = displaySize({ stored, rule: view.display });
  const pitch = filePitch ?? assumedPitch(assumedHeightMm, display.rows);
  if (pitch === undefined) return { notAnalysed: 'The pixel size is unknown' };
  const [rowMm, columnMm] = isTurned(view.display)
    ? [pitch.columnMm, pitch.rowMm]
    : [pitch.rowMm, pitch.columnMm];
  const sizeMm = { rows: display.rows * rowMm, columns: display.columns * columnMm };
  if (shape.kind === 'whole') {
    const coarsest = Math.max(sizeMm.rows / shape.height, sizeMm.columns / shape.width);
    if (coarsest > pitchMm)
      return {
        notAnalysed: `The whole image fits the model at ${coarsest.toFixed(1)} mm per pixel, but it needs ${pitchMm} mm or less`,
      };
    const model = wholeImage(shape, sizeMm, coarsest);
    return { view: view.id, stored, rule: view.display, model, pitch };
  }
  const model = {
    rows: Math.max(1, Math.round(sizeMm.rows / pitchMm)),
    columns: Math.max(1, Math.round(sizeMm.columns / pitchMm)),
  };
  if (!(model.rows * model.columns <= IMAGE_PIXELS)) {
    return {
      notAnalysed: `At ${pitchMm} mm per pixel the image would be ${model.rows} x ${model.columns}, which is too large`,
    };
  }
  return { view: view.id, stored, rule: view.display, model, pitch };
}

/** Size of the image in the input, without the padding. @param mm - size of one pixel */
function wholeImage(
  { height, width, fit }: Extract<Spec['shape'], { kind: 'whole' }>,
  sizeMm: Geometry['model'],
  mm: number,
): Geometry['model'] {
  if (fit === 'stretch') return { rows: height, columns: width };
  const within = (length: number, most: number) => Math.min(most, Math.max(1, Math.round(length / mm)));
  return { rows: within(sizeMm.rows, height), columns: within(sizeMm.columns, width) };
}

function assumedPitch(heightMm: number | undefined, displayedRows: number): PixelPitch | undefined {
  if (heightMm === undefined) return undefined;
  const mm = heightMm / displayedRows;
  return { rowMm: mm, columnMm: mm, source: 'assumed' };
}

function imageColumns(
  sources: readonly Source[],
  geometry: Geometry,
  input: ModelInputSpec,
): ModelInput['columns'] {
  const { rows } = geometry.model;
  const display = displaySize(geometry);
  const vertical = axisWeights(display.rows, rows);
  const horizontal = axisWeights(display.columns, geometry.model.columns);
  const unmeasured = unmeasuredColumns(sources, geometry);
  return function* (from, to) {
    const columns = to - from;
    const data = new Float32Array(sources.length * rows * columns);
    const cut = cutColumns(geometry, horizontal, unmeasured, from, to);
    for (const [index, source] of sources.entries()) {
      const plane = data.subarray(index * rows * columns, (index + 1) * rows * columns);
      const finish = finishOf(input, index);
      const axes = { vertical, horizontal: cut.horizontal };
      const raster = displayRaster(
        cut.window.rowTo - cut.window.rowFrom,
        cut.window.columnTo - cut.window.columnFrom,
        geometry.rule,
      );
      yield* channelSteps(
        rowReader(openWindow(source, cut.window), raster, geometry.rule, input),
        axes,
        finish,
        plane,
      );
    }
    return { channels: sources.length, rows, columns, data };
  };
}

/** 1 for a column of the upright picture that some channel did not measure. */
function unmeasuredColumns(sources: readonly Source[], { rule, stored }: Geometry): Uint8Array {
  const raster = displayRaster(stored.rows, stored.columns, rule);
  return Uint8Array.from({ length: raster.columns }, (_, column) => {
    const index = sampleAt(raster, 0, column);
    const line = isTurned(rule) ? Math.floor(index / stored.columns) : index % stored.columns;
    return sources.some(({ mask }) => (isTurned(rule) ? mask.rows : mask.columns)[line] === 1) ? 1 : 0;
  });
}

/** The stored samples behind some columns of the model's image, and the weights counted from the first of them. */
function cutColumns(
  { stored, rule, ...geometry }: Geometry,
  { first, weights, most }: AxisWeights,
  unmeasured: Uint8Array,
  from: number,
  to: number,
): { readonly window: Rectangle; readonly horizontal: AxisWeights } {
  const display = displaySize({ stored, rule });
  const raster = displayRaster(stored.rows, stored.columns, rule);
  // One more on both sides, and as far as nothing was measured: a sample without a value is filled from its neighbours.
  const lead = pastUnmeasured(unmeasured, Math.max(0, (first[from] ?? 0) - 1), -1);
  const end =
    pastUnmeasured(unmeasured, Math.min(display.columns, (first[to - 1] ?? 0) + most + 1) - 1, 1) + 1;
  const whole = from === 0 && to === geometry.model.columns;
  const [columnFrom, columnTo] = whole ? [0, display.columns] : [lead, end];
  const window = sourceRectangle(raster, stored.columns, {
    rowFrom: 0,
    rowTo: display.rows,
    columnFrom,
    columnTo,
  });
  const horizontal = {
    first: first.slice(from, to).map((column) => column - columnFrom),
    weights: weights.subarray(from * most, to * most),
    most,
  };
  return { window, horizontal };
}

/** The next column in this direction that every channel measured, this one included, or as far as a fill reaches. */
function pastUnmeasured(unmeasured: Uint8Array, column: number, step: -1 | 1): number {
  let next = column;
  for (let i = 0; i < FILL_REACH && unmeasured[next] === 1 && unmeasured[next + step] !== undefined; i++)
    next += step;
  return next;
}

/** Resamples one channel into a plane, a row of the model a step: down the columns first, and then along the row. */
function* channelSteps(
  readRow: (row: number) => Float64Array,
  { vertical, horizontal }: { readonly vertical: AxisWeights; readonly horizontal: AxisWeights },
  finish: (quantities: Float64Array, into: Float32Array) => void,
  plane: Float32Array,
): Steps<void> {
  const columns = horizontal.first.length;
  const target = new Float64Array(columns);
  let means: Float64Array | undefined;
  for (let row = 0; row < vertical.first.length; row++) {
    means = meanOfRows(readRow, vertical, row, means);
    resampleRow(means, horizontal, target);
    finish(target, plane.subarray(row * columns, (row + 1) * columns));
    yield;
  }
}

/** The mean of the rows behind a row of the model. @param sums - is used again */
function meanOfRows(
  readRow: (row: number) => Float64Array,
  { first, weights, most }: AxisWeights,
  row: number,
  sums: Float64Array | undefined,
): Float64Array {
  const lead = first[row] ?? 0;
  sums?.fill(0);
  let means = sums;
  for (let k = 0; k < most; k++) {
    const weight = weights[row * most + k] ?? 0;
    if (weight === 0) continue;
    const values = readRow(lead + k);
    means ??= new Float64Array(values.length);
    addWeighted(values, weight, means);
  }
  return means ?? new Float64Array();
}

/** Reads upright rows as transmission (or counts); the row read last is kept, because neighbours share one. */
function rowReader(
  source: SourceWindow,
  display: Raster,
  rule: Geometry['rule'],
  input: ModelInputSpec,
): (row: number) => Float64Array {
  const { openBeam, mask, channel } = source;
  const values = new Float64Array(display.columns);
  const toQuantity = (counts: number): number =>
    input.units === 'counts' ? counts : toTransmission(counts, openBeam.value);
  const quantity = quantityOf(source, input);
  const fill = (index: number) => toQuantity(fillFor(source, index, input));
  const turned = isTurned(rule);
  const storedRow = (index: number) => Math.floor(index / channel.columns);
  const storedColumn = (index: number) => index % channel.columns;
  const dead = Uint8Array.from({ length: display.columns }, (_, column) => {
    const index = sampleAt(display, 0, column);
    return (turned ? mask.rows[storedRow(index)] : mask.columns[storedColumn(index)]) ?? 0;
  });
  let held = -1;
  return (row) => {
    if (row === held) return values;
    const first = sampleAt(display, row, 0);
    const isDead = (turned ? mask.columns[storedColumn(first)] : mask.rows[storedRow(first)]) === 1;
    const line = { first, step: display.columnStep, dead, isDead };
    readLine(source, line, { quantity, fill }, values);
    held = row;
    return values;
  };
}

interface Line {
  /** Index of its first sample, and how far each is from the next. */
  readonly first: number;
  readonly step: number;
  /** 1 for samples of lines that were not measured; all of this one. */
  readonly dead: Uint8Array;
  readonly isDead: boolean;
}

interface Reading {
  readonly quantity: Quantity;
  /** Of the sample at an index that was not measured. */
  readonly fill: (index: number) => number;
}

/**
 * The quantity of each sample of a line; from its neighbours for a failed one and for one that was not measured. The
 * loop over each sample of a scan.
 */
function readLine(
  { channel, samples, mask: { invalidValue }, failed }: SourceWindow,
  { first, step, dead, isDead }: Line,
  { quantity, fill }: Reading,
  values: Float64Array,
): void {
  const isFloat = channel.sampleFormat === 'float';
  const failedValue = failed?.value;
  const isMeasured = !isDead && invalidValue === undefined && !dead.includes(1);
  if (isMeasured && samples instanceof Uint16Array) {
    readCounts(samples, { first, step }, quantity, values);
    if (failed !== undefined) meanOfFailed(samples, { first, step }, { failed, quantity }, values);
    return;
  }
  for (let column = 0, index = first; column < values.length; column++, index += step) {
    const sample = samples[index] ?? Number.NaN;
    const isUnmeasured =
      isDead || dead[column] === 1 || sample === invalidValue || (isFloat && !Number.isFinite(sample));
    if (isUnmeasured) values[column] = fill(index);
    else if (sample === failedValue && failed?.isFailed(samples, index) === true)
      values[column] = inQuantity(quantity, failed.meanAround(samples, index));
    else values[column] = inQuantity(quantity, sample);
  }
}

type Places = Pick<Line, 'first' | 'step'>;

/** The same where all was measured in counts of 16 bits, what nearly every line is. */
function readCounts(
  samples: Uint16Array,
  { first, step }: Places,
  { offset, sign, per, least, most }: Quantity,
  values: Float64Array,
): void {
  for (let column = 0, index = first; column < values.length; column++, index += step) {
    const value = (offset + sign * (samples[index] ?? 0)) / per;
    values[column] = value < least ? least : value > most ? most : value;
  }
}

function meanOfFailed(
  samples: Uint16Array,
  { first, step }: Places,
  { failed, quantity }: { readonly failed: FailedSamples; readonly quantity: Quantity },
  values: Float64Array,
): void {
  const { value } = failed;
  const mayFail = step !== 1 || samples.subarray(first, first + values.length).includes(value);
  for (let column = 0, index = first; mayFail && column < values.length; column++, index += step)
    if (samples[index] === value && failed.isFailed(samples, index))
      values[column] = inQuantity(quantity, failed.meanAround(samples, index));
}

/** What a sample means: `offset + sign * sample` counts, in parts of `per`, within `least` and `most`. */
interface Quantity {
  readonly offset: number;
  readonly sign: 1 | -1;
  readonly per: number;
  readonly least: number;
  readonly most: number;
}

function quantityOf({ upright, openBeam }: SourceWindow, { units }: ModelInputSpec): Quantity {
  const offset = upright(0);
  const sign = upright(1) > offset ? 1 : -1;
  return units === 'counts'
    ? { offset, sign, per: 1, least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY }
    : { offset, sign, per: openBeam.value, least: 0, most: MOST_TRANSMISSION };
}

function inQuantity({ offset, sign, per, least, most }: Quantity, sample: number): number {
  const value = (offset + sign * sample) / per;
  return value < least ? least : value > most ? most : value;
}

/** Counts that stand for a sample without a value. */
function fillFor(source: SourceWindow, index: number, { invalid }: ModelInputSpec): number {
  const mean = invalid === 'neighbour-mean' ? neighbourMean(source, index) : undefined;
  return mean ?? source.openBeam.value;
}

/** The values of the model for a row of quantities. */
function finishOf(
  input: ModelInputSpec,
  channel: number,
): (quantities: Float64Array, into: Float32Array) => void {
  const isLog = input.units === 'log';
  const scaling = scalingOf(input, channel);
  return (quantities, into) => {
    for (let i = 0; i < into.length; i++) {
      const quantity = quantities[i] ?? 0;
      into[i] = scaled(isLog ? toLog(quantity) : quantity, scaling);
    }
  };
}

interface Scaling {
  readonly scale: number;
  readonly mean: number;
  readonly std: number;
}

function scalingOf({ scale = 1, mean, std }: ModelInputSpec, channel: number): Scaling {
  return { scale, mean: mean?.[channel] ?? 0, std: std?.[channel] ?? 1 };
}

function scaled(value: number, { scale, mean, std }: Scaling): number {
  return (value * scale - mean) / std;
}
