import type { Sharp } from 'sharp';
import { type DataSet, numberOf, numbersOf, textOf } from '../../codec/dicom/data-set.ts';
import { turnToCome } from '../../codec/dicom/nii-block.ts';
import type { DicomPixels } from '../../codec/dicom/pixels/pixels.ts';
import { sharp } from '../../codec/raster/libvips.ts';
import { NiiError } from '../../core/errors.ts';
import type { CabBand } from '../../core/scan/cab.ts';
import { noTurn } from '../../core/scan/turn.ts';
import { paintMask } from '../cab-mask.ts';
import { orient, type Picture } from '../orient.ts';
import { type ColourFrame, rgbOf } from './colour.ts';
import type { PictureOrder, Viewport, Window } from './order.ts';
import { ownMask, ownPicture } from './own.ts';
import { sampleValues } from './values.ts';

/**
 * One frame as an 8-bit picture. Without a window asked for, our own files show what the preview shows. Others as they
 * lie in the file: greys by the window asked for, else by the file's own, else between the 0.5 % and 99.5 % quantiles.
 * @param bands - they are painted over
 * @throws NII_CAB_MASKED where it is unknown what to paint over; NII_BAD_REQUEST for a viewport outside the frame; NII_UNSUPPORTED_VARIANT for colours that are not rendered
 */
export async function renderFrame(
  dataSet: DataSet,
  pixels: DicomPixels,
  frame: number,
  order: PictureOrder,
  bands: readonly CabBand[] = [],
): Promise<Uint8Array> {
  const mask = bands.length === 0 ? undefined : ownMask(dataSet, pixels, bands);
  const own = order.window === undefined ? ownPicture(dataSet, pixels, frame) : undefined;
  const picture = own ?? pictureInFile(dataSet, pixels, frame, order);
  return encoded(mask === undefined ? picture : paintMask(picture, mask), order);
}

function pictureInFile(
  dataSet: DataSet,
  pixels: DicomPixels,
  frame: number,
  { window }: PictureOrder,
): Picture {
  const one = frameAt(pixels, frame);
  const raster = isGrey(pixels) ? greys(dataSet, pixels, one, window) : colours(dataSet, pixels, one);
  return orient(raster, turnToCome(dataSet) ?? noTurn);
}

function isGrey({ samplesPerPixel, photometric }: DicomPixels): boolean {
  return samplesPerPixel === 1 && photometric !== 'PALETTE COLOR';
}

function frameAt({ bytes, frames }: DicomPixels, frame: number): Uint8Array {
  const size = bytes.length / frames;
  return bytes.subarray(Math.floor(frame * size), Math.ceil((frame + 1) * size));
}

function colours(dataSet: DataSet, pixels: DicomPixels, frame: Uint8Array): Picture {
  const shape: ColourFrame = { ...pixels, bytes: frame };
  return { columns: pixels.columns, rows: pixels.rows, channels: 3, bytes: rgbOf(dataSet, shape) };
}

function greys(dataSet: DataSet, pixels: DicomPixels, frame: Uint8Array, asked: Window | undefined): Picture {
  const values = rescaled(dataSet, sampleValues(pixels, frame));
  const window = asked ?? ownWindow(dataSet) ?? quantileWindow(values);
  const turned = pixels.photometric === 'MONOCHROME1' || textOf(dataSet, '20500020') === 'INVERSE';
  const bytes = new Uint8Array(values.length);
  for (const [i, value] of values.entries()) {
    const grey = Math.round(255 * shareOf(window, value));
    bytes[i] = turned ? 255 - grey : grey;
  }
  return { columns: pixels.columns, rows: pixels.rows, channels: 1, bytes };
}

/** Modality values (PS3.3 C.11.1); a modality LUT is not applied. */
function rescaled(dataSet: DataSet, values: Float64Array): Float64Array {
  const slope = numberOf(dataSet, '00281053') ?? 1;
  const intercept = numberOf(dataSet, '00281052') ?? 0;
  if (slope === 1 && intercept === 0) return values;
  return values.map((value) => value * slope + intercept);
}

function ownWindow(dataSet: DataSet): Window | undefined {
  const [center] = numbersOf(dataSet, '00281050');
  const [width] = numbersOf(dataSet, '00281051');
  if (center === undefined || width === undefined || !(width > 0) || Number.isNaN(center)) return undefined;
  const named = textOf(dataSet, '00281056');
  const functions = { LINEAR_EXACT: 'linear-exact', SIGMOID: 'sigmoid' } as const;
  return { center, width, function: functions[named as keyof typeof functions] ?? 'linear' };
}

const QUANTILE_SAMPLES = 65_536;

function quantileWindow(values: Float64Array): Window {
  const step = Math.max(1, Math.floor(values.length / QUANTILE_SAMPLES));
  const some: number[] = [];
  for (let i = 0; i < values.length; i += step) {
    const value = values[i] ?? Number.NaN;
    if (Number.isFinite(value)) some.push(value);
  }
  some.sort((a, b) => a - b);
  const at = (share: number) => some[Math.round(share * (some.length - 1))] ?? 0;
  const [low, high] = [at(0.005), at(0.995)];
  return { center: (low + high) / 2, width: Math.max(high - low, 1e-9), function: 'linear-exact' };
}

/** 0 to 1. */
function shareOf({ center, width, function: kind }: Window, value: number): number {
  if (Number.isNaN(value)) return 0;
  if (kind === 'sigmoid') return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const share =
    kind === 'linear-exact' || width <= 1
      ? (value - center) / width + 0.5
      : (value - (center - 0.5)) / (width - 1) + 0.5;
  return Math.min(1, Math.max(0, share));
}

async function encoded(
  { columns, rows, channels, bytes }: Picture,
  order: PictureOrder,
): Promise<Uint8Array> {
  const { format, quality = 90, viewport } = order;
  const whole = sharp(bytes, { raw: { width: columns, height: rows, channels }, limitInputPixels: false });
  const cut = viewport === undefined ? whole : inViewport(whole, viewport, { columns, rows });
  const picture = channels === 1 ? cut.toColourspace('b-w') : cut;
  const out = format === 'png' ? picture.png({ compressionLevel: 6 }) : picture.jpeg({ quality });
  return new Uint8Array(await out.toBuffer());
}

/** The part asked for, as large as fits the viewport without changing its proportions. */
function inViewport(
  whole: Sharp,
  { width, height, source }: Viewport,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Sharp {
  const { x = 0, y = 0 } = source ?? {};
  const wide = source?.width ?? columns - x;
  const high = source?.height ?? rows - y;
  const part = { left: x, top: y, width: Math.abs(wide), height: Math.abs(high) };
  if (part.width < 1 || part.height < 1 || x + part.width > columns || y + part.height > rows) {
    const detail = `The frame has ${columns} columns and ${rows} rows; part of the viewport is outside it`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'viewport' });
  }
  const cut = whole
    .extract(part)
    .flop(wide < 0)
    .flip(high < 0);
  return cut.resize({ width, height, fit: 'inside' });
}
