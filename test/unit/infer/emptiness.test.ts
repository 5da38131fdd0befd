import { Check } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { Emptiness } from '../../../src/core/case/emptiness.ts';
import { planesInMemory, type ScanWithSources, wholePlane } from '../../../src/core/scan/plane-source.ts';
import { type Channel, planeBytes, planeKey } from '../../../src/core/scan/scan.ts';
import {
  asPictureAlone,
  asSingleEnergy,
  simulateHold,
  type ThingKind,
} from '../../../src/evaluate/subjects/almost-empty.ts';
import { renderChannel } from '../../../src/format/preview.ts';
import { emptinessSteps } from '../../../src/infer/empty/emptiness.ts';
import { atOnce } from '../../../src/infer/turns.ts';
import { recordOf } from '../../../src/simulate/record.ts';
import { simulateChannels } from '../../../src/simulate/scan.ts';
import { channelOf, scanOf, unitOf, viewOf, withPlanes } from '../../support/infer/scans.ts';

/** At 22 mm, which is quick; 20 feet. */
const INDEX = 6;

const check = (scan: ScanWithSources) => atOnce(emptinessSteps(scan));

function onlyUnit(scan: ScanWithSources) {
  const found = check(scan);
  expect(found?.units).toHaveLength(1);
  return found!.units[0]!;
}

function highOf({ scan, planes }: ScanWithSources) {
  const view = scan.views[0]!;
  const channel = view.channels.find(({ energy }) => energy === 'high')!;
  return { view, channel, plane: planes.get(planeKey(view.id, channel.id))! };
}

function drawn(scan: ScanWithSources) {
  const { view, channel, plane } = highOf(scan);
  return renderChannel(view, channel, plane, 1600);
}

const made = new Map<ThingKind | undefined, ScanWithSources>();
const holdWith = (thing?: ThingKind): ScanWithSources =>
  made.get(thing) ?? simulateHold('fixing', INDEX, thing);

beforeAll(() => {
  for (const thing of [undefined, 'box of 0.3 m, paper'] as const)
    made.set(thing, simulateHold('fixing', INDEX, thing));
});

describe('an empty container', () => {
  test('looks empty with both energies, and what is said fits its schema', () => {
    const found = check(holdWith());
    expect(Check(Emptiness, found)).toBe(true);
    expect(found).toMatchObject({ basis: 'transmission', channel: 'high', units: [{ looks: 'empty' }] });
    // two walls of thin steel
    expect(found?.units[0]?.walls).toBeGreaterThan(0.1);
    expect(found?.units[0]?.walls).toBeLessThan(0.2);
  });

  test('looks empty with a single energy', () => {
    expect(check(asSingleEnergy(holdWith()))).toMatchObject({ channel: 'low', units: [{ looks: 'empty' }] });
  });

  test('looks empty in a picture alone, without a pitch, and it is told that it was a picture', () => {
    const found = check(asPictureAlone(holdWith(), drawn(holdWith())));
    expect(found).toMatchObject({ basis: 'picture', units: [{ looks: 'empty' }] });
    expect(found?.units[0]).not.toHaveProperty('walls');
  });
});

describe('a box of paper in an otherwise empty container', () => {
  test('looks loaded, with a box that lies on it', () => {
    const [empty, loaded] = [highOf(holdWith()), highOf(holdWith('box of 0.3 m, paper'))];
    const { looks, largest } = onlyUnit(holdWith('box of 0.3 m, paper'));
    expect(looks).toBe('loaded');
    expect(largest?.areaMm2).toBeGreaterThan(60_000);
    expect(largest?.areaMm2).toBeLessThan(130_000);
    const samples = (plane: typeof empty.plane) => new Uint16Array(wholePlane(plane).slice().buffer);
    const [before, after] = [samples(empty.plane), samples(loaded.plane)];
    const { columns } = loaded.channel;
    const { rowFrom = 0, rowTo = 0, columnFrom = 0, columnTo = 0 } = largest?.box ?? {};
    let inside = 0;
    let outside = 0;
    before.forEach((value, i) => {
      // an eighth of the counts is far above noise
      if (value < 10_000 || (after[i] ?? 0) > value * 0.875 || after[i] === 0) return;
      const [row, column] = [Math.floor(i / columns), i % columns];
      const isIn = row >= rowFrom && row < rowTo && column >= columnFrom && column < columnTo;
      if (isIn) inside++;
      else outside++;
    });
    expect(inside).toBeGreaterThan(100);
    expect(outside / (inside + outside)).toBeLessThan(0.25);
  });

  test('looks loaded in a picture, in its negative, and in colours', () => {
    const scan = holdWith('box of 0.3 m, paper');
    const picture = drawn(scan);
    const grey = onlyUnit(asPictureAlone(scan, picture));
    expect(grey.looks).toBe('loaded');
    const negative = { ...picture, bytes: picture.bytes.map((value) => 255 - value) };
    expect(onlyUnit(asPictureAlone(scan, negative))).toEqual(grey);
    const colours = Uint8Array.from(
      { length: picture.bytes.length * 3 },
      (_, i) => picture.bytes[Math.floor(i / 3)]!,
    );
    const alone = asPictureAlone(scan, picture);
    const view = alone.scan.views[0]!;
    const channel: Channel = { ...view.channels[0]!, samplesPerPixel: 3, bytes: colours.length };
    const coloured = {
      scan: { ...alone.scan, views: [{ ...view, channels: [channel] }] },
      planes: planesInMemory(new Map([[planeKey(view.id, channel.id), colours]])),
    };
    expect(onlyUnit(coloured)).toEqual(grey);
  });

  test('is found within a cell of the same place where the samples are stored on their side', () => {
    const scan = holdWith('box of 0.3 m, paper');
    const { view, channel, plane } = highOf(scan);
    const { rows, columns } = channel;
    const samples = new Uint16Array(wholePlane(plane).slice().buffer);
    const turned = new Uint16Array(samples.length);
    // the first row is the last column of what is stored: a quarter turn against the clock puts it upright
    samples.forEach((value, i) => {
      turned[(i % columns) * rows + (rows - 1 - Math.floor(i / columns))] = value;
    });
    const extent = scan.scan.units[0]!.extent!;
    const onSide = {
      ...channel,
      rows: columns,
      columns: rows,
    };
    const stored: ScanWithSources = {
      scan: {
        ...scan.scan,
        units: [{ ...scan.scan.units[0]!, extent: { ...extent, axis: 'rows' } }],
        views: [
          { ...view, display: { flipRows: false, rotate: 90, flipColumns: false }, channels: [onSide] },
        ],
      },
      planes: planesInMemory(new Map([[planeKey(view.id, channel.id), new Uint8Array(turned.buffer)]])),
    };
    const [before, after] = [onlyUnit(scan), onlyUnit(stored)];
    expect(after.looks).toBe('loaded');
    const { rowFrom, rowTo, columnFrom, columnTo } = before.largest!.box;
    const turnedBack = {
      rowFrom: columnFrom,
      rowTo: columnTo,
      columnFrom: rows - rowTo,
      columnTo: rows - rowFrom,
    };
    // cells begin at the other end of the rows, so an edge may move by a cell
    for (const [edge, at] of Object.entries(turnedBack) as [keyof typeof turnedBack, number][])
      expect(Math.abs(after.largest!.box[edge] - at), edge).toBeLessThanOrEqual(2);
  });
});

