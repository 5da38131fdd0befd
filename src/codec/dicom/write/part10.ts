import type { DataSet } from '../data-set.ts';
import { binary, text } from './build.ts';
import { dataSetPieces, encodeDataSet } from './write.ts';

/** What the file meta information says (PS3.10 7.1). */
export interface Part10 {
  readonly sopClass: string;
  readonly sopInstance: string;
  /** Of the data set: explicit VR little-endian, or a syntax that encapsulates only the pixels in it. */
  readonly transferSyntax: string;
  readonly implementationClass: string;
  /** At most 16 characters. */
  readonly implementationVersion: string;
  /** (0002,0004), an element of DICOS alone. */
  readonly dicosVersion?: string;
}

/** A Part 10 file: preamble of zeros, prefix, file meta information, data set. */
export function encodePart10(dataSet: DataSet, about: Part10): Uint8Array {
  const meta = encodeDataSet(fileMeta(about));
  const length = encodeDataSet([{ tag: '00020000', vr: 'UL', value: [meta.length] }]);
  const prefix = Buffer.from('DICM', 'latin1');
  return joined([new Uint8Array(128), prefix, length, meta, ...dataSetPieces(dataSet)]);
}

/** Copied once: what a file of pixels takes is taken from the memory of a conversion. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function fileMeta(about: Part10): DataSet {
  const version = about.dicosVersion;
  return [
    binary('00020001', 'OB', Uint8Array.of(0, 1)),
    text('00020002', 'UI', about.sopClass),
    text('00020003', 'UI', about.sopInstance),
    ...(version === undefined ? [] : [text('00020004', 'CS', version)]),
    text('00020010', 'UI', about.transferSyntax),
    text('00020012', 'UI', about.implementationClass),
    text('00020013', 'SH', about.implementationVersion),
  ];
}
