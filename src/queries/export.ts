import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyntaxName } from '../codec/dicom/writable-syntaxes.ts';
import type { Actor } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { pixelsOf, secondsToRead } from '../core/reading-time.ts';
import { type Channel, channelsOf, type NiiScan, planeKey } from '../core/scan/scan.ts';
import { type Section, sectionsOf } from '../core/scan/sections.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { type ChannelFormat, isDicomFormat, mediaTypeOf } from '../format/channel-formats.ts';
import { EXPORT_FILE, type ExportTask, exportTask } from '../parsing/kinds/export.ts';
import { LeftFile, layDown } from '../parsing/left-file.ts';
import type { Reader } from '../parsing/reader.ts';
import { type StoredPart, storedParts } from '../stored/parts.ts';
import { requireWhole } from './cab-mask.ts';
import type { PlaneFiles } from './pixels/plane-files.ts';
import { getRevision, type RevisionTx } from './read.ts';

export { syntaxNames } from '../codec/dicom/writable-syntaxes.ts';

/** What a channel can be asked for; its plain samples have an address of their own. */
export const exportFormats = [
  'dicos',
  'dicos-presentation',
  'medical-dx',
  'tiff',
  'png',
  'npy',
] as const satisfies readonly ChannelFormat[];
export type ExportFormat = (typeof exportFormats)[number];

export const exportMediaTypes: readonly string[] = [
  ...new Set(exportFormats.map((format) => mediaTypeOf[format])),
];

export interface ExportOrder {
  readonly scanId: string;
  readonly revision: number | 'latest';
  readonly view: string;
  readonly channel: string;
  readonly format: ExportFormat;
  readonly syntax?: SyntaxName;
  /** From 1; of a channel whose DICOM instances are sections. */
  readonly section?: number;
}

export interface Export {
  readonly name: string;
  readonly sha256: string;
  readonly mediaType: string;
  /** Close it. */
  readonly file: LeftFile;
}

export interface ExportDeps {
  readonly records: Transactions<RevisionTx & Tx<'audit'>>;
  readonly objects: ObjectReads;
  readonly planes: PlaneFiles;
  readonly reader: Reader;
  readonly limits: Limits;
}

/**
 * One channel of a revision in another format.
 * @throws NII_NOT_FOUND; NII_BAD_REQUEST without the number of the section where DICOM needs several instances, or
 *   with one where it does not; NII_CAB_MASKED; NII_UNSUPPORTED_VARIANT where the format cannot hold the samples; NII_LIMIT_TIME
 */
export async function exportOf(deps: ExportDeps, actor: Actor, order: ExportOrder): Promise<Export> {
  const { scan, revision, objects, mask } = await getRevision(deps, actor, order.scanId, order.revision);
  requireWhole(actor, mask);
  const { record, channel } = channelOf(revision, order);
  const parts = storedParts(revision, objects, order.view, channel);
  const section = sectionAsked(channel, order);
  const task = {
    scan: record,
    viewId: order.view,
    channelId: order.channel,
    ids: idsOf(scan, revision),
    format: order.format,
    ...defined({ syntax: order.syntax, section }),
    limits: deps.limits,
  };
  const exportFrom = (layDownSource: LayDownSource) =>
    deps.reader.read(exportTask, {
      caller: actor.keyId,
      subject: [order.format, order.syntax, ...parts.map(({ key }) => key), section?.number].join(' '),
      seconds: secondsToRead(pixelsOf(channel), deps.limits),
      prepare: async (desk) => ({ ...task, desk, from: await layDownSource(desk.input) }),
      take: async ({ name, sha256 }, { output }) => ({
        name,
        sha256,
        mediaType: mediaTypeOf[order.format],
        file: await LeftFile.open(output, EXPORT_FILE),
      }),
    });
  const instance = instanceOf(parts, section);
  if (instance !== undefined) return exportFrom(instanceSource(deps.objects, instance));
  return deps.planes.use([{ channel, parts }], actor.keyId, ([path = '']) => exportFrom(planeSource(path)));
}

function channelOf(
  { scan: record }: RevisionRow,
  { view, channel }: ExportOrder,
): { readonly record: NiiScan; readonly channel: Channel } {
  const key = planeKey(view, channel);
  const found = record === undefined ? undefined : channelsOf(record).find((one) => one.key === key);
  if (record === undefined || found === undefined) {
    throw new NiiError('NII_NOT_FOUND', 'This revision does not have this channel');
  }
  return { record, channel: found.channel };
}

function idsOf(scan: ScanRow, { revision, receivedAt }: RevisionRow): ExportTask['ids'] {
  const { id, administration, site } = scan;
  return { scanId: id, revision, receivedAt, administration, site };
}

function sectionAsked(channel: Channel, { format, section }: ExportOrder): Section | undefined {
  const sections = isDicomFormat(format) ? sectionsOf(channel) : [];
  const found = sections.find(({ number }) => number === section);
  if (found !== undefined || (sections.length === 0 && section === undefined)) return found;
  const detail =
    sections.length === 0
      ? 'This is one file; omit section'
      : `This channel is written as ${sections.length} instances; request section 1 to ${sections.length}`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'section' });
}

const SOURCE_FILE = 'source';

type LayDownSource = (folder: string) => Promise<ExportTask['from']>;

/** The stored instance of what was asked for; undefined for all sections together, which a format takes as a whole. */
function instanceOf(parts: readonly StoredPart[], section: Section | undefined): StoredPart | undefined {
  const part = section === undefined ? parts[0] : parts.find((one) => one.section?.number === section.number);
  if (part !== undefined && part.section?.number === section?.number) return part;
  if (section !== undefined) throw new NiiError('NII_NOT_FOUND', 'This revision has no sections');
  return undefined;
}

function planeSource(path: string): LayDownSource {
  return async (folder) => {
    await link(path, join(folder, SOURCE_FILE));
    return { kind: 'plane', file: SOURCE_FILE };
  };
}

function instanceSource(objects: ObjectReads, { key }: StoredPart): LayDownSource {
  return async (folder) => {
    await layDown(join(folder, SOURCE_FILE), await objects.stream(key));
    return { kind: 'instance', file: SOURCE_FILE };
  };
}
