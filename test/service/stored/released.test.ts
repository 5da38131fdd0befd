import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, auditTrail, changesSince } from '../../../fixtures/stored/answers.ts';
import { hashesOf, unpackFolder } from '../../../fixtures/stored/archive.ts';
import {
  type Answer,
  type Ask,
  type Asked,
  saying,
  withoutAddress,
} from '../../../fixtures/stored/asking.ts';
import type { Expected } from '../../../fixtures/stored/expected.ts';
import { programOf } from '../../../fixtures/stored/program.ts';
import { continueResumable, jobsOf, offsetOf } from '../../../fixtures/stored/sending.ts';
import { findPostgresPrograms } from '../../../src/adapters/postgres/embedded/programs.ts';
import { readConfig } from '../../../src/config.ts';
import { isRoleOfPeople } from '../../../src/core/access.ts';
import type { Case } from '../../../src/core/case/case.ts';
import type { IssuedLaneInstruction } from '../../../src/core/case/lane.ts';
import { UPLOADS_PREFIX } from '../../../src/core/keys.ts';
import type { Log } from '../../../src/core/ports/process.ts';
import type { AuditRow } from '../../../src/core/ports/records/audit.ts';
import type { ChangeRow } from '../../../src/core/ports/records/changes.ts';
import type { ObjectRow } from '../../../src/core/ports/records/object-rows.ts';
import { type JobKind, jobKinds } from '../../../src/core/rows/job.ts';
import { inTodaysForm } from '../../../src/core/upgrade/older-forms.ts';
import { buildApp } from '../../../src/http/app.ts';
import { adoptOldUploads } from '../../../src/receive/resumable/old-spool.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { reindex } from '../../../src/upkeep/reindex/reindex.ts';
import { openService, type Parts } from '../../../src/wiring.ts';
import { ADMINISTRATION } from '../../support/harness.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { movableClock, promisedRecords } from '../../support/stage.ts';

/** Data folders as released versions left them, opened by this one (docs/decisions/0011-stored-for-ever.md). */

const folder = join(repositoryRoot, 'fixtures/stored/released');
/** Half a minute on a machine that does nothing else. */
const PATIENCE = 420_000;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

type Ends = (() => Promise<unknown>)[];

interface Folders {
  readonly data: string;
  readonly objects: string;
  readonly spool: string;
}

async function unpacked(name: string, ends: Ends): Promise<Folders> {
  const dir = await mkdtemp(join(tmpdir(), 'nii-stored-'));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  await chmod(dir, 0o755);
  const data = join(dir, 'data');
  const { owner } = await findPostgresPrograms(dir);
  await unpackFolder(join(folder, name, 'data.tar.br'), data, (entry) =>
    entry.startsWith('postgres/cluster/') ? owner : undefined,
  );
  return { data, objects: join(data, 'objects'), spool: join(data, 'spool') };
}

/** Everything that the lane is told. */
async function openLane(ends: Ends): Promise<{ readonly url: string; readonly told: string[] }> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    told.push(String(request.headers['nii-delivery']));
    request.resume().on('end', () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, told };
}

/** The parts of this version over the folder, at the time at which the old version ended. */
async function openParts(settings: Readonly<Record<string, string>>, at: string, ends: Ends) {
  const service = await openService(readConfig(settings), silent);
  ends.push(() => service.close());
  return { ...service.deps, clock: movableClock(at) };
}

