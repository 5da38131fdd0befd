import { open } from 'node:fs/promises';
import type { ByteSource } from '../codec/dicom/read/head.ts';
import { readDicomHead } from '../codec/dicom/read/head.ts';
import type { Actor } from '../core/access.ts';
import { isNiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Instances } from '../core/ports/records/instances.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { UploadMeta } from '../core/upload/fields.ts';
import type { StagedFile } from '../recognise/files.ts';
import { sortIntoScans } from '../recognise/index-files.ts';
import type { ConverterPackage } from '../recognise/registry.ts';
import { type InstanceNames, instanceNames } from '../stored/instances.ts';
import { type AcceptDeps, acceptUpload, siteOf } from './accept.ts';
import type { StagedUpload } from './upload.ts';

/** Why an instance was not stored: status codes of PS3.4 B.2.3 and PS3.7 annex C, as PS3.18 I.2 has them. */
const failures = {
  /** Another instance with this UID is stored. */
  duplicate: 0x0111,
  /** No converter is installed for such a file. */
  sopClassNotSupported: 0x0122,
  /** It does not belong to the study that the address names. */
  otherStudy: 0xa900,
  cannotUnderstand: 0xc000,
} as const;

export interface StoreOutcome {
  readonly stored: readonly InstanceNames[];
  readonly failed: readonly { readonly names: InstanceNames; readonly reason: number }[];
  /** Parts that are no instance, so that nothing names them. */
  readonly unreadable: readonly number[];
}

/**
 * Takes each instance that can be taken through the same acceptance as any upload, and says of every other why not.
 * @throws what `acceptUpload` throws for the whole of an upload: NII_QUEUE_FULL, NII_FORBIDDEN, NII_STORE_AWAY …
 */
export async function storeInstances(
  deps: AcceptDeps,
  actor: Actor,
  upload: StagedUpload,
  meta: UploadMeta,
  studyUid?: string,
): Promise<StoreOutcome> {
  const site = siteOf(actor, meta);
  const read = await Promise.all(upload.files.map((file) => named(deps, file)));
  const readable = read.filter((one) => one !== undefined);
  const judged = await judge(deps, actor, site, readable, studyUid);
  const taken = judged.filter(({ reason }) => reason === undefined);
  if (taken.length > 0) {
    await acceptUpload(deps, actor, { ...upload, files: taken.map(({ file }) => file) }, meta);
  }
  return {
    stored: taken.map(({ names }) => names),
    failed: judged.flatMap(({ names, reason }) => (reason === undefined ? [] : [{ names, reason }])),
    unreadable: read.filter((one) => one === undefined).map(() => failures.cannotUnderstand),
  };
}

interface Named {
  readonly file: StagedFile;
  readonly names: InstanceNames;
}

/** The file under the name of its instance: what senders call the parts says nothing. */
async function named({ limits }: { readonly limits: Limits }, file: StagedFile): Promise<Named | undefined> {
  try {
    const { dataSet } = await readDicomHead(fileSource(file), file.name, limits);
    const names = instanceNames(dataSet);
    return names === undefined ? undefined : { names, file: { ...file, name: `${names.instanceUid}.dcm` } };
  } catch (error) {
    if (isNiiError(error) && error.status < 500) return undefined;
    throw error;
  }
}

function fileSource({ path, bytes }: StagedFile): ByteSource {
  return {
    bytes,
    read: async (count) => {
      const file = await open(path);
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

interface Judged extends Named {
  readonly reason: number | undefined;
}

export interface JudgeDeps {
  readonly records: Transactions<Instances>;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
}

async function judge(
  deps: JudgeDeps,
  actor: Actor,
  site: string,
  all: readonly Named[],
  studyUid: string | undefined,
): Promise<readonly Judged[]> {
  const files = all.map(({ file }) => file);
  const { unknown, ambiguous } = await sortIntoScans(files, deps.converters, deps.limits);
  const unclaimed = new Set([...unknown, ...ambiguous.map(({ file }) => file)].map(({ path }) => path));
  const known = await deps.records.transaction(async (tx) => {
    const stored = new Map<string, string>();
    for (const { names } of all) {
      const path = { studyUid: names.studyUid, instanceUid: names.instanceUid };
      const scope = { administration: actor.administration, site };
      const [row] = await tx.instancesUnder(scope, path, 'all');
      if (row !== undefined) stored.set(names.instanceUid, row.sha256);
    }
    return stored;
  });
  return all.map((one) => {
    const { file, names } = one;
    const first = known.get(names.instanceUid) ?? file.sha256;
    known.set(names.instanceUid, first);
    if (studyUid !== undefined && names.studyUid !== studyUid) return { ...one, reason: failures.otherStudy };
    if (first !== file.sha256) return { ...one, reason: failures.duplicate };
    return { ...one, reason: unclaimed.has(file.path) ? failures.sopClassNotSupported : undefined };
  });
}
