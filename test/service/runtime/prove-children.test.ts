import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/core/limits.ts';
import { ReaderPool } from '../../../src/parsing/reader-pool.ts';
import { proveChildren } from '../../../src/prove-children.ts';
import type { CommandLine } from '../../../src/runtime/children/command-line.ts';
import type { ChildPlan } from '../../../src/runtime/children/running-child.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';

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
});
