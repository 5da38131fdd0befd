import type { ConvertedView, ConverterFile, RasterPage, Sdk } from '../../src/convert/sdk.ts';

const CHANNEL = 'display';

export interface Picture {
  readonly view: ConvertedView;
  /** Its only one. */
  readonly channel: string;
  readonly samples: Uint8Array;
}

/** What a picture is refused with. */
const refusals: readonly unknown[] = [
  'NII_MALFORMED',
  'NII_TRUNCATED',
  'NII_UNSUPPORTED_VARIANT',
  'NII_LIMIT_PIXELS',
  'NII_LIMIT_EXPANSION',
];

/**
 * The rendered picture that comes ahead of the channels, as a channel for people; undefined where none came or none
 * can be read. Once a channel is there the picture is an attachment.
 */
export async function pictureAhead(
  files: readonly ConverterFile[],
  viewId: string,
  sdk: Sdk,
): Promise<Picture | undefined> {
  const file = files.find(({ role }) => role === 'picture');
  const page = file === undefined ? undefined : await pageOf(file, sdk);
  if (page === undefined) return undefined;
  sdk.warn('NII_W_PREVIEW_ONLY');
  if (page.lossy) sdk.warn('NII_W_LOSSY', { field: CHANNEL });
  return { view: viewOf(page, viewId), channel: CHANNEL, samples: page.samples };
}

async function pageOf(file: ConverterFile, sdk: Sdk): Promise<RasterPage | undefined> {
  try {
    const { pages } = await sdk.raster(file);
    return pages[0];
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && refusals.includes(error.code))) throw error;
    const message = error.message;
    sdk.warn('NII_W_CHANNEL_INCOMPLETE', { field: CHANNEL, value: file.name, message });
    return undefined;
  }
}

function viewOf(page: RasterPage, id: string): ConvertedView {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, sampleFormat } = page;
  return {
    id,
    // A rendered picture is upright already
    display: { flipRows: false, rotate: 0, flipColumns: false },
    channels: [
      {
        id: CHANNEL,
        kind: 'display',
        rows,
        columns,
        frames: 1,
        samplesPerPixel,
        planar: false,
        bitsAllocated,
        bitsStored,
        sampleFormat,
        polarity: 'none',
        ...(samplesPerPixel === 3 ? { photometric: 'RGB' } : {}),
      },
    ],
  };
}
