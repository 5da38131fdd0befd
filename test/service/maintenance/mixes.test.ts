import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noteNewestSeal } from '../../../src/audit/newest-seal.ts';
import { sealAudit } from '../../../src/audit/seal.ts';
import type { Log } from '../../../src/core/ports/process.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { reportRollbacks } from '../../../src/maintenance/rollback.ts';
import { isRoot } from '../../../src/maintenance/unrecorded.ts';
import { startProgram } from '../../../src/program.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import type { Service } from '../../../src/wiring.ts';
import { writeAudit } from '../../support/audit/entries.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, SITE } from '../../support/harness.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { query } from '../../support/postgres-server.ts';
import { send } from '../../support/stage.ts';
import { openWorld, type World } from '../../support/world.ts';

/**
 * What every command says and does when database, objects and audit are of different times: each of them as it is now, as
 * it was earlier, or lost. In every mix nothing that was acknowledged is lost.
 */

const ages = ['none', 'old', 'new'] as const;
type Age = (typeof ages)[number];
interface Mix {
  readonly database: Age;
  readonly objects: Age;
  readonly audit: Age;
}

const rank = (age: Age) => ages.indexOf(age);

/* ---- The oracle: a function of the mix alone --------------------------------------------------------------- */

interface Expected {
  /** What the start and verify say about going back; undefined: nothing. */
  readonly wentBack: 'audit older' | 'records older' | 'witness older' | undefined;
  readonly verify: { readonly code: 0 | 4; readonly unknown: boolean; readonly missing: boolean };
  readonly sweep: { readonly code: 0 | 4 };
  readonly reindex: 'done' | 'NII_OBJECT_LOST';
  readonly restore: 'done' | 'NII_CONFLICT';
}

function expected({ database, objects, audit }: Mix): Expected {
  const wentBack = rollbackOf({ database, objects, audit });
  const isUnknown = rank(objects) > rank(database);
  const isMissing = rank(database) > rank(objects);
  const isClean = wentBack === undefined && !isUnknown && !isMissing;
  return {
    wentBack,
    verify: { code: isClean ? 0 : 4, unknown: isUnknown, missing: isMissing },
    sweep: { code: isUnknown ? 4 : 0 },
    // it would forget what only the database still knows
    reindex: isMissing ? 'NII_OBJECT_LOST' : 'done',
    // the database has keys unless it is lost
    restore: database === 'none' ? 'done' : 'NII_CONFLICT',
  };
}

/** The store has a note of the audit and of the records as they were when it was that old. */
function rollbackOf({ database, objects, audit }: Mix): Expected['wentBack'] {
  if (rank(audit) < rank(objects)) return 'audit older';
  if (rank(database) < rank(objects)) return 'records older';
  return rank(audit) > rank(objects) ? 'witness older' : undefined;
}

/* ---- The stages -------------------------------------------------------------------------------------------- */

interface State {
  readonly database: string;
  readonly objects: string;
  /** Rows of the audit and of its seals, as JSON. */
  readonly audit: readonly [rows: string, seals: string];
  readonly scans: readonly string[];
}

const states = new Map<Age, State>();
let folder: string;
let backup: string;
let first: World;
const ends: (() => Promise<unknown>)[] = [];

