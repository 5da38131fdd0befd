import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  type DataSet,
  itemsOf,
  numberOf,
  numbersOf,
  textOf,
  textsOf,
} from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import { encodeTdr, type TdrInput } from '../../../src/format/dicos/tdr.ts';
import { complaints, hasDicomTools, inFolder } from '../../support/dicom-tools.ts';
import { channelOf, ids, scanOf, smooth } from '../../support/scan.ts';
import { hasSharedData, readShared } from '../../support/shared-data.ts';

const channels = [channelOf(), channelOf({ id: 'low', energy: 'low' })];
const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
const scan = scanOf(channels, { views: [{ id: 'side', display, channels }] });
const box = { view: 'side', rowFrom: 2, rowTo: 10, columnFrom: 4, columnTo: 20 };
const machine: TdrInput = {
  scan,
  type: 'MACHINE',
  decision: 'ALARM',
  findings: [{ label: 'dense block', box, percentile: 99.2 }],
  algorithm: { manufacturer: 'nii-hub', name: 'anomaly', version: '1' },
  decidedAt: '2026-03-04T05:07:00Z',
  processingMs: 1500,
  references: dicosIds.dxReferences(scan, ids),
  ids,
  instance: 'anomaly-1',
};
const analyst: TdrInput = {
  ...machine,
  type: 'OPERATOR',
  operator: { id: 'a7', name: 'Zoë' },
  instance: 'case-1-3',
};
const read = (input: TdrInput): DataSet => readDicom(encodeTdr(input).bytes, 'tdr', defaultLimits).dataSet;

/** The attributes of a report of one object in baggage by the SDICOS toolkit, in their order. */
const toolkitTags = [
  '00020000 00020001 00020002 00020003 00020004 00020010 00020012 00020013 00080012 00080013 00080016 00080018',
  '00080020 00080021 00080023 00080030 00080031 00080033 00080060 00080070 00080080 00080081 00081010 00081040',
  '00081090 00081110 00100020 00100021 00100022 00100040 00101002 00181000 00181020 00181200 00181201 0020000d',
  '0020000e 00200010 00200013 00200052 00201040 40101011 40101024 40101027 40101029 4010102b 40101031 40101033',
  '40101034 4010103a 40101042 40101044 40101048 40101064 40101069 4010106d 40101075',
].flatMap((line) => line.split(' '));

