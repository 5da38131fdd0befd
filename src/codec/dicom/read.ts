import { type DataSet, textOf } from './data-set.ts';
import { toDataSet, toFileMeta } from './elements.ts';
import { type DicomLimits, parsePart10, refusal } from './parse.ts';
import { type DicomPixels, pixelElement, readPixels } from './pixels.ts';
import { transferSyntaxes } from './syntaxes.ts';

/** A Part 10 file. Its values are views of the file's bytes: keep those alive as long as this. */
export interface DicomFile {
  readonly name: string;
  /** UID, from (0002,0010). */
  readonly transferSyntax: string;
  /** Binary values lie in the file's byte order; numbers and `pixels()` are already right. */
  readonly bigEndian: boolean;
  /** File meta information and data set, in the file's order. Read with `textOf`, `numberOf`, `itemsOf`. */
  readonly dataSet: DataSet;
  readonly hasPixels: boolean;
  /** What was odd and did not stop the reading, in dicom-parser's words. */
  readonly warnings: readonly string[];
  /** Decodes the samples; see `readPixels` for what is refused. */
  readonly pixels: () => Promise<DicomPixels>;
}

/**
 * Reads a DICOM or DICOS Part 10 file: implicit and explicit little-endian, explicit big-endian, deflated; the
 * data set of any encapsulated syntax, the pixels of those in `transferSyntaxes`.
 * @throws NII_UNSUPPORTED_VARIANT, NII_MALFORMED, NII_TRUNCATED, NII_LIMIT_EXPANSION, NII_LIMIT_DEPTH
 */
export function readDicom(bytes: Uint8Array, name: string, limits: DicomLimits): DicomFile {
  const parsed = parsePart10(bytes, name, limits);
  const meta = toFileMeta(parsed, name);
  const transferSyntax = textOf(meta, '00020010');
  if (transferSyntax === undefined) throw refusal('NII_UNSUPPORTED_VARIANT', name, 'no transfer syntax UID');
  const bigEndian = transferSyntaxes[transferSyntax]?.bigEndian === true;
  const dataSet = [...meta, ...toDataSet(parsed, { name, bigEndian, maxDepth: limits.depth })];
  return {
    name,
    transferSyntax,
    bigEndian,
    dataSet,
    hasPixels: pixelElement(dataSet) !== undefined,
    warnings: parsed.dataSet.warnings,
    pixels: () => readPixels(dataSet, transferSyntax, name, limits),
  };
}
