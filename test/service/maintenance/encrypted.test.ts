import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openFolderStore } from '../../../src/adapters/objects/fs-store.ts';
import { noteNewestSeal } from '../../../src/audit/newest-seal.ts';
import { sealAudit } from '../../../src/audit/seal.ts';
import type { Actor } from '../../../src/core/access.ts';
import { objectRows } from '../../../src/maintenance/object-rows.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { story } from '../../support/vitest/story.ts';
import { openWorld, type World } from '../../support/world.ts';

const actor: Actor = {
  keyId: '0'.repeat(16),
  role: 'administrator',
  administration: 'utopia',
  site: 'harbour',
};

let dir: string;
let database: Awaited<ReturnType<typeof freshDatabase>>;
const worlds: World[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-at-rest-'));
  database = await freshDatabase();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

/** Commands over the one installation, with these settings of the encryption. */
async function worldWith(settings: Readonly<Record<string, string>>): Promise<World> {
  const { url, ownerUrl } = database;
  const world = await openWorld({
    NII_DATA: join(dir, 'data'),
    NII_DATABASE_URL: url,
    NII_DATABASE_OWNER_URL: ownerUrl,
    ...settings,
  });
  worlds.push(world);
  return world;
}

const keyFile = (name: string) => join(dir, name);
const withKey = (name: string, more = {}) => worldWith({ NII_OBJECT_KEY_FILE: keyFile(name), ...more });

async function sendScan(world: World, seed: number) {
  const { deps, close } = await world.open();
  await sendSimulated(deps, actor, seed);
  await drainJobs(deps, 'test');
  await sealAudit(deps.records);
  for (const witness of deps.witnesses) await noteNewestSeal(deps.records, witness);
  await close();
}

async function verified(world: World) {
  const { code, out } = await world.nii('verify', '--json');
  return { code, ...JSON.parse(out) };
}

/** Id of the first key of the file, as its first line says. */
async function idIn(name: string): Promise<string> {
  return (await readFile(keyFile(name), 'utf8')).slice(2, 18);
}

async function anOriginal(): Promise<string> {
  const store = await openFolderStore(join(dir, 'data/objects'));
  for await (const { key } of store.list('scans/')) if (key.includes('/originals/')) return key;
  throw new Error('the store has no original');
}

/** Some bytes of every object, as its readers get it. */
async function runsOfObjects(world: World): Promise<readonly Buffer[]> {
  const { deps, close } = await world.open();
  const runs: Buffer[] = [Buffer.from('"administration"'), Buffer.from('DICM')];
  for await (const { key } of objectRows(deps.records)) {
    const bytes = Buffer.from(await deps.objects.get(key));
    for (const at of [0, bytes.length >> 1]) runs.push(bytes.subarray(at, at + 64));
  }
  await close();
  return runs;
}

/** Files in the folder whose bytes contain one of these runs. */
async function filesWith(runs: readonly Buffer[], folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(dir, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (runs.some((run) => bytes.includes(run))) found.push(path);
  }
  return found;
}

story('an installation with a key file', () => {
  test('takes in a scan, and no file of its store has a run of bytes of any object', async () => {
    const made = await (await worldWith({})).nii('store', 'key', keyFile('one'), '--json');
    expect(JSON.parse(made.out)).toEqual({
      keyId: expect.stringMatching(/^[0-9a-f]{16}$/),
      file: keyFile('one'),
    });
    expect((await stat(keyFile('one'))).mode & 0o777).toBe(0o600);
    const world = await withKey('one');
    await sendScan(world, 1);
    const runs = await runsOfObjects(world);
    expect(runs.length).toBeGreaterThan(16);
    expect(await filesWith(runs, 'data/objects')).toEqual([]);
  });

  test('is verified and rebuilt with its key', async () => {
    const world = await withKey('one');
    const before = await verified(world);
    expect(before).toMatchObject({ code: 0, clean: true, plain: 0, locked: [] });
    expect(before.encrypted).toEqual({ [await idIn('one')]: before.objects });
    const { code, out } = await world.nii('reindex', '--yes', '--json');
    expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, scans: 1, damaged: [] });
    expect((await world.nii('verify')).out).toContain(`${before.objects} with the key ${await idIn('one')}`);
  });

  test('is opened by no command without its key, and nothing changes', async () => {
    const plain = await worldWith({});
    await plain.nii('store', 'key', keyFile('other'));
    for (const world of [plain, await withKey('other')]) {
      for (const command of [
        ['verify'],
        ['reindex', '--yes'],
        ['sweep', '--yes'],
        ['backup', '--out', join(dir, 'b')],
      ]) {
        const { code, err } = await world.nii(...command);
        expect(code, command.join(' ')).toBe(3);
        expect(err).toMatch(/^NII_ENCRYPTED: .*NII_OBJECT_KEY_FILE/);
      }
    }
    expect(await verified(await withKey('one'))).toMatchObject({ code: 0, clean: true });
  });

  test('encrypts with a new key on top, and reads what the old one encrypted', async () => {
    const world = await withKey('one');
    await world.nii('store', 'key', keyFile('both'));
    await appendFile(keyFile('both'), await readFile(keyFile('one')));
    const rotated = await withKey('both');
    await sendScan(rotated, 2);
    const { encrypted, objects, clean } = await verified(rotated);
    expect(clean).toBe(true);
    const [old = 0, now = 0] = [encrypted[await idIn('one')], encrypted[await idIn('both')]];
    expect(old).toBeGreaterThan(8);
    expect(now).toBeGreaterThan(8);
    expect(old + now).toBe(objects);
  });

  test('names the objects whose key is gone from the file, and keeps them', async () => {
    await writeFile(
      keyFile('new'),
      (await readFile(keyFile('both'), 'utf8')).split('\n').slice(0, 2).join('\n'),
      {
        mode: 0o600,
      },
    );
    const world = await withKey('new');
    const { code, clean, locked } = await verified(world);
    expect({ code, clean }).toEqual({ code: 4, clean: false });
    expect(locked.length).toBeGreaterThan(8);
    const { out } = await world.nii('verify');
    expect(out).toMatch(/^locked {3}scans\//m);
    expect(out).toContain('keys that are not in the key file (NII_OBJECT_KEY_FILE)');
    expect((await world.nii('reindex', '--yes')).err).toMatch(/^NII_ENCRYPTED: /);
    const all = await withKey('both');
    expect(await verified(all)).toMatchObject({ code: 0, clean: true });
    const forgetting = await world.nii('reindex', '--yes', '--forget-missing', '--json');
    expect({ ...forgetting, ...JSON.parse(forgetting.out) }).toMatchObject({ code: 4, scans: 1 });
    expect(JSON.parse((await all.nii('reindex', '--yes', '--json')).out)).toMatchObject({
      scans: 2,
      damaged: [],
    });
    expect(await verified(all)).toMatchObject({ code: 0, clean: true });
  });

  test('takes a plain object for damaged, unless plain ones are read', async () => {
    const key = await anOriginal();
    const world = await withKey('both');
    const { deps, close } = await world.open();
    const plain = Buffer.from(await deps.objects.get(key));
    await close();
    const path = join(dir, 'data/objects', key);
    const good = await readFile(path);
    await writeFile(path, plain);
    expect(await verified(world)).toMatchObject({ code: 4, corrupt: [key], plain: 0 });
    const reading = await withKey('both', { NII_OBJECT_PLAIN: 'read' });
    expect(await verified(reading)).toMatchObject({ code: 0, corrupt: [], plain: 1 });
    await writeFile(path, Buffer.concat([plain, Buffer.of(0)]));
    expect(await verified(reading)).toMatchObject({ code: 4, corrupt: [key] });
    await writeFile(path, good);
  });

  test('is opened though somebody put a plain object before all others', async () => {
    const world = await withKey('both');
    const before = join(dir, 'data/objects/0');
    await writeFile(before, 'plain');
    expect(await verified(world)).toMatchObject({ code: 0, clean: true });
    await rm(before);
  });

  test('is backed up encrypted, and restored and drilled with the key alone', async () => {
    const world = await withKey('both');
    for (const times of ['first', 'again'])
      expect((await world.nii('backup', '--out', join(dir, 'backup'))).code, times).toBe(0);
    expect(await filesWith(await runsOfObjects(world), 'backup/objects')).toEqual([]);
    const empty = { NII_DATA: join(dir, 'elsewhere') };
    const elsewhere = await openWorld({ ...empty, NII_OBJECT_KEY_FILE: keyFile('both') });
    worlds.push(elsewhere);
    expect(JSON.parse((await elsewhere.nii('restore', join(dir, 'backup'), '--json')).out)).toMatchObject({
      scans: 2,
      damaged: [],
    });
    expect(await verified(elsewhere)).toMatchObject({ code: 0, plain: 0, locked: [] });
    const withoutKey = await openWorld({ NII_DATA: join(dir, 'third') });
    worlds.push(withoutKey);
    expect((await withoutKey.nii('restore', join(dir, 'backup'))).err).toMatch(/^NII_ENCRYPTED: /);
    const drilled = await world.nii('drill', join(dir, 'backup'), '--at', dir, '--json');
    expect({ ...drilled, ...JSON.parse(drilled.out) }).toMatchObject({ code: 0, faults: [] });
  });

  test('is repaired from its backup with the keys, and by `verify` only if asked to', async () => {
    const path = join(dir, 'data/objects', await anOriginal());
    const good = await readFile(path);
    await writeFile(path, Buffer.concat([good, Buffer.of(0)]));
    const unset = await withKey('both');
    expect((await unset.nii('verify', '--repair')).err).toMatch(/^NII_CONFIG: .*Set NII_REPLICA/);
    const world = await withKey('both', { NII_REPLICA: join(dir, 'backup') });
    expect((await world.nii('verify')).code).toBe(4);
    const { code, out } = await world.nii('verify', '--repair');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^repaired scans\//m) });
    expect(await verified(world)).toMatchObject({ code: 0, clean: true, repaired: [] });
    // encrypted anew, of the same bytes
    expect((await readFile(path)).length).toBe(good.length);
  });
});
