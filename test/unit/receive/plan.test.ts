import { describe, expect, it } from 'vitest';
import { type Actor, senderOf } from '../../../src/core/access.ts';
import type { UploadMeta } from '../../../src/core/upload.ts';
import type { ReceivedFile } from '../../../src/receive/merge-originals.ts';
import {
  type Incoming,
  mergeWith,
  type Plan,
  planUpload,
  type Stored,
  type StoredRevision,
  type Target,
} from '../../../src/receive/plan.ts';
import { contentHash } from '../../../src/stored/identity.ts';

const scanner: Actor = { administration: 'nl', site: 'rtm', role: 'scanner', keyId: 'gate-1' };
const stranger: Actor = { ...scanner, keyId: 'gate-2' };

function file(name: string, role: string, more: Partial<ReceivedFile> = {}): ReceivedFile {
  const sha256 = `sha of ${name}`;
  return {
    name,
    role,
    bytes: 100,
    sha256,
    complete: true,
    path: `/staged/${name}`,
    head: new Uint8Array(),
    ...more,
  };
}

interface Upload {
  readonly actor?: Actor;
  readonly meta?: UploadMeta;
  readonly isByUid?: boolean;
  readonly groupKey?: string;
  readonly converter?: string;
}

function incoming(
  files: readonly ReceivedFile[],
  { actor = scanner, meta = {}, isByUid = false, groupKey = 's1', converter = 'vendor' }: Upload = {},
): Incoming {
  return {
    sender: { actor, site: 'rtm', meta },
    group: { converter: { id: converter, version: '1.0.0' }, groupKey, files, fallback: false },
    isByUid,
    receivedAt: '2026-05-01T08:00:00.000Z',
  };
}

const nothing: Stored = {
  sent: new Map(),
  isIdTaken: false,
  isSentOtherwise: false,
  site: { noMarks: ['unknown'] },
  isBeginning: () => false,
};

/** A scan of these files that was received before. */
function received(files: readonly ReceivedFile[], upload: Upload = {}): StoredRevision {
  const { scan, revision } = planUpload(incoming(files, upload), nothing);
  return { scan, revision };
}

const joining = (found: StoredRevision): Target => ({ ...found, by: 'group' });
const sentBefore = (found: StoredRevision, newest = found.revision) =>
  new Map([[found.revision.contentHash, { ...found, newest }]]);
const namesOf = ({ revision }: Plan) => revision.originals.map(({ name }) => name);

const image = file('s1.img', 'high');
const index = file('s1.xml', 'metadata');
const before = received([image]);
const early = received([file('s1.jpg', 'image')], { converter: 'jpeg' });
const log = file('mon.log', 'record', { bytes: 500 });
const grown = file('tue.log', 'record', { bytes: 900 });
const isGrown: Stored['isBeginning'] = (begin, whole) =>
  begin.sha256 === log.sha256 && whole.sha256 === grown.sha256;

interface Join {
  readonly when: string;
  readonly incoming: Incoming;
  readonly stored: Partial<Stored>;
  readonly result: Plan['result'];
  /** The stored scan that it is; undefined for a new scan. */
  readonly of?: StoredRevision;
  readonly files?: readonly string[];
}

