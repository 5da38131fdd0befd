import { describe, expect, test } from 'vitest';
import { itemsOf, numbersOf, textOf } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { planeInMemory } from '../../../src/core/scan/plane-source.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import { encodeDxParts } from '../../../src/format/dicos/parts.ts';
import { encodeTdr, type TdrInput } from '../../../src/format/dicos/tdr.ts';
import type { TdrFinding } from '../../../src/format/dicos/threats.ts';
import { channelOf, ids, scanOf } from '../../support/scan.ts';

/** Two energies of 40,000 columns: three sections each, of 13,334 columns. */
const channels = (['high', 'low'] as const).map((energy) =>
  channelOf({ id: energy, energy, rows: 4, columns: 40_000 }),
);
const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
const scan = scanOf(channels, { views: [{ id: 'side', name: 'Seite', display, channels: [...channels] }] });
const references = dicosIds.dxReferences(scan, ids);

const report: TdrInput = {
  scan,
  type: 'MACHINE',
  decision: 'ALARM',
  findings: [],
  algorithm: { manufacturer: 'nii-hub', name: 'anomaly', version: '1' },
  decidedAt: '2026-03-04T05:07:00Z',
  processingMs: 1500,
  references,
  ids,
  instance: 'anomaly-1',
};

function shownIn(columnFrom: number, columnTo: number, more: Partial<TdrFinding> = {}) {
  const box = { view: 'side', rowFrom: 1, rowTo: 3, columnFrom, columnTo };
  const { bytes } = encodeTdr({ ...report, findings: [{ label: 'dense block', box, ...more }] });
  const [threat = []] = itemsOf(readDicom(bytes, 'tdr', defaultLimits).dataSet, '40101011');
  return itemsOf(threat, '40101037').map((seen) => ({
    place: numbersOf(seen, '4010101d'),
    instances: itemsOf(seen, '0008114a').map((item) => textOf(item, '00081155')),
  }));
}

function instances(section: number): readonly string[] {
  return references.filter((one) => one.section?.number === section).map(({ sopInstance }) => sopInstance);
}

describe('reports of a channel in sections', () => {
  test('name the section that a box lies in, both energies of it, and count from its first column', () => {
    expect(shownIn(13_400, 13_500)).toEqual([{ place: [66, 1, 0, 166, 3, 1], instances: instances(2) }]);
  });

  test('name both sections of a box that lies over a border, each with its part', () => {
    expect(shownIn(26_660, 26_680)).toEqual([
      { place: [13_326, 1, 0, 13_334, 3, 1], instances: instances(2) },
      { place: [0, 1, 0, 12, 3, 1], instances: instances(3) },
    ]);
  });

  test('draw an outline from the first column of the section that holds it, and none over a border', () => {
    const polygon = [
      [13_400, 1],
      [13_500, 1],
      [13_450, 3],
    ] as const;
    expect(shownIn(13_400, 13_500, { polygon })).toEqual([
      { place: [66, 1, 0, 166, 1, 0, 116, 3, 0], instances: instances(2) },
    ]);
    const over = [
      [26_660, 1],
      [26_680, 1],
      [26_670, 3],
    ] as const;
    expect(shownIn(26_660, 26_680, { polygon: over }).map(({ place }) => place)).toEqual([
      [13_326, 1, 0, 13_334, 3, 1],
      [0, 1, 0, 12, 3, 1],
    ]);
  });

  test('name the one channel in which an object was seen', () => {
    const [seen] = shownIn(13_400, 13_500, { channel: 'low' });
    expect(seen?.instances).toHaveLength(1);
    expect(references.find(({ sopInstance }) => sopInstance === seen?.instances[0])?.channel).toBe('low');
  });
});

test('sections are instances of one series, numbered on through the channels, each where it lies', async () => {
  const read = [];
  for (const channel of channels) {
    const plane = planeInMemory(new Uint8Array(channel.bytes));
    for await (const { bytes, name } of encodeDxParts({
      scan,
      viewId: 'side',
      channelId: channel.id,
      plane,
      ids,
    })) {
      const { dataSet } = readDicom(bytes, name, defaultLimits);
      const value = (tag: string) => textOf(dataSet, tag);
      read.push({
        name,
        uid: value('00080018'),
        series: value('0020000e'),
        number: value('00200013'),
        columns: numbersOf(dataSet, '00280011')[0],
        x: numbersOf(dataSet, '00200032')[0],
      });
    }
  }
  expect(read.map(({ uid }) => uid)).toEqual(references.map(({ sopInstance }) => sopInstance));
  expect(new Set(read.map(({ series }) => series)).size).toBe(2);
  expect(read.map(({ number, columns, x }) => [number, columns, x])).toEqual([
    ['1', 13_334, 0],
    ['2', 13_334, 13_334 * 5],
    ['3', 13_332, 26_668 * 5],
    ['4', 13_334, 0],
    ['5', 13_334, 13_334 * 5],
    ['6', 13_332, 26_668 * 5],
  ]);
  expect(dicosIds.referenceOf(scan, { ...ids, revision: 1 }, 'side-low-s2', true)).toEqual([references[4]]);
});
