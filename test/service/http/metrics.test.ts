import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMINISTRATION, openHarness, SITE } from '../../support/harness.ts';

/** Ends the server at once though this process uses it; its lock goes when it has ended. */
async function endServer(lock: string): Promise<void> {
  process.kill(Number((await readFile(lock, 'utf8')).split('\n')[0]), 'SIGINT');
  await eventually(
    'the server has ended',
    30,
    async () => (await readFile(lock, 'utf8').catch(() => '')) === '',
  );
}

test('metrics are returned to a recently checked key while the database is unreachable, without old counts', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nii-metrics-'));
  const postgres = await openEmbeddedPostgres(join(dir, 'postgres'), () => {});
  const database = await openDatabase(postgres.url);
  const now = new Date();
  // The clock stands still, so that the key stays one seen just now however long the server takes to stop.
  const deps = { records: openRecords(database), jobs: openJobs(database), clock: { now: () => now } };
  const service = await openHarness({ deps });
  onTestFinished(async () => {
    await service.close();
    await database.close();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const metrics = () => service.as('peer', { url: '/metrics' });
  const before = (await metrics()).body;
  expect(before).toContain('nii_up{part="database"} 1');
  expect(before).toContain('nii_scans{state="failed"} 0');
  await endServer(join(dir, 'postgres', 'cluster', 'pgdata', 'postmaster.pid'));
  const away = await metrics();
  expect(away.statusCode, away.body).toBe(200);
  expect(away.body).toContain('nii_up{part="database"} 0');
  expect(away.body).not.toMatch(/^nii_(jobs|scans)\{/m);
  expect(away.body).toContain('process_resident_memory_bytes');
  expect(away.body).toMatch(/nii_http_request_duration_seconds_count\{[^}]*\/metrics[^}]*\} 1/);
}, 60_000);

test('keys that end within 30 days are counted by administration', async () => {
  const service = await openHarness();
  onTestFinished(() => service.close());
  await service.newToken('lane', 'elsewhere', SITE);
  const ending = async () => {
    const { body } = await service.as('peer', { url: '/metrics' });
    return body.split('\n').filter((line) => line.startsWith('nii_keys_ending{'));
  };
  const none = [
    'nii_keys_ending{administration="elsewhere"} 0',
    'nii_keys_ending{administration="utopia"} 0',
  ];
  expect(new Set(await ending())).toEqual(new Set(none));
  const endsAt = new Date(Date.now() + 20 * 86_400_000).toISOString();
  const place = { administration: ADMINISTRATION, site: SITE };
  await issueKey(service.deps, { ...place, roles: ['lane'], name: 'gate', endsAt });
  expect(await ending()).toContain('nii_keys_ending{administration="utopia"} 1');
});
