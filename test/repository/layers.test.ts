import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { checkPlanted } from './planted.ts';

const layers = (files: Readonly<Record<string, string>>) =>
  checkPlanted(
    files,
    ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'],
    [
      'dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'converters',
    ],
  );

const importing = (from: string) => `import { value } from '${from}';\nexport const next = value;\n`;
const types = (from: string) => `import type { Value } from '${from}';\nexport const next: Value = 1;\n`;
const leaf = 'export const value = 1;\nexport type Value = number;\n';

/** Every arrow that may exist, once. */
const sound = {
  'src/core/scan.ts': leaf,
  'src/codec/npy.ts': importing('../core/scan.ts'),
  'src/convert/sdk.ts': leaf,
  'src/convert/registry.ts': importing('./sdk.ts'),
  'src/format/dicos.ts': importing('../core/scan.ts'),
  'src/infer/tensor.ts': importing('../core/scan.ts'),
  'src/triage/case.ts': importing('../core/scan.ts'),
  'src/simulate/physics.ts': importing('../core/scan.ts'),
  'src/exchange/seal.ts': importing('../core/scan.ts'),
  'src/adapters/fs-store.ts': importing('../core/scan.ts'),
  'src/kit/contract.ts': importing('../convert/sdk.ts'),
  'src/pipeline/ingest.ts': importing('../core/scan.ts'),
  'src/http/app.ts': importing('../core/scan.ts'),
  'src/watch/plan.ts': importing('../convert/sdk.ts'),
  'src/cli/info.ts': importing('../core/scan.ts'),
  'converters/a/reader.ts': types('../../src/convert/sdk.ts'),
  'converters/b/reader.ts': types('../../src/convert/sdk.ts'),
};

const planted: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['core-stands-alone', 'src/core/access.ts', importing('../codec/npy.ts')],
  ['codec-on-core', 'src/codec/text.ts', importing('../convert/sdk.ts')],
  ['convert-on-codec', 'src/convert/group.ts', importing('../format/dicos.ts')],
  ['format-on-codec', 'src/format/preview.ts', importing('../infer/tensor.ts')],
  ['infer-on-codec', 'src/infer/tiling.ts', importing('../triage/case.ts')],
  ['triage-on-core', 'src/triage/policy.ts', importing('../infer/tensor.ts')],
  ['simulate-on-codec', 'src/simulate/scene.ts', importing('../convert/sdk.ts')],
  ['exchange-on-codec', 'src/exchange/open.ts', importing('../triage/case.ts')],
  ['viewer-on-core', 'src/viewer/page.ts', importing('../codec/npy.ts')],
  ['adapters-implement-core', 'src/adapters/jobs.ts', importing('../pipeline/ingest.ts')],
  ['pipeline-in-the-middle', 'src/pipeline/upload.ts', importing('../adapters/fs-store.ts')],
  ['kit-on-convert', 'src/kit/score.ts', importing('../pipeline/ingest.ts')],
  ['http-on-pipeline', 'src/http/routes.ts', importing('../adapters/fs-store.ts')],
  ['watch-on-convert', 'src/watch/watcher.ts', importing('../pipeline/ingest.ts')],
  ['cli-on-pipeline', 'src/cli/serve.ts', importing('../http/app.ts')],
  ['converters-see-their-own-folder-and-the-sdk', 'converters/a/more.ts', importing('../b/reader.ts')],
  [
    'converters-see-their-own-folder-and-the-sdk',
    'converters/a/deep.ts',
    importing('../../src/codec/npy.ts'),
  ],
  [
    'core-runs-in-a-browser',
    'src/core/files.ts',
    "import { sep } from 'node:path';\nexport const next = sep;\n",
  ],
  ['no-orphans', 'src/triage/alone.ts', leaf],
  ['no-cycles', 'src/triage/a.ts', importing('./b.ts')],
];

test('a tree with only the arrows that may exist passes', () => {
  expect(layers(sound)).toMatchObject({ status: 0 });
});

describe('a tree with one wrong arrow for each rule', () => {
  const ring = { 'src/triage/b.ts': importing('./a.ts') };
  const wrong = Object.fromEntries(planted.map(([, file, text]) => [file, text]));
  const { status, said } = layers({ ...sound, ...ring, ...wrong });

  test('is refused', () => expect(status).toBeGreaterThan(0));

  test.each(planted)('breaks %s in %s', (rule, file) => {
    expect(said).toContain(`error ${rule}: ${file}`);
  });

  test('breaks every rule there is', () => {
    const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
    const rules = forbidden.map(({ name }: { readonly name: string }) => name);
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(rules));
  });
});
