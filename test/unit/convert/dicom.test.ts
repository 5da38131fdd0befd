import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePart10 } from '../../../src/codec/dicom/write/part10.ts';
import { NiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { groupFiles } from '../../../src/recognise/group.ts';
import { outcomeOf } from '../../../src/tools/contract/subject.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { dicomFixtures, readFixture } from '../../support/inputs/dicom-fixtures.ts';
import { channelOf, ids, scanOf, smooth } from '../../support/scan.ts';
import { hasSharedData, sharedPath } from '../../support/shared-data.ts';
import { installed, type NamedBytes, sha256, stage, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();

async function convert(files: readonly NamedBytes[]): Promise<ScanWithPlanes> {
  const outcome = await outcomeOf({ all: installed, folder, limits: defaultLimits }, files);
  if (outcome.kind === 'rejected') throw new NiiError(outcome.code, outcome.detail);
  if (outcome.kind === 'several') throw new Error('not one scan');
  return outcome.result;
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
  .filter(({ expected }) => Object.keys(expected.channels ?? {}).length > 0);

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

it.each([
  ['signed', 1, 'US', 63_536, -2000],
  ['signed', 1, 'SS', -2000, -2000],
  ['unsigned', 0, 'SS', -1, 65_535],
  ['unsigned', 0, 'US', 65_535, 65_535],
] as const)(
  'the padding of %s pixels (%i) written as %s %i is %i',
  async (_, signed, vr, value, expected) => {
    const text = (tag: string, of: 'CS' | 'UI', ...values: string[]) => ({ tag, vr: of, value: values });
    const number = (tag: string, of: 'US' | 'SS', one: number) => ({ tag, vr: of, value: [one] });
    const dataSet = [
      text('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7'),
      text('00080018', 'UI', '2.25.1'),
      number('00280002', 'US', 1),
      text('00280004', 'CS', 'MONOCHROME2'),
      number('00280010', 'US', 1),
      number('00280011', 'US', 2),
      number('00280100', 'US', 16),
      number('00280101', 'US', 16),
      number('00280102', 'US', 15),
      number('00280103', 'US', signed),
      number('00280120', vr, value),
      { tag: '7fe00010', vr: 'OW' as const, value: new Uint8Array(4) },
    ];
    const bytes = encodePart10(dataSet, {
      sopClass: '1.2.840.10008.5.1.4.1.1.7',
      sopInstance: '2.25.1',
      implementationClass: '2.25.2',
      implementationVersion: 'TEST',
      transferSyntax: '1.2.840.10008.1.2.1',
    });
    const { scan } = await convert([{ name: 'padded.dcm', bytes }]);
    expect(channelsOf(scan).map(({ channel }) => channel.invalidValue)).toEqual([expected]);
  },
);

function claimants(name: string, bytes: Uint8Array): readonly string[] {
  const { groups } = groupFiles(stage(folder, [{ name, bytes }]), installed);
  return groups.map(({ converter }) => converter.id);
}

it('only this converter claims a DICOM file, whatever its syntax and quirks', () => {
  for (const fixture of dicomFixtures)
    expect([fixture.file, claimants(fixture.file, readFixture(fixture))]).toEqual([fixture.file, ['dicom']]);
});

it.runIf(hasSharedData('dicom'))('no other converter claims a file of others', () => {
  const root = sharedPath('dicom');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, name);
    if (!statSync(path).isFile()) continue;
    const claimed = claimants(name, new Uint8Array(readFileSync(path)));
    expect(claimed.filter((id) => id !== 'dicom')).toEqual([]);
  }
});

it.each([
  ['is transmission', 'that says original, linear, 16 bits', [/^$/g, ''], 'transmission'],
  ['is a picture', 'that was derived', [/ORIGINAL\\/, 'DERIVED \\'], 'display'],
  ['is a picture', 'that is not linear', [/LIN /, 'DISP'], 'display'],
] as const)('a DICOS DX for presentation of others %s %s', async (_, __, [from, to], kind) => {
  const channel = channelOf({ polarity: 'high-is-transparent' });
  const input = { scan: scanOf([channel]), viewId: 'side', channelId: 'high', plane: smooth(channel), ids };
  const { bytes } = await encodeDx(input, { intent: 'presentation' });
  const text = Buffer.from(bytes).toString('latin1').replace('NII-HUB 1.0', 'ANOTHER 1.0').replace(from, to);
  const { scan } = await convert([{ name: 'theirs.dcs', bytes: Buffer.from(text, 'latin1') }]);
  expect(channelsOf(scan).map(({ channel: read }) => read.kind)).toEqual([kind]);
});
