import { setImmediate as nextTurn } from 'node:timers/promises';
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
/** Longest stretch of work on the event loop before others get their turn. */
const TURN_MS = 5;

/**
 * A scan as the image a model was made for: upright, in the model's units, pitch and scaling.
 * Averaging is done on transmission, before any logarithm, as a coarser detector would have measured.
 */
export function toTensor(scan: ScanWithPlanes, model: Spec, options: TensorOptions = {}): TensorResult {
  const steps = tensorSteps(scan, model, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, in short turns: other work of the event loop goes on meanwhile. */
export async function toTensorInTurns(
  scan: ScanWithPlanes,
  model: Spec,
  options: TensorOptions = {},
): Promise<TensorResult> {
  const steps = tensorSteps(scan, model, options);
  let turnEnds = performance.now() + TURN_MS;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + TURN_MS;
  }
}

/** Yields after each small part of the work. */
function* tensorSteps(
  { scan, planes }: ScanWithPlanes,
  { input, shape }: Spec,
  options: TensorOptions,
): Generator<void, TensorResult> {
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
  const filled = countFilled(sources);
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

function countFilled(sources: readonly Source[]): number {
  return sources.reduce((sum, source) => sum + countUnmeasured(source), 0);
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
): Generator<void, ModelImage> {
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
): Generator<void> {
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
  const values = new Float64Array(display.columns);
  const quantity = quantityReader(source, input);
  let held = -1;
  return (row) => {
    if (row === held) return values;
    for (let column = 0; column < display.columns; column++) {
      values[column] = quantity(sampleAt(display, row, column));
    }
    held = row;
    return values;
  };
}

/** The physical quantity of one stored sample, filled where nothing was measured. */
function quantityReader(source: Source, { units, invalid }: ModelInputSpec): (index: number) => number {
  const { channel, samples, upright, openBeam } = source;
  const countsAt = (index: number): number => {
    const sample = samples[index] ?? Number.NaN;
    if (isMeasured(channel, sample)) return upright(sample);
    const mean = invalid === 'neighbour-mean' ? neighbourMean(source, index) : undefined;
    return mean ?? openBeam.value;
  };
  if (units === 'counts') return countsAt;
  return (index) => toTransmission(countsAt(index), openBeam.value);
}

function inUnits(quantity: number, { units }: ModelInputSpec): number {
  return units === 'log' ? toLog(quantity) : quantity;
}

function scaled(value: number, { scale = 1, mean, std }: ModelInputSpec, channel: number): number {
  return (value * scale - (mean?.[channel] ?? 0)) / (std?.[channel] ?? 1);
}
