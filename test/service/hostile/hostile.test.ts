import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isErrorCode } from '../../../src/core/errors.ts';
import { form } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { filesOnTheirWay } from '../../support/staging.ts';
import { openWorld, type World } from '../../support/world.ts';

interface Hostile {
  readonly file: string;
  readonly what: string;
  /** A code of the table, or `scan` for what is harmless once it is read with care. */
  readonly code: string;
  /** Name that it is sent under, where that is the attack. */
  readonly name?: string;
}

const folder = new URL('../../../fixtures/hostile/', import.meta.url);
const index: readonly Hostile[] = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));
const kindOf = ({ file }: Pick<Hostile, 'file'>) => file.slice(0, file.search(/[-.]/));
const bytesOf = ({ file }: Hostile) => readFileSync(new URL(file, folder));

/** A small file takes milliseconds and the start of a process; the machine may be busy. */
const SECONDS_CEILING = 20;
const MEMORY_CEILING = 256 * 1024 * 1024;

let service: Harness;
let world: World;
const staged = mkdtempSync(join(tmpdir(), 'nii-hostile-'));

beforeAll(async () => {
  service = await openHarness();
  world = await openWorld();
});

afterAll(async () => {
  await service.close();
  await world.close();
  rmSync(staged, { recursive: true, force: true });
});

test('every hostile file is in the index, small, and must get a code of the table', () => {
  const files = readdirSync(folder).filter((name) => !['make.py', 'index.json'].includes(name));
  expect(index.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  for (const hostile of index) {
    expect(bytesOf(hostile).length, hostile.file).toBeLessThan(256 * 1024);
    expect(hostile.code === 'scan' || isErrorCode(hostile.code), hostile.file).toBe(true);
  }
});

/** Sends a file as a form, lets the worker convert it, and says what became of it. */
async function uploaded(hostile: Hostile): Promise<string> {
  const name = hostile.name ?? hostile.file;
  const { payload, headers } = form([{ file: name, bytes: bytesOf(hostile) }]);
  const answer = await service.as('scanner', { method: 'POST', url: '/v1/scans', payload, headers });
  if (answer.statusCode !== 202) return answer.json().code;
  await service.work();
  const states: string[] = [];
  for (const { revisionHref } of answer.json().scans) {
    const record = (await service.as('scanner', { url: revisionHref })).json();
    states.push(record.problem?.code ?? 'scan');
  }
  return [...new Set(states)].join(', ');
}

describe('the service', () => {
  test.each(index.map((hostile) => [hostile.file, hostile] as const))(
    'answers %s by its code',
    async (_, hostile) => {
      const started = performance.now();
      const before = process.memoryUsage.rss();
      expect(await uploaded(hostile), hostile.what).toBe(hostile.code);
      expect((performance.now() - started) / 1000).toBeLessThan(SECONDS_CEILING);
      expect(process.memoryUsage.rss() - before).toBeLessThan(MEMORY_CEILING);
    },
  );

  test('is alive after all of them, and has kept nothing outside of its stores', async () => {
    expect((await service.app.inject({ url: '/v1/health/ready' })).statusCode).toBe(200);
    expect(filesOnTheirWay(service.stagingDir)).toEqual([]);
    expect(existsSync('/tmp/escaped.npy')).toBe(false);
    expect(service.wrongAnswers).toEqual([]);
  });
});

describe('nii info', () => {
  /** One of each kind: the conversion behind it is the same as that of the service. */
  const ofEachKind = index.filter(
    ({ file, name }, i) =>
      name === undefined && index.findIndex((one) => kindOf(one) === kindOf({ file })) === i,
  );

  test.each(ofEachKind.map((hostile) => [hostile.file, hostile] as const))(
    'says the code of %s',
    async (_, hostile) => {
      const path = join(staged, hostile.name ?? hostile.file);
      writeFileSync(path, bytesOf(hostile));
      const { code, out } = await world.nii('info', '--json', path);
      const { scans, refused } = JSON.parse(out);
      const words = [
        ...scans.map(() => 'scan'),
        ...refused.map(({ problem }: { problem: { code: string } }) => problem.code),
      ];
      expect([...new Set(words)].join(', '), hostile.what).toBe(hostile.code);
      expect(code === 0).toBe(hostile.code === 'scan');
    },
  );
});
