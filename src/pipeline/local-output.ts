import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import { channelsOf, type ScanWithPlanes } from '../core/scan.ts';
import { encodeDx } from '../format/dicos/index.ts';
import { encodePng } from '../format/png16.ts';
import { rawFiles } from '../format/raw.ts';
import { scanJsonBytes } from '../format/scan-json.ts';
import { contentHash, scanIdOf, sha256Hex } from './identity.ts';
import type { LocalScan } from './local.ts';

export const outputFormats = ['dicos', 'json', 'png', 'raw'] as const;
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

/**
 * Writes one scan into a folder in one format. All files are written beside their places first and moved there
 * together: what has its final name is whole.
 * @throws NII_UNSUPPORTED_VARIANT where the format cannot hold the samples, NII_DISK_FULL
 */
export async function writeLocal(
  scan: LocalScan,
  dir: string,
  format: OutputFormat,
): Promise<readonly WrittenFile[]> {
  const contents = await contentsOf(scan, format);
  await mkdir(dir, { recursive: true });
  const partial = (name: string) => join(dir, `${name}.partial`);
  try {
    for (const { name, body } of contents) await writeFile(partial(name), body);
    for (const { name } of contents) await rename(partial(name), join(dir, name));
  } catch (error) {
    await Promise.all(contents.map(({ name }) => rm(partial(name), { force: true })));
    throw refusalOf(error);
  }
  return contents.map(({ name, body, samples }) => ({
    name,
    bytes: body.byteLength,
    sha256: sha256Hex(body),
    ...(samples === undefined ? {} : { samples }),
  }));
}

function refusalOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new NiiError('NII_DISK_FULL', { detail: 'No room left in the folder of --out', cause: error });
}

async function contentsOf(scan: LocalScan, format: OutputFormat): Promise<readonly Content[]> {
  const { result } = scan;
  switch (format) {
    case 'json':
      return [scanJson(result)];
    case 'raw':
      return rawFiles(result).map(({ name, bytes }) => ({
        name,
        body: bytes,
        ...measures(result, name.slice(0, -'.raw'.length)),
      }));
    case 'png':
      return eachChannel(result, 'png', ({ channel, plane }) => encodePng(channel, plane));
    case 'dicos':
      return [...(await dicos(scan)), scanJson(result)];
  }
}

function scanJson({ scan }: ScanWithPlanes): Content {
  return { name: 'scan.json', body: scanJsonBytes(scan) };
}

/**
 * As the service names its instances, in the name of an administration that is none: these never were received. Their
 * time is that of the scan where it is known, so that the same files give the same bytes anywhere.
 */
function dicos({ group, result, changedAt }: LocalScan): Promise<readonly Content[]> {
  const [administration, site] = ['local', 'local'];
  const scanId = scanIdOf(administration, site, contentHash(group.files));
  const ids = {
    scanId,
    revision: 1,
    administration,
    site,
    receivedAt: result.scan.acquired.utc ?? changedAt,
  };
  return eachChannel(result, 'dcs', async ({ view, channel, plane }) => {
    const encoded = await encodeDx({
      scan: result.scan,
      viewId: view.id,
      channelId: channel.id,
      plane,
      ids,
    });
    return encoded.bytes;
  });
}

type Entry = ReturnType<typeof channelsOf>[number] & { readonly plane: Uint8Array };

async function eachChannel(
  result: ScanWithPlanes,
  extension: string,
  encode: (entry: Entry) => Promise<Uint8Array>,
): Promise<readonly Content[]> {
  const contents: Content[] = [];
  for (const entry of channelsOf(result.scan)) {
    const plane = result.planes.get(entry.key);
    if (plane === undefined) throw new NiiError('NII_CONVERTER_INCONSISTENT', `No samples for ${entry.key}`);
    const body = await encode({ ...entry, plane });
    contents.push({ name: `${entry.key}.${extension}`, body, ...measures(result, entry.key) });
  }
  return contents;
}

function measures({ scan }: ScanWithPlanes, key: string): Pick<Content, 'samples'> {
  const found = channelsOf(scan).find((entry) => entry.key === key);
  if (found === undefined) return {};
  const { rows, columns, frames, samplesPerPixel, bitsAllocated, bitsStored } = found.channel;
  return {
    samples: {
      view: found.view.id,
      channel: found.channel.id,
      rows,
      columns,
      frames,
      samplesPerPixel,
      bits: bitsAllocated,
      bitsStored,
    },
  };
}
