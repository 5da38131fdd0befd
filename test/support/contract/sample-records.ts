import type { Case, CaseEvent } from '../../../src/core/case/case.ts';
import type { ObjectRow, StoredBytes } from '../../../src/core/ports/records/object-rows.ts';
import type { Job, JobKind, JobOf } from '../../../src/core/rows/job.ts';
import type { ObjectWhat } from '../../../src/core/rows/object-what.ts';
import type { RevisionRow, ScanRow } from '../../../src/core/scan/stored-scan.ts';

/** Rows as the service writes them; each test changes what it speaks of. */

export const scope = { administration: 'ZZ-customs', site: 'north' } as const;
export const anySite = { administration: 'ZZ-customs', site: '*' } as const;

let count = 0;
/** A name that no other test uses, after all earlier ones of the same prefix in the order of text. */
export function fresh(prefix: string): string {
  count += 1;
  return `${prefix}-${String(count).padStart(6, '0')}`;
}

export function scanRow(changes: Partial<ScanRow> = {}): ScanRow {
  return {
    id: fresh('scan'),
    ...scope,
    converter: 'fake',
    groupKey: fresh('group'),
    state: 'received',
    revision: 1,
    purpose: 'operational',
    receivedAt: '2026-03-04T05:06:07.089Z',
    containers: [],
    terms: [],
    senders: ['key-1'],
    ...changes,
  };
}

export function revisionRow(scanId: string, changes: Partial<RevisionRow> = {}): RevisionRow {
  return {
    scanId,
    revision: 1,
    state: 'received',
    contentHash: fresh('hash'),
    originals: [{ name: 'a.bin', role: 'high', bytes: 3, sha256: 'ab', complete: true, key: 'scans/x/r1/a' }],
    receivedAt: '2026-03-04T05:06:07.089Z',
    uploader: 'key-1',
    meta: { lane: '3', ключ: 'значение\u0000\ud800' },
    converter: { id: 'fake', version: '1.0.0' },
    ...changes,
  };
}

export function objectRow(key: string, changes: Partial<StoredBytes> & Partial<ObjectWhat> = {}): ObjectRow {
  return {
    key,
    scanId: 'scan-of-objects',
    revision: 1,
    kind: 'original',
    bytes: 2 ** 40 + 1,
    sha256: 'cd',
    contentType: 'application/octet-stream',
    producer: 'fake@1.0.0',
    ...changes,
  } as ObjectRow;
}

export function event(seq: number, changes: Partial<CaseEvent> = {}): CaseEvent {
  return { seq, at: '2026-03-04T05:06:07.089Z', actor: 'system', kind: 'opened', detail: {}, ...changes };
}

export function caseOf(changes: Partial<Case> = {}): Case {
  return {
    id: fresh('case'),
    ...scope,
    scanId: 'scan-of-cases',
    unitId: 'u1',
    revision: 1,
    state: 'queued',
    openedAt: '2026-03-04T05:06:07.089Z',
    dueAt: '2026-03-04T06:06:07.089Z',
    anomalyPercentile: 97.30000000000001,
    reasons: [{ code: 'model', text: 'higher than 97 % of comparable scans', headStartMinutes: 12.5 }],
    band: 'routine',
    priority: 1_772_600_000.125,
    verdicts: [],
    history: [event(1)],
    ...changes,
  };
}

const ofRevision = { scanId: 's1', revision: 2 };

const samplePayloads: { readonly [Kind in JobKind]: JobOf<Kind>['payload'] } = {
  convert: ofRevision,
  'read-radiation': ofRevision,
  analyse: ofRevision,
  shadow: ofRevision,
  triage: ofRevision,
  'rejoin-declaration': { administration: 'ZZ-customs', ref: 'D-1', version: 2, containers: ['MSKU1234565'] },
  'join-radiation': { scanId: 's1', ...scope },
  'notify-lane': { scanId: 's1' },
  'watch-passages': { scanId: 's1' },
};

export function jobOf(kind: JobKind = 'convert'): Job {
  // Kind and payload are of one entry of the table above.
  return { id: fresh('job'), kind, payload: samplePayloads[kind] } as Job;
}
