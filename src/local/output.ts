import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SyntaxName } from '../codec/dicom/writable-syntaxes.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { planeInMemory } from '../core/scan/plane-source.ts';
import { type Channel, channelsOf, type ScanWithPlanes, type View } from '../core/scan/scan.ts';
import { type ChannelFormat, channelFormats } from '../format/channel-formats.ts';
import type { DicosIds } from '../format/dicos/ids.ts';
import { exportChannel } from '../format/export.ts';
import { scanJsonBytes } from '../format/scan-json.ts';
import { contentHash, scanIdOf, sha256Hex } from '../stored/identity.ts';
import type { LocalScan } from './local.ts';

export { type SyntaxName, syntaxNames } from '../codec/dicom/writable-syntaxes.ts';
export { isDicomFormat } from '../format/channel-formats.ts';

export const outputFormats = [...channelFormats, 'json', 'original'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** A file that was written. The samples' measures are there where the file holds the samples of one channel. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly samples?: {
    readonly view: string;
    readonly channel: string;
    readonly rows: number;
    readonly columns: number;
    readonly frames: number;
    readonly samplesPerPixel: number;
    /** Of one sample in the file, and how many of them carry the value. */
    readonly bits: number;
    readonly bitsStored: number;
  };
}

interface Content {
  readonly name: string;
  readonly body: Uint8Array;
  readonly samples?: WrittenFile['samples'];
}

export interface OutputRequest {
  readonly format: OutputFormat;
  /** Of the DICOM formats. */
  readonly syntax?: SyntaxName;
  readonly limits: Limits;
}

/**
 * Writes one scan into a folder in one format. All files are written beside their places first and moved there
 * together: what has its final name is whole.
 * @throws NII_UNSUPPORTED_VARIANT where the format cannot hold the samples, NII_DISK_FULL
 */
export async function writeLocal(
  scan: LocalScan,
  dir: string,
  request: OutputRequest,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  const partial = (name: string) => join(dir, `${name}.partial`);
  let begun: string | undefined;
  try {
    for await (const { name, body, samples } of contentsOf(scan, request)) {
      await mkdir(dir, { recursive: true });
      begun = name;
      await writeFile(partial(name), body);
      const facts = { name, bytes: body.byteLength, sha256: sha256Hex(body) };
      written.push({ ...facts, ...defined({ samples }) });
    }
    for (const { name } of written) await rename(partial(name), join(dir, name));
    return written;
  } catch (error) {
    const names = [...written.map(({ name }) => name), ...(begun === undefined ? [] : [begun])];
    await Promise.all(names.map((name) => rm(partial(name), { force: true })));
    throw toOutputError(error);
  }
}

function toOutputError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new NiiError('NII_DISK_FULL', { detail: 'No space left in the folder of --out', cause: error });
}

async function* contentsOf(scan: LocalScan, { format, ...rest }: OutputRequest): AsyncGenerator<Content> {
  if (format === 'original') {
    yield* originals(scan);
    return;
  }
  if (format !== 'json') yield* channels(scan, { format, ...rest });
  if (format === 'json' || format.startsWith('dicos')) yield scanJson(scan.result);
}

/** The files as they came, by their own names; two of one name are told apart by a number. */
async function* originals({ group }: LocalScan): AsyncGenerator<Content> {
  const taken = new Set<string>();
  for (const { name, path } of group.files) {
    const own = basename(name);
    let free = own;
    for (let i = 2; taken.has(free); i += 1) free = `${i}-${own}`;
    taken.add(free);
    yield { name: free, body: await readFile(path) };
  }
}

function scanJson({ scan }: ScanWithPlanes): Content {
  return { name: 'scan.json', body: scanJsonBytes(scan) };
}

async function* channels(
  scan: LocalScan,
  request: OutputRequest & { readonly format: ChannelFormat },
): AsyncGenerator<Content> {
  const { result } = scan;
  const ids = idsOf(scan);
  for (const { view, channel, key } of channelsOf(result.scan)) {
    const samples = result.planes.get(key);
    if (samples === undefined) throw new NiiError('NII_CONVERTER_INCONSISTENT', `No samples for ${key}`);
    const plane = planeInMemory(samples);
    const input = { scan: result.scan, viewId: view.id, channelId: channel.id, plane, ids };
    for await (const { name, bytes } of exportChannel({ ...input, ...request })) {
      const isWhole = name.startsWith(`${key}.`);
      yield { name, body: bytes, ...defined({ samples: isWhole ? measures(view, channel) : undefined }) };
    }
  }
}

/**
 * As the service names its instances, in the name of an administration that is none: these never were received. Their
 * time is that of the scan where it is known, so that the same files give the same bytes anywhere.
 */
function idsOf({ group, result, changedAt }: LocalScan): DicosIds {
  const [administration, site] = ['local', 'local'];
  const scanId = scanIdOf(administration, site, contentHash(group.files));
  const receivedAt = result.scan.acquired.utc ?? changedAt;
  return { scanId, revision: 1, administration, site, receivedAt };
}

function measures(view: View, channel: Channel): NonNullable<WrittenFile['samples']> {
  const { rows, columns, frames, samplesPerPixel, bitsAllocated, bitsStored } = channel;
  const shape = { rows, columns, frames, samplesPerPixel, bits: bitsAllocated, bitsStored };
  return { view: view.id, channel: channel.id, ...shape };
}
