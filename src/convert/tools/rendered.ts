import type { Raster, RasterPage } from '../../codec/raster/read.ts';
import { defined } from '../../core/defined.ts';
import { type ErrorCode, isNiiError, NiiError } from '../../core/errors.ts';
import type { ConvertedChannel, NamedBytes, Rendered, Sdk } from '../../sdk/sdk.ts';

/** What a picture is rejected with; anything else is no fault of the picture. */
const pictureErrors: ReadonlySet<ErrorCode> = new Set([
  'NII_MALFORMED',
  'NII_TRUNCATED',
  'NII_UNSUPPORTED_VARIANT',
  'NII_LIMIT_PIXELS',
  'NII_LIMIT_EXPANSION',
]);

/** The first page of a rendered picture as a channel for people; see `Sdk.rendered`. */
export async function renderedPicture(
  file: NamedBytes,
  id: string,
  raster: (file: NamedBytes) => Promise<Raster>,
  warn: Sdk['warn'],
): Promise<Rendered | undefined> {
  try {
    const [page] = (await raster(file)).pages;
    if (page === undefined) return undefined;
    return { channel: channelOf(page, id), samples: page.samples, lossy: page.lossy };
  } catch (error) {
    if (!isNiiError(error) || !pictureErrors.has(error.code)) throw error;
    warn('NII_W_CHANNEL_INCOMPLETE', { field: id, value: file.name, message: error.message });
    return undefined;
  }
}

function channelOf(page: RasterPage, id: string): ConvertedChannel {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, sampleFormat } = page;
  if (samplesPerPixel !== 1 && samplesPerPixel !== 3)
    throw new NiiError(
      'NII_UNSUPPORTED_VARIANT',
      `unsupported image with ${samplesPerPixel} samples per pixel`,
    );
  return {
    id,
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
    ...defined({ photometric: samplesPerPixel === 3 ? 'RGB' : undefined }),
  };
}
