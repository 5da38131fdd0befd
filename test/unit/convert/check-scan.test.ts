import { expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { checkScan } from '../../../src/core/scan/check-scan.ts';
import { judgeCompleteness } from '../../../src/core/scan/completeness.ts';
import type { NiiScan, ScanWithPlanes } from '../../../src/core/scan/scan.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import {
  converterOf,
  installed,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const fixture = fixturesOf(installed.find(({ manifest }) => manifest.id === 'nuctech-fs6000')!);
const group = onlyGroup(stage(folder, fixture.find(({ name }) => name === 'two-containers')!.files));
const good = await runInProcess({
  converter: converterOf(group),
  files: toConvert(group),
  limits: defaultLimits,
});

function codeOf(
  change: (scan: NiiScan) => Partial<NiiScan>,
  planes = good.planes,
  limits = defaultLimits,
): string {
  try {
    checkScan({ scan: { ...good.scan, ...change(good.scan) }, planes }, limits);
  } catch (error) {
    return isNiiError(error) ? error.code : String(error);
  }
  return 'accepted';
}

const firstView = ({ views }: NiiScan) => views[0]!;
const withChannel = (change: object) => (scan: NiiScan) => {
  const [channel, ...rest] = firstView(scan).channels;
  return { views: [{ ...firstView(scan), channels: [{ ...channel!, ...change }, ...rest] }] };
};
const withUnit =
  (change: object) =>
  ({ units }: NiiScan) => ({ units: [{ ...units[0]!, ...change }, ...units.slice(1)] });

it('a scan that agrees with itself is accepted unchanged', () => {
  expect(checkScan(good, defaultLimits)).toEqual(good);
});

it.each<[string, (scan: NiiScan) => Partial<NiiScan>]>([
  ['a row too many', withChannel({ rows: 11 })],
  ['bytes that are not those of the plane', withChannel({ bytes: 1 })],
  ['more bits stored than allocated', withChannel({ bitsStored: 17 })],
  ['a channel without samples', withChannel({ id: 'other' })],
  ['an id that could be a path', withChannel({ id: '../x' })],
  ['two channels of one name', withChannel({ id: 'low' })],
  [
    'samples without a channel',
    (scan) => ({ views: [{ ...firstView(scan), channels: firstView(scan).channels.slice(1) }] }),
  ],
  ['an extent outside of the view', withUnit({ extent: { view: 'main', axis: 'columns', from: 0, to: 25 } })],
  [
    'an extent that ends before it begins',
    withUnit({ extent: { view: 'main', axis: 'columns', from: 5, to: 5 } }),
  ],
  ['an extent of no view', withUnit({ extent: { view: 'top', axis: 'rows', from: 0, to: 1 } })],
  ['two units of one id', withUnit({ id: 'unit-2' })],
  [
    'an attachment that never came',
    ({ attachments }) => ({ attachments: [{ ...attachments[0]!, sha256: '0'.repeat(64) }] }),
  ],
  ['a field that the schema does not have', () => ({ secret: 1 }) as Partial<NiiScan>],
  ['a time that is none', () => ({ acquired: { utc: 'noon', zone: 'stated' } })],
])('%s is refused', (_, change) => {
  expect(codeOf(change)).toBe('NII_CONVERTER_INCONSISTENT');
});

it('more completeness than the channels hold is refused, less is accepted', () => {
  const planes = new Map([...good.planes].filter(([key]) => key !== 'main-material'));
  const without = (completeness: NiiScan['completeness']) => (scan: NiiScan) => ({
    completeness,
    views: [{ ...firstView(scan), channels: firstView(scan).channels.filter(({ id }) => id !== 'material') }],
  });
  expect(codeOf(without('full'), planes)).toBe('NII_CONVERTER_INCONSISTENT');
  expect(codeOf(without('no-material'), planes)).toBe('accepted');
  expect(codeOf(without('incomplete'), planes)).toBe('accepted');
});

it('pixels beyond the limit are refused', () => {
  expect(codeOf(() => ({}), good.planes, { ...defaultLimits, pixels: 239 })).toBe('NII_LIMIT_PIXELS');
  expect(codeOf(() => ({}), good.planes, { ...defaultLimits, pixels: 240 })).toBe('accepted');
});

it('container states are judged anew, whatever the converter says', () => {
  const containers = [{ value: 'MSCU6639871', state: 'valid', source: 'ocr' }] as const;
  const lying: ScanWithPlanes = {
    scan: { ...good.scan, ...withUnit({ containers })(good.scan) },
    planes: good.planes,
  };
  expect(checkScan(lying, defaultLimits).scan.units[0]?.containers[0]?.state).toBe('wrong-check-digit');
});

it('completeness follows from the channels', () => {
  const judge = (...channels: Parameters<typeof judgeCompleteness>[0][number]['channels'][number][]) =>
    judgeCompleteness([{ channels }]);
  const [high, low] = (['high', 'low'] as const).map((energy) => ({ kind: 'transmission' as const, energy }));
  expect(judge(high!, low!, { kind: 'class-map' })).toBe('full');
  expect(judge(high!, low!)).toBe('no-material');
  expect(judge(low!, { kind: 'class-map' })).toBe('single-energy');
  expect(judge({ kind: 'display' })).toBe('preview-only');
  expect(judge({ kind: 'unknown' }, { kind: 'unknown' })).toBe('incomplete');
  expect(judgeCompleteness([])).toBe('incomplete');
});
