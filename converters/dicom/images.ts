import type { DicomFile, DicomPixels } from '../../src/sdk/sdk.ts';
import type { Failures } from './failures.ts';
import { foreignChannel, foreignViewId } from './foreign.ts';
import type { Image } from './image.ts';
import { ownChannel } from './own.ts';
import type { DicomSdk } from './tools.ts';

/** Files of one scan; the record holds no more originals. */
const IMAGES_CEILING = 1024;

/** What could be decoded, and the names of the files whose samples could not. */
export interface Decoded {
  readonly images: readonly Image[];
  readonly undecoded: readonly string[];
}

/** Decodes file by file. Damage in a compressed stream costs that file its samples; of damage around it, it fails. */
export async function decodeAll(
  files: readonly DicomFile[],
  failures: Failures,
  sdk: DicomSdk,
): Promise<Decoded> {
  if (files.length > IMAGES_CEILING) {
    const detail = `${files.length} images; at most ${IMAGES_CEILING} are one scan here`;
    throw sdk.error('NII_UNSUPPORTED_VARIANT', detail);
  }
  const images: Image[] = [];
  const undecoded: string[] = [];
  for (const file of files) {
    try {
      const image = await decode(file, sdk);
      if (image === undefined) undecoded.push(file.name);
      else images.push(image);
    } catch (error) {
      failures.add(file.name, error);
    }
  }
  return { images, undecoded };
}

async function decode(file: DicomFile, sdk: DicomSdk): Promise<Image | undefined> {
  file.geometry();
  try {
    return await imageOf(file, sdk);
  } catch (error) {
    if (!isDamagedStream(file, error)) throw error;
    const message = `The samples are not decoded: ${error.message}`;
    sdk.warn('NII_W_NOT_DECODED', { field: file.name, message });
    return undefined;
  }
}

/** The header is whole and names the samples; only the compressed stream, or its transfer syntax, is lost. */
function isDamagedStream(file: DicomFile, error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (file.quirks.some(({ quirk }) => quirk === 'lost-head')) return true;
  return file.isEncapsulated && (error.code === 'NII_MALFORMED' || error.code === 'NII_TRUNCATED');
}

async function imageOf(file: DicomFile, sdk: DicomSdk): Promise<Image> {
  const pixels = await file.pixels();
  warnOf(pixels, file, sdk);
  const own = ownChannel(file, pixels, sdk);
  if (own !== undefined) return own;
  return {
    view: {
      id: foreignViewId(file.dataSet, pixels, sdk),
      display: { flipRows: false, rotate: 0, flipColumns: false },
    },
    channel: foreignChannel(file, pixels, sdk),
    samples: pixels.bytes,
    dataSet: file.dataSet,
  };
}

function warnOf({ lossy, trailingBytes }: DicomPixels, file: DicomFile, sdk: DicomSdk): void {
  const { name: field } = file;
  if (lossy) sdk.warn('NII_W_LOSSY', { field, ...lossyMethodOf(file, sdk) });
  if (trailingBytes > 0) sdk.warn('NII_W_TRAILING_BYTES', { field, value: String(trailingBytes) });
}

/** Lossy Image Compression Method by the syntax of the stream (PS3.3 C.7.6.1.1.5.1). */
const methods: Readonly<Record<string, string>> = {
  '50': 'ISO_10918_1',
  '51': 'ISO_10918_1',
  '53': 'ISO_10918_1',
  '55': 'ISO_10918_1',
  '81': 'ISO_14495_1',
  '91': 'ISO_15444_1',
  '203': 'ISO_15444_15',
};

/** As the file states it in (0028,2114), else by its transfer syntax. */
function lossyMethodOf({ dataSet, transferSyntax }: DicomFile, sdk: DicomSdk): { readonly value?: string } {
  const [, last = ''] = /^1\.2\.840\.10008\.1\.2\.4\.([0-9]+)$/.exec(transferSyntax) ?? [];
  const value = sdk.dicom.text(dataSet, '00282114') ?? methods[last];
  return value === undefined ? {} : { value: sdk.clip(value) };
}
