import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itemsOf, numbersOf } from '../../../src/codec/dicom/data-set.ts';
import { writtenOf } from '../../../src/codec/dicom/nii-block.ts';
import { toChannelPlane } from '../../../src/codec/dicom/pixels/plane.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { turnedSamples } from '../../../src/codec/pixels/turned.ts';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Channel } from '../../../src/core/scan/scan.ts';
import {
  inverseOf,
  storedCorner,
  type Turn,
  turnedCorner,
  turnedSides,
} from '../../../src/core/scan/turn.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import { encodeTdr } from '../../../src/format/dicos/tdr.ts';
import { encodeMedical } from '../../../src/format/medical/medical.ts';
import { channelOf, ids, noise, scanOf } from '../../support/scan.ts';
import { runs } from '../../support/search-size.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();
const turns: readonly Turn[] = [false, true].flatMap((flipRows) =>
  ([0, 90, 180, 270] as const).flatMap((rotate) =>
    [false, true].map((flipColumns) => ({ flipRows, rotate, flipColumns })),
  ),
);
const anyTurn = fc.constantFrom(...turns);
const side = fc.integer({ min: 1, max: 12 });
const shapes = fc.constantFrom<Partial<Channel>>(
  { bitsAllocated: 1, bitsStored: 1 },
  { bitsAllocated: 8, bitsStored: 8 },
  { bitsAllocated: 16, bitsStored: 16, frames: 2 },
  { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3 },
  { bitsAllocated: 16, bitsStored: 16, samplesPerPixel: 3, planar: true },
  { bitsAllocated: 64, bitsStored: 64 },
);

describe('a turn', () => {
  test('is undone by its inverse, sample by sample and corner by corner', () => {
    fc.assert(
      fc.property(anyTurn, shapes, side, side, fc.string(), (turn, shape, rows, columns, seed) => {
        const channel = channelOf({ ...shape, rows, columns });
        const samples = noise(channel.bytes, seed);
        const turned = turnedSamples(samples, channel, turn);
        const back = turnedSamples(turned, { ...channel, ...turnedSides(channel, turn) }, inverseOf(turn));
        expect(Buffer.compare(back, samples)).toBe(0);
        const corner = [columns, 0] as const;
        expect(storedCorner(turnedCorner(corner, channel, turn), channel, turn)).toEqual(corner);
      }),
      { numRuns: runs(200) },
    );
  });

  test('flips rows first, then turns counter-clockwise, then mirrors', () => {
    const channel = channelOf({ rows: 2, columns: 3, bitsAllocated: 8, bitsStored: 8 });
    const turned = (turn: Partial<Turn>) => [
      ...turnedSamples(Uint8Array.of(1, 2, 3, 4, 5, 6), channel, {
        flipRows: false,
        rotate: 0,
        flipColumns: false,
        ...turn,
      }),
    ];
    expect(turned({ flipRows: true })).toEqual([4, 5, 6, 1, 2, 3]);
    expect(turned({ rotate: 90 })).toEqual([3, 6, 2, 5, 1, 4]);
    expect(turned({ flipColumns: true })).toEqual([3, 2, 1, 6, 5, 4]);
    expect(turned({ flipRows: true, rotate: 90, flipColumns: true })).toEqual([3, 6, 2, 5, 1, 4]);
  });
});

const scanTurned = (channel: Channel, display: Turn) => {
  const scan = scanOf([channel]);
  return { ...scan, views: scan.views.map((view) => ({ ...view, display })) };
};

