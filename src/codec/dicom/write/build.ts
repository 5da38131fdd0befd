import type { ByteVr, DataSet, DicomElement, Encapsulated, NumberVr, TextVr } from '../data-set.ts';

/** Elements of a data set to write, named by VR: short, because a data set is a table of them. */
export function text(tag: string, vr: TextVr, ...value: readonly string[]): DicomElement {
  return { tag, vr, value };
}

export function numbers(tag: string, vr: NumberVr, ...value: readonly number[]): DicomElement {
  return { tag, vr, value };
}

export function sequence(tag: string, ...value: readonly DataSet[]): DicomElement {
  return { tag, vr: 'SQ', value };
}

export function binary(tag: string, vr: ByteVr, value: Uint8Array | Encapsulated): DicomElement {
  return { tag, vr, value };
}

/** A number as DS: at most 16 characters (PS3.5 6.2), the nearest decimal that fits. */
export function decimalString(value: number): string {
  const plain = String(value);
  if (plain.length <= 16) return plain;
  for (let digits = 15; digits > 1; digits -= 1) {
    const candidate = String(Number(value.toPrecision(digits)));
    if (candidate.length <= 16) return candidate;
  }
  return value.toExponential(8);
}