/** Asks this version without a network. */
function askOf(deps: Parts, tokens: Expected['tokens'], ends: Ends): Ask {
  const app = buildApp(deps, { version: 'test', requestsPerMinute: 1_000_000, lateLoopMs: 60_000 });
  ends.push(() => app.close());
  return async (who, url, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> => {
    const authorization = `Bearer ${tokens[who]}`;
    const payload = body === undefined ? {} : { payload: body };
    const answer = await app.inject({ method, url, headers: { authorization, ...headers }, ...payload });
    const named = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(named),
      body: withoutAddress(answer.rawPayload, 'http://localhost:80'),
    };
  };
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

/** What the old version has of an upload: a file of its staging folder, or chunks among the objects. */
async function begunBytes({ objects, spool }: Folders, id: string): Promise<Buffer> {
  const uploads = join(objects, 'uploads');
  const chunks = existsSync(uploads) ? readdirSync(uploads).filter((name) => name.startsWith(`${id}.`)) : [];
  if (chunks.length === 0) return await readFile(join(spool, 'tus/files', id));
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
  const { data, objects, spool } = await unpacked(name, ends);
  const before = await hashesOf(objects);
  const begun = await begunBytes({ data, objects, spool }, expected.unfinished[0]?.id ?? '');
  const { url, told } = await openLane(ends);
  const settings = { NII_DATA: data, NII_LANE_URL: url, NII_LANE_SECRET: 'of the test' };
  const deps = await openParts(settings, expected.madeAt, ends);
  const ask = askOf(deps, expected.tokens, ends);
  // As serve does before it listens
  await adoptOldUploads(deps, spool);
  const said = await readAll(ask, expected);
  const verify = await programOf(repositoryRoot, settings).run(['verify', '--json']);
  const uploads = await finishUploads(ask, expected, begun);
  await drainJobs(deps, 'test');
  const done = await readAgain(ask, expected);
  const records = await promisedRecords({ deps });
  const elsewhere = await reindexElsewhere(settings, expected, ends);
  const after = await hashesOf(objects);
  const verified: unknown = JSON.parse(verify);
  const persons = (await deps.records.transaction((tx) => tx.persons(ADMINISTRATION, 200))).rows;
  const keys = await deps.records.transaction((tx) => tx.keys());
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

/** The same objects, and an empty database of this version. */
async function reindexElsewhere(
  { NII_DATA = '' }: Readonly<Record<string, string>>,
  { madeAt }: Expected,
  ends: Ends,
) {
  const { url, drop } = await freshDatabase();
  ends.push(drop);
  const settings = { NII_DATA, NII_DATABASE_URL: url, NII_STAGING: `${NII_DATA}-staging` };
  ends.push(() => rm(settings.NII_STAGING, { recursive: true, force: true }));
  const deps = await openParts(settings, madeAt, ends);
  const reindexed = await reindex(deps);
  await drainJobs(deps, 'test');
  return { reindexed, rebuilt: await promisedRecords({ deps }) };
}

/** Kinds of jobs that no version of these knew. */
const newJobKinds: readonly JobKind[] = ['shadow'];

/** Objects of before blocks were kept get them at their first read. */
function withoutBlocks<
  Records extends { readonly whole: readonly { readonly objects: readonly ObjectRow[] }[] },
>(records: Records) {
  const whole = records.whole.map(({ objects, ...rest }) => ({
    ...rest,
    objects: objects.map(({ blocks: _, ...row }) => row),
  }));
  return { ...records, whole };
}

/* ---- What is not shown any more while somebody may still read the image (src/triage/blind.ts) ---------------- */

const isUnread = ({ state }: { readonly state?: unknown }) => state === 'queued' || state === 'claimed';

/** Ids of cases that somebody may still read. */
function unreadCases(answers: Readonly<Record<string, unknown>>): readonly string[] {
  const cases = Object.entries(answers).filter(([path]) => path.startsWith('/v1/cases/'));
  return cases.map(([, value]) => value as Case).flatMap((value) => (isUnread(value) ? [value.id] : []));
}

/** Without what was said of these cases, and without reports on them. */
function shownToReaders(answer: unknown, unread: readonly string[]): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  if (Array.isArray(answer))
    return answer.filter((item) => !isReportOn(item, unread)).map((item) => shownToReaders(item, unread));
  const named = Object.entries(answer).map(([name, value]) => [name, shownToReaders(value, unread)]);
  if (!('verdicts' in answer && isUnread(answer as Partial<Case>))) return Object.fromEntries(named);
  const said = ['history', 'verdicts', 'reasons'];
  return Object.fromEntries(named.filter(([name]) => !said.includes(String(name))));
}

function isReportOn(item: unknown, unread: readonly string[]): boolean {
  if (typeof item !== 'object' || item === null || !('name' in item)) return false;
  return unread.some((id) => String(item.name).startsWith(`${id}-`));
}

type DicomItem = Readonly<Record<string, { readonly Value?: readonly unknown[] }>>;

/** All that is shown was shown before, and what is missing are reports. */
function expectReportsAloneMissing(
  now: readonly DicomItem[],
  before: readonly DicomItem[],
  path: string,
): void {
  const counts = ['00201206', '00201208', '00201209', '00080061'];
  const textOf = (item: DicomItem) =>
    JSON.stringify(Object.entries(item).filter(([tag]) => !counts.includes(tag)));
  const shown = new Set(now.map(textOf));
  const missing = before.filter((item) => !shown.has(textOf(item)));
  expect(shown.size + missing.length, path).toBe(before.length);
  for (const item of missing) expect(item['00080060']?.Value, path).toEqual(['TDR']);
}

/** Names that stand beside the former ones until 0.3. */
const newNames: ReadonlySet<string> = new Set(['anomalyPercentile', 'laneInstructionHref']);

function inFormerNames(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(inFormerNames);
  if (typeof answer !== 'object' || answer === null) return answer;
  const kept = Object.entries(answer).filter(([name]) => !newNames.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, inFormerNames(value)]));
}

