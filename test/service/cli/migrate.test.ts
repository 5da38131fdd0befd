import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import { migrations } from '../../../src/adapters/postgres/migrations/index.ts';
import { readConfig } from '../../../src/config.ts';
import { eventually } from '../../support/eventually.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { postgresFolder } from '../../support/postgres-server.ts';
import { program, runService } from '../../support/running-service.ts';
import { openWorld } from '../../support/world.ts';

const newest = Object.keys(migrations).at(-1);
const world = await openWorld();
afterAll(() => world.close());

test('nii migrate says what the schema is and who uses it', async () => {
  const { code, out, err } = await world.nii('migrate');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(
    `The database is at ${newest}; no migration was needed\nServices use it as the role nii_service\n`,
  );
});

test('nii migrate --json says it for scripts', async () => {
  const { code, out } = await world.nii('migrate', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    schema: newest,
    ran: [],
    role: { name: 'nii_service', mayRewriteAudit: false },
  });
});

test('an address of the owner without one for services is rejected, as the embedded database would be used', () => {
  expect(() => readConfig({ NII_DATABASE_OWNER_URL: 'postgres://a:b@c/d' })).toThrow(
    'Missing NII_DATABASE_URL: NII_DATABASE_OWNER_URL needs it',
  );
});

describe('nii serve', () => {
  const warning = 'can change the audit';

  async function logOf(settings: Readonly<Record<string, string>>): Promise<string> {
    const running = await runService({ NII_DATA: await postgresFolder(), NII_WORKERS: '0', ...settings });
    try {
      await eventually('the service answers', 60, async () => {
        const answer = await fetch(`${running.address}/v1/health/ready`);
        return answer.ok;
      });
      return running.log();
    } finally {
      await running.stop();
    }
  }

  test('warns when its role may change the audit, and when it is given the address of the owner', async () => {
    const { url, ownerUrl, drop } = await freshDatabase();
    expect(await logOf({ NII_DATABASE_URL: ownerUrl })).toContain(warning);
    const lesser = await logOf({ NII_DATABASE_URL: url });
    expect(lesser).not.toContain(warning);
    expect(lesser).not.toContain('NII_DATABASE_OWNER_URL');
    expect(await logOf({ NII_DATABASE_URL: url, NII_DATABASE_OWNER_URL: ownerUrl })).toContain(
      'NII_DATABASE_OWNER_URL is only for nii migrate',
    );
    await drop();
  });

  test('names the keys that end soon', async () => {
    const { url, drop } = await freshDatabase();
    const settings = { NII_DATABASE_URL: url, NII_DATA: await postgresFolder() };
    const create = (until: string) => {
      const wanted = ['--role', 'lane', '--administration', 'utopia', '--site', 'harbour', '--name', 'gate'];
      const operands = ['keys', 'create', ...wanted, '--json', '--until', until];
      const env = { PATH: process.env.PATH, ...settings };
      const { stdout } = spawnSync(process.execPath, [...program, ...operands], { env, encoding: 'utf8' });
      return JSON.parse(stdout).keyId;
    };
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const [soon, later] = [create(inDays(20)), create(inDays(40))];
    const log = await logOf(settings);
    const warnings = log.split('\n').filter((line) => line.includes('key ends soon'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(soon);
    expect(log).not.toContain(later);
    await drop();
  });
});
