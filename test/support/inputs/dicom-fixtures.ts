import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { QuirkName } from '../../../src/codec/dicom/read/quirks.ts';
import { readShared } from '../shared-data.ts';

/** What must come of a file: samples that are exact, samples that rounding may move, none, or a code. */
export type Outcome =
  | { readonly kind: 'exact'; readonly sha256: string; readonly decoders: readonly string[] }
  | {
      readonly kind: 'near';
      /** Base64 of the first decoder's samples. */
      readonly samples: string;
      readonly sha256: string;
      readonly tolerance: number;
      readonly decoders: readonly string[];
    }
  | { readonly kind: 'no-samples' }
  | { readonly kind: 'rejected'; readonly code: string };

/** Rows, columns, bits and colours by the header, as the script that wrote the file says. */
interface Shape {
  readonly syntax: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly bitsAllocated?: number;
  readonly bitsStored?: number;
  readonly signed?: boolean;
  readonly samples?: number;
  readonly photometric?: string;
  readonly frames?: number;
}

/** A small DICOM file of our own: fixtures/dicom/make.py writes it with encoders and decoders of others. */
export interface DicomFixture extends Shape {
  readonly file: string;
  readonly what: string;
  /** Files of others that it stands for, where those are not here. */
  readonly like: readonly string[];
  readonly quirks: readonly QuirkName[];
  readonly outcome: Outcome;
}

export const dicomFixtureFolder = fileURLToPath(new URL('../../../fixtures/dicom/', import.meta.url));

export const dicomFixtures: readonly DicomFixture[] = JSON.parse(
  readFileSync(`${dicomFixtureFolder}index.json`, 'utf8'),
);

export function readFixture({ file }: Pick<DicomFixture, 'file'>): Uint8Array {
  return new Uint8Array(readFileSync(dicomFixtureFolder + file));
}

/** The one fixture of this name, without folder and ending. */
export function dicomFixture(name: string): DicomFixture {
  const found = dicomFixtures.find(({ file }) => file.endsWith(`/${name}.dcm`));
  if (found === undefined) throw new Error(`fixtures/dicom has no ${name}.dcm`);
  return found;
}

/** Largest difference between two runs of samples of 8 or 16 bits; infinite where they are not equally many. */
export function largestDifference(ours: Uint8Array, theirs: Uint8Array, bits: number): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  const samples = (bytes: Uint8Array): ArrayLike<number> =>
    bits === 8 ? bytes : new Uint16Array(Uint8Array.from(bytes).buffer);
  const [a, b] = [samples(ours), samples(theirs)];
  let most = 0;
  for (let i = 0; i < a.length; i += 1) most = Math.max(most, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return most;
}

/** A row of the index beside the files of others: a file, and what independent decoders make of it. */
export interface ForeignRow {
  readonly path: string;
  readonly syntax: string;
  /** Rows, columns, bits allocated, bits stored, pixel representation, samples a pixel. */
  readonly geometry: readonly number[];
  readonly photometric: string;
  readonly frames: number;
  /** SHA-256 of the samples, or ERROR, NO-PIXELS, PARSE-ONLY. */
  readonly stated: readonly string[];
  readonly compare: string;
}

export function foreignRows(): readonly ForeignRow[] {
  const [, ...lines] = new TextDecoder().decode(readShared('dicom/INDEX.tsv')).trimEnd().split('\n');
  return lines
    .map((line) => line.split('\t'))
    .map((cell) => ({
      path: cell[0] ?? '',
      syntax: cell[1] ?? '',
      geometry: cell.slice(2, 8).map(Number),
      photometric: cell[8] ?? '',
      frames: Number(cell[9] ?? 1),
      stated: [cell[12] ?? '', cell[14] ?? ''].filter((one) => one !== ''),
      compare: cell[13] ?? '',
    }));
}
