import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryRoot } from '../../support/markdown-table.ts';
import { story } from '../../support/vitest/story.ts';

/** A package with our scripts, our dependencies and a command of a few lines. */
const tree = mkdtempSync(path.join(os.tmpdir(), 'nii-launch-'));
const copied = ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
/** Of the SDK of this package, which has one constant. */
const sdkProject = {
  extends: './tsconfig.json',
  compilerOptions: { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: 'dist/sdk' },
  include: [],
  files: ['src/sdk/sdk.ts'],
};
const main = `
import { readFileSync } from 'node:fs';
const table: unknown = JSON.parse(readFileSync(new URL('../converters/a/table.json', import.meta.url), 'utf8'));
process.on('SIGTERM', () => process.exit(7));
console.log(JSON.stringify({ args: process.argv.slice(2), table }));
if (process.argv.includes('--stay')) setInterval(() => undefined, 1000);
else process.exitCode = 5;
`;

const at = (name: string) => path.join(tree, name);
const put = (name: string, text: string) => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });

beforeAll(() => {
  for (const name of copied) cpSync(`${repositoryRoot}${name}`, at(name), { recursive: true });
  symlinkSync(`${repositoryRoot}node_modules`, at('node_modules'));
  put('src/main.ts', main);
  put('converters/a/gone.ts', 'export const gone = 1;\n');
  put('src/inner.ts', 'export const inner = 1;\n');
  put('tsconfig.sdk.json', JSON.stringify(sdkProject));
  put('src/sdk/sdk.ts', "export const SDK_VERSION = '1.0';\n");
  put('converters/a/table.json', '[1]');
  put('converters/a/converter.json', '{"id":"a"}');
  put('converters/a/fixtures/scan.json', '{}');
});
afterAll(() => rmSync(tree, { recursive: true }));

story('one package, built again and again', () => {
  test('the demo builds, runs the command with its arguments, and ends with its exit code', () => {
    const { status, stdout, stderr } = node('scripts/demo.mjs', '--once', '--json');
    expect(JSON.parse(stdout)).toEqual({ args: ['demo', '--once', '--json'], table: [1] });
    expect(stderr).toContain('built in');
    expect(status).toBe(5);
  });

  test('the bench runs its own command, and an unchanged tree is not built again', () => {
    const { stdout, stderr } = node('scripts/bench-launch.mjs');
    expect(JSON.parse(stdout).args).toEqual(['bench']);
    expect(stderr).toBe('');
  });

  test('manifests and fixtures are built beside the code: the conformance kit is made of them', () => {
    expect(readFileSync(at('dist/converters/a/converter.json'), 'utf8')).toBe('{"id":"a"}');
    expect(existsSync(at('dist/converters/a/fixtures'))).toBe(true);
  });

  test('a source that is gone leaves no output behind', () => {
    expect(existsSync(at('dist/converters/a/gone.js'))).toBe(true);
    rmSync(at('converters/a/gone.ts'));
    expect(node('scripts/build.mjs', '--if-stale').status).toBe(0);
    expect(existsSync(at('dist/converters/a/gone.js'))).toBe(false);
  });

  test('a module of the service has no output of its own: it runs from the bundle', () => {
    expect(new Set(readdirSync(at('dist/src')))).toEqual(new Set(['main.js', 'sdk']));
  });

  test('an output that was deleted is made again', () => {
    rmSync(at('dist/src/main.js'));
    expect(node('scripts/build.mjs', '--if-stale').status).toBe(0);
    expect(existsSync(at('dist/src/main.js'))).toBe(true);
  });

  test('a signal is passed on, and the command decides how to end', async () => {
    const child = spawn(process.execPath, ['scripts/demo.mjs', '--stay'], { cwd: tree });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  test('a type error stops the build, and the demo with it, until it is repaired', () => {
    put('src/wrong.ts', "export const wrong: number = 'text';\n");
    const { status, stderr, stdout } = node('scripts/demo.mjs');
    expect(stderr).toContain('src/wrong.ts(1,14): error TS2322');
    expect([status, stdout]).toEqual([1, '']);
    expect(node('scripts/demo.mjs').status).toBe(1);
    rmSync(at('src/wrong.ts'));
    expect(node('scripts/demo.mjs').status).toBe(5);
  });
});