test('a hand gun in an empty container is never taken for nothing', () => {
  const { looks, doubt } = onlyUnit(holdWith('hand gun'));
  expect([looks, doubt]).toEqual(['not-certain', 'little']);
});

test('a false wall at the front is not certain: a cooling unit looks the same', () => {
  const { looks, doubt } = onlyUnit(holdWith('false wall 0.25 m deep at the front'));
  expect([looks, doubt]).toEqual(['not-certain', 'dense-end']);
});

test.each(['cartons', 'fruit', 'textile', 'scrap'] as const)('a full load of %s looks loaded', (cargo) => {
  const scan = recordOf(simulateChannels({ seed: 300_500_000, pitchMm: 22, container: '20ft', cargo }));
  expect(onlyUnit(scan).looks).toBe('loaded');
});

describe('it is not certain', () => {
  const plane = (rows: number, columns: number, value = 60_000) =>
    new Uint16Array(rows * columns).fill(value);

  test('without a roof and a floor', () => {
    const scan = withPlanes(viewOf([channelOf(300, 400)]), [plane(300, 400)]);
    expect(onlyUnit(scan)).toEqual({ unitId: 'u1', looks: 'not-certain', doubt: 'no-hold' });
  });

  test('where no channel measures what passes through, and there is no picture', () => {
    const channel = channelOf(30, 40, { kind: 'backscatter' });
    const found = check(withPlanes(viewOf([channel]), [plane(30, 40)]));
    expect(found).toMatchObject({ units: [{ looks: 'not-certain', doubt: 'no-channel' }] });
    expect(found).not.toHaveProperty('basis');
  });

  test('where nothing says which of two containers is where', () => {
    const scan = holdWith();
    const [unit] = scan.scan.units;
    const { extent: _, ...unplaced } = unit!;
    const two = { ...scan, scan: { ...scan.scan, units: [unplaced, { ...unplaced, id: 'unit-2' }] } };
    expect(check(two)?.units.map(({ doubt }) => doubt)).toEqual(['no-hold', 'no-hold']);
  });

  test('where most of the hold is left out', () => {
    const scan = holdWith();
    const { view, channel } = highOf(scan);
    const { from, to } = scan.scan.units[0]!.extent!;
    const middle = Math.round(from + (to - from) * 0.3);
    const leftOut = [{ view: view.id, axis: 'columns' as const, from: middle, to, of: channel.columns }];
    const found = atOnce(emptinessSteps(scan, { leftOut }));
    expect(found?.units[0]?.looks).toBe('not-certain');
  });

  test('where the samples are fewer than the record says', () => {
    const channel = channelOf(300, 400);
    const cut = {
      scan: scanOf([viewOf([channel])]),
      planes: planesInMemory(new Map([['side-high', new Uint8Array(6)]])),
    };
    expect(onlyUnit(cut)).toMatchObject({ looks: 'not-certain', doubt: 'no-channel' });
    expect(planeBytes(channel)).toBeGreaterThan(6);
  });
});

test('a tractor is no hold, and a report without an image has none', () => {
  const scan = scanOf([viewOf([channelOf(10, 10)])], [{ ...unitOf('cab'), kind: 'cab' }]);
  expect(check({ scan, planes: new Map() })).toBeUndefined();
  expect(check({ scan: scanOf([]), planes: new Map() })).toBeUndefined();
});
