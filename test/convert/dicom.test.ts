import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { groupFiles } from '../../src/convert/group.ts';
import { runInProcess } from '../../src/convert/run.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../../src/core/scan.ts';
import { encodeDx } from '../../src/format/dicos/index.ts';
import { fixturesOf } from '../contract/converter.ts';
import { hasSharedData, readShared, sharedPath } from '../shared-data.ts';
import {
  converterOf,
  installed,
  type NamedBytes,
  onlyGroup,
  sha256,
  stage,
  temporaryFolder,
  toConvert,
} from './staging.ts';

const folder = temporaryFolder();

async function convert(files: readonly NamedBytes[]): Promise<ScanWithPlanes> {
  const group = onlyGroup(stage(folder, files));
  return runInProcess({ converter: converterOf(group), files: toConvert(group), limits: defaultLimits });
}

async function written({ scan, planes }: ScanWithPlanes): Promise<readonly NamedBytes[]> {
  const ids = {
    scanId: 'scan-1',
    revision: 1,
    administration: 'test',
    site: 'north',
    receivedAt: '2031-03-04T06:00:00Z',
  };
  return Promise.all(
    channelsOf(scan).map(async ({ view, channel, key }) => {
      const plane = planes.get(key)!;
      const { bytes } = await encodeDx({ scan, viewId: view.id, channelId: channel.id, plane, ids });
      return { name: `${key}.dcs`, bytes };
    }),
  );
}

const withoutOriginals = ({ views, purpose, completeness }: NiiScan) => ({ views, purpose, completeness });
const numbersOf = (scan: NiiScan) =>
  scan.units.flatMap(({ containers }) => containers.map(({ value }) => value));

const fixtures = installed
  .flatMap((converter) => fixturesOf(converter).map((fixture) => ({ ...fixture, id: converter.manifest.id })))
  .filter(({ expected }) => expected.refused === undefined);

it.each(fixtures)('what we write of $id/$name is read back equal, record and samples', async ({ files }) => {
  const first = await convert(files);
  const second = await convert(await written(first));
  expect(withoutOriginals(second.scan)).toEqual(withoutOriginals(first.scan));
  expect(numbersOf(second.scan)).toEqual(numbersOf(first.scan));
  for (const [key, plane] of first.planes) expect(sha256(second.planes.get(key)!)).toBe(sha256(plane));
});

it('a file of ours whose samples were changed is read as one of others, with a warning', async () => {
  const [file] = await written(await convert(fixtures.find(({ id }) => id === 'fake')!.files));
  const text = Buffer.from(file!.bytes).toString('latin1');
  const changed = Buffer.from(text.replace(/("sha256":")../, '$100'), 'latin1');
  const { scan } = await convert([{ name: 'changed.dcs', bytes: new Uint8Array(changed) }]);
  expect(scan.warnings.map(({ code }) => code)).toContain('NII_W_FIELD_MALFORMED');
  expect(channelsOf(scan).map(({ key }) => key)).toEqual(['view-1-high']);
});

interface Row {
  readonly path: string;
  readonly result: string;
  readonly compare: string;
  readonly other: string;
}

function index(): readonly Row[] {
  const [head = '', ...lines] = Buffer.from(readShared('dicom/INDEX.tsv'))
    .toString('utf8')
    .trim()
    .split('\n');
  const column = (name: string) => head.split('\t').indexOf(name);
  const [result, compare, other] = ['expected_sha256_or_result', 'compare', 'other_sha256'].map(column);
  return lines
    .map((line) => line.split('\t'))
    .map((cells) => ({
      path: cells[0] ?? '',
      result: cells[result!] ?? '',
      compare: cells[compare!] ?? '',
      other: cells[other!] ?? '',
    }));
}

it.runIf(hasSharedData('dicom'))(
  'files of others give the samples that independent decoders give, or a code',
  async () => {
    const tally = { exact: 0, refused: [] as string[], differs: [] as string[] };
    for (const { path, result, compare, other } of index().filter((row) => /\.(dcm|dcs)$/.test(row.path))) {
      const outcome = await convert([{ name: path, bytes: readShared(`dicom/${path}`) }]).then(
        ({ planes }) => [...planes.values()].map(sha256).join(),
        (error: unknown) => (isNiiError(error) ? error.code : `thrown ${String(error)}`),
      );
      if (outcome.startsWith('NII_')) tally.refused.push(`${path} ${outcome}`);
      else if (outcome === result || outcome === other) tally.exact++;
      else if (compare === 'exact') tally.differs.push(`${path} ${outcome} for ${result}`);
    }
    console.log(`${tally.exact} equal, ${tally.refused.length} refused by code`);
    expect(tally.differs).toEqual([]);
    expect(tally.exact).toBeGreaterThan(60);
    expect(tally.refused.map((line) => line.split(' ')[1])).not.toContain('NII_CONVERTER_CRASHED');
  },
);

it.runIf(hasSharedData('dicom'))('no other converter claims a file of others', () => {
  const root = sharedPath('dicom');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, name);
    if (!statSync(path).isFile()) continue;
    const bytes = new Uint8Array(readFileSync(path));
    const { groups } = groupFiles(stage(folder, [{ name, bytes }]), installed);
    expect(groups.map(({ converter }) => converter.id).filter((id) => id !== 'dicom')).toEqual([]);
  }
});
