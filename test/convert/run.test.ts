import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeNpy } from '../../src/codec/npy.ts';
import { runConverter, runInProcess } from '../../src/convert/run.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from './staging.ts';

const folder = temporaryFolder();
const limits = { ...defaultLimits, convertSeconds: 20 };

it('a child process returns what the same conversion returns in this process', async () => {
  const samples = new Uint8Array(Uint16Array.from({ length: 24 }, (_, i) => i * 997).buffer);
  const array = { name: 'a/scan.npy', bytes: writeNpy('<u2', [3, 4, 2], samples) };
  const group = onlyGroup(stage(folder, [array]));
  const conversion = { converter: converterOf(group), files: toConvert(group), limits };
  const guarded = await runConverter({ ...conversion, workDir: mkdtempSync(join(folder, 'w-')) });
  const direct = await runInProcess(conversion);
  expect(guarded.scan).toEqual(direct.scan);
  expect([...guarded.planes.keys()]).toEqual(['main-ch0', 'main-ch1']);
  for (const [key, plane] of direct.planes) expect(Buffer.compare(plane, guarded.planes.get(key)!)).toBe(0);
});
