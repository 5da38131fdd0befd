import { toChannelPlane } from '../../codec/dicom/pixels/plane.ts';
import { readDicom } from '../../codec/dicom/read/read.ts';
import { type SyntaxName, transcode, writableSyntaxes } from '../../codec/dicom/transcode.ts';
import { openPlaneFile } from '../../codec/plane-file.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { type PlaneSource, planeInMemory } from '../../core/scan/plane-source.ts';
import { type Channel, channelsOf, type NiiScan, planeKey } from '../../core/scan/scan.ts';
import { channelOfSection, type Section } from '../../core/scan/sections.ts';
import type { DicosIds } from '../../format/dicos/ids.ts';
import { type ChannelFormat, type ExportedFile, exportChannel } from '../../format/export.ts';
import { decodePlane } from '../../stored/planes.ts';

/** A channel, or one section of it, that is to be written in another format. */
export interface ExportTask {
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
  readonly section?: Section;
  readonly ids: DicosIds;
  readonly format: ChannelFormat;
  readonly syntax?: SyntaxName;
  readonly limits: Limits;
  /** The stored DICOS instance, or a file with the samples of a channel that is stored in sections. */
  readonly from: { readonly instance: Uint8Array } | { readonly path: string };
}

export interface ExportResult extends ExportedFile {
  readonly sha256: string;
}

/** @throws as `exportChannel`; NII_CORRUPT */
export async function runExport(task: ExportTask): Promise<ExportResult> {
  const { bytes, name } = await exported(task);
  return { bytes, name, sha256: sha256Hex(bytes) };
}

async function exported(task: ExportTask): Promise<ExportedFile> {
  const { viewId, channelId, format, from, section } = task;
  const key = planeKey(viewId, channelId);
  const found = channelsOf(task.scan).find((one) => one.key === key);
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', `The scan has no channel ${key}`);
  if (format === 'dicos' && 'instance' in from) return storedDicos(task, from.instance, key);
  const source = 'path' in from ? openPlaneFile(from.path) : undefined;
  try {
    const plane = source ?? (await decoded(task, from, found.channel, key));
    const held = section === undefined ? {} : { section };
    for await (const file of exportChannel({ ...task, plane, ...held })) return file;
    throw new NiiError('NII_INTERNAL', 'nothing was written');
  } finally {
    source?.close();
  }
}

async function storedDicos(
  { syntax, section, limits }: ExportTask,
  instance: Uint8Array,
  key: string,
): Promise<ExportedFile> {
  const name = `${key}${section === undefined ? '' : `-s${section.number}`}.dcs`;
  if (syntax === undefined) return { name, bytes: instance };
  return { name, bytes: await transcode(instance, writableSyntaxes[syntax], limits, name) };
}

async function decoded(
  { section, limits }: ExportTask,
  from: ExportTask['from'],
  channel: Channel,
  name: string,
): Promise<PlaneSource> {
  if (!('instance' in from)) throw new NiiError('NII_INTERNAL', 'no stored instance');
  if (section === undefined) return planeInMemory(await decodePlane(from.instance, channel, name, limits));
  const pixels = await readDicom(from.instance, name, limits).pixels();
  return planeInMemory(toChannelPlane(channelOfSection(channel, section), pixels));
}
