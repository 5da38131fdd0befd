import { chmod, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealAudit } from '../../../src/audit/seal.ts';
import { authenticator } from '../../../src/commands/authenticate.ts';
import type { Actor } from '../../../src/core/access.ts';
import type { ObjectRow } from '../../../src/core/ports/records/object-rows.ts';
import { putDeclaration } from '../../../src/features/declarations/decide.ts';
import { shadowModel } from '../../../src/features/models/decide.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { objectRows } from '../../../src/maintenance/object-rows.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { modelChoiceDocument } from '../../../src/stored/document-kinds.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { openWorld, type World } from '../../support/world.ts';

const actor: Actor = {
  keyId: '0'.repeat(16),
  role: 'administrator',
  administration: 'utopia',
  site: 'harbour',
};
const MODEL = 'cargo-anomaly';
const ofKey = { administration: 'utopia', site: 'harbour' };
let world: World;

beforeAll(async () => {
  world = await openWorld();
  const service = await world.open();
  await sendSimulated(service.deps, actor, 1);
  await sendSimulated(service.deps, actor, 2);
  await putDeclaration(
    service.deps,
    { actor },
    'D-1',
    {
      containers: ['NIIU1234560'],
      selectivity: { score: 40 },
    },
    true,
  );
  await drainJobs(service.deps, 'test');
  await shadowModel(service.deps, { actor: { ...actor, site: '*' }, ifMatch: '0' }, MODEL, undefined);
  await issueKey(service.deps, { ...ofKey, roles: ['auditor'], name: 'A. Uditor' });
  await service.close();
  expect((await world.nii('backup', '--out', join(world.dir, 'backup'))).code).toBe(0);
});

afterAll(() => world.close());

/** Everything that a reindex promises, as the records have it. */
async function recordsAt(at: Pick<World, 'open'>) {
  const { deps, close } = await at.open();
  try {
    const scope = { administration: 'utopia', site: '*' };
    const objects: ObjectRow[] = [];
    for await (const row of objectRows(deps.records)) objects.push(row);
    return await deps.records.transaction(async (tx) => {
      const scans = (await tx.scans(scope, {}, 100)).rows;
      const details = [];
      for (const { id } of scans) {
        details.push({
          revisions: await tx.revisions(id),
          cases: await tx.casesOfScan(id),
          analyses: await tx.analyses(id),
        });
      }
      return {
        scans,
        details,
        objects,
        choices: await tx.documentHistory(modelChoiceDocument, ['utopia', MODEL]),
        declarations: await tx.declarations({ administration: 'utopia', site: '*' }, 100),
        keys: await tx.keys(),
      };
    });
  } finally {
    await close();
  }
}

test('a key is made, works, is listed without its secret, and ends when it is revoked', async () => {
  const args = ['--role', 'analyst', '--administration', 'utopia', '--site', '*', '--name', 'A. Nalyst'];
  const { token, keyId } = JSON.parse((await world.nii('keys', 'create', ...args, '--json')).out);
  const list = await world.nii('keys', 'list', '--json');
  const made = JSON.parse(list.out).find((key: { keyId: string }) => key.keyId === keyId);
  expect(made).toMatchObject({ roles: ['analyst'], name: 'A. Nalyst' });
  const secret = token.slice(`nii_${keyId}_`.length);
  expect(secret).toHaveLength(43);
  expect(list.out).not.toContain(secret);
  expect(list.out).not.toContain('secret');
  const who = async () => {
    const { deps, close } = await world.open();
    try {
      return await authenticator(deps)({ token, as: 'key' });
    } finally {
      await close();
    }
  };
  expect(await who()).toMatchObject({ keyId, roles: ['analyst'], site: '*', person: { isLinked: false } });
  expect((await world.nii('keys', 'revoke', keyId)).code).toBe(0);
  await expect(who()).rejects.toMatchObject({ code: 'NII_UNAUTHENTICATED' });
  expect((await world.nii('keys', 'revoke', 'f'.repeat(16))).err).toMatch(/^NII_NOT_FOUND/);
});

test('a key ends after a year unless it is made to end otherwise, and the list says how long is left', async () => {
  const args = ['--role', 'lane', '--administration', 'utopia', '--site', 'harbour', '--name', 'gate'];
  const create = async (...more: string[]) =>
    JSON.parse((await world.nii('keys', 'create', ...args, '--json', ...more)).out);
  const [usual, soon, endless] = [
    await create(),
    await create('--until', new Date(Date.now() + 10.5 * 86_400_000).toISOString()),
    await create('--until', 'never'),
  ];
  expect(Date.parse(usual.endsAt) - Date.parse(usual.createdAt)).toBeCloseTo(365 * 86_400_000, -5);
  expect(endless).not.toHaveProperty('endsAt');
  const lines = (await world.nii('keys', 'list')).out.split('\n');
  const lineOf = ({ keyId }: { keyId: string }) => lines.find((line) => line.startsWith(keyId));
  expect(lines[0]).toMatch(/ends +left +revoked/);
  expect(lineOf(usual)).toMatch(/36[45] days/);
  expect(lineOf(soon)).toMatch(/ 10 days/);
  expect(lineOf(endless)).toMatch(/never +- /);
});

