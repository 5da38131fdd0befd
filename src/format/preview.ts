import { sharp } from '../codec/raster/libvips.ts';
import { previewedChannel } from '../core/scan/channel-kinds.ts';
import { type PlaneSource, planesInMemory, type ScanWithSources } from '../core/scan/plane-source.ts';
import { type Channel, planeKey, type ScanWithPlanes, type View } from '../core/scan/scan.ts';
import { type ClassColours, classColours } from './class-colours.ts';
import { downscaleSource, type Means, pickSource } from './downscale.ts';
import { orient, type Picture } from './orient.ts';
import { longestSide, previewSideOf, thumbnailSide } from './shown.ts';
import { colourCurve, toneCurve } from './tone.ts';

export interface Previews {
  /** PNG of 8 bits, longest side as `previewSideOf` says; upright. */
  readonly preview: Uint8Array;
  /** The same at most `thumbnailSide`. */
  readonly thumbnail: Uint8Array;
}

/** Pictures of a scan for people; see `toneCurve` for what their greys mean. Undefined for a scan without samples. */
export function renderPreview({ scan, planes }: ScanWithPlanes): Promise<Previews | undefined> {
  return renderPreviewOf({ scan, planes: planesInMemory(planes) });
}

/** The same, of planes that may lie in files. */
export async function renderPreviewOf({ scan, planes }: ScanWithSources): Promise<Previews | undefined> {
  const shown = previewedChannel(scan.views);
  if (shown === undefined) return undefined;
  const plane = planes.get(planeKey(shown.view.id, shown.channel.id));
  if (plane === undefined) return undefined;
  return {
    preview: await pngOf(renderChannel(shown.view, shown.channel, plane, previewSideOf(shown.channel))),
    thumbnail: await pngOf(renderChannel(shown.view, shown.channel, plane, thumbnailSide)),
  };
}

/** An 8-bit map of grey values as PNG. */
export function greyPng(map: {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
}): Promise<Uint8Array> {
  return pngOf({ ...map, channels: 1 });
}

/** One channel as a picture of 8 bits, made smaller first, then toned, then turned upright. */
export function renderChannel(
  view: Pick<View, 'display'>,
  channel: Channel,
  plane: PlaneSource,
  maxSide: number,
): Picture {
  const classes = classColours(channel);
  if (classes !== undefined) return renderClasses(view, pickSource(channel, plane, maxSide), classes);
  const isColour = channel.samplesPerPixel === 3 && !channel.photometric?.startsWith('YBR');
  const samples = isColour ? [0, 1, 2] : [0];
  const means = samples.map((sample) => downscaleSource(channel, plane, maxSide, sample));
  const [first] = means;
  if (first === undefined) throw new RangeError('a channel has at least one sample a pixel');
  const { rows, columns } = first;
  const toned = means.map((mean) =>
    (isColour ? colourCurve(channel, mean) : toneCurve(channel, mean))(mean.values),
  );
  const [grey] = toned;
  const bytes = isColour || grey === undefined ? byPixel(toned) : grey;
  return orient({ rows, columns, channels: isColour ? 3 : 1, bytes }, view.display);
}

/** Colours that lie plane by plane, pixel by pixel. */
function byPixel(colours: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(colours.reduce((sum, { length }) => sum + length, 0));
  for (const [sample, colour] of colours.entries())
    for (let cell = 0; cell < colour.length; cell += 1)
      bytes[cell * colours.length + sample] = colour[cell] ?? 0;
  return bytes;
}

/** Classes in the colours of the trade. */
function renderClasses(
  { display }: Pick<View, 'display'>,
  { rows, columns, values }: Means,
  classes: ClassColours,
): Picture {
  const bytes = new Uint8Array(rows * columns * 3);
  for (const [cell, value] of values.entries()) bytes.set(classes.of(value), cell * 3);
  return orient({ rows, columns, channels: 3, bytes }, display);
}

/** A PNG of ours, of 8 bits. */
export async function pixelsOfPng(png: Uint8Array): Promise<Picture> {
  const picture = sharp(png, { limitInputPixels: longestSide ** 2 });
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const { width: columns, height: rows, channels } = info;
  if (channels !== 1 && channels !== 3)
    throw new RangeError(`a rendered image has 1 or 3 colours, not ${channels}`);
  return { rows, columns, channels, bytes: new Uint8Array(data) };
}

/** Of a preview of 2 million pixels: half the time of level 6, and 1.6 % more bytes. */
const PNG_LEVEL = 3;

/** A picture as PNG. */
export async function pngOf({ rows, columns, channels, bytes }: Picture): Promise<Uint8Array> {
  const raw = { width: columns, height: rows, channels };
  const picture = sharp(bytes, { raw, limitInputPixels: false });
  const space = channels === 1 ? picture.toColourspace('b-w') : picture;
  return new Uint8Array(await space.png({ compressionLevel: PNG_LEVEL }).toBuffer());
}
