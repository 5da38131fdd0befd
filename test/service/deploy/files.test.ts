import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { migrateDatabase } from '../../../src/adapters/postgres/database.ts';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';
import { query, withDatabase, withLogin } from '../../support/postgres-server.ts';
import { leftOut } from '../../support/s3-server.ts';

/** The files of deploy/, each tried as far as its first lines say. */

const folder = mkdtempSync(join(tmpdir(), 'nii-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) leftOut('the unit for systemd', 'apt-get install systemd');
else
  describe('the unit for systemd', () => {
    const text = readRepositoryFile('deploy/nii-hub.service');
    const exposureSaid = /gives an exposure of ([0-9.]+) of 10/.exec(text)?.[1];

    test('has no fault, once the program is where it says', () => {
      const unit = join(folder, 'nii-hub.service');
      writeFileSync(unit, text.replace('/opt/nii-hub/bin/nii', process.execPath));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    });

    test('is as exposed as it says, and not more', () => {
      const args = ['security', '--offline=true', `${repositoryRoot}deploy/nii-hub.service`];
      const { stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
      expect(/exposure level for nii-hub.service: ([0-9.]+)/.exec(stdout)?.[1]).toBe(exposureSaid);
    });

    test('mounts over no file of /proc, or children would be contained in a weaker way', () => {
      const over = [
        'ProtectKernelTunables',
        'ProtectKernelLogs',
        'ProtectHostname',
        'ProtectProc',
        'ProcSubset',
      ];
      expect(over.filter((name) => new RegExp(`^${name}=`, 'm').test(text))).toEqual([]);
    });
  });

describe('the roles for PostgreSQL', () => {
  const own = randomBytes(4).toString('hex');
  const names = { nii_owner: `o_${own}`, nii_service: `s_${own}`, nii_hub: `d_${own}` };

  test('are made as the file says, and serve with no right too many', async () => {
    const { url: server } = inject('postgresServers')[0] ?? { url: '' };
    const text = Object.entries(names).reduce(
      (sql, [name, other]) => sql.replaceAll(name, other),
      readRepositoryFile('deploy/postgres/roles.sql').replaceAll(/^--.*$/gm, ''),
    );
    const login = (user: string) => ({ user, password: own });
    try {
      for (const statement of text.split(';').filter((part) => part.trim() !== ''))
        await query(server, statement);
      for (const name of [names.nii_owner, names.nii_service])
        await query(server, `alter role ${name} password '${own}'`);
      const database = withDatabase(server, names.nii_hub);
      await migrateDatabase(withLogin(database, login(names.nii_owner)), { user: names.nii_service });
      const service = withLogin(database, login(names.nii_service));
      expect(await query(service, 'select count(*)::int as n from audit')).toEqual([{ n: 0 }]);
      for (const forbidden of [
        'create table more (n int)',
        'create temporary table more (n int)',
        'delete from audit',
        "update audit set action = ''",
        'drop table audit',
        'create role more',
      ])
        await expect(query(service, forbidden), forbidden).rejects.toThrow(/permission denied|must be owner/);
    } finally {
      await query(server, `drop database if exists ${names.nii_hub} with (force)`);
      for (const name of [names.nii_owner, names.nii_service])
        await query(server, `drop role if exists ${name}`);
    }
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool) leftOut('the files for Prometheus', 'apt-get install prometheus');
else
  test('Prometheus finds no fault in the scrape configuration and the alerts', () => {
    const scrape = readRepositoryFile('deploy/prometheus/scrape.yml');
    writeFileSync(join(folder, 'key'), 'key');
    writeFileSync(
      join(folder, 'prometheus.yml'),
      scrape.replace('/etc/prometheus/nii-hub.key', join(folder, 'key')),
    );
    writeFileSync(
      join(folder, 'nii-hub-alerts.yml'),
      readRepositoryFile('deploy/prometheus/nii-hub-alerts.yml'),
    );
    const said = execFileSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/SUCCESS: \d+ rules found/);
  });