test('reindex without --yes changes nothing and says what would be lost', async () => {
  const before = await recordsAt(world);
  const { code, err } = await world.nii('reindex');
  expect(code).toBe(2);
  expect(err).toMatch(/leases, cursors and idempotency keys/);
  expect(await recordsAt(world)).toEqual(before);
});

test('reindex --yes gives every record back', async () => {
  const before = await recordsAt(world);
  expect(before.scans).toHaveLength(2);
  const { code, out } = await world.nii('reindex', '--yes', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    scans: 2,
    revisions: 2,
    cases: 2,
    holds: 0,
    declarations: 1,
    damaged: [],
    isHeld: false,
  });
  expect(await recordsAt(world)).toEqual(before);
});

test('a backup restored elsewhere holds the same records, objects and keys', async () => {
  const folder = join(world.dir, 'backup');
  const made = JSON.parse((await world.nii('backup', '--out', folder, '--json')).out);
  const elsewhere = world.at('elsewhere');
  const { code, out } = await elsewhere.nii('restore', folder, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ objects: made.objects, keys: made.keys, scans: 2, cases: 2 });
  const { objects, ...records } = await recordsAt(elsewhere);
  const [gap, ...more] = objects.filter(({ kind }) => kind === 'service-hold');
  expect([gap?.key, more]).toEqual([expect.stringMatching(/^service-holds\/utopia\/_all\/recovery-/), []]);
  const copied = objects.filter(({ key }) => key !== gap?.key);
  expect({ ...records, objects: copied }).toEqual(await recordsAt(world));
  const verified = JSON.parse((await elsewhere.nii('verify', '--json')).out);
  expect(verified).toMatchObject({ clean: true, objects: made.objects + 1, unnamed: [] });
});

