import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, auditTrail, changesSince } from '../../../fixtures/stored/answers.ts';
import { hashesOf, unpackFolder } from '../../../fixtures/stored/archive.ts';
import { type Ask, everyone, saying } from '../../../fixtures/stored/asking.ts';
import { type Expected, readExpected } from '../../../fixtures/stored/expected.ts';
import { continueResumable, jobsOf, offsetOf } from '../../../fixtures/stored/sending.ts';
import {
  askOf,
  type Ends,
  linked,
  openLane,
  openParts,
  stoppedAt,
  workOf,
} from '../../../fixtures/stored/service.ts';
import { findPostgresPrograms } from '../../../src/adapters/postgres/embedded/programs.ts';
import { isRoleOfPeople } from '../../../src/core/access.ts';
import { documentFolders } from '../../../src/core/documents.ts';
import { UPLOADS_PREFIX } from '../../../src/core/keys.ts';
import { type JobKind, jobKinds } from '../../../src/core/rows/job.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import type { Parts } from '../../../src/wiring.ts';
import { ADMINISTRATION } from '../../support/harness.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { promisedRecords } from '../../support/stage.ts';

/** Data folders as released versions left them, opened by this one (docs/decisions/0011-stored-for-ever.md). */

const folder = join(repositoryRoot, 'fixtures/stored/released');
/** Half a minute on a machine that does nothing else. */
const PATIENCE_MS = 420_000;
/** The tus library sees by the machine's clock whether an upload has expired, and the folders only grow older. */
const LONG_ENOUGH_S = '3000000000';

async function unpack(name: string, ends: Ends): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'nii-stored-'));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  await chmod(dir, 0o755);
  const data = join(dir, 'data');
  const { owner } = await findPostgresPrograms(dir);
  await unpackFolder(join(folder, name, 'data.tar.br'), data, (entry) =>
    entry.startsWith('postgres/cluster/') ? owner : undefined,
  );
  return data;
}

/** What this version says before anything is done. */
async function readAll(ask: Ask, { uploads, repeated }: Expected) {
  const answers = await answersOf(ask, uploads);
  const { items: changes } = await changesSince(ask);
  const audit = await auditTrail(ask);
  const again = saying('POST', repeated.body, { 'idempotency-key': repeated.key });
  return { answers, changes, audit, repeated: await ask('supervisor', repeated.path, again) };
}

interface Uploaded {
  readonly scans?: readonly { readonly revisionHref: string }[];
}

/** Sends what is missing of each upload. @param begun what the old version has of the first */
async function finishUploads(ask: Ask, { unfinished }: Expected, begun: Buffer) {
  const offsets: number[] = [];
  for (const { id, rest } of unfinished) {
    const offset = await offsetOf(ask, id);
    offsets.push(offset);
    if (rest !== '') await continueResumable(ask, id, offset, Buffer.from(rest, 'base64'));
  }
  const ended: Uploaded[] = [];
  for (const { id } of unfinished)
    ended.push(JSON.parse((await ask('scanner', `/v1/uploads/tus/${id}`)).body.toString()));
  const whole = Buffer.concat([begun, Buffer.from(unfinished[0]?.rest ?? '', 'base64')]);
  const sha256 = createHash('sha256').update(whole).digest('hex');
  const { body } = await ask('supervisor', `${ended[0]?.scans?.[0]?.revisionHref}/originals/${sha256}`);
  return { offsets, ended, isWhole: body.equals(whole) };
}

/** What the old version has of an upload, in chunks among the objects. */
function begunBytes(objects: string, id: string): Buffer {
  const uploads = join(objects, 'uploads');
  const chunks = readdirSync(uploads).filter((name) => name.startsWith(`${id}.`));
  return Buffer.concat(chunks.sort().map((name) => readFileSync(join(uploads, name))));
}

/** What this version says once every job has run. */
async function readAgain(ask: Ask, { cursor }: Expected) {
  const jobs = await jobsOf(ask, ['waiting', 'running', 'dead']);
  const { items: since } = await changesSince(ask, cursor);
  return { jobs, since, allChanges: (await changesSince(ask)).items };
}

