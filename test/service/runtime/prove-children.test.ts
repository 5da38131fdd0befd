import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/core/limits.ts';
import { ReaderPool } from '../../../src/parsing/reader-pool.ts';
import { proveChildren } from '../../../src/prove-children.ts';
import type { CommandLine } from '../../../src/runtime/children/command-line.ts';
import type { ChildPlan } from '../../../src/runtime/children/running-child.ts';
import { findContainment } from '../../../src/runtime/contain/containment.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

const isLesser = !['bubblewrap', 'landlock'].includes((await findContainment()).kind);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nii-prove-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A contained process that runs this text. */
function planOf(name: string, text: string): ChildPlan {
  const program = join(folder, `${name}.mjs`);
  writeFileSync(program, text);
  return { program, output: 'ignore', contained: { reads: [] } };
}

describe('the proof of contained processes', () => {
  test('passes for all that the service starts, on this Node and in the way that this machine contains them', async () => {
    await expect(proveChildren()).resolves.toBeUndefined();
  });

  test('passes where the package.json above the bundle is hidden', async () => {
    const program = await bundleOfTest('test/service/reading/misbehaving-child.ts');
    const plan: ChildPlan = { program, output: 'collect', contained: { reads: [] } };
    await expect(proveChildren({ 'a program of the bundle': plan })).resolves.toBeUndefined();
  });

  test('names the process that does not start, how it is contained, and what it printed', async () => {
    const plan = planOf(
      'broken',
      `console.error('the library libmissing.so.1 is not here'); process.exit(3);`,
    );
    const proof = proveChildren({ 'the process that breaks': plan });
    await expect(proof).rejects.toMatchObject({ code: 'NII_CHILD_START' });
    await expect(proof).rejects.toThrow(
      /the process that breaks ended with exit code 3 \(contained by \w+, Node [\d.]+\): .*libmissing/,
    );
  });

  test('names what a process could do that its containment must stop', async () => {
    const program = await bundleOfTest('test/service/reading/misbehaving-child.ts');
    const leaky = { kind: 'landlock', missing: [], contain: (command: CommandLine) => command } as const;
    const plan: ChildPlan = { program, output: 'collect', contained: { reads: [], by: leaky } };
    const proof = proveChildren({ 'the process that leaks': plan });
    await expect(proof).rejects.toMatchObject({ code: 'NII_CHILD_START' });
    await expect(proof).rejects.toThrow(
      /the process that leaks could read a file of the service, write outside its folder, .*signal the service/,
    );
  });

  test('a reader that never starts is no overload: who waits and retries would wait for ever', async () => {
    const { program } = planOf('broken-reader', 'process.exit(3)');
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const reader = new ReaderPool({ limits: defaultLimits, stagingDir: folder, log, program });
    const task = { prepare: async () => ({}), take: async () => undefined };
    const reading = { caller: 'a', subject: 'file', seconds: 5, ...task };
    const kind = { name: 'any', purpose: 'view', check: () => null } as const;
    await expect(reader.read(kind, reading)).rejects.toMatchObject({ code: 'NII_CHILD_START', status: 500 });
    await reader.close();
  });

  // the lesser ways are those without setpriv, without which root has no embedded database that this service could open
  test.skipIf(isLesser).each([
    ['the process that reads files', 'read.js', ''],
    ['the process that converts', 'convert.js', 'nii-hub is ready'],
  ])(
    'a service stops with the words of a child that cannot start: %s',
    async (name, file, told) => {
      spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: repositoryRoot });
      const place = mkdtempSync(join(folder, 'installed-'));
      for (const part of ['dist', 'package.json'])
        cpSync(join(repositoryRoot, part), join(place, part), { recursive: true });
      for (const part of ['schemas', 'node_modules', 'converters', 'models', 'data'])
        symlinkSync(join(repositoryRoot, part), join(place, part));
      writeFileSync(
        join(place, 'dist/bundle', file),
        `console.error('libmissing.so.1 is not here'); process.exit(3);`,
      );
      const env = {
        PATH: process.env.PATH,
        NII_DATA: join(place, 'stored'),
        NII_PORT: '0',
        NII_ALLOW_ROOT: '1',
      };
      const service = spawn(process.execPath, [join(place, 'dist/src/main.js'), 'serve'], { env });
      let out = '';
      let err = '';
      service.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
      service.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
      const [code] = await once(service, 'exit');
      expect(code).toBeGreaterThan(0);
      expect(err).toContain(`${name} ended with exit code 3`);
      expect(err).toContain('libmissing.so.1 is not here');
      expect(out).toMatch(new RegExp(`^${told}`));
    },
    60_000,
  );
});
