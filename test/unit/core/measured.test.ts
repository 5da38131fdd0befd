import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { surveyPlanes } from '../../../src/convert/plane-warnings.ts';
import { findDeadLines, isMeasured, measuredMask, opaqueEnd } from '../../../src/core/scan/measured.ts';
import { planesInMemory } from '../../../src/core/scan/plane-source.ts';
import { type Channel, planeBytes } from '../../../src/core/scan/scan.ts';
import { channelOfSection, readSection } from '../../../src/core/scan/sections.ts';
import { channelOf, viewOf } from '../../support/infer/scans.ts';
import { runs } from '../../support/search-size.ts';

/** What a picture is made of: dead lines, opaque blocks, and what else lets something through. */
const picture = fc
  .record({
    bits: fc.constantFrom(8, 12, 16),
    polarity: fc.constantFrom('high-is-transparent' as const, 'high-is-opaque' as const),
    rows: fc.integer({ min: 1, max: 120 }),
    columns: fc.integer({ min: 1, max: 120 }),
    frames: fc.integer({ min: 1, max: 2 }),
    deadRows: fc.uniqueArray(fc.nat(119), { maxLength: 6 }),
    deadColumns: fc.uniqueArray(fc.nat(119), { maxLength: 6 }),
    alternatingRows: fc.uniqueArray(fc.nat(119), { maxLength: 2 }),
    blocks: fc.array(
      fc.record({ row: fc.nat(119), column: fc.nat(119), height: fc.nat(119), width: fc.nat(119) }),
      { maxLength: 4 },
    ),
    alive: fc.nat(2),
    isInvalidStated: fc.boolean(),
  })
  .map((drawn) => ({ ...drawn, ...samplesOf(drawn) }));

interface Drawn {
  readonly bits: number;
  readonly polarity: Channel['polarity'];
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly deadRows: readonly number[];
  readonly deadColumns: readonly number[];
  /** Of which every second sample reads nothing. */
  readonly alternatingRows: readonly number[];
  readonly blocks: readonly { row: number; column: number; height: number; width: number }[];
  /** Samples of a dead line that hold a value by chance. */
  readonly alive: number;
  readonly isInvalidStated: boolean;
}

function samplesOf({ bits, polarity, rows, columns, frames, ...drawn }: Drawn) {
  const top = 2 ** bits - 1;
  const opaque = polarity === 'high-is-transparent' ? 0 : top;
  const other = opaque === 0 ? Math.floor(top / 2) : 3;
  const values = Array.from({ length: rows * columns * frames }, (_, i) => {
    const row = Math.floor(i / columns) % rows;
    const column = i % columns;
    if (drawn.deadRows.includes(row)) return column < drawn.alive ? other : opaque;
    if (drawn.alternatingRows.includes(row) && column % 2 === row % 2) return opaque;
    if (drawn.deadColumns.includes(column)) return row < drawn.alive ? other : opaque;
    const isIn = drawn.blocks.some(
      (block) =>
        row >= block.row &&
        row < block.row + block.height &&
        column >= block.column &&
        column < block.column + block.width,
    );
    return isIn ? opaque : other;
  });
  const samples = bits === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  const channel = channelOf(rows, columns, {
    frames,
    polarity,
    bitsAllocated: bits === 8 ? 8 : 16,
    bitsStored: bits,
    ...(drawn.isInvalidStated ? { invalidValue: opaque } : {}),
  });
  return { channel: { ...channel, bytes: planeBytes(channel) }, values, opaque, plane: bytesOf(samples) };
}