async function openAndGoOn(name: string, expected: Expected, ends: Ends) {
  const mask = process.umask(0o077); // as the program does at its start
  ends.push(async () => process.umask(mask));
  const data = await unpack(name, ends);
  const objects = join(data, 'objects');
  const before = await hashesOf(objects);
  const begun = begunBytes(objects, expected.unfinished[0]?.id ?? '');
  const lane = await openLane(ends);
  const settings = { NII_DATA: data, NII_LIMIT_RESUMABLE_SECONDS: LONG_ENOUGH_S, ...lane.settings };
  const deps = await openPartsThen(settings, expected, ends);
  const ask = askOf(deps, expected.tokens, ends);
  const said = await readAll(ask, expected);
  const verified = await verifyAll(deps);
  const uploads = await finishUploads(ask, expected, begun);
  await workOf(deps)();
  const done = await readAgain(ask, expected);
  const records = await promisedRecords({ deps });
  const elsewhere = await reindexElsewhere(data, expected, ends);
  const after = await hashesOf(objects);
  const persons = (await deps.records.transaction((tx) => tx.persons(ADMINISTRATION, 200))).rows;
  const keys = await deps.records.transaction((tx) => tx.keys());
  const { told } = lane;
  return {
    before,
    keys,
    persons,
    ...said,
    verified,
    ...uploads,
    ...done,
    told,
    records,
    ...elsewhere,
    after,
  };
}

/** At the time at which the old version ended. */
async function openPartsThen(
  settings: Readonly<Record<string, string>>,
  { madeAt }: Expected,
  ends: Ends,
): Promise<Parts> {
  return { ...(await openParts(settings, ends)), clock: stoppedAt(madeAt) };
}

/** The same objects, and an empty database of this version. */
async function reindexElsewhere(data: string, expected: Expected, ends: Ends) {
  const { url, drop } = await freshDatabase();
  ends.push(drop);
  const settings = { NII_DATA: data, NII_DATABASE_URL: url, NII_STAGING: `${data}-staging` };
  const deps = await openPartsThen(settings, expected, ends);
  const reindexed = await reindex(deps);
  await workOf(deps)();
  return { reindexed, rebuilt: await promisedRecords({ deps }) };
}

/**
 * An answer without its words, which a release may change: of an instruction the text of its reasons, whose codes say what
 * holds, and of a declaration why a scan is not affected. In 0.2.0, an object of inspection had an instruction of its own; since then it
 * has the one of its vehicle.
 */
function withoutWords(answer: unknown, isStricter = false): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  // since 0.3 a passage says how long its clock has been running
  if (Array.isArray(answer)) return answer.map((one: object) => ({ ...one, ageSeconds: undefined }));
  if ('instruction' in answer && 'reasons' in answer)
    return {
      ...answer,
      // since 0.3
      number: undefined,
      ...(isStricter && { instruction: 'hold', final: false }),
      reasons: eachWithout('text', answer.reasons).filter((one) => !isStricterNow(one)),
      ...('holds' in answer && { holds: eachWithout('text', answer.holds) }),
      ...('units' in answer && { units: eachWithout('instruction', answer.units) }),
    };
  if ('notJoined' in answer) return { ...answer, notJoined: eachWithout('because', answer.notJoined) };
  return answer;
}

function hasStricter(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('reasons' in answer)) return false;
  return Array.isArray(answer.reasons) && answer.reasons.some(isStricterNow);
}

/**
 * Since 0.3 what another scan of the container has goes along, and no written time keeps an alarm away from a scan. To a reader
 * another scan that is undecided has no ids.
 */
function isStricterNow(one: object): boolean {
  const code = 'code' in one ? one.code : undefined;
  return 'scanId' in one || code === 'alarm-near' || (code === 'undecided' && !('unitId' in one));
}

/** Whether each has the words still counts. */
function eachWithout(words: string, some: unknown): readonly object[] {
  if (!Array.isArray(some)) return [];
  return some.map((one: object) => ({ ...one, [words]: words in one }));
}

/** None waits where no version of a model runs in shadow; records had no kind of their own before 0.3. */
const noneWaits: readonly JobKind[] = ['shadow', 'read-radiation', 'watch-passages'];

/** Kinds of documents that 0.2.0 did not have. */
const since030: ReadonlySet<string> = new Set([
  'vehicle-hold',
  'service-hold',
  'check-in',
  'set-aside',
  'scan-marks',
]);