const joins: readonly Join[] = [
  {
    when: 'nothing of it is stored',
    incoming: incoming([image, index]),
    stored: {},
    result: 'new-scan',
    files: ['s1.img', 's1.xml'],
  },
  {
    when: 'the same bytes were sent before',
    incoming: incoming([image]),
    stored: { sent: sentBefore(before) },
    result: 'already-here',
    of: before,
  },
  {
    when: 'the same image was sent before without its visit',
    incoming: incoming([image], { meta: { visit: 'V-1' } }),
    stored: { sent: sentBefore(before) },
    result: 'new-revision',
    of: before,
    files: ['s1.img'],
  },
  ...[
    { lane: '2' },
    { visit: ' - ' },
    { visit: 'UNKNOWN' },
    { visit: 'V-1', purpose: 'training' as const },
  ].map((meta) => ({
    when: `the same image was sent before without ${JSON.stringify(meta)}`,
    incoming: incoming([image], { meta }),
    stored: { sent: sentBefore(before) },
    result: 'already-here' as const,
    of: before,
  })),
  {
    when: 'the same image was sent before without its visit, and has got more files since',
    incoming: incoming([image], { meta: { visit: 'V-1' } }),
    stored: { sent: sentBefore(before, received([image, index]).revision) },
    result: 'new-revision',
    of: before,
    files: ['s1.img', 's1.xml'],
  },
  {
    when: 'the same image was sent before with another visit',
    incoming: incoming([image], { meta: { visit: 'V-2' } }),
    stored: { sent: sentBefore(received([image], { meta: { visit: 'V-1' } })) },
    result: 'already-here',
    of: before,
  },
  {
    when: 'the same image was sent before with what stands for a visit',
    incoming: incoming([image], { meta: { visit: 'V-1' } }),
    stored: { sent: sentBefore(received([image], { meta: { visit: 'Unknown' } })) },
    result: 'new-revision',
    of: before,
    files: ['s1.img'],
  },
  {
    when: 'people have stated the visit of an image that is sent again with another one',
    incoming: incoming([image], { meta: { visit: 'V-2' } }),
    stored: { sent: sentBefore({ ...before, scan: { ...before.scan, visit: 'V-1' } }) },
    result: 'already-here',
    of: before,
  },
  {
    when: 'a record of a portal is sent again by a shorter log that states a lane',
    incoming: incoming([log], { meta: { lane: '2' } }),
    stored: { sent: sentBefore(received([log])) },
    result: 'already-here',
    of: received([log]),
  },
  {
    when: 'another sender sent the same bytes before',
    incoming: incoming([image], { actor: stranger }),
    stored: { isIdTaken: true },
    result: 'new-scan',
    files: ['s1.img'],
  },
  {
    when: 'the same bytes were sent before for another purpose',
    incoming: incoming([image], { meta: { purpose: 'training' } }),
    stored: { isIdTaken: true, isSentOtherwise: true },
    result: 'new-scan',
    files: ['s1.img'],
  },
  {
    when: 'a file of the scan comes late',
    incoming: incoming([index]),
    stored: { target: joining(before) },
    result: 'new-revision',
    of: before,
    files: ['s1.img', 's1.xml'],
  },
  {
    when: 'a file of the scan comes again alone',
    incoming: incoming([image]),
    stored: {
      target: joining(received([image, index])),
      sent: sentBefore(received([image, index])),
    },
    result: 'already-here',
    of: received([image, index]),
  },
  {
    when: 'the scan with the late file was sent before',
    incoming: incoming([index]),
    stored: { target: joining(before), sent: sentBefore(received([image, index])) },
    result: 'already-here',
    of: received([image, index]),
  },
  {
    when: 'the description of the scan is another one',
    incoming: incoming([file('s1.xml', 'metadata', { sha256: 'sha of a correction' })]),
    stored: { target: joining(received([image, index])) },
    result: 'new-revision',
    of: received([image, index]),
    files: ['s1.img', 's1.xml'],
  },
  {
    when: 'a channel that was cut short comes whole',
    incoming: incoming([file('s1.img', 'high', { sha256: 'sha of all', bytes: 200 })]),
    stored: { target: joining(received([file('s1.img', 'high', { complete: false })])) },
    result: 'new-revision',
    of: received([file('s1.img', 'high', { complete: false })]),
    files: ['s1.img'],
  },
  {
    when: 'the same name brings another whole channel',
    incoming: incoming([file('s1.img', 'high', { sha256: 'sha of the next truck' })]),
    stored: { target: joining(before) },
    result: 'new-scan',
    files: ['s1.img'],
  },
  {
    when: 'another sender has a file for the same channel',
    incoming: incoming([file('s1.img', 'high', { sha256: 'sha of theirs', complete: false })], {
      actor: stranger,
    }),
    stored: { target: joining(before) },
    result: 'new-scan',
  },
  {
    when: 'an early picture waits for its index file',
    incoming: incoming([index]),
    stored: { target: { ...early, by: 'adoption', roles: new Map([['sha of s1.jpg', 'picture']]) } },
    result: 'new-revision',
    of: early,
    files: ['s1.jpg', 's1.xml'],
  },
  {
    when: 'an early picture is of a channel that the group has',
    incoming: incoming([image]),
    stored: { target: { ...early, by: 'adoption', roles: new Map([['sha of s1.jpg', 'high']]) } },
    result: 'new-scan',
    files: ['s1.img'],
  },
  {
    when: 'a report refers to images of the scan',
    incoming: incoming([file('tdr.dcm', 'image')], { isByUid: true }),
    stored: { target: { ...received([image], { isByUid: true }), by: 'reference' } },
    result: 'new-revision',
    of: received([image], { isByUid: true }),
    files: ['s1.img', 'tdr.dcm'],
  },
  {
    when: 'the scan has the report already',
    incoming: incoming([image], { isByUid: true }),
    stored: { target: { ...received([image], { isByUid: true }), by: 'reference' } },
    result: 'already-here',
    of: received([image], { isByUid: true }),
  },
  {
    when: 'other bytes come under the UID of an instance',
    incoming: incoming([file('s1.img', 'high', { sha256: 'sha of others' })], { isByUid: true }),
    stored: { target: joining(received([image], { isByUid: true })) },
    result: 'new-revision',
    of: received([image], { isByUid: true }),
    files: ['s1.img', 's1 (2).img'],
  },
  {
    when: 'the log of a portal has grown',
    incoming: incoming([grown]),
    stored: { target: joining(received([log])), isBeginning: isGrown },
    result: 'new-revision',
    of: received([log]),
    files: ['tue.log'],
  },
  {
    when: 'the log of a portal has grown, and serves another purpose',
    incoming: incoming([grown], { meta: { purpose: 'calibration' } }),
    stored: { target: joining(received([log])), isBeginning: isGrown },
    result: 'new-scan',
    files: ['tue.log'],
  },
  {
    when: 'the log of another portal has the same name',
    incoming: incoming([grown]),
    stored: { target: joining(received([log])) },
    result: 'new-scan',
  },
];