describe('a threat detection report', () => {
  test('names the object, its box and every channel that shows it', () => {
    const dataSet = read(machine);
    expect(textOf(dataSet, '40101031')).toBe('ALARM');
    expect(textsOf(dataSet, '40101029')).toEqual(['nii-hub', '1', 'name=anomaly']);
    const [threat = []] = itemsOf(dataSet, '40101011');
    const [seen = []] = itemsOf(threat, '40101037');
    expect(numbersOf(seen, '4010101d')).toEqual([4, 2, 0, 20, 10, 1]);
    expect(numbersOf(itemsOf(seen, '40101001')[0] ?? [], '40101005')).toEqual([16, 8, 1]);
    const shown = itemsOf(seen, '0008114a').map((item) => textOf(item, '00081155'));
    expect(shown).toEqual(machine.references.map(({ sopInstance }) => sopInstance));
    expect(numberOf(dataSet, '40101034')).toBe(1);
  });

  test('draws an L as DICOS toolkits pack it: least significant bit first, no padding of rows', () => {
    // 16 x 22 samples in 44 bytes; the numbers are those of NumPy's packbits with bitorder='little'.
    const mask = Uint8Array.from({ length: 16 * 22 }, (_, i) => (i % 16 < 2 || i >= 16 * 20 ? 1 : 0));
    const region = { view: 'side', rowFrom: 0, rowTo: 22, columnFrom: 4, columnTo: 20 };
    const dataSet = read({ ...machine, findings: [{ label: 'L', box: region, mask }] });
    const [seen = []] = itemsOf(itemsOf(dataSet, '40101011')[0] ?? [], '40101037');
    const bitmap = bytesOf(itemsOf(seen, '40101001')[0] ?? [], '40101006');
    const row = [0b11, 0];
    expect([...(bitmap ?? [])]).toEqual([
      ...Array.from({ length: 20 }, () => row).flat(),
      255,
      255,
      255,
      255,
    ]);
  });

  test('draws the outline where one is known, and refuses one that encloses nothing', () => {
    const polygon = [
      [4, 2],
      [20, 2],
      [12, 10],
    ] as const;
    const dataSet = read({ ...machine, findings: [{ label: 'wedge', box, polygon }] });
    const [seen = []] = itemsOf(itemsOf(dataSet, '40101011')[0] ?? [], '40101037');
    expect(numbersOf(seen, '4010101d')).toEqual([4, 2, 0, 20, 2, 0, 12, 10, 0]);
    const flat = { label: 'line', box, polygon: polygon.slice(0, 2) };
    expect(() => encodeTdr({ ...machine, findings: [flat] })).toThrow(RangeError);
    expect(() => encodeTdr({ ...machine, findings: [{ label: 'x', box, mask: new Uint8Array(3) }] })).toThrow(
      RangeError,
    );
  });

  test('refers to the DX instances that were written', async () => {
    const channel = channelOf();
    const dx = await encodeDx({ scan, viewId: 'side', channelId: 'high', plane: smooth(channel), ids });
    const [first] = itemsOf(read(machine), '00081110');
    expect(textOf(first ?? [], '00081155')).toBe(dx.sopInstanceUid);
  });

  test('says a percentile in words and never as a probability', () => {
    const [threat = []] = itemsOf(read(machine), '40101011');
    const [assessment = []] = itemsOf(threat, '40101038');
    expect(textOf(assessment, '40101013')).toBe('dense block; higher than 99.2 % of comparable scans');
    expect(assessment.map(({ tag }) => tag)).not.toContain('40101016');
  });

  test.each(['ALARM', 'CLEAR'] as const)('never says %s where nobody looked', (decision) => {
    expect(() => encodeTdr({ ...machine, decision, abort: 'NOT_REVIEWED' })).toThrow(RangeError);
    const { algorithm: _, ...nobody } = machine;
    expect(() => encodeTdr({ ...nobody, decision })).toThrow(RangeError);
    const { operator: __, ...noAnalyst } = analyst;
    expect(() => encodeTdr({ ...noAnalyst, decision })).toThrow(RangeError);
  });

  test('says UNKNOWN and why where no model could look', () => {
    const dataSet = read({ ...machine, decision: 'UNKNOWN', abort: 'UNKNOWN_DATATYPE', findings: [] });
    expect(textOf(dataSet, '40101031')).toBe('UNKNOWN');
    expect(textOf(dataSet, '40101024')).toBe('ABORT');
    expect(textOf(dataSet, '40101021')).toBe('UNKNOWN_DATATYPE');
    expect(itemsOf(dataSet, '40101011')).toEqual([]);
  });

  test('of a clear scan has an empty threat sequence, of an alarm at least one object', () => {
    expect(itemsOf(read({ ...machine, decision: 'CLEAR' }), '40101011')).toEqual([]);
    expect(itemsOf(read({ ...analyst, findings: [] }), '40101011')).toHaveLength(1);
  });

  test('names the analyst, and one unit where it is about one', () => {
    const dataSet = read({ ...analyst, unitId: 'unit-1' });
    const identity = itemsOf(itemsOf(dataSet, '00081072')[0] ?? [], '00401101');
    const codes = identity.map((item) =>
      ['00080100', '00080102', '00080104'].map((tag) => textOf(item, tag)),
    );
    expect(codes).toEqual([
      ['a7', 'north', 'Zoë'],
      ['100001', 'DCS', 'Text Encoding'],
    ]);
    expect(textOf(dataSet, '00100020')).toBe('CSQU3054383');
  });

  test('about one of two containers in an image says nothing of the other', () => {
    const [first] = scan.units;
    const other = {
      ...first!,
      id: 'unit-2',
      containers: [{ value: 'MSCU1234562', state: 'valid', source: 'ocr' } as const],
      plates: ['AB 123'],
      seals: ['S-9'],
      declarations: ['MRN-9'],
      description: 'second trailer',
    };
    const two = scanOf(scan.views[0]!.channels, { units: [first!, other] });
    const text = Buffer.from(encodeTdr({ ...analyst, scan: two, unitId: 'unit-1' }).bytes).toString('latin1');
    for (const said of ['MSCU1234562', 'AB 123', 'S-9', 'MRN-9', 'second trailer'])
      expect(text).not.toContain(said);
    const whole = Buffer.from(encodeTdr({ ...machine, scan: two }).bytes).toString('latin1');
    expect(whole).toContain('MSCU1234562');
    expect(whole).toContain('second trailer');
  });

  test('is the same bytes for the same input', () => {
    expect(Buffer.compare(encodeTdr(machine).bytes, encodeTdr(structuredClone(machine)).bytes)).toBe(0);
  });

  test('has every attribute that a DICOS toolkit writes into one', () => {
    const ours = new Set(read(machine).map(({ tag }) => tag));
    // Department (3), and the sex of the object and the image scale (1C, only of a person).
    expect(toolkitTags.filter((tag) => !ours.has(tag))).toEqual(['00081040', '00100040', '40101075']);
  });

  test.skipIf(!hasSharedData('dicom'))('is compared with what the toolkit does write', () => {
    const sample = 'dicom/Auxilia-tech__pyDICOS/pydicos-python/TDRFiles/SimpleBaggageTDR.dcs';
    const theirs = readDicom(readShared(sample), 'theirs', defaultLimits).dataSet;
    expect(theirs.map(({ tag }) => tag)).toEqual(toolkitTags);
  });

  test.skipIf(!hasDicomTools())(
    'passes dcmftest and dcmdump, and dcm2json reads the same values',
    async () => {
      const inputs: readonly TdrInput[] = [
        machine,
        analyst,
        { ...machine, decision: 'CLEAR' },
        { ...machine, decision: 'UNKNOWN', abort: 'NOT_REVIEWED' },
        { ...analyst, type: 'GROUND TRUTH' },
      ];
      await inFolder(async (folder) => {
        for (const [i, input] of inputs.entries()) {
          const path = join(folder, `${i}.dcs`);
          writeFileSync(path, encodeTdr(input).bytes);
          expect(complaints(path)).toEqual([]);
          execFileSync('dcm2json', [path, `${path}.json`]);
          const json = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
          expect(json['40101031'].Value).toEqual([input.decision]);
          expect(json['40101027'].Value).toEqual([input.type]);
        }
      });
    },
  );
});
