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
      'lab',
    ],
  );

const importing = (from: string) => `import { value } from '${from}';\nexport const next = value;\n`;
const types = (from: string) => `import type { Value } from '${from}';\nexport const next: Value = 1;\n`;
const leaf = 'export const value = 1;\nexport type Value = number;\n';

/** One file a room, on what it stands on. */
const sound = {
  'src/core/scan/scan.ts': leaf,
  'src/codec/npy.ts': importing('../core/scan/scan.ts'),
  'src/runtime/resident.ts': importing('../core/scan/scan.ts'),
  'src/sdk/sdk.ts': types('../codec/npy.ts'),
  'src/layouts/layout.ts': types('../sdk/sdk.ts'),
  'src/recognise/registry.ts': importing('../layouts/layout.ts'),
  'src/convert/run.ts': importing('../recognise/registry.ts'),
  'src/format/preview.ts': importing('../codec/npy.ts'),
  'src/infer/tensor.ts': importing('../core/scan/scan.ts'),
  'src/triage/case.ts': importing('../core/scan/scan.ts'),
  'src/metrics/sums.ts': importing('../core/scan/scan.ts'),
  'src/simulate/random.ts': importing('../codec/npy.ts'),
  'src/stored/manifest.ts': importing('../recognise/registry.ts'),
  'src/audit/seal.ts': importing('../core/scan/scan.ts'),
  'src/parsing/reader.ts': importing('../stored/manifest.ts'),
  'src/parsing/work/dicom.ts': importing('../../stored/manifest.ts'),
  'src/parsing/work/child.ts': importing('./dicom.ts'),
  'src/receive/accept.ts': importing('../parsing/reader.ts'),
  'src/queries/read.ts': importing('../stored/manifest.ts'),
  'src/commands/cases.ts': importing('../queries/read.ts'),
  'src/features/sites/decide.ts': importing('../../commands/cases.ts'),
  'src/steps/worker.ts': importing('../commands/cases.ts'),
  'src/maintenance/reindex/reindex.ts': importing('../steps/worker.ts'),
  'src/local/local.ts': importing('../convert/run.ts'),
  'src/tools/contract/contract.ts': importing('../../convert/run.ts'),
  'src/watch/plan.ts': importing('../recognise/registry.ts'),
  'src/http/app.ts': importing('../commands/cases.ts'),
  'src/cli/commands/info.ts': importing('../../local/local.ts'),
  'src/adapters/objects/fs-store.ts': importing('../../core/scan/scan.ts'),
  'src/page/viewer/settings.ts': importing('../../core/scan/scan.ts'),
  'src/page/case/case-page.ts': importing('../viewer/settings.ts'),
  'converters/a/reader.ts': types('../../src/sdk/sdk.ts'),
  'converters/b/reader.ts': types('../../src/sdk/sdk.ts'),
  'lab/fuzz/oracle.ts': importing('../../src/convert/run.ts'),
};

