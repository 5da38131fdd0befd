import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SDK_VERSION } from '../../../src/sdk/sdk.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** A project of somebody else, in which the built nii-hub is installed. */
const project = mkdtempSync(join(tmpdir(), 'nii-sdk-'));
beforeAll(() => {
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(repositoryRoot, join(project, 'node_modules/nii-hub'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const options =
  '--strict --skipLibCheck --noEmit --module nodenext --moduleResolution nodenext --target es2023';

/** What the compiler says of these files, a line each. */
function compiled(files: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  const tsc = join(repositoryRoot, 'node_modules/typescript-native/bin/tsc');
  const args = [tsc, ...options.split(' '), ...Object.keys(files)];
  return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).stdout.split('\n');
}

const guide = readFileSync(join(repositoryRoot, 'docs/how-to/converter-guide.md'), 'utf8');
const shown = /```ts\n(import type \{ Read \} from 'nii-hub\/sdk';[\s\S]*?)```/.exec(guide)?.[1] ?? '';

describe('the SDK as a package', () => {
  test('gives its version to a program', () => {
    const program = "import { SDK_VERSION } from 'nii-hub/sdk'; console.log(SDK_VERSION);";
    writeFileSync(join(project, 'version.mjs'), program);
    const { stdout } = spawnSync(process.execPath, ['version.mjs'], { cwd: project, encoding: 'utf8' });
    expect(stdout.trim()).toBe(SDK_VERSION);
  });

  test('has types by which the reader of the guide compiles, and one that is wrong does not', () => {
    expect(shown).toContain('export const read: Read');
    const wrong = shown.replace('units: sdk.units([]),', '').replace("'NII_TRUNCATED'", "'NII_NO_SUCH_CODE'");
    const said = compiled({ 'reader.ts': shown, 'wrong.ts': wrong });
    expect(said.filter((line) => line.startsWith('reader.ts'))).toEqual([]);
    expect(said.filter((line) => line.startsWith('wrong.ts')).join(' ')).toMatch(/NII_NO_SUCH_CODE/);
    expect(said.join(' ')).toMatch(/units/);
  });
});
