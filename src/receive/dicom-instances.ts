import type { Actor } from '../core/access.ts';
import type { InstanceNames } from '../core/ports/records/instances.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import type { UploadMeta } from '../core/upload.ts';
import type { Grouped, StagedFile } from '../recognise/files.ts';
import { type AcceptDeps, type AcceptTx, acceptUpload } from './accept.ts';
import { siteOf } from './site-of-upload.ts';
import { sortUpload } from './sort-upload.ts';
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

export interface StoreDeps extends AcceptDeps {
  readonly records: Transactions<AcceptTx & Tx<'instancesUnder'>> & Locks;
}

export interface StoreOutcome {
  readonly stored: readonly InstanceNames[];
  readonly failed: readonly { readonly names: InstanceNames; readonly reason: number }[];
  /** Parts that are no instance, so that nothing names them. */
  readonly unreadable: readonly number[];
}

/**
 * Takes each instance that can be taken through the same acceptance as any upload, and says of every other why not.
 * @throws what `acceptUpload` throws for the whole of an upload: NII_QUEUE_FULL, NII_FORBIDDEN, NII_STORE_UNREACHABLE …
 */
export async function storeInstances(
  deps: StoreDeps,
  actor: Actor,
  upload: StagedUpload,
  meta: UploadMeta,
  studyUid?: string,
): Promise<StoreOutcome> {
  const site = siteOf(actor, meta);
  const sorted = await sortUpload(deps, upload.files, { caller: actor.keyId, namedByInstance: true });
  const readable = sorted.files.flatMap(named);
  const judged = await judge(deps, actor, site, readable, sorted, studyUid);
  const taken = judged.filter(({ reason }) => reason === undefined);
  if (taken.length > 0) {
    // where some are not taken, the rest may be other scans
    const known = taken.length === upload.files.length ? sorted : undefined;
    await acceptUpload(deps, actor, { ...upload, files: taken.map(({ file }) => file) }, meta, known);
  }
  return {
    stored: taken.map(({ names }) => names),
    failed: judged.flatMap(({ names, reason }) => (reason === undefined ? [] : [{ names, reason }])),
    unreadable: upload.files.slice(readable.length).map(() => failures.cannotUnderstand),
  };
}

interface Named {
  readonly file: StagedFile;
  readonly names: InstanceNames;
}

function named(file: StagedFile): readonly Named[] {
  const instance = file.read?.instance;
  return instance === undefined ? [] : [{ file, names: instance }];
}

interface Judged extends Named {
  readonly reason: number | undefined;
}

export interface JudgeDeps {
  readonly records: Transactions<Tx<'instancesUnder'>>;
}

async function judge(
  deps: JudgeDeps,
  actor: Actor,
  site: string,
  all: readonly Named[],
  { unknown, ambiguous }: Grouped,
  studyUid: string | undefined,
): Promise<readonly Judged[]> {
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