/** Of each room an arrow that must not be, chosen where the temptation is. */
const planted: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['core-imports-only-its-own', 'src/core/access.ts', importing('../codec/npy.ts')],
  ['codec-imports-only-its-own', 'src/codec/text.ts', types('../sdk/sdk.ts')],
  ['audit-imports-only-its-own', 'src/audit/verify.ts', importing('../stored/manifest.ts')],
  ['runtime-imports-only-its-own', 'src/runtime/child.ts', importing('../convert/run.ts')],
  ['sdk-imports-only-its-own', 'src/sdk/more.ts', types('../recognise/registry.ts')],
  ['the-sdk-is-types', 'src/sdk/value.ts', importing('../codec/npy.ts')],
  ['layouts-imports-only-its-own', 'src/layouts/time.ts', importing('../recognise/registry.ts')],
  ['recognise-imports-only-its-own', 'src/recognise/group.ts', importing('../convert/run.ts')],
  ['convert-imports-only-its-own', 'src/convert/finish.ts', importing('../stored/manifest.ts')],
  ['format-imports-only-its-own', 'src/format/orient.ts', importing('../infer/tensor.ts')],
  ['infer-imports-only-its-own', 'src/infer/tiling.ts', importing('../triage/case.ts')],
  ['metrics-imports-only-its-own', 'src/metrics/step-metrics.ts', importing('../triage/case.ts')],
  ['triage-imports-only-its-own', 'src/triage/policy.ts', importing('../infer/tensor.ts')],
  ['simulate-imports-only-its-own', 'src/simulate/scene.ts', importing('../format/preview.ts')],
  ['stored-imports-only-its-own', 'src/stored/planes.ts', importing('../receive/accept.ts')],
  ['parsing-imports-only-its-own', 'src/parsing/kinds/dicom.ts', importing('../../queries/read.ts')],
  ['what-answers-requests-parses-nothing', 'src/http/dicomweb.ts', importing('../parsing/work/dicom.ts')],
  ['work-of-readers-runs-in-their-process', 'src/steps/analyse.ts', importing('../parsing/work/dicom.ts')],
  ['receive-imports-only-its-own', 'src/receive/upload.ts', importing('../adapters/objects/fs-store.ts')],
  ['queries-imports-only-its-own', 'src/queries/pixels/samples.ts', importing('../../commands/cases.ts')],
  ['commands-imports-only-its-own', 'src/commands/claims.ts', importing('../features/sites/decide.ts')],
  ['features-imports-only-its-own', 'src/features/holds/decide.ts', importing('../../steps/worker.ts')],
  ['a-feature-imports-no-other', 'src/features/policy/decide.ts', importing('../sites/decide.ts')],
  ['steps-imports-only-its-own', 'src/steps/convert.ts', importing('../maintenance/reindex/reindex.ts')],
  ['maintenance-imports-only-its-own', 'src/maintenance/verify.ts', importing('../http/app.ts')],
  ['local-imports-only-its-own', 'src/local/output.ts', importing('../commands/cases.ts')],
  ['evaluate-imports-only-its-own', 'src/evaluate/score.ts', importing('../commands/cases.ts')],
  ['tools-imports-only-its-own', 'src/tools/kit/score.ts', importing('../../commands/cases.ts')],
  ['watch-imports-only-its-own', 'src/watch/watcher.ts', importing('../receive/accept.ts')],
  ['http-imports-only-its-own', 'src/http/routes.ts', importing('../adapters/objects/fs-store.ts')],
  ['cli-imports-only-its-own', 'src/cli/commands/serve.ts', importing('../../http/app.ts')],
  ['adapters-imports-only-its-own', 'src/adapters/postgres/jobs.ts', importing('../../stored/manifest.ts')],
  ['page-imports-only-its-own', 'src/page/queue.ts', importing('../http/app.ts')],
  [
    'the-page-runs-in-a-browser',
    'src/page/words.ts',
    "import { sep } from 'node:path';\nexport const next = sep;\n",
  ],
  ['nothing-imports-the-page', 'src/serve.ts', importing('./page/viewer/settings.ts')],
  ['the-viewer-stands-alone', 'src/page/viewer/tone.ts', importing('../case/case-page.ts')],
  ['what-is-installed-imports-nothing-else', 'src/tools/zip.ts', importing('../../lab/fuzz/oracle.ts')],
  ['what-is-installed-imports-nothing-else', 'converters/a/lab.ts', importing('../../lab/fuzz/oracle.ts')],
  ['rooms-are-in-the-table', 'src/helpers/more.ts', importing('../core/scan/scan.ts')],
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
  ['no-cycles', 'src/infer/a.ts', types('./b.ts')],
];

test('a tree with only the arrows that may exist passes', () => {
  expect(layers(sound)).toMatchObject({ status: 0 });
});

describe('a tree with one wrong arrow for each rule', () => {
  const rings = { 'src/triage/b.ts': importing('./a.ts'), 'src/infer/b.ts': types('./a.ts') };
  const wrong = Object.fromEntries(planted.map(([, file, text]) => [file, text]));
  const { status, said } = layers({ ...sound, ...rings, ...wrong });

  test('is refused', () => expect(status).toBeGreaterThan(0));

  test.each(planted)('breaks %s in %s', (rule, file) => {
    expect(said).toContain(`error ${rule}: ${file}`);
  });

  test('breaks every rule there is', () => {
    const { forbidden } = createRequire(import.meta.url)('../../../.dependency-cruiser.cjs');
    const rules = forbidden.map(({ name }: { readonly name: string }) => name);
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(rules));
  });
});
