import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/codec/npy.ts';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { HEAD_BYTES } from '../../../src/recognise/files.ts';
import { recognise } from '../../../src/recognise/sniff.ts';
import {
  converterOf,
  installed,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const schema = '"$schema": "https://nii-hub.org/schemas/numpy-sidecar-1.0.json"';

function claimed(text: string, encoding: BufferEncoding = 'utf8'): boolean {
  const bytes = new Uint8Array(Buffer.from(text, encoding));
  const claims = recognise({ head: bytes.slice(0, HEAD_BYTES), bytes: bytes.length }, installed);
  return claims.some(({ manifest }) => manifest.id === 'numpy-array');
}

describe('a sidecar that comes alone', () => {
  it.each([
    ['first', '{"niiSidecar": "1.0"}'],
    ['behind $schema', `{\n  ${schema},\n  "niiSidecar" : "1.0"}`],
    ['behind an object and a list', '{"a":{"b":[{}]},"c":[1,"}{",{"d":0}],"niiSidecar":"1.0"}'],
    ['behind a text with quotes and brackets', '{"a":"\\"}{\\\\","niiSidecar":"1.0"}'],
  ])('is recognised with its key %s', (_, text) => {
    expect(claimed(text)).toBe(true);
    expect(claimed(`\ufeff${text}`, 'utf16le')).toBe(true);
    expect(claimed(`${text.slice(0, -1)},"rest":"${'x'.repeat(9000)}"}`)).toBe(true);
  });

  it.each([
    ['inside another object', '{"a":{"niiSidecar":"1.0"}}'],
    ['inside a list', '{"a":[{"niiSidecar":"1.0"}]}'],
    ['as a value', '{"a":"niiSidecar"}'],
    ['as text within a text', '{"a":"\\"niiSidecar\\":"}'],
    ['in a text that the head cuts', `{"a":"${'x'.repeat(4000)}\\"niiSidecar\\": ${'x'.repeat(200)}"}`],
    ['behind the end of the object', '{"a":1} "niiSidecar":1'],
    ['in a list of objects', '[{"niiSidecar":"1.0"}]'],
    ['behind the first 4 KiB', `{"a":"${'x'.repeat(5000)}","niiSidecar":"1.0"}`],
  ])('is not recognised by the word %s', (_, text) => {
    expect(claimed(text)).toBe(false);
  });

  it('takes no longer for a head of nothing but quotes and brackets', () => {
    const started = performance.now();
    for (const part of ['"', '\\"', '{', '"a":', '"\\', '[{"'])
      expect(claimed(`{${part.repeat(4096)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('units of a sidecar', () => {
  const convert = (units: readonly object[]) => {
    const sidecar = {
      niiSidecar: '1.0',
      channels: [{ id: 'high', kind: 'transmission', energy: 'high' }],
      units,
    };
    const files = [
      { name: 't.npy', bytes: writeNpy('<u2', [2, 8], new Uint8Array(32).fill(9)) },
      { name: 't.json', bytes: new Uint8Array(Buffer.from(JSON.stringify(sidecar))) },
    ];
    const group = onlyGroup(stage(folder, files));
    return runInProcess({ converter: converterOf(group), files: toConvert(group), limits: defaultLimits });
  };

  it.each([
    [0, 99],
    [3, 3],
    [1e20, 4],
  ])('that lie outside of the picture are refused: columns %d to %d', async (from, to) => {
    await expect(convert([{ columns: { from, to } }])).rejects.toMatchObject({ code: 'NII_MALFORMED' });
  });

  it('keep their kind, plates, declarations and seals', async () => {
    const stated = { kind: 'wagon', plates: ['31 80 4'], declarations: ['24XX0001'], seals: ['S1', 'S2'] };
    const { scan } = await convert([
      { container: 'CSQU3054383', columns: { from: 0, to: 4 }, ...stated },
      { container: 'MSCU6639870', columns: { from: 4, to: 6 } },
      { columns: { from: 6, to: 8 }, kind: 'cab' },
    ]);
    const none = { plates: [], declarations: [], seals: [] };
    expect(scan.units).toMatchObject([
      { ...stated, containers: [{ value: 'CSQU3054383' }], extent: { from: 0, to: 4 } },
      { ...none, kind: 'container', containers: [{ value: 'MSCU6639870' }], extent: { from: 4, to: 6 } },
      { ...none, kind: 'cab', containers: [], extent: { from: 6, to: 8 } },
    ]);
  });

  it.each([{ kind: 'boat' }, { seals: 'S1' }, { plates: Array(17).fill('x') }, { declarations: [1] }])(
    'that are wrong are refused: %j',
    async (wrong) => {
      const work = convert([{ columns: { from: 0, to: 8 }, ...wrong }]);
      await expect(work).rejects.toMatchObject({ code: 'NII_MALFORMED' });
    },
  );
});