describe.each(turns)('what is written of a view shown by %o', (display) => {
  const channel = channelOf({ rows: 6, columns: 9 });
  const plane = noise(channel.bytes, 'turned');
  const scan = scanTurned(channel, display);
  const input = { scan, viewId: 'side', channelId: 'high', plane, ids };

  test.each([
    ['DICOS', encodeDx],
    ['medical DICOM', encodeMedical],
  ] as const)('as %s is upright, says where its rows lead, and reads back unturned', async (_, encode) => {
    const { bytes } = await encode(input);
    const file = readDicom(bytes, 'file', defaultLimits);
    const pixels = await file.pixels();
    expect(Buffer.compare(pixels.bytes, turnedSamples(plane, channel, display))).toBe(0);
    expect(Buffer.compare(toChannelPlane(channel, pixels, writtenOf(file.dataSet)), plane)).toBe(0);
    const group = onlyGroup(stage(folder, [{ name: 'a.dcs', bytes }]));
    const files = toConvert(group);
    const read = await runInProcess({ converter: converterOf(group), files, limits: defaultLimits });
    expect(Buffer.compare(read.planes.get('side-high') ?? new Uint8Array(), plane)).toBe(0);
    expect(read.scan.views[0]?.display).toEqual(display);
  });

  test('and of a report on it lies on the same samples, also when both come back', async () => {
    const box = { view: 'side', columnFrom: 2, columnTo: 4, rowFrom: 1, rowTo: 5 };
    const polygon = [
      [2, 1],
      [4, 1],
      [4, 5],
    ] as const;
    const marked = plane.slice();
    marked.fill(0);
    const mask = new Uint8Array(8).fill(1);
    for (let row = 1; row < 5; row += 1) marked.fill(255, (row * 9 + 2) * 2, (row * 9 + 4) * 2);
    const dx = await encodeDx({ ...input, plane: marked });
    const report = encodeTdr({
      scan,
      type: 'MACHINE',
      decision: 'ALARM',
      findings: [
        { label: 'box', box, mask },
        { label: 'outline', box, polygon },
      ],
      algorithm: { manufacturer: 'a', name: 'b', version: '1' },
      decidedAt: '2026-03-04T05:07:00Z',
      processingMs: 1,
      references: dicosIds.dxReferences(scan, ids),
      ids,
      instance: 'one',
    });
    const pixels = await readDicom(dx.bytes, 'dx', defaultLimits).pixels();
    const values = new Uint16Array(new Uint8Array(pixels.bytes).buffer);
    const tdr = readDicom(report.bytes, 'tdr', defaultLimits).dataSet;
    const [seen = []] = itemsOf(itemsOf(tdr, '40101011')[0] ?? [], '40101037');
    const [x = 0, y = 0, , right = 0, bottom = 0] = numbersOf(seen, '4010101d');
    const inBox = values.filter((_, i) => {
      const [column, row] = [i % pixels.columns, Math.floor(i / pixels.columns)];
      return column >= x && column < right && row >= y && row < bottom;
    });
    expect([...inBox]).toEqual(Array(8).fill(65_535));
    const both = [
      { name: 'a.dcs', bytes: dx.bytes },
      { name: 'b.dcs', bytes: report.bytes },
    ];
    const group = onlyGroup(stage(folder, both));
    const files = toConvert(group);
    const read = await runInProcess({ converter: converterOf(group), files, limits: defaultLimits });
    const regions = read.scan.reports?.[0]?.objects.flatMap((one) => one.regions) ?? [];
    expect(regions[0]).toMatchObject({ base: [2, 1, 0], extents: [2, 4, 1], polygon: [2, 1, 0, 4, 5, 1] });
    expect(regions[1]?.polygon).toEqual([2, 1, 0, 4, 1, 0, 4, 5, 0]);
  });
});

test('a file without a recorded turn is read as stored', async () => {
  const channel = channelOf({ rows: 6, columns: 9 });
  const plane = noise(channel.bytes, 'before');
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  const scan = scanTurned(channel, display);
  const { bytes } = await encodeDx({ scan, viewId: 'side', channelId: 'high', plane, ids });
  // What an earlier version wrote of a view that is shown upside down: the same samples, and the display in the block
  const text = Buffer.from(bytes).toString('latin1').replace('"flipRows":false', '"flipRows":true ');
  const group = onlyGroup(stage(folder, [{ name: 'a.dcs', bytes: Buffer.from(text, 'latin1') }]));
  const files = toConvert(group);
  const read = await runInProcess({ converter: converterOf(group), files, limits: defaultLimits });
  expect(read.scan.views[0]?.display.flipRows).toBe(true);
  expect(Buffer.compare(read.planes.get('side-high') ?? new Uint8Array(), plane)).toBe(0);
});
