import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { checkScan } from '../core/scan/check-scan.ts';
import { planesInMemory } from '../core/scan/plane-source.ts';
import type { Planes, ScanWithPlanes, Warning } from '../core/scan/scan.ts';
import { layoutReader } from '../layouts/layout.ts';
import { unreadRoles } from '../recognise/companions.ts';
import type { GroupedFile } from '../recognise/files.ts';
import { type ConverterPackage, loadReader } from '../recognise/registry.ts';
import type { Converted, Read } from '../sdk/sdk.ts';
import { openConverterFile } from './converter-file.ts';
import { finish } from './finish.ts';
import { toolbox } from './tools/toolbox.ts';

/** Is told how many pixels are about to be decoded, as their headers claim, and 0 when that has ended. */
export type OnDecode = (pixels: number) => void;

/** A staged file without its head, which conversion does not need. */
export type FileToConvert = Omit<GroupedFile, 'head'>;

export interface Conversion {
  readonly converter: ConverterPackage;
  readonly files: readonly FileToConvert[];
  readonly limits: Limits;
}

/** What a reader returned and warned of; its streams may be read until `use` ends. */
export interface Reading {
  readonly converted: Converted;
  readonly warnings: readonly Warning[];
}

/**
 * Converts in this process, without the guard on time and memory: for tests and for what is trusted.
 * @throws every code a converter may reject with; anything else it throws becomes NII_CONVERTER_CRASHED
 */
export function runInProcess(conversion: Conversion): Promise<ScanWithPlanes> {
  return withReading(conversion, ({ converted, warnings }) => {
    const planes = allInMemory(converted);
    const { manifest } = conversion.converter;
    const scan = finish(converted, planesInMemory(planes), warnings, manifest, conversion.files);
    return checkScan({ scan, planes }, conversion.limits);
  });
}

/** Runs the reader and hands on what it returned while its files are open. @throws as runInProcess */
export async function withReading<T>(
  { converter, files, limits }: Conversion,
  use: (reading: Reading) => T,
  onDecode: OnDecode = () => {},
): Promise<T> {
  const unread = files.filter(({ role }) => Object.hasOwn(unreadRoles, role));
  const own = files.filter((file) => !unread.includes(file));
  checkCeiling(converter, own);
  const read = await readerOf(converter);
  const opened = own.map((file) => openConverterFile(file, file.path));
  try {
    const { sdk, warnings } = toolbox(limits, converter.manifest.defaults, onDecode);
    for (const { name, role } of unread) sdk.warn(unreadRoles[role] ?? 'NII_W_FILE_UNUSED', { field: name });
    const given = opened.map(({ file }) => file);
    return use({ converted: await guarded(() => read(given, sdk), converter, files), warnings });
  } finally {
    for (const { close } of opened) close();
  }
}

function allInMemory({ planes, streams = new Map() }: Converted): Planes {
  const joined = [...streams].map(([key, stream]): [string, Uint8Array] => [
    key,
    new Uint8Array(Buffer.concat([...stream.pieces()])),
  ]);
  return new Map([...planes, ...joined]);
}

function checkCeiling({ manifest }: ConverterPackage, files: readonly FileToConvert[]): void {
  const large = files.find(({ bytes }) => bytes > manifest.ceilingBytes);
  if (large === undefined) return;
  const detail = `${large.name}: ${large.bytes} bytes; files of ${manifest.id} have at most ${manifest.ceilingBytes}`;
  throw new NiiError('NII_LIMIT_BYTES', { detail, field: large.name });
}

async function readerOf(converter: ConverterPackage): Promise<Read> {
  const { manifest } = converter;
  if (manifest.layout !== undefined) return layoutReader(manifest.layout, manifest.formats[0] ?? manifest.id);
  const read = await loadReader(converter);
  if (read !== undefined) return read;
  throw new NiiError('NII_CONFIG', `converter ${manifest.id} has no reader`);
}

/** The sender is told that the reader failed; the exception goes to its author, as the cause. */
async function guarded<T>(
  work: () => T | Promise<T>,
  { manifest }: ConverterPackage,
  files: readonly FileToConvert[],
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NiiError) throw cause;
    const names = files.map(({ name }) => name).join(', ');
    const detail = `The reader of ${manifest.id} ${manifest.version} failed on ${names}`;
    throw new NiiError('NII_CONVERTER_CRASHED', { detail, cause });
  }
}
