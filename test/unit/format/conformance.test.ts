import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DataSet } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Channel } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import { encodeTdr } from '../../../src/format/dicos/tdr.ts';
import { encodeMedical } from '../../../src/format/medical/medical.ts';
import { channelOf, ids, noise, scanOf } from '../../support/scan.ts';

const page = readFileSync(new URL('../../../docs/reference/dicos-conformance.md', import.meta.url), 'utf8');
const listed = new Set(
  [...page.matchAll(/\(([0-9A-F]{4}),([0-9A-F]{4})\)/g)].map(([, group, element]) =>
    `${group}${element}`.toLowerCase(),
  ),
);
const tagsOf = (dataSet: DataSet): readonly string[] =>
  dataSet.flatMap(({ tag, vr, value }) => [
    tag,
    ...(vr === 'SQ' ? (value as readonly DataSet[]).flatMap(tagsOf) : []),
  ]);
const unlisted = (bytes: Uint8Array) =>
  tagsOf(readDicom(bytes, 'file', defaultLimits).dataSet).filter(
    (tag) => !tag.startsWith('0002') && !listed.has(tag),
  );

describe('the conformance page', () => {
  test.each<Partial<Channel>>([
    {},
    { kind: 'class-map', legend: [{ from: 0, to: 1, label: 'Ω' }] },
    { kind: 'display', samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8 },
    { kind: 'unknown', frames: 2, sampleFormat: 'float', bitsAllocated: 32, bitsStored: 32 },
    { sampleFormat: 'float', bitsAllocated: 64, bitsStored: 64 },
  ])('lists every attribute of a DX file: %o', async (part) => {
    const channel = channelOf(part);
    const scan = scanOf([channel], { purpose: 'calibration' });
    const plane = noise(channel.bytes, 'any');
    const input = { scan, viewId: 'side', channelId: channel.id, plane, ids };
    for (const intent of ['processing', 'presentation'] as const) {
      const { bytes } = await encodeDx(input, { intent });
      expect(unlisted(bytes)).toEqual([]);
    }
  });

  test.each<Partial<Channel>>([
    {},
    { kind: 'class-map', bitsAllocated: 8, bitsStored: 8 },
    { frames: 2 },
    { kind: 'display', samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8 },
  ])('lists every attribute of a medical file: %o', async (part) => {
    const channel = channelOf(part);
    const plane = noise(channel.bytes, 'any');
    const scan = scanOf([channel]);
    const { bytes } = await encodeMedical({ scan, viewId: 'side', channelId: channel.id, plane, ids });
    expect(unlisted(bytes)).toEqual([]);
  });

  test('lists every attribute of a report', () => {
    const scan = scanOf([channelOf()]);
    const box = { view: 'side', rowFrom: 0, rowTo: 2, columnFrom: 0, columnTo: 2 };
    const common = {
      scan,
      findings: [{ label: 'block', box, percentile: 99 }],
      decidedAt: '2026-03-04T05:07:00Z',
      processingMs: 12,
      references: dicosIds.dxReferences(scan, ids),
      ids,
      instance: 'one',
    };
    const algorithm = { manufacturer: 'a', name: 'b', version: 'c' };
    const reports = [
      encodeTdr({ ...common, type: 'MACHINE', decision: 'ALARM', algorithm }),
      encodeTdr({ ...common, type: 'MACHINE', decision: 'UNKNOWN', abort: 'TIMEOUT' }),
      encodeTdr({
        ...common,
        type: 'OPERATOR',
        decision: 'ALARM',
        operator: { id: 'a7' },
        screening: 'RANDOM',
      }),
    ];
    expect(reports.flatMap(({ bytes }) => unlisted(bytes))).toEqual([]);
  });
});