function bytesOf(samples: Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function survey(channel: Channel, plane: Uint8Array) {
  const { views, warnings } = surveyPlanes(
    [viewOf([channel])],
    planesInMemory(new Map([['side-high', plane]])),
  );
  const found = views[0]?.channels[0];
  if (found === undefined) throw new Error('no channel');
  return { channel: found, warnings };
}

/** The rule again, by plain loops: 99 of 100 samples of a line at the opaque end, or of its even or odd places. */
function expectedOf({ rows, columns }: Channel, values: readonly number[], opaque: number) {
  const valuesOfRow = (row: number) =>
    values.flatMap((value, i) =>
      Math.floor(i / columns) % rows === row ? [[value, i % columns] as const] : [],
    );
  const valuesOfColumn = (column: number) =>
    values.flatMap((value, i) =>
      i % columns === column ? [[value, Math.floor(i / columns) % rows] as const] : [],
    );
  const isDead = (line: readonly (readonly [number, number])[]) =>
    [line, line.filter(([, place]) => place % 2 === 0), line.filter(([, place]) => place % 2 === 1)].some(
      (some) =>
        some.length >= 16 && some.filter(([value]) => value === opaque).length >= 0.99 * some.length - 1e-9,
    );
  const deadRows = Array.from({ length: rows }, (_, row) => isDead(valuesOfRow(row)));
  const deadColumns = Array.from({ length: columns }, (_, column) => isDead(valuesOfColumn(column)));
  const opaqueSamples = values.filter(
    (value, i) => value === opaque && !deadRows[Math.floor(i / columns) % rows] && !deadColumns[i % columns],
  ).length;
  return { deadRows, deadColumns, opaqueSamples };
}

function linesOf(ranges: readonly { from: number; to: number }[], length: number): boolean[] {
  return Array.from({ length }, (_, line) => ranges.some(({ from, to }) => from <= line && line < to));
}

describe('samples at the opaque end', () => {
  test('a whole line of them was not measured, and every other one is opaque, whatever the bits and the polarity', () => {
    fc.assert(
      fc.property(picture, ({ channel, values, opaque, plane }) => {
        const { channel: found, warnings } = survey(channel, plane);
        const expected = expectedOf(channel, values, opaque);
        expect(found.invalidValue).toBeUndefined();
        expect(linesOf(found.notMeasured!.rows, channel.rows)).toEqual(expected.deadRows);
        expect(linesOf(found.notMeasured!.columns, channel.columns)).toEqual(expected.deadColumns);
        expect(found.opaqueSamples).toBe(expected.opaqueSamples);
        const dead = values.filter((value) => value === opaque).length - expected.opaqueSamples;
        const said = warnings.find(({ code }) => code === 'NII_W_INVALID_IS_OPAQUE')?.value;
        expect(said).toBe(
          channel.invalidValue === undefined
            ? undefined
            : `${expected.opaqueSamples} samples treated as opaque, ${dead} in lines that were not measured`,
        );
      }),
      { numRuns: runs(150) },
    );
  });

  test('a record that says which lines were not measured is believed, and an older one is looked up alike', () => {
    fc.assert(
      fc.property(picture, ({ channel, plane }) => {
        const { channel: found } = survey(channel, plane);
        const source = planesInMemory(new Map([['p', plane]])).get('p')!;
        expect(findDeadLines(found, source)).toBe(found);
        const { opaqueSamples: _, ...known } = found;
        expect(findDeadLines(channel, source)).toEqual(known);
        expect(survey(found, plane).channel).toEqual(found); // converted again from what was written
      }),
      { numRuns: runs(50) },
    );
  });

  test('lines that the file states are kept and joined with those that are found', () => {
    const channel = channelOf(20, 30, {
      notMeasured: { rows: [{ from: 18, to: 40 }], columns: [{ from: 3, to: 4 }] },
    });
    const samples = new Uint16Array(600).fill(900);
    for (let row = 0; row < 20; row++) samples[row * 30 + 4] = 0;
    samples.fill(0, 17 * 30, 18 * 30);
    samples[18 * 30 + 9] = 0;
    samples[5 * 30 + 9] = 0;
    const { channel: found } = survey(channel, bytesOf(samples));
    expect(found.notMeasured).toEqual({ rows: [{ from: 17, to: 20 }], columns: [{ from: 3, to: 5 }] });
    expect(found.opaqueSamples).toBe(1);
  });

  test('a line of fewer than 16 samples may lie behind one object, so it is opaque', () => {
    const { channel } = survey(channelOf(15, 15), bytesOf(new Uint16Array(225)));
    expect(channel.notMeasured).toEqual({ rows: [], columns: [] });
    expect(channel.opaqueSamples).toBe(225);
  });

  test('an invalid value that no opaque object has stays a mask', () => {
    const samples = Uint16Array.from({ length: 400 }, (_, i) =>
      i % 7 === 0 ? 65_535 : i % 11 === 0 ? 0 : 900,
    );
    const { channel, warnings } = survey(channelOf(20, 20, { invalidValue: 65_535 }), bytesOf(samples));
    expect(channel.invalidValue).toBe(65_535);
    expect(channel.opaqueSamples).toBe(samples.filter((value) => value === 0).length);
    expect(warnings.map(({ code }) => code)).toEqual(['NII_W_INVALID_SAMPLES']);
    const mask = measuredMask(channel);
    expect([0, 900, 65_535].map((value) => isMeasured(mask, value, 1, 1))).toEqual([true, true, false]);
  });

  test('backscatter, where air reads nothing, keeps the invalid value that its file states', () => {
    const channel = channelOf(20, 20, { kind: 'backscatter', polarity: 'unknown', invalidValue: 0 });
    const samples = new Uint16Array(400).fill(900).fill(0, 0, 50);
    const found = survey(channel, bytesOf(samples));
    expect(found.channel).toEqual(channel);
    expect(found.warnings.map(({ code }) => code)).toEqual(['NII_W_INVALID_SAMPLES', 'NII_W_DEAD_ROWS']);
    expect(opaqueEnd(channel)).toBeUndefined();
  });

  test('more dead lines than a record names are opaque, never filled', () => {
    const columns = 3 * 4096 + 15;
    const samples = Uint16Array.from({ length: 16 * columns }, (_, i) => ((i % columns) % 3 === 0 ? 0 : 900));
    const { channel } = survey(channelOf(16, columns), bytesOf(samples));
    expect(channel.notMeasured?.columns.length).toBe(4096);
    expect(channel.opaqueSamples).toBe(16 * 5);
  });

  test('a section of a channel has the lines that lie in it', () => {
    const channel = channelOf(2, 100, {
      notMeasured: {
        rows: [{ from: 1, to: 2 }],
        columns: [
          { from: 5, to: 6 },
          { from: 38, to: 43 },
        ],
      },
      opaqueSamples: 9,
    });
    const section = { number: 2, of: 3, axis: 'columns', from: 40, to: 80 } as const;
    const part = channelOfSection(channel, section);
    expect(part.notMeasured).toEqual({ rows: [{ from: 1, to: 2 }], columns: [{ from: 0, to: 3 }] });
    expect(part.opaqueSamples).toBeUndefined();
    const plane = planesInMemory(new Map([['p', new Uint8Array(400)]])).get('p')!;
    expect(readSection(plane, channel, section).length).toBe(part.bytes);
  });
});