test('a backup holds the seals of the audit, and one of before there were seals is restored all the same', async () => {
  const folder = join(world.dir, 'sealed');
  const { deps, close } = await world.open();
  await sealAudit(deps.records);
  const seals = await deps.records.transaction((tx) => tx.auditSeals(0, 100));
  await close();
  const made = JSON.parse((await world.nii('backup', '--out', folder, '--json')).out);
  const lines = (await readFile(join(folder, 'audit-seals.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(seals);
  expect(made).toMatchObject({ seals: seals.length });
  await writeFile(join(folder, 'audit-seals.jsonl'), `${lines.join('\n')} \n`);
  expect((await world.at('other-seals').nii('restore', folder)).err).toMatch(/^NII_CORRUPT/);
  const { seals: _seals, sha256, ...older } = made;
  const { 'audit-seals.jsonl': _sha256, ...lists } = sha256;
  await writeFile(join(folder, 'backup.json'), JSON.stringify({ ...older, sha256: lists }));
  await rm(join(folder, 'audit-seals.jsonl'));
  expect((await world.at('without-seals').nii('restore', folder)).code).toBe(0);
});

test('a backup again on the same folder keeps what is whole and mends what is damaged', async () => {
  const folder = join(world.dir, 'backup');
  const damaged = join(folder, 'objects', await someObject(folder));
  const good = await readFile(damaged);
  await writeFile(damaged, 'damaged');
  expect((await world.at('refused').nii('restore', folder)).err).toMatch(/^NII_CORRUPT/);
  expect((await world.nii('backup', '--out', folder)).code).toBe(0);
  expect(await readFile(damaged)).toEqual(good);
  const leftovers = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.partial'));
  expect(leftovers).toEqual([]);
});

test('restore refuses an installation that holds something, a list that was changed, and half a backup', async () => {
  const folder = join(world.dir, 'backup');
  expect((await world.nii('restore', folder)).err).toMatch(/^NII_CONFLICT/);
  const keys = await readFile(join(folder, 'keys.jsonl'), 'utf8');
  await writeFile(join(folder, 'keys.jsonl'), keys.replace('auditor', 'administrator'));
  expect((await world.at('empty').nii('restore', folder)).err).toMatch(/^NII_CORRUPT/);
  await writeFile(join(folder, 'keys.jsonl'), keys);
  await rename(join(folder, 'backup.json'), join(folder, 'backup.away'));
  expect((await world.at('empty').nii('restore', folder)).err).toMatch(/^NII_NOT_FOUND/);
  await rename(join(folder, 'backup.away'), join(folder, 'backup.json'));
  expect((await world.at('empty').nii('restore', folder)).code).toBe(0);
});

test('verify names what other users of the machine can read, in the data folder and in what lies in it', async () => {
  const objects = join(world.dir, 'data', 'objects');
  expect(JSON.parse((await world.nii('verify', '--json')).out)).toMatchObject({
    clean: true,
    loose: { count: 0 },
  });
  const [file = ''] = (await readdir(objects, { recursive: true })).filter((name) =>
    name.endsWith('scan.json'),
  );
  await chmod(join(objects, file), 0o644);
  await chmod(join(world.dir, 'data'), 0o755);
  const { code, out } = await world.nii('verify', '--json');
  expect(code).toBe(4);
  const { clean, corrupt, loose } = JSON.parse(out);
  expect({ clean, corrupt }).toEqual({ clean: false, corrupt: [] });
  expect(loose).toEqual({
    count: 2,
    entries: [
      { path: join(world.dir, 'data'), mode: '0755', why: 'open' },
      { path: join(objects, file), mode: '0644', why: 'open' },
    ],
  });
  // the folder was closed by that; the file is left to whoever looks into it
  expect((await world.nii('verify')).out).toContain(`open to other users (0644)  ${join(objects, file)}\n`);
  await chmod(join(objects, file), 0o600);
  expect((await world.nii('verify')).code).toBe(0);
});

test('verify is clean, names what is damaged and missing with code 4, and sweep removes only what is unnamed', async () => {
  const copy = world.at('to-damage');
  expect((await copy.nii('restore', join(world.dir, 'backup'))).code).toBe(0);
  expect((await copy.nii('verify')).code).toBe(0);
  const objects = join(world.dir, 'to-damage', 'objects');
  const [damaged = '', missing = ''] = (await readdir(objects, { recursive: true }))
    .filter((name) => name.includes('/originals/') && /[0-9a-f]{64}$/.test(name))
    .sort();
  const stray = join(objects, 'scans', 'stray.json');
  await writeFile(join(objects, damaged), 'damaged');
  await rm(join(objects, missing));
  await writeFile(stray, '{}');
  const { code, out } = await copy.nii('verify', '--json');
  expect(code).toBe(4);
  const found = JSON.parse(out);
  expect(found).toMatchObject({ clean: false, unnamed: ['scans/stray.json'] });
  expect(found.corrupt).toEqual([damaged]);
  expect(found.missing).toEqual([missing]);
  const swept = await copy.nii('sweep', '--older-than', '0', '--yes', '--json');
  expect(JSON.parse(swept.out)).toMatchObject({ removed: ['scans/stray.json'], unknown: [], young: 0 });
  expect((await copy.nii('backup', '--out', join(world.dir, 'broken'))).code).toBe(3);
  expect(await readdir(join(world.dir, 'broken'))).not.toContain('backup.json');
});

test('a sweep shows what it would remove, spares what is young, and removes after a yes', async () => {
  const copy = world.at('to-sweep');
  expect((await copy.nii('restore', join(world.dir, 'backup'))).code).toBe(0);
  const stray = join(world.dir, 'to-sweep', 'objects', 'scans', 'stray');
  const isThere = async () => (await stat(stray).catch(() => undefined)) !== undefined;
  await writeFile(stray, 'left over');
  const young = await copy.nii('sweep', '--yes');
  expect(young).toMatchObject({ code: 0, err: '' });
  expect(young.out).toMatch(/^0 objects, 0 bytes: nothing refers to them; 1 more are kept, because/);
  await utimes(stray, new Date(), new Date(Date.now() - 25 * 3_600_000));
  const unasked = await copy.nii('sweep');
  expect(unasked.code).toBe(2);
  expect(unasked.out).toMatch(
    /^unreferenced {2}scans\/stray\n1 objects, 9 bytes: nothing refers to them; 0 more/,
  );
  expect(unasked.err).toContain('Missing option --yes');
  const listed = await copy.nii('sweep', '--json');
  expect(listed.code).toBe(2);
  expect(JSON.parse(listed.out)).toMatchObject({
    removed: [],
    removable: [{ key: 'scans/stray', bytes: 9 }],
  });
  const refused = await copy.niiAnswering(false, 'sweep');
  expect(refused.code).toBe(0);
  expect(refused.out).not.toContain('removed');
  expect(await isThere()).toBe(true);
  expect((await copy.niiAnswering(true, 'sweep')).out).toContain('1 objects removed\n');
  expect(await isThere()).toBe(false);
  expect((await copy.nii('sweep', '--older-than', 'x')).code).toBe(2);
});

async function someObject(folder: string): Promise<string> {
  const [first = '{}'] = (await readFile(join(folder, 'objects.jsonl'), 'utf8')).split('\n');
  return JSON.parse(first).key;
}
