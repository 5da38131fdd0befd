import type { DicomElement } from './data-set.ts';

/**
 * The bytes that values were read from, little-endian: so that a file can be written again without touching what it
 * says. A text decoded and encoded, or a number as it prints, need not give the same bytes.
 */
const stored = new WeakMap<DicomElement, Uint8Array>();

export function withStoredBytes(element: DicomElement, bytes: Uint8Array, bigEndian: boolean): DicomElement {
  stored.set(element, bigEndian ? swapped(bytes, element.vr) : bytes);
  return element;
}

/** Undefined for sequences, compressed pixels, and elements that were not read from a file. */
export function storedBytes(element: DicomElement): Uint8Array | undefined {
  return stored.get(element);
}

/** Bytes of one number of a VR. AT is two numbers. */
const unitBytes: Readonly<Record<string, 2 | 4 | 8>> = {
  US: 2,
  SS: 2,
  OW: 2,
  AT: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  FD: 8,
  OD: 8,
  OV: 8,
  SV: 8,
  UV: 8,
};

/** A big-endian value as little-endian; what lies behind the last whole number stays. */
function swapped(bytes: Uint8Array, vr: string): Uint8Array {
  const unit = unitBytes[vr];
  if (unit === undefined) return bytes;
  const copy = Buffer.from(bytes);
  const whole = copy.subarray(0, copy.length - (copy.length % unit));
  if (unit === 2) whole.swap16();
  else if (unit === 4) whole.swap32();
  else whole.swap64();
  return copy;
}