function stateOf(age: Age): State {
  const state = states.get(age);
  if (state === undefined) throw new Error(`no state ${age}`);
  return state;
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** Each seal with its note, as the process that keeps the audit makes them. */
async function seal({ records, witnesses }: Service['deps']): Promise<void> {
  for (const subject of ['one', 'two']) {
    await writeAudit(records, [subject]);
    await sealAudit(records, undefined, async () => {
      for (const witness of witnesses) await noteNewestSeal(records, witness);
    });
  }
}

async function scansOf({ records }: Service['deps']): Promise<readonly string[]> {
  const scope = { administration: ADMINISTRATION, site: '*' };
  return (await records.transaction((tx) => tx.scans(scope, {}, 100))).rows.map(({ id }) => id).sort();
}

/** Works until there is a further scan and further seals, and keeps a copy of everything. */
async function advance(age: Age, seed: number, url: string, ownerUrl: string): Promise<void> {
  const service = await first.open();
  const { deps } = service;
  await send(deps, [{ name: `${seed}.fake`, bytes: fakeScan({ seed, containers: 'MSKU1234565' }) }]);
  await drainJobs(deps, 'test');
  await seal(deps);
  const scans = await scansOf(deps);
  await service.close();
  states.set(age, {
    ...(await copyOf(age, ownerUrl, nameOf(url), join(first.dir, 'data', 'objects'))),
    scans,
  });
}

async function copyOf(age: Age, ownerUrl: string, template: string, objects: string) {
  const copy = await freshDatabase(template);
  ends.push(copy.drop);
  await cp(objects, join(folder, age), { recursive: true, preserveTimestamps: true });
  return {
    database: nameOf(copy.ownerUrl),
    objects: join(folder, age),
    audit: [await jsonOf(ownerUrl, 'audit'), await jsonOf(ownerUrl, 'audit_seals')] as const,
  };
}

async function jsonOf(url: string, table: string): Promise<string> {
  const [row] = await query(url, `select coalesce(json_agg(t), '[]')::text as rows from ${table} t`);
  return String(row?.rows);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nii-mixes-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const empty = await freshDatabase();
  ends.push(empty.drop);
  await mkdir(join(folder, 'nothing'), { mode: 0o700 });
  const nothing = await copyOf('none', empty.ownerUrl, nameOf(empty.url), join(folder, 'nothing'));
  states.set('none', { ...nothing, scans: [] });
  const { url, ownerUrl, drop } = await freshDatabase();
  ends.push(drop);
  first = await openWorld({
    NII_DATABASE_URL: url,
    NII_DATABASE_OWNER_URL: ownerUrl,
    NII_ENABLE_FAKE: '1',
  });
  ends.push(() => first.close());
  const service = await first.open();
  const holder = { administration: ADMINISTRATION, site: SITE, roles: ['scanner' as const], name: 'gate 1' };
  await issueKey(service.deps, holder);
  await service.close();
  await advance('old', 1, url, ownerUrl);
  await advance('new', 2, url, ownerUrl);
  backup = join(folder, 'backup');
  expect((await first.nii('backup', '--out', backup)).code).toBe(0);
});

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** The stores of a mix, in a folder and a database of its own. */
async function mixed({ database, objects, audit }: Mix, over: Readonly<Record<string, string>> = {}) {
  const { url, ownerUrl, drop } = await freshDatabase(stateOf(database).database);
  const [rows, seals] = stateOf(audit).audit;
  await query(
    ownerUrl,
    `set session_replication_role = replica; truncate audit, audit_seals;
     insert into audit overriding system value select * from json_populate_recordset(null::audit, ${quoted(rows)});
     insert into audit_seals select * from json_populate_recordset(null::audit_seals, ${quoted(seals)});
     select setval(pg_get_serial_sequence('audit', 'seq'), greatest((select max(seq) from audit), 1))`,
  );
  const settings = {
    NII_DATABASE_URL: url,
    NII_DATABASE_OWNER_URL: ownerUrl,
    NII_ENABLE_FAKE: '1',
    ...over,
  };
  const world = await openWorld(settings);
  await cp(stateOf(objects).objects, join(world.dir, 'data', 'objects'), {
    recursive: true,
    preserveTimestamps: true,
  });
  const close = async () => {
    await world.close();
    await drop();
  };
  return { world, close, settings: { ...settings, NII_DATA: join(world.dir, 'data'), NII_PORT: '0' } };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'::json`;
}

async function filesOf(dir: string): Promise<readonly string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
}

/** What serve and worker do before they begin. */
async function start(world: World, onRollback: 'report' | 'stop' = 'report') {
  const service = await world.open();
  const errors: object[] = [];
  const log: Log = { info: () => {}, warn: () => {}, error: (fields) => errors.push(fields) };
  try {
    await reportRollbacks({ ...service.deps, log }, onRollback);
    return errors;
  } finally {
    await service.close();
  }
}

/* ---- The table --------------------------------------------------------------------------------------------- */

const mixes = ages.flatMap((database) =>
  ages.flatMap((objects) => ages.map((audit): Mix => ({ database, objects, audit }))),
);

describe('every mix of database, objects and audit', () => {
  test.each(mixes)('database $database, objects $objects, audit $audit', async (mix) => {
    const { world, close } = await mixed(mix);
    try {
      await check(world, mix);
    } finally {
      await close();
    }
  });
});

