import { createRequire } from 'node:module';
import { NiiError } from '../../core/errors.ts';

type SharpModule = typeof import('sharp').default;

let loaded: SharpModule | undefined;

/** The library sharp. It is native code of many megabytes: loaded for the first picture, with one thread and no cache. */
export function sharp(...args: Parameters<SharpModule>): ReturnType<SharpModule> {
  loaded ??= loadSharp();
  return loaded(...args);
}

/** The memory of a conversion is its own, and small. */
function loadSharp(): SharpModule {
  const module: SharpModule = createRequire(import.meta.url)('sharp');
  module.cache(false);
  module.concurrency(1);
  return module;
}

/** What is asked of libvips; the answer must be exactly so. */
export interface Wanted {
  readonly rows: number;
  readonly columns: number;
  readonly bands: number;
  readonly bits: 8 | 16;
  readonly page?: number;
}

/**
 * Samples of a picture as libvips decodes it, interleaved, without any change of colours. Damage and an early end are
 * rejected, not filled: libjpeg only warns of a stream that is too short, and paints the rest grey. What is wanted comes
 * from the header and has been held against the limits.
 * @throws NII_MALFORMED
 */
export async function decodeByLibvips(bytes: Uint8Array, wanted: Wanted, name: string): Promise<Uint8Array> {
  const { rows, columns, bands, bits, page } = wanted;
  const space = (bands >= 3 ? ['srgb', 'rgb16'] : ['b-w', 'grey16'])[bits === 8 ? 0 : 1] ?? 'srgb';
  const input = { failOn: 'warning', ignoreIcc: true, limitInputPixels: rows * columns } as const;
  try {
    const { data, info } = await sharp(bytes, page === undefined ? input : { ...input, page })
      .pipelineColourspace(space)
      .toColourspace(space)
      .raw({ depth: bits === 8 ? 'uchar' : 'ushort' })
      .toBuffer({ resolveWithObject: true });
    const agrees = info.width === columns && info.height === rows && info.channels === bands;
    if (agrees) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  } catch (cause) {
    const detail = `${name}: the picture cannot be decoded`;
    throw new NiiError('NII_MALFORMED', { detail, field: name, cause });
  }
  throw new NiiError('NII_MALFORMED', {
    detail: `${name}: the pixel data does not match the header`,
    field: name,
  });
}
