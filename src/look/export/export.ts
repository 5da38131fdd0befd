import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { Audit } from '../../core/ports/records/audit.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { type Channel, channelsOf, type NiiScan, planeKey } from '../../core/scan/scan.ts';
import { type Section, sectionsOf } from '../../core/scan/sections.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { type ChannelFormat, isDicomFormat, mediaTypeOf } from '../../format/export.ts';
import type { ThreadPool } from '../../runtime/threads/thread-pool.ts';
import { type StoredPart, storedParts } from '../../stored/planes.ts';
import { getRevision, type RevisionTx } from '../read.ts';
import type { SampleDecoder } from '../samples.ts';
import { exportTask } from '../thread-tasks.ts';
import type { ExportResult, ExportTask } from './tasks.ts';

export { syntaxNames } from '../../codec/dicom/transcode.ts';

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

/** Writes channels in other formats on a thread, so that the API never waits. */
export interface Exporter {
  run(task: Omit<ExportTask, 'limits'>): Promise<ExportResult>;
}

export function openExporter(threads: ThreadPool, limits: Limits): Exporter {
  const times = { seconds: limits.convertSeconds };
  return { run: (task) => threads.call(exportTask, { ...task, limits }, times) };
}

export interface ExportOrder {
  readonly scanId: string;
  readonly revision: number | 'latest';
  readonly view: string;
  readonly channel: string;
  readonly format: ExportFormat;
  readonly syntax?: ExportTask['syntax'];
  /** From 1; of a channel whose DICOM instances are sections. */
  readonly section?: number;
}

export interface Export extends ExportResult {
  readonly mediaType: string;
}

export interface ExportDeps {
  readonly records: Transactions<RevisionTx & Audit>;
  readonly objects: ObjectReads;
  readonly samples: SampleDecoder;
  readonly exporter: Exporter;
}

/**
 * One channel of a revision in another format.
 * @throws NII_NOT_FOUND; NII_BAD_REQUEST without the number of the section where DICOM needs several instances, or
 *   with one where it does not; NII_UNSUPPORTED_VARIANT where the format cannot hold the samples; NII_LIMIT_TIME
 */
export async function exportOf(deps: ExportDeps, actor: Actor, order: ExportOrder): Promise<Export> {
  const { scan, revision, objects } = await getRevision(deps, actor, order.scanId, order.revision);
  const { record, channel } = channelOf(revision, order);
  const parts = storedParts(revision, objects, order.view, channel);
  const section = sectionAsked(channel, order);
  const task = {
    scan: record,
    viewId: order.view,
    channelId: order.channel,
    ids: idsOf(scan, revision),
    format: order.format,
    ...(order.syntax === undefined ? {} : { syntax: order.syntax }),
    ...(section === undefined ? {} : { section }),
    from: await sourceOf(deps, channel, parts, section),
  };
  return { ...(await deps.exporter.run(task)), mediaType: mediaTypeOf[order.format] };
}

function channelOf(
  { scan: record }: RevisionRow,
  { view, channel }: ExportOrder,
): { readonly record: NiiScan; readonly channel: Channel } {
  const key = planeKey(view, channel);
  const found = record === undefined ? undefined : channelsOf(record).find((one) => one.key === key);
  if (record === undefined || found === undefined) {
    throw new NiiError('NII_NOT_FOUND', 'This revision has no such channel');
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
      ? 'This is one file; leave section out'
      : `This channel is written as ${sections.length} instances; ask for section 1 to ${sections.length}`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'section' });
}

/** The stored instance of what was asked for; all sections together where a format takes the channel as a whole. */
async function sourceOf(
  { samples, objects }: { readonly objects: ObjectReads; readonly samples: SampleDecoder },
  channel: Channel,
  parts: readonly StoredPart[],
  section: Section | undefined,
): Promise<ExportTask['from']> {
  const [first] = parts;
  const part = section === undefined ? first : parts.find((one) => one.section?.number === section.number);
  const isOne = part !== undefined && part.section?.number === section?.number;
  if (isOne) return { instance: await objects.get(part.key) };
  if (section !== undefined) throw new NiiError('NII_NOT_FOUND', 'This revision is stored without sections');
  return { path: await samples.assemble(channel, parts, (key) => objects.get(key)) };
}
