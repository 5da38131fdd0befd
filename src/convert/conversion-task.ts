import type { Limits } from '../core/limits.ts';
import type { Conversion, FileToConvert } from './in-process.ts';

/** What the parent asks of the child process: one conversion, planes and record into a folder. */
export interface ConversionTask {
  /** The converter's. */
  readonly folder: string;
  readonly files: readonly FileToConvert[];
  /** Empty; gets the record and the planes. */
  readonly workDir: string;
  readonly limits: Limits;
}

/** What the child answers once record and planes are written. */
export const CONVERTED = 'converted';

export const RECORD_FILE = 'record.json';

/** Name of the file that holds a plane; keys are lower-case letters, digits and hyphens by the schema. */
export function planeFile(key: string): string {
  return `${key}.raw`;
}

/** Without the heads of the files, which the reader takes from the files themselves. */
export function conversionTask({ converter, files, limits }: Conversion, workDir: string): ConversionTask {
  const plain = files.map(({ name, role, complete, path, bytes, sha256 }) => {
    return { name, role, complete, path, bytes, sha256 };
  });
  return { folder: converter.folder, files: plain, workDir, limits };
}
