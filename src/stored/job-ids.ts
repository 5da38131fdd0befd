import type { Case } from '../core/case/case.ts';
import type { Hold } from '../core/radiation/hold.ts';
import type { Job } from '../core/rows/job.ts';
import { hasRecord, type RevisionRow, type ScanRow } from '../core/scan/stored-scan.ts';

/** The same work has the same id; what caused it is part of the id where a running job may have read too early. */
export const jobs = {
  convert: ({
    scanId,
    revision,
    originals,
  }: Pick<RevisionRow, 'scanId' | 'revision' | 'originals'>): Job => ({
    id: `convert:${scanId}:${revision}`,
    kind: hasRecord(originals) ? 'read-radiation' : 'convert',
    payload: { scanId, revision },
  }),
  analyse: (scanId: string, revision: number): Job => ({
    id: `analyse:${scanId}:${revision}`,
    kind: 'analyse',
    payload: { scanId, revision },
  }),
  /** What versions in shadow say of it. */
  shadow: (scanId: string, revision: number): Job => ({
    id: `shadow:${scanId}:${revision}`,
    kind: 'shadow',
    payload: { scanId, revision },
  }),
  triage: (scan: Pick<ScanRow, 'id' | 'revision'>, cause: string): Job => ({
    id: `triage:${scan.id}:${scan.revision}:${cause}`,
    kind: 'triage',
    payload: { scanId: scan.id, revision: scan.revision },
  }),
  notifyLane: (value: Case): Job => ({
    id: `notify-lane:${value.scanId}:${value.id}:${value.history.length}`,
    kind: 'notify-lane',
    payload: { scanId: value.scanId },
  }),
  notifyLaneOfHold: (hold: Hold, scanId: string): Job => ({
    id: `notify-lane:${scanId}:${hold.id}:${hold.history.length}`,
    kind: 'notify-lane',
    payload: { scanId },
  }),
  /** By site, because one at a time runs in each. */
  joinRadiation: (
    { id, administration, site }: Pick<ScanRow, 'id' | 'administration' | 'site'>,
    cause: string,
    originals: RevisionRow['originals'] = [],
  ): Job => ({
    id: `join-radiation:${id}:${cause}`,
    kind: 'join-radiation',
    payload: { scanId: id, administration, site, ...(hasRecord(originals) && { isOfRecord: true as const }) },
  }),
  notifyLaneOfFailure: (scanId: string, revision: number): Job => ({
    id: `notify-lane:${scanId}:failed:${revision}`,
    kind: 'notify-lane',
    payload: { scanId },
  }),
  notifyLaneOfMark: (scanId: string, mark: string, version: number): Job => ({
    id: `notify-lane:${scanId}:${mark}:${version}`,
    kind: 'notify-lane',
    payload: { scanId },
  }),
  watchPassages: (scanId: string, cause: string): Job => ({
    id: `watch-passages:${scanId}:${cause}`,
    kind: 'watch-passages',
    payload: { scanId },
  }),
  watchPassagesOfCase: ({ id, scanId, history }: Case): Job =>
    jobs.watchPassages(scanId, `${id}:${history.length}`),
  watchPassagesOfHold: ({ id, history }: Hold, scanId: string): Job =>
    jobs.watchPassages(scanId, `${id}:${history.length}`),
  rejoinDeclaration: (
    administration: string,
    ref: string,
    version: number,
    containers: readonly string[],
  ): Job => ({
    id: `rejoin-declaration:${administration}:${ref}:${version}`,
    kind: 'rejoin-declaration',
    payload: { administration, ref, version, containers: [...containers] },
  }),
} as const;
