import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complain } from '../../../src/cli/commands/info.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { convertLocal } from '../../../src/local/local.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { runGuardedContract } from '../../../src/tools/contract/guarded.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { temporaryFolder } from '../../support/staging.ts';

/** A reader that throws what it should not: its author sees what, where and on which file; the sender a code alone. */

const folder = temporaryFolder();
const logged: { readonly fields: object; readonly message: string }[] = [];
const note = (fields: object, message: string) => logged.push({ fields, message });
let service: Harness;

beforeAll(async () => {
  service = await openHarness({ deps: { log: { info: note, warn: note, error: note } } });
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

/** The fake converter throws a TypeError of these words when it is told to. */
const order = { behaviour: 'throw' };

test('the log of the service has the exception with its stack, the reader and the file', async () => {
  await service.sendFake({ seed: 61, ...order });
  const failed = logged.filter(({ message }) => message === 'scan failed').map(({ fields }) => fields);
  expect(failed).toContainEqual(
    expect.objectContaining({
      code: 'NII_CONVERTER_CRASHED',
      converter: expect.objectContaining({ id: 'fake' }),
      files: ['61.fake'],
      exception: expect.stringMatching(/^TypeError: as ordered\n {4}at /),
    }),
  );
});

test('no answer to the sender or to anybody else has a word of the exception', async () => {
  const id = await service.sendFake({ seed: 62, ...order });
  const urls = [
    `/v1/scans/${id}`,
    `/v1/scans/${id}/revisions/latest`,
    `/v1/scans/${id}/revisions/latest/conformance`,
    '/v1/changes',
    '/v1/not-analysed',
  ];
  const bodies: string[] = [];
  for (const role of ['scanner', 'supervisor', 'administrator'] as const)
    for (const url of urls) bodies.push((await service.as(role, { url })).body);
  const { problem } = JSON.parse(bodies[1] ?? '');
  expect(problem).toEqual({
    code: 'NII_CONVERTER_CRASHED',
    title: 'The converter crashed',
    detail: expect.stringMatching(/^The reader of fake [0-9.]+ failed on 62\.fake$/),
  });
  for (const body of bodies) expect(body).not.toMatch(/as ordered|TypeError|\n? {4}at |reader\.[jt]s/);
});

test('nii convert and nii info show the author the exception', async () => {
  const file = join(folder, 'gate.fake');
  writeFileSync(file, fakeScan(order));
  const tools = { converters: await loadConverters({ enableFake: true }), limits: defaultLimits };
  const errors: string[] = [];
  for await (const outcome of convertLocal(tools, [file])) {
    if (outcome.kind !== 'rejected') throw new Error('it was converted');
    const err = (text: string) => errors.push(text);
    complain({ terminal: { err } } as unknown as Parameters<typeof complain>[0], [outcome]);
  }
  expect(errors.join('')).toMatch(
    /^NII_CONVERTER_CRASHED: gate\.fake: .*The reader of fake .* failed on gate\.fake\n {4}TypeError: as ordered\n {8}at /,
  );
});

test('the test of a package names the reader, the input and the exception', async () => {
  const striped = fileURLToPath(new URL('../../support/contract/striped', import.meta.url));
  const broken = join(folder, 'striped');
  cpSync(striped, broken, { recursive: true });
  const source = readFileSync(join(broken, 'reader.mjs'), 'utf8');
  writeFileSync(
    join(broken, 'reader.mjs'),
    source.replace('const rows', "if (file.size > 0) throw new RangeError('no such row');\n  const rows"),
  );
  const effort = { inputs: 1, seed: 1, cuts: 1 };
  const { ok, claims } = await runGuardedContract({ folder: broken, others: [], effort });
  expect(ok).toBe(false);
  const faults = claims.flatMap((claim) => claim.faults).join('\n');
  expect(faults).toMatch(
    /The reader of striped 1\.0\.0 failed on \S+: RangeError: no such row\n {4}at read \(.*reader\.mjs:/,
  );
});
