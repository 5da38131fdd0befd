import type { Sdk } from '../../sdk/sdk.ts';
import type { NumberType } from '../schema/field.ts';
import { bytesOf, type Region } from './region.ts';

const width: Readonly<Record<string, number>> = { '8': 1, '16': 2, '32': 4, '64': 8 };

/** Bytes that a number of this type takes. */
export function bytesOfType(type: NumberType): number {
  return width[type.replace(/\D/g, '')] ?? 1;
}

/** The number at an offset; a 64-bit one that no double holds exactly comes as text. @throws NII_TRUNCATED */
export function numberAt(region: Region, at: number, type: NumberType, sdk: Sdk): number | string {
  const bytes = bytesOf(region, at, bytesOfType(type), sdk);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return read(view, type);
}

function read(view: DataView, type: NumberType): number | string {
  const little = type.endsWith('le');
  switch (type) {
    case 'u8':
      return view.getUint8(0);
    case 'i8':
      return view.getInt8(0);
    case 'u16le':
    case 'u16be':
      return view.getUint16(0, little);
    case 'i16le':
    case 'i16be':
      return view.getInt16(0, little);
    case 'u32le':
    case 'u32be':
      return view.getUint32(0, little);
    case 'i32le':
    case 'i32be':
      return view.getInt32(0, little);
    case 'u64le':
    case 'u64be':
      return exact(view.getBigUint64(0, little));
    case 'i64le':
    case 'i64be':
      return exact(view.getBigInt64(0, little));
    case 'f32le':
    case 'f32be':
      return finite(view.getFloat32(0, little));
    case 'f64le':
    case 'f64be':
      return finite(view.getFloat64(0, little));
  }
}

function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** JSON has neither NaN nor infinities. */
function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
