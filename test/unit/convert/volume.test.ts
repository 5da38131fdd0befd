import { expect, test } from 'vitest';
import type { DataSet } from '../../../src/codec/dicom/data-set.ts';
import { encodePart10 } from '../../../src/codec/dicom/write/part10.ts';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { channelsOf } from '../../../src/core/scan/scan.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const SIDE = 4;

const samplesOf = (number: number) => new Uint8Array(new Uint16Array(SIDE * SIDE).fill(number).buffer);

/** One slice of a CT series; `place` in millimetres along the normal. */
function slice(number: number, place: number): NamedBytes {
  const us = (tag: string, value: number) => ({ tag, vr: 'US', value: [value] }) as const;
  const sopInstance = `2.25.8.${number}`;
  const dataSet: DataSet = [
    { tag: '00080016', vr: 'UI', value: ['1.2.840.10008.5.1.4.1.1.2'] },
    { tag: '00080018', vr: 'UI', value: [sopInstance] },
    { tag: '00080060', vr: 'CS', value: ['CT'] },
    { tag: '0020000d', vr: 'UI', value: ['2.25.7'] },
    { tag: '0020000e', vr: 'UI', value: ['2.25.6'] },
    { tag: '00200013', vr: 'IS', value: [String(number)] },
    { tag: '00200032', vr: 'DS', value: ['0', '0', String(place)] },
    { tag: '00200037', vr: 'DS', value: ['1', '0', '0', '0', '1', '0'] },
    us('00280002', 1),
    us('00280010', SIDE),
    us('00280011', SIDE),
    us('00280100', 16),
    us('00280101', 16),
    us('00280103', 0),
    { tag: '7fe00010', vr: 'OW', value: samplesOf(number) },
  ];
  const bytes = encodePart10(dataSet, {
    sopClass: '1.2.840.10008.5.1.4.1.1.2',
    sopInstance,
    transferSyntax: '1.2.840.10008.1.2.1',
    implementationClass: '2.25.2',
    implementationVersion: 'TEST',
  });
  return { name: `slice-${number}.dcm`, bytes };
}

async function convert(files: readonly NamedBytes[]) {
  const group = onlyGroup(stage(folder, files));
  return runInProcess({ converter: converterOf(group), files: toConvert(group), limits: defaultLimits });
}

test('the slices of a volume are the frames of one channel, in order of their numbers, however they come', async () => {
  const numbers = Array.from({ length: 150 }, (_, i) => i + 1);
  const shuffled = numbers.map((number) => numbers[(number * 37) % numbers.length] ?? 1);
  const { scan, planes } = await convert(shuffled.map((number) => slice(number, -2 * number)));
  const [only, ...more] = channelsOf(scan);
  expect(more).toEqual([]);
  expect(only?.channel).toMatchObject({ rows: SIDE, columns: SIDE, frames: 150 });
  const joined = Buffer.concat(numbers.map(samplesOf));
  expect(Buffer.compare(planes.get(only?.key ?? '') ?? new Uint8Array(), joined)).toBe(0);
  expect(scan.vendor['slice-2.dcm']).toMatchObject({ like: 'slice-1.dcm' });
});

test('a slice that is missing is noticed', async () => {
  const { scan } = await convert([1, 2, 4, 5].map((number) => slice(number, 3 * number)));
  expect(scan.warnings.map(({ code }) => code)).toContain('NII_W_CHANNEL_MISSING');
});

test('two images of the same place are no volume', async () => {
  const { scan } = await convert([slice(1, 3), slice(2, 3)]);
  expect(channelsOf(scan).map(({ channel }) => channel.frames)).toEqual([1, 1]);
});