async function check(world: World, mix: Mix): Promise<void> {
  const should = expected(mix);
  const objects = join(world.dir, 'data', 'objects');
  const acknowledged = new Set([...stateOf(mix.database).scans, ...stateOf(mix.objects).scans]);

  const wentBack = should.wentBack === undefined ? [] : [{ what: should.wentBack, witness: 'object store' }];
  expect(await start(world)).toMatchObject(wentBack);

  const verified = await world.nii('verify', '--json');
  const { unknown, missing, unnamed, rollbacks, audit } = JSON.parse(verified.out);
  expect(verified.code).toBe(should.verify.code);
  expect(rollbacks).toMatchObject(wentBack);
  expect({ unknown: unknown.length > 0, missing: missing.length > 0 }).toEqual({
    unknown: should.verify.unknown,
    missing: should.verify.missing,
  });
  expect(unknown.every(isRoot)).toBe(true);
  expect([unnamed, audit.faults]).toEqual([[], []]);

  const swept = await world.nii('sweep', '--yes', '--older-than', '0', '--json');
  expect(swept.code).toBe(should.sweep.code);
  expect(JSON.parse(swept.out)).toMatchObject({ removed: [], unknown });

  const rebuilt = await world.nii('reindex', '--yes', '--json');
  if (should.reindex === 'done') {
    expect(rebuilt.code).toBe(0);
    expect(JSON.parse(rebuilt.out)).toMatchObject({ scans: stateOf(mix.objects).scans.length, damaged: [] });
  } else expect(JSON.parse(rebuilt.out).problem.code).toBe(should.reindex);

  expect(await filesOf(objects)).toEqual(
    expect.arrayContaining([...(await filesOf(stateOf(mix.objects).objects))]),
  );
  expect(new Set(await knownScans(world))).toEqual(acknowledged);

  const restored = await world.nii('restore', backup, '--json');
  if (should.restore === 'done') {
    expect(restored.code).toBe(0);
    expect(await knownScans(world)).toEqual(stateOf('new').scans);
  } else expect(JSON.parse(restored.out).problem.code).toBe(should.restore);
}

async function knownScans(world: World): Promise<readonly string[]> {
  const service = await world.open();
  try {
    return await scansOf(service.deps);
  } finally {
    await service.close();
  }
}

/* ---- Witness, acceptance, start ---------------------------------------------------------------------------- */

test('only a witness on another disk notices that everything together went back; accepting it is an act of its own', async () => {
  const file = join(folder, 'witness.json');
  const note = await readFile(join(stateOf('new').objects, 'audit', 'newest.json'));
  await writeFile(file, note);
  const old = { database: 'old', objects: 'old', audit: 'old' } as const;
  const { world, close } = await mixed(old, { NII_WITNESS_FILE: file });
  try {
    expect(await start(world)).toMatchObject([{ what: 'audit older', witness: 'witness file' }]);
    await expect(start(world, 'stop')).rejects.toMatchObject({ code: 'NII_ROLLED_BACK' });
    const found = await world.nii('verify');
    expect(found.code).toBe(4);
    expect(found.out).toMatch(
      /The database or its audit log was rolled back: the witness file noted seal \d+, but the audit log ends/,
    );
    expect(await readFile(file)).toEqual(note);
    expect((await world.nii('verify', '--accept')).code).toBe(4);
    expect(await start(world, 'stop')).toEqual([]);
    expect((await world.nii('verify')).code).toBe(0);
  } finally {
    await close();
  }
});

test('the program itself does not start after a rollback where the settings say so', async () => {
  const old = { database: 'old', objects: 'new', audit: 'old' } as const;
  const { close, settings } = await mixed(old, { NII_ROLLBACK: 'stop' });
  try {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, ...settings, NII_ALLOW_ROOT: '1' };
    for (const command of ['serve', 'worker']) {
      const child = startProgram([command], env, 'pipe');
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      const [code] = await once(child, 'close');
      expect(said).toMatch(
        /^NII_ROLLED_BACK: .*The database or its audit log was rolled back: the object store noted/m,
      );
      expect(code).toBe(3);
    }
  } finally {
    await close();
  }
});

test('a database that only lost its objects is not forgotten by a reindex, unless somebody says so', async () => {
  const { world, close } = await mixed({ database: 'new', objects: 'old', audit: 'new' });
  try {
    const kept = await world.nii('reindex', '--yes');
    expect(kept.err).toContain('Restore their objects from a backup');
    expect((await world.nii('verify')).out).toContain(
      'restore the objects from a backup before you run nii reindex',
    );
    expect((await world.nii('reindex', '--yes', '--forget-missing')).code).toBe(0);
    expect(await knownScans(world)).toEqual(stateOf('old').scans);
  } finally {
    await close();
  }
});

test('a note that cannot be read is reported, and no seal replaces it', async () => {
  const { world, close } = await mixed({ database: 'new', objects: 'new', audit: 'new' });
  try {
    const note = join(world.dir, 'data', 'objects', 'audit', 'newest.json');
    await writeFile(note, 'x');
    expect(await start(world)).toMatchObject([{ what: 'note unreadable' }]);
    const service = await world.open();
    await seal(service.deps);
    await service.close();
    expect(await readFile(note, 'utf8')).toBe('x');
  } finally {
    await close();
  }
});
