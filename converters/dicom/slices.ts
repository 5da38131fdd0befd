import type { DataSet } from '../../src/sdk/sdk.ts';
import type { Image } from './image.ts';
import { scaleKey } from './rescale.ts';
import type { DicomSdk } from './tools.ts';

/**
 * Joins the slices of a volume that came as single files into the frames of one channel: files of one series, all with
 * an Image Position (0020,0032) along one normal, no two in the same place, alike in everything that the record says
 * of them. What is measured side by side (two energies, two views) is no volume and stays as it is.
 */
export function joinSlices(images: readonly Image[], sdk: DicomSdk): readonly Image[] {
  const stacks = new Map<string, Image[]>();
  for (const [i, image] of images.entries()) {
    const key = stackKey(image, sdk) ?? `single ${i}`;
    const known = stacks.get(key);
    if (known === undefined) stacks.set(key, [image]);
    else known.push(image);
  }
  return [...stacks.values()].flatMap((stack) => joined(stack, sdk));
}

/** The same for the slices of one volume; undefined for an image that is none. */
function stackKey({ view, channel, dataSet }: Image, sdk: DicomSdk): string | undefined {
  const isSlice = channel.kind === 'unknown' && channel.frames === 1 && placeOf(dataSet, sdk) !== undefined;
  if (!isSlice) return undefined;
  const series = sdk.dicom.text(dataSet, '0020000e');
  const scale = scaleKey(dataSet, channel.frames, sdk);
  return JSON.stringify([series, orientation(dataSet, sdk), view, channel, scale]);
}

function orientation(dataSet: DataSet, sdk: DicomSdk): readonly number[] {
  return sdk.dicom.numbers(dataSet, '00200037');
}

/** Millimetres along the normal of the image plane (PS3.3 C.7.6.2.1.1). */
function placeOf(dataSet: DataSet, sdk: DicomSdk): number | undefined {
  const [x, y, z] = sdk.dicom.numbers(dataSet, '00200032');
  const [rx = 0, ry = 0, rz = 0, cx = 0, cy = 0, cz = 0] = orientation(dataSet, sdk);
  if (x === undefined || y === undefined || z === undefined) return undefined;
  const place = x * (ry * cz - rz * cy) + y * (rz * cx - rx * cz) + z * (rx * cy - ry * cx);
  return Number.isFinite(place) ? place : undefined;
}

function joined(stack: readonly Image[], sdk: DicomSdk): readonly Image[] {
  const places = stack.map(({ dataSet }) => placeOf(dataSet, sdk));
  const [first] = stack;
  if (first === undefined || stack.length === 1 || new Set(places).size < stack.length) return stack;
  const slices = inOrder(stack, sdk);
  const pixels = sdk.pixels(first.channel.rows, first.channel.columns) * slices.length;
  if (pixels > sdk.limits.pixels) {
    throw sdk.error('NII_LIMIT_PIXELS', `${slices.length} slices, together ${pixels} pixels`);
  }
  warnOfGaps(slices, sdk);
  const samples = new Uint8Array(slices.reduce((total, slice) => total + slice.samples.length, 0));
  let at = 0;
  for (const slice of slices) {
    samples.set(slice.samples, at);
    at += slice.samples.length;
  }
  return [{ ...first, channel: { ...first.channel, frames: slices.length }, samples }];
}

/** Neighbouring slices further apart than this share more than the median are no neighbours. */
const GAP_SHARE = 1.5;

function warnOfGaps(slices: readonly Image[], sdk: DicomSdk): void {
  const places = slices.map(({ dataSet }) => placeOf(dataSet, sdk) ?? 0).toSorted((a, b) => a - b);
  const distances = places.slice(1).map((place, i) => place - (places[i] ?? place));
  const median = distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? 0;
  const gaps = distances.filter((distance) => distance > GAP_SHARE * median).length;
  if (gaps === 0) return;
  const message = `The ${slices.length} slices of a volume are not evenly spaced: ${gaps} gaps; slices may be missing`;
  sdk.warn('NII_W_CHANNEL_MISSING', { field: '(0020,0032)', message });
}

/** By Instance Number where every slice has one of its own, else by place. */
function inOrder(stack: readonly Image[], sdk: DicomSdk): readonly Image[] {
  const numbers = stack.map(({ dataSet }) => sdk.dicom.number(dataSet, '00200013'));
  const isNumbered = !numbers.includes(undefined) && new Set(numbers).size === stack.length;
  const rank = ({ dataSet }: Image) =>
    (isNumbered ? sdk.dicom.number(dataSet, '00200013') : placeOf(dataSet, sdk)) ?? 0;
  return stack.toSorted((a, b) => rank(a) - rank(b));
}
