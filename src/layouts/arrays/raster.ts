import { LOSSY_JPEG } from '../../codec/raster/image.ts';
import type { Raster } from '../../codec/raster/read.ts';
import { defined } from '../../core/defined.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { Json } from '../../core/scan/scan.ts';
import type { Converted, ConvertedChannel, ConverterFile, Sdk, View } from '../../sdk/sdk.ts';
import type { RasterLayout } from '../schema/layout.ts';
import { described, onlyImage, pitchOf, sourceOf, upright, VIEW } from './parts.ts';
import { coloured, partsOf, planeOf, type RasterPart, samplesOf } from './raster-planes.ts';
import type { NumpySidecar } from './sidecar.ts';
import { acquiredOf, circumstancesOf, sidecarOf, unitsOf } from './sidecar-values.ts';
import { statedOf } from './stated-scale.ts';

type SidecarChannel = NumpySidecar['channels'][number];

/** Reads a picture and the sidecar beside it. Without one, what is rendered is `display` and the rest is unknown. */
export async function readRasterFiles(
  layout: RasterLayout,
  format: string,
  files: readonly ConverterFile[],
  sdk: Sdk,
): Promise<Converted> {
  const file = onlyImage(files, sdk);
  const raster = await sdk.raster(file);
  const { sidecar, vendor, unused } = sidecarOf(files, sdk);
  const texts = files.filter(({ role }) => role === 'metadata');
  for (const { name } of texts) sdk.warn('NII_W_FILE_UNUSED', { field: name });
  const channels = named(raster, sidecar, layout, sdk).map(({ part, channel }) =>
    measured(part, {
      ...stated(part, channel, sdk),
      ...described(channel, sdk),
      ...pitchOf(layout, sidecar),
    }),
  );
  warnOf(channels, raster, file.name, sdk);
  return {
    source: sourceOf(layout, format, sidecar),
    acquired: acquiredOf(sidecar, sdk),
    ...circumstancesOf(sidecar),
    units: unitsOf(sidecar, channels[0]?.channel.columns ?? 0, sdk),
    views: [{ id: VIEW, display: displayOf(raster), channels: channels.map(({ channel }) => channel) }],
    planes: new Map(channels.map(({ channel, plane }) => [sdk.planeKey(VIEW, channel.id), plane])),
    attachments: [...unused, ...texts].map(({ name, role }) => ({
      name,
      kind: 'metadata',
      mediaType: role === 'metadata' ? 'application/xml' : 'application/json',
    })),
    vendor: {
      ...vendor,
      ...Object.fromEntries(texts.map((text) => [text.name, sdk.toJson(sdk.xml(text).root)])),
      [file.name]: factsOf(raster, sdk),
    },
  };
}

/** The sidecar stands above what the file says. A picture that was drawn for people has no scale. */
function stated(part: RasterPart, { kind }: SidecarChannel, sdk: Sdk): ReturnType<typeof statedOf> {
  const { label, rescale } = statedOf(part, sdk);
  return defined({ label, rescale: channelKinds[kind].isRendered ? undefined : rescale });
}

interface Named {
  readonly part: RasterPart;
  readonly channel: SidecarChannel;
}

/** A sidecar names the parts of the picture (pages, colours as one), or every single sample. */
function named(
  raster: Raster,
  sidecar: NumpySidecar | undefined,
  layout: RasterLayout,
  sdk: Sdk,
): readonly Named[] {
  const parts = partsOf(raster);
  if (sidecar === undefined)
    return parts.map((part, i) => ({ part, channel: unnamed(part, i, parts, layout) }));
  const wanted = sidecar.channels.length;
  const lists = [parts.filter(({ alpha }) => !alpha), parts, samplesOf(raster)];
  const fitting = lists.find(({ length }) => length === wanted);
  if (fitting === undefined) {
    const holds = [...new Set(lists.map(({ length }) => length))].join(' or ');
    throw sdk.error('NII_MALFORMED', `the sidecar describes ${wanted} channels, but the image has ${holds}`);
  }
  return fitting.flatMap((part, i) => {
    const channel = sidecar.channels[i];
    return channel === undefined ? [] : [{ part, channel }];
  });
}

