import { type DevelopedSides, type PhotographType, photographLimits } from '../../core/case/photograph.ts';
import { NiiError } from '../../core/errors.ts';
import { ByteReader } from '../bytes.ts';
import { sharp } from './libvips.ts';

/** A photograph as it is shown. */
export interface Developed extends DevelopedSides {
  /** What the file is, by its content. */
  readonly type: PhotographType;
  readonly jpeg: Uint8Array;
}

const QUALITY = 82;

/**
 * Upright and in sRGB, at most as large as is shown, and without what the camera wrote beside it: place, time, camera,
 * small copies. What cannot be decoded to its end is rejected.
 * @throws NII_MEDIA_TYPE, NII_MALFORMED, NII_LIMIT_PIXELS
 */
export async function developPhotograph(bytes: Uint8Array): Promise<Developed> {
  const type = typeOf(bytes);
  const { shownSide: side } = photographLimits;
  try {
    const picture = () => sharp(bytes, { failOn: 'error', limitInputPixels: false, pages: 1 });
    const { width, height } = await picture().metadata();
    requirePixels(width, height);
    const { data, info } = await picture()
      .rotate()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .jpeg({ quality: QUALITY })
      .toBuffer({ resolveWithObject: true });
    return { type, jpeg: data, rows: info.height, columns: info.width };
  } catch (cause) {
    if (cause instanceof NiiError) throw cause;
    throw new NiiError('NII_MALFORMED', {
      detail: `The photograph cannot be decoded as ${type}: take it again, or send it as JPEG`,
      cause,
    });
  }
}

function requirePixels(columns: number, rows: number): void {
  const { pixels } = photographLimits;
  if (columns > 0 && rows > 0 && columns * rows <= pixels) return;
  const detail = `The photograph has ${columns} x ${rows} pixels: use at most ${pixels}`;
  throw new NiiError('NII_LIMIT_PIXELS', detail);
}

/** Only these reach the decoder, whatever else it could read. */
function typeOf(bytes: Uint8Array): PhotographType {
  const start = hex(new ByteReader(bytes, 'photograph').peek(12));
  if (start.startsWith('ffd8ff')) return 'image/jpeg';
  if (start.startsWith('89504e470d0a1a0a')) return 'image/png';
  // RIFF, four bytes of length, WEBP
  if (/^52494646.{8}57454250$/.test(start)) return 'image/webp';
  const detail = `The file is not a supported photograph: it begins with ${start.slice(0, 16) || 'nothing'}. Use JPEG, PNG or WebP`;
  throw new NiiError('NII_MEDIA_TYPE', detail);
}

const hex = (bytes: Uint8Array) => [...bytes].map((value) => value.toString(16).padStart(2, '0')).join('');
