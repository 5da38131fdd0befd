import { readFile } from 'node:fs/promises';
import { checkScan } from '../core/check-scan.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ScanWithPlanes } from '../core/scan.ts';
import { COMPANION } from './companions.ts';
import { finish } from './finish.ts';
import type { GroupedFile } from './group.ts';
import { layoutReader } from './layout.ts';
import type { ConverterPackage } from './registry.ts';
import type { ConverterFile, Read } from './sdk.ts';
import { toolbox } from './toolbox.ts';

/** A staged file without its head, which conversion does not need. */
export type FileToConvert = Omit<GroupedFile, 'head'>;

export interface Conversion {
  readonly converter: ConverterPackage;
  readonly files: readonly FileToConvert[];
  readonly limits: Limits;
}

/**
 * Converts in this process, without the guard on time and memory: for tests and for what is trusted.
 * @throws every code a converter may refuse with; anything else it throws becomes NII_CONVERTER_CRASHED
 */
export async function runInProcess({ converter, files, limits }: Conversion): Promise<ScanWithPlanes> {
  checkCeiling(converter, files);
  const companions = files.filter(({ role }) => role === COMPANION);
  const loaded = await Promise.all(files.filter((file) => !companions.includes(file)).map(loadFile));
  const { sdk, warnings } = toolbox(limits, converter.manifest.defaults);
  for (const { name } of companions) sdk.warn('NII_W_FILE_UNUSED', { field: name });
  const converted = await guarded(() => readerOf(converter)(loaded, sdk));
  return checkScan(finish(converted, warnings, converter.manifest, files), limits);
}

function checkCeiling({ manifest }: ConverterPackage, files: readonly FileToConvert[]): void {
  const large = files.find(({ bytes }) => bytes > manifest.ceilingBytes);
  if (large === undefined) return;
  const detail = `${large.name}: ${large.bytes} bytes; files of ${manifest.id} have at most ${manifest.ceilingBytes}`;
  throw new NiiError('NII_LIMIT_BYTES', { detail, field: large.name });
}

async function loadFile({ name, role, complete, path }: FileToConvert): Promise<ConverterFile> {
  const bytes = await readFile(path);
  return { name, role, complete, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

function readerOf({ manifest, read }: ConverterPackage): Read {
  if (manifest.layout !== undefined) return layoutReader(manifest.layout, manifest.formats[0] ?? manifest.id);
  if (read !== undefined) return read;
  throw new NiiError('NII_CONFIG', `converter ${manifest.id} has no reader`);
}

async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NiiError) throw cause;
    throw new NiiError('NII_CONVERTER_CRASHED', { detail: 'the reader failed on this file', cause });
  }
}
