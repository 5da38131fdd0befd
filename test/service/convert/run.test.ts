import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeNpy } from '../../../src/codec/npy.ts';
import type { ConverterChildren } from '../../../src/convert/convert-in-child.ts';
import { runConverter, runInProcess } from '../../../src/convert/run.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits, type Limits } from '../../../src/core/limits.ts';
import { startChild } from '../../../src/runtime/children/running-child.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const limits = { ...defaultLimits, convertSeconds: 30 };
const workDir = () => mkdtempSync(join(folder, 'w-'));

function conversionOf(files: readonly NamedBytes[], changed: Partial<Limits> = {}) {
  const group = onlyGroup(stage(folder, files));
  return { converter: converterOf(group), files: toConvert(group), limits: { ...limits, ...changed } };
}

function fake(order: object): readonly NamedBytes[] {
  return [{ name: 'x.fake', bytes: new Uint8Array(Buffer.from(`NIIFAKE1\n${JSON.stringify(order)}`)) }];
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isNiiError(error) ? error.code : String(error);
  }
  return 'converted';
}

it('a child process returns what the same conversion returns in this process', async () => {
  const samples = new Uint8Array(Uint16Array.from({ length: 24 }, (_, i) => i * 997).buffer);
  const conversion = conversionOf([{ name: 'a/scan.npy', bytes: writeNpy('<u2', [3, 4, 2], samples) }]);
  const guarded = await runConverter({ ...conversion, workDir: workDir() });
  const direct = await runInProcess(conversion);
  expect(guarded.scan).toEqual(direct.scan);
  expect([...guarded.planes.keys()]).toEqual(['main-ch0', 'main-ch1']);
  for (const [key, plane] of direct.planes) expect(Buffer.compare(plane, guarded.planes.get(key)!)).toBe(0);
});

it('a reader in TypeScript is loaded by the child process too', async () => {
  const { scan, planes } = await runConverter({
    ...conversionOf(fake({ rows: 2, columns: 2 })),
    workDir: workDir(),
  });
  expect(scan.converter.id).toBe('fake');
  expect([...new Uint16Array(planes.get('main-high')!.slice().buffer)]).toEqual([50031, 50038, 50045, 50052]);
});

it('a refusal crosses the process boundary with its code and offset', async () => {
  const [file] = [{ name: 'cut.npy', bytes: writeNpy('<u2', [3, 4], new Uint8Array(24)).slice(0, 130) }];
  await expect(runConverter({ ...conversionOf([file]), workDir: workDir() })).rejects.toMatchObject({
    code: 'NII_TRUNCATED',
    offset: 128,
  });
});

it('a conversion that takes too long is killed', async () => {
  const conversion = conversionOf(fake({ behaviour: 'slow', milliseconds: 600_000 }), { convertSeconds: 3 });
  const started = performance.now();
  expect(await codeOf(runConverter({ ...conversion, workDir: workDir() }))).toBe('NII_LIMIT_TIME');
  expect(performance.now() - started).toBeLessThan(10_000);
});

it('a decoder that never ends is ended by the time for its pixels, long before the conversion is', async () => {
  const program = await bundleOfTest('test/service/convert/endless-child.ts');
  const children: ConverterChildren = {
    take: () => startChild({ program, output: 'collect' }),
    release: (child) => child.end(),
  };
  const started = performance.now();
  const conversion = { ...conversionOf(fake({}), { convertSeconds: 600 }), children };
  expect(await codeOf(runConverter({ ...conversion, workDir: workDir() }))).toBe('NII_LIMIT_TIME');
  // 5 s for 480 pixels, and the start of the process
  expect(performance.now() - started).toBeGreaterThan(5000);
  expect(performance.now() - started).toBeLessThan(60_000);
});

it('a conversion without progress is ended by the time for its bytes, long before the conversion is', async () => {
  const started = performance.now();
  const conversion = conversionOf(fake({ behaviour: 'slow', milliseconds: 600_000 }), {
    convertSeconds: 600,
  });
  expect(await codeOf(runConverter({ ...conversion, workDir: workDir() }))).toBe('NII_LIMIT_TIME');
  expect(performance.now() - started).toBeLessThan(60_000);
});

it('a conversion that takes too much memory outside of the heap is killed', async () => {
  const order = { behaviour: 'hungry', bytes: 4 * 1024 ** 3, milliseconds: 60_000 };
  const conversion = conversionOf(fake(order), { convertBytes: 400 * 1024 ** 2 });
  expect(await codeOf(runConverter({ ...conversion, workDir: workDir() }))).toBe('NII_LIMIT_MEMORY');
});

it('a child that dies without an answer is a failure of the converter, and so is one that throws', async () => {
  const crash = conversionOf(fake({ behaviour: 'crash' }));
  expect(await codeOf(runConverter({ ...crash, workDir: workDir() }))).toBe('NII_CONVERTER_CRASHED');
  const thrown = conversionOf(fake({ behaviour: 'throw' }));
  expect(await codeOf(runConverter({ ...thrown, workDir: workDir() }))).toBe('NII_CONVERTER_CRASHED');
});

it('samples that do not fit their dimensions are not believed', async () => {
  const lie = conversionOf(fake({ behaviour: 'lie' }));
  expect(await codeOf(runConverter({ ...lie, workDir: workDir() }))).toBe('NII_CONVERTER_INCONSISTENT');
});

it('a file beyond the ceiling of its format is refused unread', async () => {
  const [file] = fake({});
  const large = { ...file!, bytes: new Uint8Array(Buffer.concat([file!.bytes, Buffer.alloc(1 << 20, ' ')])) };
  expect(await codeOf(runInProcess(conversionOf([large])))).toBe('NII_LIMIT_BYTES');
});
