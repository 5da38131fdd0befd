import { join } from 'node:path';
import { explicitLittleEndian } from '../../codec/dicom/uids.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import type { Actor } from '../../core/access.ts';
import { scopeOf } from '../../core/access.ts';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type {
  InstanceFilter,
  InstanceGroup,
  InstanceLevel,
  InstancePath,
  InstanceRow,
} from '../../core/ports/records/instances.ts';
import type { Tx } from '../../core/ports/records.ts';
import { pixelsOf, secondsToRead } from '../../core/reading-time.ts';
import { type DicomWork, dicomTask } from '../../parsing/kinds/dicom.ts';
import { layDown } from '../../parsing/left-file.ts';
import type { Reader } from '../../parsing/reader.ts';
import { type Viewing, viewed } from '../read.ts';
import { InstanceParts } from './instance-parts.ts';
import type { KeptParts } from './kept-parts.ts';

/** What DICOMweb reads. Every view is audited; what belongs to another administration or site does not exist. */

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** One row more than the limit tells that there are more. */
export function searchGroups(
  deps: Viewing<Tx<'findInstanceGroups'>>,
  actor: Actor,
  level: InstanceLevel,
  filter: InstanceFilter,
  { limit, offset }: Page,
): Promise<readonly InstanceGroup[]> {
  return viewed(deps, actor, 'instance search', '', { level, matches: filter.matches }, (tx) =>
    tx.findInstanceGroups(level, scopeOf(actor), filter, limit + 1, offset),
  );
}

export function searchInstances(
  deps: Viewing<Tx<'findInstances'>>,
  actor: Actor,
  filter: InstanceFilter,
  { limit, offset }: Page,
): Promise<readonly InstanceRow[]> {
  return viewed(deps, actor, 'instance search', '', { level: 'instance', matches: filter.matches }, (tx) =>
    tx.findInstances(scopeOf(actor), filter, limit + 1, offset),
  );
}

/**
 * The instances under a path, the view of each scan that they belong to written down. @throws NII_NOT_FOUND
 */
export function instancesOf(
  deps: Viewing<Tx<'instancesUnder'>>,
  actor: Actor,
  path: InstancePath,
  reports: InstanceFilter['reports'],
  what: string,
): Promise<readonly InstanceRow[]> {
  return deps.records.transaction(async (tx) => {
    const rows = await tx.instancesUnder(scopeOf(actor), path, reports);
    if (rows.length === 0) throw new NiiError('NII_NOT_FOUND', 'Unknown instance');
    await auditViews(tx, actor, rows, path, what);
    return rows;
  });
}

async function auditViews(
  tx: Tx<'audit'>,
  actor: Actor,
  rows: readonly InstanceRow[],
  path: InstancePath,
  what: string,
): Promise<void> {
  for (const subject of new Set(rows.map(({ scanId }) => scanId))) {
    await tx.audit({ actor, action: `view instance ${what}`, subject, detail: { ...path } });
  }
}

/** A transfer syntax that the caller takes; `default` is what PS3.18 8.7.3.5.2 has where none is named. */
export type WantedSyntax = { readonly uid: string } | 'as-stored' | 'default';

export interface OpenedInstance {
  readonly row: InstanceRow;
  readonly transferSyntax: string;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Compressed with loss: the default is then what is stored, since samples that were lost do not come back. */
const lossySyntaxes: ReadonlySet<string> = new Set(
  ['50', '51', '53', '55', '81', '91', '203'].map((end) => `1.2.840.10008.1.2.4.${end}`),
);

export {
  type PictureOrder,
  type Viewport,
  type Window,
  windowFunctions,
} from '../../format/rendered/order.ts';

export interface InstanceDeps {
  readonly objects: ObjectReads;
  readonly reader: Reader;
  readonly keptParts: KeptParts;
  readonly limits: Limits;
}

/**
 * The Part 10 file in the first transfer syntax of those wanted that it can be given in; byte for byte as stored
 * where that is the one. @throws NII_NOT_ACCEPTABLE
 */
export async function openInstance(
  deps: InstanceDeps,
  actor: Actor,
  row: InstanceRow,
  wanted: readonly WantedSyntax[],
): Promise<OpenedInstance> {
  for (const one of wanted) {
    const target = targetOf(row, one);
    if (target === row.transferSyntax) {
      return { row, transferSyntax: target, stream: await deps.objects.stream(row.key) };
    }
    const parts = await possible(() => keptInstance(deps, actor, row, { kind: 'transcode', target }));
    if (parts !== undefined) return { row, transferSyntax: target, stream: parts.closing(0) };
  }
  throw notAcceptable(row);
}

function targetOf(row: InstanceRow, wanted: WantedSyntax): string {
  if (wanted === 'as-stored') return row.transferSyntax;
  if (wanted !== 'default') return wanted.uid;
  return lossySyntaxes.has(row.transferSyntax) ? row.transferSyntax : explicitLittleEndian;
}

function notAcceptable({ instanceUid, transferSyntax }: InstanceRow): NiiError {
  const detail = `Instance ${instanceUid} is stored in transfer syntax ${transferSyntax} and in none that is accepted; transfer-syntax=* returns it as stored`;
  return new NiiError('NII_NOT_ACCEPTABLE', { detail, field: 'accept' });
}

/** Undefined where the samples cannot be had in this form. */
async function possible<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isNiiError(error, 'NII_UNSUPPORTED_VARIANT')) return undefined;
    throw error;
  }
}