describe('the plan of an upload', () => {
  it.each(joins)('is $result when $when', ({ incoming, stored, result, of, files }) => {
    const plan = planUpload(incoming, { ...nothing, ...stored });
    expect(plan.result).toBe(result);
    if (of !== undefined) expect(plan.scan.id).toBe(of.scan.id);
    if (files !== undefined) expect(namesOf(plan)).toEqual(files);
    expect(plan.revision.scanId).toBe(plan.scan.id);
    expect(plan.revision.revision).toBe(plan.scan.revision);
    const isStored = plan.result === 'already-here';
    if (!isStored) expect(plan.scan.revision).toBe(result === 'new-scan' ? 1 : (of?.scan.revision ?? 0) + 1);
    expect(plan.revision.contentHash).toBe(contentHash(plan.revision.originals));
  });

  it('takes a correction back by a revision of its own, and knows the newest one again', () => {
    const other = file('s1.xml', 'metadata', { sha256: 'sha of a correction' });
    const first = received([image, index]);
    const planned = planUpload(incoming([other]), { ...nothing, target: joining(first) });
    expect(planned).toMatchObject({ result: 'new-revision', scan: { id: first.scan.id } });
    const corrected = { scan: planned.scan, revision: planned.revision };
    const sent = new Map([...sentBefore(first), ...sentBefore(corrected)]);
    const again = (one: ReceivedFile) =>
      planUpload(incoming([one]), { ...nothing, sent, target: joining(corrected) });
    expect(again(index)).toMatchObject({ result: 'new-revision', revision: { revision: 3 } });
    expect(again(other)).toMatchObject({ result: 'already-here', revision: { revision: 2 } });
  });

  it('gives the same bytes of two senders two scans', () => {
    const theirs = planUpload(incoming([image], { actor: stranger }), { ...nothing, isIdTaken: true });
    expect(theirs.scan.id).not.toBe(before.scan.id);
    expect(theirs.scan.senders).toEqual([senderOf(stranger)]);
  });

  it('names each object after the revision that its bytes came with', () => {
    const { revision } = planUpload(incoming([index]), { ...nothing, target: joining(before) });
    const [first, second] = revision.originals;
    expect(first?.key).toBe(before.revision.originals[0]?.key);
    expect(second?.key).toContain(index.sha256);
    expect(second?.key).not.toBe(first?.key);
  });

  it('keeps what the first upload stated until a later one changes it', () => {
    const first = received([image], { meta: { lane: '4', visit: 'v-1', purpose: 'training' } });
    const late = incoming([index], { meta: { lane: '5' } });
    const { scan, revision } = planUpload(late, { ...nothing, target: joining(first) });
    expect(revision.meta).toEqual({ lane: '5', visit: 'v-1', purpose: 'training' });
    expect(scan).toMatchObject({ purpose: 'training', visit: 'v-1' });
  });

  it('takes nothing but the visit from an image that is sent again: neither lane nor scanner nor the reader of its first picture', () => {
    const first = received([image], { meta: { lane: '4', scanner: 'one' } });
    const again = incoming([image], {
      meta: { visit: 'v-1', lane: '9', scanner: 'other' },
      converter: 'jpeg',
    });
    const { scan, revision } = planUpload(again, { ...nothing, sent: sentBefore(first) });
    expect(revision.meta).toEqual({ lane: '4', scanner: 'one', visit: 'v-1' });
    expect([revision.converter.id, scan.converter]).toEqual(['vendor', 'vendor']);
    expect(scan).toMatchObject({ visit: 'v-1', revision: 2, groupKey: first.scan.groupKey });
  });

  it('gives an adopted scan the converter and the key of its index file, and keeps its id', () => {
    const roles = new Map([['sha of s1.jpg', 'picture']]);
    const plan = planUpload(incoming([index], { groupKey: 'truck' }), {
      ...nothing,
      target: { ...early, by: 'adoption', roles },
    });
    expect(plan.scan).toMatchObject({ id: early.scan.id, converter: 'vendor', groupKey: 'truck' });
    expect(plan.revision.originals.map(({ role }) => role)).toEqual(['picture', 'metadata']);
  });

  it('makes one scan of the files of two containers', () => {
    const both = [image, index, file('s1-1.jpg', 'picture'), file('s1-2.jpg', 'picture')];
    const plan = planUpload(incoming(both), nothing);
    expect(plan).toMatchObject({ result: 'new-scan', scan: { containers: [], revision: 1 } });
    const late = planUpload(incoming(both.slice(2)), {
      ...nothing,
      target: joining(received(both.slice(0, 2))),
    });
    expect(namesOf(late)).toEqual(namesOf(plan));
    expect(late.revision.contentHash).toBe(plan.revision.contentHash);
  });

  it('passes a shorter file over if it is the beginning of the one that is there', () => {
    const cut = file('s1.img', 'high', { sha256: 'sha of a part', bytes: 40, complete: false });
    const merged = (isBeginning: Stored['isBeginning']) =>
      mergeWith(joining(before), incoming([cut]), isBeginning);
    expect(merged(() => true)?.map(({ sha256 }) => sha256)).toEqual([image.sha256]);
    expect(merged(() => false)).toBeUndefined();
  });
});
