import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { isWagonNumber, normaliseWagon, wagonCheckDigit } from '../../../src/core/check-digits.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { openColumns, wagonsBetween } from '../../../src/layouts/arrays/wagons.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { simulateTrain } from '../../../src/simulate/index.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();

describe('wagon numbers', () => {
  it.each([
    // Published examples of UIC 438: a wagon in Wikipedia's article, a locomotive of ÖBB, a carriage of SBB.
    ['21 81 2471 217-3', true],
    ['21 81 2471 217-4', false],
    ['93 81 2471 217', false],
    ['218124712173', true],
  ])('%s: %s', (written, right) => {
    expect(isWagonNumber(normaliseWagon(written))).toBe(right);
  });

  it('a wrong digit, and two neighbours exchanged but for 0 and 9, are noticed', () => {
    const eleven = fc
      .integer({ min: 0, max: 99_999_999_999 })
      .map((value) => String(value).padStart(11, '0'));
    fc.assert(
      fc.property(eleven, fc.nat(10), fc.integer({ min: 1, max: 9 }), (digits, at, change) => {
        const number = digits + wagonCheckDigit(digits);
        expect(isWagonNumber(number)).toBe(true);
        const wrong = String((Number(number[at]) + change) % 10);
        expect(isWagonNumber(number.slice(0, at) + wrong + number.slice(at + 1))).toBe(false);
        const [a = '', b = ''] = number.slice(at, at + 2);
        if (a === b || [a, b].sort((x, y) => (x < y ? -1 : 1)).join('') === '09') return;
        expect(isWagonNumber(number.slice(0, at) + b + a + number.slice(at + 2))).toBe(false);
      }),
    );
  });
});

describe('wagons by the gaps between them', () => {
  it('neighbours meet in the middle of the gap, and what is narrow is no wagon', () => {
    const picture = '..####....##..####..#..####';
    const open = [...picture].map((column) => column === '.');
    expect(wagonsBetween(open, 4)).toEqual([
      { from: 2, to: 10 },
      { from: 10, to: 20 },
      { from: 20, to: 27 },
    ]);
    expect(wagonsBetween([], 4)).toEqual([]);
    expect(wagonsBetween([true, true], 1)).toEqual([]);
  });

  it('a column is open where the beam is, whatever hangs below, and whatever single samples failed', () => {
    const [rows, columns] = [100, 4];
    const samples = new Uint16Array(rows * columns).fill(60_000);
    for (let row = 70; row < 100; row += 1) samples[row * columns + 1] = 500; // a coupling
    samples[5 * columns + 1] = 0; // failed
    for (let row = 20; row < 25; row += 1) samples[row * columns + 2] = 30_000; // a roof
    samples[columns + 3] = 1; // one sample of sixty
    const bytes = new Uint8Array(samples.buffer);
    const pieces = [bytes.subarray(0, 8 * 30), bytes.subarray(8 * 30)];
    expect(openColumns(pieces, { rows, columns, openBeam: 60_000, invalidValue: 0 })).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it('a dead column does not cut a wagon, dead rows close no gap, and an opaque load is no gap', () => {
    const [rows, columns] = [100, 40];
    const samples = new Uint16Array(rows * columns).fill(60_000);
    for (let row = 10; row < 100; row += 1) {
      samples.fill(20_000, row * columns, row * columns + 15); // a wagon, and a load that lets nothing through
      samples.fill(0, row * columns + 25, row * columns + 40);
    }
    for (let row = 0; row < rows; row += 1) samples[row * columns + 7] = 0;
    samples.fill(0, 20 * columns, 26 * columns);
    const open = openColumns([new Uint8Array(samples.buffer)], { rows, columns, openBeam: 60_000 });
    expect(wagonsBetween(open, 5)).toEqual([
      { from: 0, to: 20 },
      { from: 20, to: 40 },
    ]);
  });

  it('finds every wagon of a simulated train, within a metre of where it stands, and says who found it', async () => {
    const train = simulateTrain({ seed: 3, wagons: 3, pitchMm: 20 });
    const slot = train.columns / 3;
    const array = Buffer.alloc(train.rows * train.columns * 4);
    for (const [i, { columns }] of train.units.entries()) {
      const samples = train.samplesOf(i);
      for (let row = 0; row < train.rows; row += 1)
        array.set(
          samples.subarray(row * slot * 4, (row + 1) * slot * 4),
          (row * train.columns + columns.from) * 4,
        );
    }
    const { units: _, ...sidecar } = JSON.parse(new TextDecoder().decode(train.sidecar)) as Record<
      string,
      unknown
    >;
    const converters = await loadConverters({ enableFake: false });
    const group = onlyGroup(
      stage(folder, [
        { name: 'train.npy', bytes: new Uint8Array(Buffer.concat([train.head, array])) },
        {
          name: 'train.json',
          bytes: new TextEncoder().encode(JSON.stringify({ ...sidecar, findUnits: 'wagons' })),
        },
      ]),
      converters,
    );
    const { scan } = await runInProcess({
      converter: converterOf(group, converters),
      files: toConvert(group),
      limits: defaultLimits,
    });
    expect(scan.units.map(({ kind }) => kind)).toEqual(['wagon', 'wagon', 'wagon']);
    for (const [i, { extent }] of scan.units.entries()) {
      const stated = train.units[i]?.columns ?? { from: 0, to: 0 };
      // The outer ends are those of the containers, which stand two metres within their wagons.
      expect(Math.abs((extent?.from ?? 0) - stated.from) * 20).toBeLessThan(i === 0 ? 2500 : 1000);
      expect(Math.abs((extent?.to ?? 0) - stated.to) * 20).toBeLessThan(i === 2 ? 2500 : 1000);
    }
    expect(scan.warnings).toContainEqual(expect.objectContaining({ code: 'NII_W_UNITS_FOUND', value: '3' }));
  });
});