describe.each(readdirSync(folder))('a data folder that %s left', (name) => {
  const expected = readExpected(join(folder, name));
  const ends: Ends = [];
  let opened: Awaited<ReturnType<typeof openAndGoOn>>;
  beforeAll(async () => {
    opened = await openAndGoOn(name, expected, ends);
  }, PATIENCE_MS);
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('holds what the test is about', () => {
    const count = (kind: string) =>
      Object.keys(expected.objects).filter((key) => key.startsWith(kind)).length;
    const folders = Object.entries(documentFolders).flatMap(([kind, one]) =>
      since030.has(kind) ? [] : [one],
    );
    for (const kind of ['scans', 'cases', 'holds', ...folders])
      expect(count(`${kind}/`), kind).toBeGreaterThan(0);
    for (const kind of jobKinds.filter((one) => !noneWaits.includes(one)))
      expect(expected.waiting[kind], kind).toBeGreaterThan(0);
    expect(opened.before).toEqual(expected.objects);
  });

  it('opens, and every question is answered as the old version answered it', () => {
    expect(Object.keys(opened.answers)).toEqual(Object.keys(expected.answers));
    for (const [path, answer] of Object.entries(expected.answers)) {
      const now = opened.answers[path];
      const isStricter = hasStricter(now);
      expect(withoutWords(now, isStricter), path).toEqual(withoutWords(answer, isStricter));
    }
  });

  it('keeps its change feed and its audit, and readers go on from their cursor', () => {
    expect(expected.changes.length).toBeGreaterThan(10);
    expect(opened.changes).toEqual(expected.changes);
    expect(expected.audit.length).toBeGreaterThan(100);
    expect(opened.audit.slice(0, expected.audit.length)).toEqual(expected.audit);
    expect(opened.since.length).toBeGreaterThan(0);
    expect(opened.allChanges).toEqual([...expected.changes, ...opened.since]);
  });

  it('has a person for each key of people, unlinked unless somebody linked it, by whose id its cases name it', () => {
    const { keys, persons } = opened;
    const ofPeople = keys.filter(({ roles }) => roles.some(isRoleOfPeople));
    expect(ofPeople.length).toBeGreaterThan(2);
    expect(keys.filter(({ roles }) => !roles.some(isRoleOfPeople)).map(({ person }) => person)).not.toContain(
      expect.any(String),
    );
    for (const { keyId, name: known, person } of ofPeople) {
      const status = linked.has(known) ? 'linked' : 'unlinked';
      expect(persons).toContainEqual(
        expect.objectContaining({ id: person, name: known, keys: [keyId], status }),
      );
    }
    const readers = opened.records.whole.flatMap(({ cases }) => cases.flatMap(({ verdicts }) => verdicts));
    expect(readers.length).toBeGreaterThan(0);
    const ids = new Set(persons.map(({ id }) => id));
    for (const { analyst } of readers) expect(ids.has(analyst), analyst).toBe(true);
  });

  it('has its keys, of which one is revoked', () => {
    const revoked = opened.keys.filter(({ revokedAt }) => revokedAt !== undefined);
    expect(revoked.map(({ name: known }) => known)).toEqual(['has left']);
    expect(opened.keys).toHaveLength(Object.keys(everyone).length + revoked.length);
  });

  it('answers a repeated command as the old version did', () => {
    expect(opened.repeated.status).toBe(200);
    expect(opened.repeated.headers['idempotency-replayed']).toBe('true');
    expect(JSON.parse(opened.repeated.body.toString())).toEqual(expected.repeated.answer);
  });

  it('is found clean by nii verify', () => {
    expect(opened.verified).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
    expect(opened.verified.objects).toBeGreaterThan(0);
  });

  it('has its unfinished resumable uploads go on where they stood, to scans of the whole bytes', () => {
    expect(opened.offsets).toEqual(expected.unfinished.map(({ offset }) => offset));
    for (const upload of opened.ended) expect(upload).toMatchObject({ state: 'accepted' });
    expect(opened.isWhole).toBe(true);
  });

  it('has its waiting jobs of every kind run to their end, and the lane told', () => {
    expect(opened.jobs).toEqual(Object.fromEntries(jobKinds.map((kind) => [kind, 0])));
    expect(opened.told.length).toBeGreaterThanOrEqual(expected.waiting['notify-lane'] ?? 0);
    expect(JSON.stringify(opened.records)).not.toContain('"state":"received"');
  });

  it('is reindexed into an empty database with equal records', () => {
    expect(opened.reindexed.damaged).toEqual([]);
    expect(opened.rebuilt).toEqual(opened.records);
  });

  it('has no stored object changed or removed by any of it', () => {
    const stays = Object.entries(expected.objects).filter(([key]) => !key.startsWith(UPLOADS_PREFIX));
    expect(opened.after).toMatchObject(Object.fromEntries(stays));
  });
});
