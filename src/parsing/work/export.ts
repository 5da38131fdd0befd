import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transcode } from '../../codec/dicom/transcode.ts';
import { writableSyntaxes } from '../../codec/dicom/writable-syntaxes.ts';
import { openPlaneFile, writePlaneFile } from '../../codec/plane-file.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { type PlaneSource, planeInMemory } from '../../core/scan/plane-source.ts';
import { type Channel, channelsOf, planeKey } from '../../core/scan/scan.ts';
import { channelOfSection } from '../../core/scan/sections.ts';
import { type ExportedFile, exportChannel } from '../../format/export.ts';
import { decodePlane, samplesIn } from '../../stored/planes.ts';
import { EXPORT_FILE, type ExportTask } from '../kinds/export.ts';

interface Exported {
  readonly name: string;
  readonly sha256: string;
}

/** Leaves the channel in EXPORT_FILE. @throws as `exportChannel`; NII_CORRUPT */
export async function readForExport(task: ExportTask): Promise<Exported> {
  const { bytes, name } = await exportedFile(task);
  writePlaneFile(join(task.desk.output, EXPORT_FILE), [bytes]);
  return { name, sha256: sha256Hex(bytes) };
}

async function exportedFile(task: ExportTask): Promise<ExportedFile> {
  const { viewId, channelId, format, from, desk } = task;
  const key = planeKey(viewId, channelId);
  const found = channelsOf(task.scan).find((one) => one.key === key);
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', `The scan has no channel ${key}`);
  const path = join(desk.input, from.file);
  if (from.kind === 'plane') return exportFromFile(task, path);
  const instance = readFileSync(path);
  if (format === 'dicos') return storedDicos(task, instance, key);
  return onlyFile(task, await decodedPlane(task, instance, found.channel, key));
}

async function exportFromFile(task: ExportTask, path: string): Promise<ExportedFile> {
  const plane = openPlaneFile(path);
  try {
    return await onlyFile(task, plane);
  } finally {
    plane.close();
  }
}

async function onlyFile(task: ExportTask, plane: PlaneSource): Promise<ExportedFile> {
  for await (const file of exportChannel({ ...task, plane, ...defined({ section: task.section }) }))
    return file;
  throw new NiiError('NII_INTERNAL', 'nothing was written');
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

async function decodedPlane(
  { section, limits }: ExportTask,
  instance: Uint8Array,
  channel: Channel,
  name: string,
): Promise<PlaneSource> {
  if (section === undefined) return planeInMemory(await decodePlane(instance, channel, name, limits));
  return planeInMemory(await samplesIn(instance, channelOfSection(channel, section), name, limits));
}