/** The metadata of one instance: the JSON text of its data set without pixels and long binary values. */
export function metadataOf(
  deps: InstanceDeps,
  actor: Actor,
  row: InstanceRow,
  bulkBase: string,
): Promise<InstanceParts> {
  return readInstance(deps, actor, row, { kind: 'metadata', bulkBase }, row.headBytes);
}

export interface Frames {
  readonly transferSyntax: string;
  /** One for each frame asked for. */
  readonly parts: InstanceParts;
}

/** Frames (from 1) in the first syntax of those wanted that they can be given in. @throws NII_NOT_ACCEPTABLE, NII_NOT_FOUND */
export async function framesOfInstance(
  deps: InstanceDeps,
  actor: Actor,
  row: InstanceRow,
  frames: readonly number[],
  wanted: readonly WantedSyntax[],
): Promise<Frames> {
  if (row.frames === 0) throw new NiiError('NII_NOT_FOUND', 'The instance has no pixels');
  for (const one of wanted) {
    const target = one === 'as-stored' ? undefined : one === 'default' ? explicitLittleEndian : one.uid;
    const parts = await possible(() => keptInstance(deps, actor, row, { kind: 'frames', frames, target }));
    if (parts !== undefined) return { transferSyntax: parts.transferSyntax ?? row.transferSyntax, parts };
  }
  throw notAcceptable(row);
}

/** As `readInstance`; what was made for the caller before is not made again. */
function keptInstance(
  deps: InstanceDeps,
  actor: Actor,
  row: InstanceRow,
  work: DicomWork,
): Promise<InstanceParts> {
  const question = { caller: actor.keyId, asked: [row.key, row.sha256, work] };
  return deps.keptParts.get(question, () => readInstance(deps, actor, row, work));
}

/** By the header of the instance; a header that does not tell is taken to claim a pixel for each byte. */
function claimedPixels({ attributes, frames, bytes }: InstanceRow): number {
  const [rows, columns] = ['00280010', '00280011'].map((tag) => attributes[tag]?.Value?.[0]);
  if (typeof rows !== 'number' || typeof columns !== 'number') return bytes;
  return pixelsOf({ rows, columns, frames });
}

const INSTANCE_FILE = 'instance';

/** What a reader makes of a stored instance, or of its first bytes. @throws as Reader.read, and what the work rejects */
export function readInstance(
  { objects, reader, limits }: InstanceDeps,
  { keyId }: Actor,
  row: InstanceRow,
  work: DicomWork,
  firstBytes?: number,
): Promise<InstanceParts> {
  const { key, instanceUid, sha256 } = row;
  const range = firstBytes === undefined ? undefined : { first: 0, last: firstBytes - 1 };
  return reader.read(dicomTask, {
    caller: keyId,
    // all that was ordered: what is too much of one frame or size must not be held against another
    subject: sha256Hex(sha256, JSON.stringify(work)),
    seconds: secondsToRead(claimedPixels(row), limits),
    prepare: async (desk) => {
      await layDown(join(desk.input, INSTANCE_FILE), await objects.stream(key, range));
      return { ...work, desk, file: INSTANCE_FILE, name: instanceUid, limits };
    },
    take: (parts, { output }) => InstanceParts.open(output, parts),
  });
}
