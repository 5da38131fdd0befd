import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { startProgram } from '../../../src/program.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { eventually } from '../../support/eventually.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let backup: string;

beforeAll(async () => {
  world = await openWorld();
  backup = join(world.dir, 'backup');
  await receive(1);
  await receive(2);
  expect((await world.nii('backup', '--out', backup)).code).toBe(0);
  await receive(3);
}, 120_000);
afterAll(() => world.close());

/** A scan that goes through to its case. */
async function receive(seed: number): Promise<void> {
  const { deps, close } = await world.open();
  try {
    const whose = { administration: 'utopia', site: 'harbour' } as const;
    const { key } = await issueKey(deps, { ...whose, roles: ['scanner'], name: `scanner ${seed}` });
    await sendSimulated(deps, { ...whose, role: 'scanner', keyId: key.keyId }, seed);
    await drainJobs(deps, 'test');
  } finally {
    await close();
  }
}

const drillFolders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('nii-drill-'));

test('a drill says what a loss would cost and how long a recovery takes, and leaves nothing behind', async () => {
  const before = await drillFolders();
  const { code, out, err } = await world.nii(
    'drill',
    backup,
    '--json',
    '--max-point',
    '60',
    '--max-time',
    '60',
  );
  expect(code, err).toBe(0);
  const { recoveryPoint, recoveryTime, restored, verified, faults } = JSON.parse(out);
  const manifest = JSON.parse(await readFile(join(backup, 'backup.json'), 'utf8'));
  expect(faults).toEqual([]);
  expect(recoveryPoint.backupBegun).toBe(manifest.createdAt);
  expect(recoveryPoint.lacking).toMatchObject({ revisions: 1, declarations: 0, scanners: 0 });
  expect(recoveryPoint.lacking.decisions).toBeGreaterThan(0);
  expect(restored).toMatchObject({ scans: 2, keys: 2, objects: manifest.objects, damaged: [] });
  expect(verified).toMatchObject({ objects: manifest.objects + 1, missing: [], corrupt: [], unnamed: [] });
  const { seconds, restore, verify, start } = recoveryTime;
  expect(restore).toBeGreaterThan(0);
  expect(start).toBeGreaterThan(0);
  expect(Math.abs(seconds - restore - verify - start)).toBeLessThan(0.5);
  expect(await drillFolders()).toEqual(before);
});

test('a drill that is stopped ends at once and leaves nothing; the installation may be lost', async () => {
  const at = join(world.dir, 'drills');
  await mkdir(at);
  const lost = { NII_DATA: join(world.dir, 'lost'), NII_DATABASE_URL: 'postgres://a:b@127.0.0.1:9/c' };
  const env = { PATH: process.env.PATH, ...lost };
  const child = startProgram(['drill', backup, '--at', at], env, 'pipe');
  let said = '';
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  await eventually('the copy is begun', 60, async () => (await readdir(at)).length > 0);
  await eventually('the installation was tried', 60, () => said.includes('cannot be opened'));
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect((await ended)[0], said).toBe(1);
  expect(said).toContain('The drill was stopped, and its copy was removed.');
  expect(await readdir(at)).toEqual([]);
});

test('a backup that is too old, and one that is damaged, end with what is wrong', async () => {
  const spoilt = join(world.dir, 'spoilt');
  await cp(backup, spoilt, { recursive: true });
  const manifest = join(spoilt, 'backup.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/"createdAt": "[^"]+"/, '"createdAt": "2026-01-01T00:00:00.000Z"'));
  const old = await world.nii('drill', spoilt, '--max-point', '60');
  expect(old.code).toBe(4);
  expect(old.out).toMatch(/^fault +the recovery point is \d+(\.\d)? min; at most 60 min are allowed$/m);
  const [file = ''] = (await readdir(join(spoilt, 'objects'), { recursive: true })).filter((name) =>
    name.endsWith('scan.json'),
  );
  await rm(join(spoilt, 'objects', file));
  expect((await world.nii('drill', spoilt)).err).toMatch(/^NII_CORRUPT/);
  expect((await world.nii('drill', spoilt, '--max-time', 'x')).code).toBe(2);
});
