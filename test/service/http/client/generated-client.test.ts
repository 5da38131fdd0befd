import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';

/** The program of docs/how-to/client.md, with a client that is generated from what the service serves. */

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const page = readFileSync(join(root, 'docs/how-to/client.md'), 'utf8');
const program = /^```ts file=program\.ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'nii-client-'));

let service: Harness;
let url: string;
/** What the compiler said. */
let compiled: string;

beforeAll(async () => {
  service = await openHarness();
  url = await service.listen();
  const document = (await service.app.inject({ url: '/openapi.json' })).json();
  writeFileSync(join(folder, 'nii-hub.ts'), astToString(await openapiTS(document, { silent: true })));
  writeFileSync(join(folder, 'program.ts'), program);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'gate.fake'), fakeScan({ seed: 7, containers: 'MSKU1234565' }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const wrong = program
    .replace("kind: 'normal'", "kind: 'fine'")
    .replace('record.views', 'record.pictures')
    .replace("=== 'NII_BAD_REQUEST'", "=== 'NII_BAD_REQUESTS'");
  writeFileSync(join(folder, 'wrong.ts'), wrong);
  compiled = (await compile()).out;
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
  expect(service.wrongAnswers).toEqual([]);
});

interface Ran {
  readonly code: unknown;
  readonly out: string;
}

function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const options = { cwd: folder, env: { PATH: process.env.PATH, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, out: stdout + stderr }),
    );
  });
}

const compilerOptions = [
  '--strict',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
  '--skipLibCheck',
];

/** One run for both programs: what it reads of the client is most of the work. */
const compile = () =>
  node([
    join(root, 'node_modules/typescript-native/bin/tsc'),
    ...['--target', 'es2023', '--module', 'nodenext', '--types', 'node'],
    '--rewriteRelativeImportExtensions',
    ...compilerOptions,
    'program.ts',
    'wrong.ts',
  ]);

/** Workers convert while the program waits. */
async function whileWorking<T>(running: Promise<T>): Promise<T> {
  let isDone = false;
  const ended = running.finally(() => {
    isDone = true;
  });
  await eventually('the program ends', 60, async () => {
    await service.work();
    return isDone;
  });
  return ended;
}

test('the generated client and the program are in order for a strict compiler', () => {
  expect(compiled.split('\n').filter((line) => !line.startsWith('wrong.ts') && line.trim() !== '')).toEqual(
    [],
  );
});

test('a value or a field that the description does not have stops the compiler', () => {
  const lines = compiled.split('\n').filter((line) => line.startsWith('wrong.ts'));
  for (const word of ["'fine'", "'pictures'", "'NII_BAD_REQUESTS'"])
    expect(lines.filter((line) => line.includes(word.replaceAll("'", ''))).length).toBeGreaterThan(0);
});

test('the program sends, lists, reads, decides, asks for the lane and sees a typed problem', async () => {
  const keys = Object.fromEntries(
    (['scanner', 'supervisor', 'analyst', 'lane'] as const).map((role) => [
      role.toUpperCase(),
      service.token(role),
    ]),
  );
  const ran = await whileWorking(node(['program.js', 'gate.fake'], { NII_URL: url, ...keys }));
  expect(ran.out.trim().split('\n')).toEqual([
    'sent new-scan analysed',
    'listed true',
    'record 1.2 main transmission,transmission',
    'preview image/png true',
    'case decided normal',
    'lane proceed',
    'problem 400 NII_BAD_REQUEST limit',
  ]);
  expect(ran.code).toBe(0);
});