function unnamed(
  part: RasterPart,
  index: number,
  parts: readonly RasterPart[],
  layout: RasterLayout,
): SidecarChannel {
  const alone = parts.filter(({ alpha }) => !alpha).length === 1;
  if (part.alpha) return { id: alone ? 'alpha' : `alpha-${part.pageIndex}`, kind: 'display' };
  if (!isRendered(part, layout)) return { id: `ch${index}`, kind: 'unknown' };
  return { id: alone ? 'display' : `ch${index}`, kind: 'display' };
}

/** Colours, what was compressed with loss, and where the format is one of pictures, 8 bits, are no measured values. */
function isRendered({ page, count }: RasterPart, { eightBits }: RasterLayout): boolean {
  const small = page.bitsStored <= 8 && page.sampleFormat === 'unsigned';
  const pictureLike = count === 3 || page.photometric === 'palette' || page.lossy;
  return small && (pictureLike || eightBits === 'display');
}

interface Measured {
  readonly channel: ConvertedChannel;
  readonly plane: Uint8Array;
}

function measured(
  part: RasterPart,
  channel: Omit<ConvertedChannel, 'rows' | 'columns' | 'bitsAllocated' | 'bitsStored' | 'sampleFormat'>,
): Measured {
  const { rows, columns, bitsAllocated, bitsStored, sampleFormat, photometric, palette } = part.page;
  const size = { rows, columns, bitsAllocated, bitsStored, sampleFormat };
  const plane = planeOf(part);
  if (channelKinds[channel.kind].isRendered && palette !== undefined && !part.alpha) {
    const colour = { samplesPerPixel: 3, photometric: 'RGB', bitsAllocated: 8, bitsStored: 8 } as const;
    return { channel: { ...channel, ...size, ...colour }, plane: coloured(plane, palette) };
  }
  const shown = part.count === 3 ? 'RGB' : photometric === 'inverted-grey' ? 'MONOCHROME1' : undefined;
  return {
    channel: {
      ...channel,
      ...size,
      samplesPerPixel: part.count,
      ...defined({ photometric: shown }),
    },
    plane,
  };
}

function warnOf(measured: readonly Measured[], { pages }: Raster, name: string, sdk: Sdk): void {
  if (measured.every(({ channel }) => channelKinds[channel.kind].isRendered))
    sdk.warn('NII_W_PREVIEW_ONLY', { field: name });
  if (measured.some(({ channel }) => channel.pitch === undefined)) sdk.warn('NII_W_PITCH_UNKNOWN');
  if (pages.some(({ lossy }) => lossy)) sdk.warn('NII_W_LOSSY', { field: name, value: LOSSY_JPEG });
}

/** Orientation of TIFF 6.0: which side of the scene the first row and the first column are. */
const orientations: Readonly<Record<number, View['display']>> = {
  2: { flipRows: false, rotate: 0, flipColumns: true },
  3: { flipRows: false, rotate: 180, flipColumns: false },
  4: { flipRows: true, rotate: 0, flipColumns: false },
  5: { flipRows: true, rotate: 270, flipColumns: false },
  6: { flipRows: false, rotate: 270, flipColumns: false },
  7: { flipRows: true, rotate: 90, flipColumns: false },
  8: { flipRows: false, rotate: 90, flipColumns: false },
};

function displayOf({ tags }: Raster): View['display'] {
  const { Orientation } = tags;
  return (typeof Orientation === 'number' ? orientations[Orientation] : undefined) ?? upright;
}

function factsOf({ format, pages, tags }: Raster, sdk: Sdk): Json {
  return {
    format,
    pages: pages.map(({ photometric, samplesPerPixel, palette }) => ({
      photometric,
      samplesPerPixel,
      ...defined({ palette: palette === undefined ? undefined : sdk.hex(palette) }),
    })),
    tags,
  };
}
