import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresFolder } from '../../support/postgres-server.ts';
import { program } from '../../support/running-service.ts';
import { leftOut } from '../../support/s3-server.ts';

/** What the program does to a machine as root, on a copy of /etc without the user postgres, seen by this process alone. */

const REJECTED = 3;
const copyOfEtc = `
  cp -a /etc "$1/etc" && sed -i '/^postgres:/d' "$1/etc/passwd" "$1/etc/shadow" "$1/etc/group" "$1/etc/gshadow"
  mount --bind "$1/etc" /etc && shift && "$@"
  status=$?; echo "users: $(grep -c ^postgres: /etc/passwd)"; exit $status`;
const alone = ['--mount', '--propagation', 'private'] as const;
/** A user id without a line in /etc/passwd, which may read what root may, so that it gets at the checkout anywhere. */
const withoutAccount = [
  ...['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups', '--securebits=+no_setuid_fixup'],
  ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
] as const;
const canMount = process.getuid?.() === 0 && spawnSync('unshare', [...alone, 'true']).status === 0;

if (!canMount) leftOut('a service that root starts', 'run as root on Linux');
else
  describe('as root, on a machine without the user postgres', () => {
    let data: string;
    beforeAll(async () => {
      data = await postgresFolder();
    });
    afterAll(() => rmSync(data, { recursive: true, force: true }));

    /** Makes a key, which opens the embedded database. */
    function createKey(settings: Readonly<Record<string, string>>, as: readonly string[] = []) {
      const folder = mkdtempSync(join(tmpdir(), 'nii-etc-'));
      const key = [
        'keys',
        'create',
        '--role',
        'auditor',
        '--administration',
        'utopia',
        '--name',
        'a',
        '--site',
        'x',
      ];
      const command = [...as, process.execPath, ...program, ...key];
      try {
        return spawnSync('unshare', [...alone, 'sh', '-c', copyOfEtc, 'sh', folder, ...command], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, NII_DATA: data, NII_LOG_LEVEL: 'fatal', ...settings },
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }

    test('adds no user by itself, and says what to do', () => {
      const { status, stderr, stdout } = createKey({});
      expect(stderr).toContain('this machine has no user postgres: run the service as its own user');
      expect(stderr).toContain('NII_ALLOW_ROOT=1');
      expect(stdout).toBe('users: 0\n');
      expect(status).toBe(REJECTED);
    });

    test('says what to do to a user id without an account', () => {
      const { status, stderr } = createKey({}, withoutAccount);
      expect(stderr).toContain('has none for the user id 54321: add the account (a line in /etc/passwd)');
      expect(status).toBe(REJECTED);
    });

    test('adds the user once NII_ALLOW_ROOT says so', () => {
      const { status, stderr, stdout } = createKey({ NII_ALLOW_ROOT: '1' });
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/users: 1\n$/);
    });
  });
