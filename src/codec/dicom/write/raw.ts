import { hasLongLength, isByteVr } from '../data-set.ts';
import type { RawElement, RawItem, RawValue } from '../raw.ts';
import { encapsulatedParts, explicitHeader, implicitHeader, item, undefinedLength } from './write.ts';

/** How a data set names its elements: with value representations, or by tag alone (PS3.5 A.1, A.2). */
type VrEncoding = 'explicit' | 'implicit';

const shortLengthCeiling = 0xffff;

/**
 * A little-endian data set with the very bytes that its values were read from, in the order of its elements; sequences
 * keep the way in which they say their length.
 */
export function encodeRaw(elements: readonly RawElement[], encoding: VrEncoding): Uint8Array {
  return Buffer.concat(elements.flatMap((element) => parts(element, encoding)));
}

function parts(element: RawElement, encoding: VrEncoding): readonly Uint8Array[] {
  switch (element.kind) {
    case 'value': {
      const body = even(littleEndian(element), element.vr);
      return [head(element.tag, element.vr, body.length, encoding), body];
    }
    case 'fragments':
      return encapsulatedParts(element.tag, 'OB', element.value);
    case 'sequence': {
      const body = element.items.flatMap((one) => itemParts(one, encoding));
      if (element.hasLength) return [head(element.tag, 'SQ', total(body), encoding), ...body];
      return [head(element.tag, 'SQ', undefinedLength, encoding), ...body, item('fffee0dd', 0)];
    }
  }
}

function itemParts({ hasLength, elements }: RawItem, encoding: VrEncoding): readonly Uint8Array[] {
  const body = encodeRaw(elements, encoding);
  if (hasLength) return [item('fffee000', body.length), body];
  return [item('fffee000', undefinedLength), body, item('fffee00d', 0)];
}

function total(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** A value too long for the 16-bit length of its VR is written as UN (PS3.5 6.2.2). */
function head(tag: string, vr: string, length: number, encoding: VrEncoding): Uint8Array {
  if (encoding === 'implicit') return implicitHeader(tag, length);
  return explicitHeader(tag, hasLongLength(vr) || length <= shortLengthCeiling ? vr : 'UN', length);
}

function even(bytes: Uint8Array, vr: string): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  return Buffer.concat([bytes, Uint8Array.of(vr === 'UI' || isByteVr(vr) ? 0 : 0x20)]);
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

/** A big-endian value turned round; what lies behind its last whole number stays. */
function littleEndian({ bytes, vr, bigEndian }: RawValue): Uint8Array {
  const unit = unitBytes[vr];
  if (!bigEndian || unit === undefined) return bytes;
  const copy = Buffer.from(bytes);
  const whole = copy.subarray(0, copy.length - (copy.length % unit));
  if (unit === 2) whole.swap16();
  else if (unit === 4) whole.swap32();
  else whole.swap64();
  return copy;
}
