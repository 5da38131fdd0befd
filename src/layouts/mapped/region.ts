import type { ConverterFile, Sdk } from '../../sdk/sdk.ts';

/** Bytes that values and samples are taken from: a whole file, or a part of one. */
export interface Region {
  readonly name: string;
  readonly size: number;
  /** Where it begins in its file. */
  readonly start: number;
  readonly file: ConverterFile;
}

export function wholeOf(file: ConverterFile): Region {
  return { name: file.name, size: file.size, start: 0, file };
}

/** A part of a region, to its end unless a length is given. @throws NII_TRUNCATED when it is not all there */
export function partOf(region: Region, at: number, length: number | undefined, sdk: Sdk): Region {
  const left = region.size - at;
  if (left < 0 || (length ?? 0) > left) {
    const detail = `${region.name}: ${length ?? 0} bytes at ${at} are needed, but it has ${region.size}`;
    throw sdk.error('NII_TRUNCATED', detail, region.start + Math.min(at, region.size));
  }
  return { ...region, start: region.start + at, size: length ?? left };
}

/** A view of bytes of the region. @throws NII_TRUNCATED */
export function bytesOf(region: Region, at: number, length: number, sdk: Sdk): Uint8Array {
  const { start, size } = partOf(region, at, length, sdk);
  return region.file.slice(start, start + size);
}

/** The region as the sdk's readers of texts take it. */
export function namedBytesOf(region: Region): { readonly name: string; readonly bytes: Uint8Array } {
  return { name: region.name, bytes: region.file.slice(region.start, region.start + region.size) };
}

/** First place of these bytes at or behind an offset, or undefined. */
export function placeOf(region: Region, wanted: Uint8Array, from: number): number | undefined {
  const { bytes } = namedBytesOf(region);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(wanted, from);
  return at < 0 ? undefined : at;
}
