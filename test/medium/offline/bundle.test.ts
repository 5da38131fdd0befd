import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasProgram } from '../../support/dicom-tools.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';
import { endServer } from '../../support/postgres/server-processes.ts';
import { freePort } from '../../support/running-service.ts';
import { leftOut } from '../../support/s3-server.ts';

/** The archive for machines without internet, from the command that makes it to the service that runs from it. */

const serveOnce = fileURLToPath(new URL('./serve-once.ts', import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx');
const installer = join(repositoryRoot, 'scripts/release/install.mjs');
const OLD = '0.1.0';
const NEW = '0.1.1-rc.1';
const platform = `${process.platform}-${process.arch}`;
const REJECTED = 3;

/** A space with no network but loopback: what asks for anything from elsewhere fails. */
const withoutNetwork = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;
const hasOpenssl = hasProgram('openssl', 'version');
const canCut = spawnSync(withoutNetwork[0], [...withoutNetwork.slice(1), 'true']).status === 0;

if (!canCut) leftOut('the archive without a network', 'run as root on Linux; apt-get install iproute2');
else
  describe('the archive for machines without internet', { timeout: 240_000 }, () => {
    let folder: string;
    let data: string;
    const at = (name: string) => join(folder, name);
    const archiveOf = (version: string) => at(`nii-hub-${version}-${platform}.tar`);

    function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      const { PATH } = process.env;
      const kept = { PATH, HOME: folder, NII_LOG_LEVEL: 'error', NII_DATA: data, ...env };
      return spawnSync(command, [...args], { cwd: folder, encoding: 'utf8', env: kept });
    }
    const install = (...args: string[]) => run(process.execPath, [installer, ...args]);
    const offline = (...args: string[]) => run(withoutNetwork[0], [...withoutNetwork.slice(1), ...args]);
    const bundle = (...args: string[]) =>
      run(process.execPath, [join(repositoryRoot, 'scripts/release/bundle.mjs'), ...args]);

    function makeKey(name: string): void {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      writeFileSync(at(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeFileSync(at(`${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    }

    function make(version: string): void {
      const quick = ['--level', '1', '--version', version];
      const made = bundle('--key', at('release.key'), '--out', folder, ...quick);
      expect(made.stderr).toContain('as an archive');
      expect(made.stdout.trim()).toBe(archiveOf(version));
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nii-offline-'));
      data = join(folder, 'data');
      for (const name of ['release', 'other']) makeKey(name);
      make(OLD);
      make(NEW);
    });
    afterAll(async () => {
      await endServer(join(data, 'postgres'));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    test('installs, converts and serves without a network, upgrades with its data, and rolls back', async () => {
      const to = at('opt');
      const nii = join(to, 'bin/nii');
      const installed = install('install', archiveOf(OLD), '--to', to, '--key', at('release.pub'));
      expect(installed.stdout, installed.stderr).toContain(`nii-hub ${OLD} installed`);
      expect(offline(nii, '--version').stdout).toBe(`nii-hub ${OLD}\n`);

      const demo = join(to, 'current/fixtures/demo/01-fs6000-cartons/files');
      const scan = readdirSync(demo).map((name) => join(demo, name));
      expect(offline(nii, 'convert', ...scan, '--out', at('converted'), '--format', 'dicos').status).toBe(0);
      expect(readdirSync(at('converted')).some((name) => name.endsWith('.dcs'))).toBe(true);

      const serve = async (files: readonly string[]) => {
        const done = offline(
          process.execPath,
          '--import',
          tsx,
          serveOnce,
          nii,
          String(await freePort()),
          ...files,
        );
        expect(done.stderr).toBe('');
        return JSON.parse(done.stdout);
      };
      expect(await serve(scan)).toMatchObject({
        interfaces: ['lo'],
        before: 0,
        sent: { scans: [{ state: 'analysed', result: 'new-scan' }] },
      });

      const own = join(to, 'bin/nii-install');
      const upgraded = offline(own, 'install', archiveOf(NEW), '--to', to);
      expect(upgraded.stdout, upgraded.stderr).toContain(`nii-hub ${NEW} upgraded from ${OLD}`);
      expect(offline(nii, '--version').stdout).toBe(`nii-hub ${NEW}\n`);
      expect(await serve([])).toMatchObject({ before: 1 });

      const older = offline(own, 'install', archiveOf(OLD), '--to', to);
      expect(older.status).toBe(REJECTED);
      expect(older.stderr).toContain(`version ${OLD}, which is older than the current ${NEW}`);
      expect(offline(nii, '--version').stdout).toBe(`nii-hub ${NEW}\n`);
      expect(offline(own, 'install', archiveOf(OLD), '--to', to, '--older').status).toBe(0);
      expect(offline(own, 'install', archiveOf(NEW), '--to', to).status).toBe(0);

      expect(offline(own, 'rollback', '--to', to).stdout).toContain(`${OLD} is in use again, after ${NEW}`);
      expect(offline(nii, '--version').stdout).toBe(`nii-hub ${OLD}\n`);
      expect(install('list', '--to', to).stdout).toBe(`${OLD} (current)\n${NEW} (previous)\n`);

      expect(offline(own, 'check', '--to', to).stdout).toContain('are unchanged since they were signed');
      writeFileSync(join(to, 'current/dist/src/main.js'), '// changed', { flag: 'a' });
      expect(install('check', '--to', to)).toMatchObject({ status: REJECTED });
    });

    test('is rejected where a byte was changed, and nothing is installed', async () => {
      const changed = at('changed.tar');
      copyFileSync(archiveOf(OLD), changed);
      const bytes = readFileSync(changed);
      const last = bytes.length - 200_000; // in the payload, which comes last
      bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
      writeFileSync(changed, bytes);
      const done = install('install', changed, '--to', at('none'), '--key', at('release.pub'));
      expect(done).toMatchObject({ status: REJECTED, stdout: '' });
      expect(done.stderr).toContain('payload.tar.gz in the archive was changed');
      expect(readdirSync(at('none/versions'))).toEqual([]);
      expect(existsSync(at('none/current'))).toBe(false);
    });

    test('is rejected where somebody else signed it, also for an upgrade', () => {
      for (const key of ['other.pub', 'release.pub']) {
        const done = install('verify', archiveOf(OLD), '--key', at(key));
        expect(done.status, done.stderr).toBe(key === 'other.pub' ? REJECTED : 0);
      }
    });

    /** The outer files of an archive, changed, packed again as tar(1) does it. */
    async function repacked(name: string, change: (inside: string) => void): Promise<string> {
      await mkdir(at(name));
      run('tar', ['--extract', '--file', archiveOf(OLD), '--directory', at(name)]);
      const title = `nii-hub-${OLD}-${platform}`;
      change(join(at(name), title));
      run('tar', ['--create', '--file', at(`${name}.tar`), '--directory', at(name), title]);
      return at(`${name}.tar`);
    }

    test.each([
      ['whose hashes were made anew', 'SHA256SUMS', /signature .* does not match the key/],
      ['whose signature was cut', 'SHA256SUMS.sig', /signature .* does not match the key/],
      ['with another installer', 'install.mjs', /install.mjs in the archive was changed/],
      ['with another list of parts', 'sbom.cdx.json', /sbom.cdx.json in the archive was changed/],
      ['with a file more', 'more.txt', /does not have the files/],
    ])('is rejected %s', async (_what, member, message) => {
      const archive = await repacked(`with-${member}`, (inside) => writeFileSync(join(inside, member), ' '));
      const done = install('verify', archive, '--key', at('release.pub'));
      expect(done.stderr).toMatch(message);
      expect(done.status).toBe(REJECTED);
    });

    test.runIf(hasOpenssl)(
      'is checked by openssl and sha256sum alone, before anything of it runs',
      async () => {
        await repacked('plain', () => {});
        const inside = join(at('plain'), `nii-hub-${OLD}-${platform}`);
        const verify = ['pkeyutl', '-verify', '-pubin', '-inkey', at('release.pub'), '-rawin'];
        const files = ['-in', join(inside, 'SHA256SUMS'), '-sigfile', join(inside, 'SHA256SUMS.sig')];
        expect(run('openssl', [...verify, ...files]).stdout).toContain('Signature Verified Successfully');
        const sums = run('sh', ['-c', 'cd "$1" && sha256sum --check --strict SHA256SUMS', 'sh', inside]);
        expect(sums.stdout.match(/: OK$/gm)).toHaveLength(5);
      },
    );

    test('lists every package of package.json in CycloneDX, and no tool of development', async () => {
      const { stdout } = run('tar', [
        '--extract',
        '--to-stdout',
        '--file',
        archiveOf(OLD),
        `nii-hub-${OLD}-${platform}/sbom.cdx.json`,
      ]);
      const list = JSON.parse(stdout);
      const names = new Set(
        list.components.map((one: { name: string; version: string }) => `${one.name}@${one.version}`),
      );
      const { dependencies, devDependencies } = JSON.parse(
        readFileSync(join(repositoryRoot, 'package.json'), 'utf8'),
      );
      const pinned = (of: Record<string, string>) =>
        Object.entries(of).map(([name, version]) => `${name}@${version}`);
      expect(list).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { version: OLD } } });
      expect(pinned(dependencies).filter((name) => !names.has(name))).toEqual([]);
      expect(pinned(devDependencies).filter((name) => names.has(name))).toEqual([]);
    });

    test.each([
      [['--key', 'missing.pem'], /missing\.pem/],
      [['--key', 'release.key', '--version', 'newest'], /Invalid --version "newest": use 1\.2\.3/],
      [[], /--key is missing/],
    ])('is not made with %j', (args, message) => {
      const done = bundle(...args);
      expect(done.stderr).toMatch(message);
      expect(done.status).not.toBe(0);
    });
  });