/** Words for people become plainer; the codes beside them stay. */
function withoutTexts(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(withoutTexts);
  if (typeof answer !== 'object' || answer === null) return answer;
  const kept = Object.entries(answer).filter(([name]) => name !== 'text');
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutTexts(value)]));
}

function hasJoins(declaration: unknown): boolean {
  return 'joined' in Object(declaration);
}

/** A declaration has come to say which scans it joined. */
function withoutJoins(declaration: unknown): unknown {
  const { joined: _, notJoined: __, ...as } = Object(declaration);
  return as;
}

type FormerLaneInstruction = Pick<IssuedLaneInstruction, 'answer' | 'final' | 'reason' | 'holds' | 'units'> &
  Partial<Pick<IssuedLaneInstruction, 'issuedAt' | 'expiresAt'>>;

/** Instructions have become stricter (docs/decisions/0017, 0018): none that held lets go, and its former fields are there. */
function expectNoFreer(now: unknown, before: unknown, path: string): void {
  const { units: unitsNow, ...is } = withoutTexts(now) as IssuedLaneInstruction;
  // Issued when it is asked for
  const {
    units: unitsBefore,
    issuedAt: _,
    expiresAt: __,
    ...was
  } = withoutTexts(before) as FormerLaneInstruction;
  expect(is.answer, path).toBe(is.answer === was.answer ? was.answer : 'hold');
  expect(is.final && !was.final, path).toBe(false);
  expect({ ...is, answer: was.answer, final: was.final }, path).toMatchObject(was);
  const units = unitsNow.map((unit, i) => (unit.answer === 'hold' ? { ...unit, ...unitsBefore[i] } : unit));
  expect(units, path).toMatchObject(unitsBefore);
}

/** Officers have other words for what they decide (docs/decisions/0021): a hold, or a list of them. */
function holdsInTodaysWords(answer: unknown): unknown {
  return Array.isArray(answer)
    ? answer.map((hold) => inTodaysForm('hold', hold))
    : inTodaysForm('hold', answer);
}

describe.each(readdirSync(folder))('a data folder that %s left', (name) => {
  const expected: Expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
  const ends: Ends = [];
  let opened: Awaited<ReturnType<typeof openAndGoOn>>;
  beforeAll(async () => {
    opened = await openAndGoOn(name, expected, ends);
  }, PATIENCE);
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('holds what the test is about', () => {
    const count = (kind: string) =>
      Object.keys(expected.objects).filter((key) => key.startsWith(kind)).length;
    for (const kind of ['scans/', 'cases/', 'holds/', 'declarations/', 'scanners/'])
      expect(count(kind), kind).toBeGreaterThan(0);
    for (const kind of jobKinds.filter((one) => !newJobKinds.includes(one)))
      expect(expected.waiting[kind], kind).toBeGreaterThan(0);
    expect(opened.before).toEqual(expected.objects);
  });

  it('opens, and every question is answered as the old version answered it', () => {
    expect(Object.keys(opened.answers)).toEqual(Object.keys(expected.answers));
    const unread = unreadCases(expected.answers);
    expect(unread.length).toBeGreaterThan(0);
    for (const [path, answer] of Object.entries(expected.answers)) {
      const now = inFormerNames(opened.answers[path]);
      if (/\/lane-(answer|instruction)$/.test(path)) expectNoFreer(now, answer, path);
      else if (path.startsWith('/dicomweb/'))
        expectReportsAloneMissing(now as DicomItem[], answer as DicomItem[], path);
      else if (path.startsWith('/v1/declarations/') && !hasJoins(answer))
        expect(withoutJoins(now), path).toEqual(answer);
      else if (path.startsWith('/v1/holds')) expect(now, path).toEqual(holdsInTodaysWords(answer));
      else expect(shownToReaders(now, unread), path).toEqual(shownToReaders(answer, unread));
    }
  });

  it('keeps its change feed and its audit, and readers go on from their cursor', () => {
    // A supervisor is not told any more how often a case moved (docs/decisions/0019)
    const shownChanges = (expected.changes as readonly ChangeRow[]).filter(
      ({ kind }) => !kind.startsWith('case.'),
    );
    expect(shownChanges.length).toBeGreaterThan(10);
    expect(opened.changes).toEqual(shownChanges);
    // A key of one site is shown the entries of its site; the first version showed those of all sites
    const shown = expected.audit as readonly AuditRow[];
    const own = name === '5619617' ? shown.filter(({ actor }) => actor.site === 'harbour') : shown;
    expect(own.length).toBeGreaterThan(100);
    expect(opened.audit.slice(0, own.length)).toEqual(own);
    expect(opened.since.length).toBeGreaterThan(0);
    expect(opened.allChanges).toEqual([...shownChanges, ...opened.since]);
  });

  it('has a person for each key of people, unlinked unless somebody linked it, by whose id its cases name it', async () => {
    const { keys, persons } = opened;
    const ofPeople = keys.filter(({ roles }) => roles.some(isRoleOfPeople));
    expect(ofPeople.length).toBeGreaterThan(2);
    const hadPersons = name === '590b8f1';
    for (const { keyId, person } of ofPeople) expect(person === keyId, keyId).toBe(!hadPersons);
    expect(keys.filter(({ roles }) => !roles.some(isRoleOfPeople)).map(({ person }) => person)).not.toContain(
      expect.any(String),
    );
    for (const { keyId, name: known, person } of ofPeople) {
      const isLinked = hadPersons && ['supervisor', 'second-reader'].includes(known);
      const version = isLinked ? 2 : Number(hadPersons);
      const status = { status: isLinked ? 'linked' : 'unlinked', version };
      expect(persons).toContainEqual(
        expect.objectContaining({ id: person, name: known, keys: [keyId], ...status }),
      );
    }
    const readers = opened.records.whole.flatMap(({ cases }) => cases.flatMap(({ verdicts }) => verdicts));
    expect(readers.length).toBeGreaterThan(0);
    const ids = new Set(persons.map(({ id }) => id));
    for (const { analyst } of readers) expect(ids.has(analyst), analyst).toBe(true);
  });

  it('answers a repeated command as the old version did', () => {
    expect(opened.repeated.status).toBe(200);
    expect(opened.repeated.headers['idempotency-replayed']).toBe('true');
    expect(inFormerNames(JSON.parse(opened.repeated.body.toString()))).toEqual(expected.repeated.answer);
  });

  it('is found clean by nii verify', () => {
    expect(opened.verified).toMatchObject({ clean: true, missing: [], corrupt: [], unnamed: [] });
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
    expect(withoutBlocks(opened.rebuilt)).toEqual(withoutBlocks(opened.records));
  });

  it('has no stored object changed or removed by any of it', () => {
    const stays = Object.entries(expected.objects).filter(([key]) => !key.startsWith(UPLOADS_PREFIX));
    expect(opened.after).toMatchObject(Object.fromEntries(stays));
  });
});
