import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScanWithSources } from '../../../src/core/scan/plane-source.ts';
import type { Channel } from '../../../src/core/scan/scan.ts';
import type { ModelManifest } from '../../../src/infer/manifest.ts';
import { axisWeights } from '../../../src/infer/resample.ts';
import { type TensorOptions, type TensorResult, tensorSteps } from '../../../src/infer/tensor.ts';
import type { ModelImage } from '../../../src/infer/tiling.ts';
import { atOnce } from '../../../src/infer/turns.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { channelOf, viewOf, without, withPlanes } from '../../support/infer/scans.ts';

const any = [{ kind: 'transmission' as const, energy: 'any' as const }];

function modelWith(changes: Partial<ModelManifest['input']>): ModelManifest {
  const manifest = manifestOf(new Uint8Array());
  return { ...manifest, input: { ...manifest.input, channels: any, ...changes } };
}

function imageOf(result: TensorResult): readonly number[] {
  return [...columnsOf(result).data];
}

function columnsOf(result: TensorResult, from?: number, to?: number): ModelImage {
  if ('notAnalysed' in result) throw new Error(result.notAnalysed);
  return atOnce(result.input.columns(from ?? 0, to ?? result.geometry.model.columns));
}

function toTensor(scan: ScanWithSources, model: ModelManifest, options: TensorOptions = {}): TensorResult {
  return atOnce(tensorSteps(scan, model, options));
}

function oneChannel(
  changes: Partial<Channel>,
  samples: Uint16Array | Int16Array | Float32Array | Uint8Array,
) {
  return withPlanes(viewOf([channelOf(1, samples.length, changes)]), [samples]);
}

/** The arithmetic of a small generator, so that a case is known by its seed. */
function noise(seed: number, count: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 16;
  });
}

describe('a scan as a tensor', () => {
  test.runIf(hasPython('numpy'))(
    'equals what numpy makes of it: fill, failed samples, polarity, turn, resampling, logarithm and scaling',
    () => {
      const cases = Array.from({ length: 48 }, (_, seed) => {
        const [a = 0, b = 0, c = 0, d = 0, e = 0] = noise(seed, 5);
        const rows = 3 + (a % 30);
        const columns = 3 + (b % 30);
        // Not the opaque end, which no file can call invalid.
        const invalidValue = seed % 2 === 0 ? 65_535 : 0;
        const opaque = 65_535 - invalidValue;
        const isWhole = seed % 3 === 0;
        const samples = noise(seed + 1000, rows * columns).map((value) =>
          value % 7 === 0 && !isWhole ? invalidValue : value % 9 === 0 ? opaque : value,
        );
        const rotate = [0, 90, 180, 270][c % 4] as 0 | 90 | 180 | 270;
        return {
          rows,
          columns,
          samples,
          ...(isWhole ? {} : { invalidValue }),
          openBeam: seed % 2 === 0 ? 50_000 : 900,
          polarity: seed % 2 === 0 ? ('high-is-transparent' as const) : ('high-is-opaque' as const),
          flipRows: d % 2 === 0,
          rotate,
          flipColumns: e % 2 === 0,
          units: seed % 3 === 0 ? ('log' as const) : ('transmission' as const),
          pitch: { rowMm: 1 + (d % 20), columnMm: 1 + (e % 20), source: 'file' as const },
        };
      });
      const results = cases.map(({ samples, units, flipRows, rotate, flipColumns, ...channel }) => {
        const scan = withPlanes(
          viewOf([channelOf(channel.rows, channel.columns, channel)], { flipRows, rotate, flipColumns }),
          [Uint16Array.from(samples)],
        );
        const result = toTensor(scan, modelWith({ units, scale: 2, mean: [0.25], std: [0.5] }));
        if ('notAnalysed' in result) throw new Error(result.notAnalysed);
        return result;
      });
      const asked = cases.map((known, i) => {
        const { rows, columns } = results[i]!.geometry.model;
        return { ...known, modelRows: rows, modelColumns: columns };
      });
      const script = fileURLToPath(new URL('./tensor-reference.py', import.meta.url));
      const answer = execFileSync('/usr/bin/python3', [script], {
        input: JSON.stringify(asked),
        maxBuffer: 1e9,
      });
      const expected: number[][] = JSON.parse(answer.toString());
      expect(new Set(results.map(({ geometry }) => geometry.model.rows)).size).toBeGreaterThan(5);
      results.forEach((result, i) => {
        const image = columnsOf(result).data;
        expect(image.length).toBe(expected[i]!.length);
        const worst = Math.max(...expected[i]!.map((value, k) => Math.abs(value - image[k]!)));
        expect(worst).toBeLessThan(1e-4);
      });
    },
  );

  test('averaging by area keeps the mean, and weights of any axis sum to one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), (from, to) => {
        const { weights, most, first } = axisWeights(from, to);
        const share = new Float64Array(from);
        for (let cell = 0; cell < to; cell++) {
          let sum = 0;
          for (let k = 0; k < most; k++) {
            const weight = weights[cell * most + k]!;
            sum += weight;
            if (weight !== 0) share[first[cell]! + k]! += weight;
          }
          expect(sum).toBeCloseTo(1, 12);
        }
        if (to <= from) for (const value of share) expect(value).toBeCloseTo(to / from, 12);
      }),
    );
  });

  test('some columns of the image are those of the whole image, whatever way it is turned', () => {
    const rule = fc.record({
      flipRows: fc.boolean(),
      rotate: fc.constantFrom(0, 90, 180, 270),
      flipColumns: fc.boolean(),
    });
    const cuts = fc.tuple(fc.nat(1000), fc.nat(1000));
    const pitches = fc.constantFrom(2, 5, 7, 14, 33);
    fc.assert(
      fc.property(rule, cuts, pitches, fc.nat(), (display, [a, b], pitchMm, seed) => {
        // Every sixteenth sample was not measured, another sixteenth failed, and two bands of lines were not measured,
        // so that what lies beyond the cut fills them.
        const samples = Uint16Array.from(noise(seed, 30 * 40), (value) =>
          value % 16 === 0 ? 7 : value % 16 === 1 ? 0 : value,
        );
        const notMeasured = { rows: [{ from: 11, to: 17 }], columns: [{ from: 20, to: 29 }] };
        const channel = channelOf(30, 40, { invalidValue: 7, notMeasured, openBeam: 60_000 });
        const view = { ...viewOf([channel]), display };
        const result = toTensor(
          withPlanes(view, [samples]),
          modelWith({ pitchMm, invalid: 'neighbour-mean' }),
        );
        const whole = columnsOf(result);
        const [first, last] = [a % whole.columns, b % whole.columns];
        const [from, to] = [Math.min(first, last), Math.max(first, last) + 1];
        const part = columnsOf(result, from, to);
        for (let row = 0; row < whole.rows; row++) {
          const expected = whole.data.subarray(row * whole.columns + from, row * whole.columns + to);
          expect(part.data.subarray(row * part.columns, (row + 1) * part.columns)).toEqual(expected);
        }
      }),
    );
  });

  test('reads samples of every width and kind alike', () => {
    const values = [10, 20, 30, 40];
    const kinds = [
      { bitsAllocated: 8, sampleFormat: 'unsigned', samples: Uint8Array.from(values) },
      { bitsAllocated: 16, sampleFormat: 'signed', samples: Int16Array.from(values) },
      { bitsAllocated: 16, sampleFormat: 'unsigned', samples: Uint16Array.from(values) },
      { bitsAllocated: 32, sampleFormat: 'float', samples: Float32Array.from(values) },
    ] as const;
    for (const { samples, ...how } of kinds) {
      const result = toTensor(oneChannel({ ...how, openBeam: 40 }, samples), modelWith({}));
      expect(imageOf(result)).toEqual([0.25, 0.5, 0.75, 1]);
    }
  });

  test('reads samples that lie at an odd place in memory', () => {
    const buffer = new Uint8Array(9);
    buffer.set(new Uint8Array(Uint16Array.of(100, 200, 300, 400).buffer), 1);
    const scan = withPlanes(viewOf([channelOf(1, 4, { openBeam: 400 })]), [buffer.subarray(1)]);
    expect(imageOf(toTensor(scan, modelWith({})))).toEqual([0.25, 0.5, 0.75, 1]);
  });

  test('channels stand in the order the model asks for', () => {
    const channels = [channelOf(1, 1, { id: 'low', energy: 'low' }), channelOf(1, 1)];
    const scan = withPlanes(viewOf(channels), [Uint16Array.of(30_000), Uint16Array.of(60_000)]);
    expect(imageOf(toTensor(scan, manifestOf(new Uint8Array())))).toEqual([1, 0.5]);
  });

  test('a stated open beam is taken; an absent one is estimated from the brightest samples, and said so', () => {
    const samples = Uint16Array.from({ length: 1000 }, (_, i) =>
      i < 4 ? 65_535 : i < 500 ? 50_000 : 10_000,
    );
    const stated = toTensor(oneChannel({ openBeam: 40_000 }, samples), modelWith({}));
    const channel = without(channelOf(1, 1000), 'openBeam');
    const estimated = toTensor(withPlanes(viewOf([channel]), [samples]), modelWith({}));
    if ('notAnalysed' in stated || 'notAnalysed' in estimated) throw new Error('not analysed');
    expect(stated.geometry.openBeam).toEqual([{ channel: 'high', value: 40_000, source: 'stated' }]);
    // Four samples in a thousand are brighter, by a spark of the detector.
    expect(estimated.geometry.openBeam).toEqual([{ channel: 'high', value: 50_000, source: 'estimated' }]);
  });

  test('an invalid sample takes the mean of its valid neighbours, an island of them open beam', () => {
    const samples = new Uint16Array(25).fill(30_000);
    for (const index of [6, 7, 8, 11, 12, 13, 16, 17, 18]) samples[index] = 7;
    const scan = withPlanes(viewOf([channelOf(5, 5, { invalidValue: 7 })]), [samples]);
    const filled = imageOf(toTensor(scan, modelWith({})));
    expect(filled[6]).toBe(0.5);
    expect(filled[12]).toBe(1);
    expect(imageOf(toTensor(scan, modelWith({ invalid: 'open-beam' })))[6]).toBe(1);
    const result = toTensor(scan, modelWith({}));
    expect('geometry' in result && result.geometry.filled).toBe(9);
  });

  test('a dead band of lines takes the nearest measured ones across it, not the open beam', () => {
    const samples = new Uint16Array(20 * 20).fill(30_000);
    samples.fill(0, 5 * 20, 12 * 20);
    samples.fill(15_000, 12 * 20, 13 * 20);
    const filled = imageOf(toTensor(withPlanes(viewOf([channelOf(20, 20)]), [samples]), modelWith({})));
    expect(filled[8 * 20 + 9]).toBe((0.5 + 0.25) / 2);
    const stated = channelOf(20, 20, { notMeasured: { rows: [{ from: 5, to: 12 }], columns: [] } });
    expect(imageOf(toTensor(withPlanes(viewOf([stated]), [samples]), modelWith({})))).toEqual(filled);
  });

  test.each([
    ['high-is-transparent', [0, 1, 30]],
    ['high-is-opaque', [65_535, 65_534, 65_505]],
  ] as const)(
    'of a record that calls the opaque end invalid, %s, a block of it is at least as dense as of the next values',
    (polarity, blocks) => {
      const openBeam = polarity === 'high-is-transparent' ? 60_000 : 5_535;
      const [opaque, one, thirty] = blocks.map((value) => {
        const samples = new Uint16Array(40 * 40).fill(polarity === 'high-is-transparent' ? 30_000 : 35_535);
        for (let row = 10; row < 20; row++) samples.fill(value, row * 40 + 10, row * 40 + 20);
        samples.fill(blocks[0], 30 * 40, 31 * 40); // a dead row
        const channel = channelOf(40, 40, { polarity, openBeam, invalidValue: blocks[0] });
        const input = modelWith({ units: 'log', invalid: 'neighbour-mean' });
        return imageOf(toTensor(withPlanes(viewOf([channel]), [samples]), input));
      });
      for (let pixel = 0; pixel < 1600; pixel++) {
        expect(opaque![pixel]!).toBeGreaterThanOrEqual(one![pixel]!);
        expect(one![pixel]!).toBeGreaterThanOrEqual(thirty![pixel]!);
      }
      expect(thirty![15 * 40 + 15]!).toBeGreaterThan(7);
      expect(opaque![30 * 40 + 15]!).toBeCloseTo(-Math.log(0.5), 5);
    },
  );

  /** Samples of half the open beam, with these indices of a 9 x 9 picture at 0. */
  const withZeros = (zeros: readonly number[], around = 30_000) => {
    const samples = new Uint16Array(81).fill(around);
    for (const index of zeros) samples[index] = 0;
    const result = toTensor(withPlanes(viewOf([channelOf(9, 9)]), [samples]), modelWith({}));
    if ('notAnalysed' in result) throw new Error(result.notAnalysed);
    const image = imageOf(result);
    return { seen: zeros.map((index) => image[index]), filled: result.geometry.filled };
  };

  test.each([
    ['one', [40]],
    ['one at the edge', [4]],
    ['one in the corner', [0]],
    ['two that touch', [40, 41]],
    ['two that touch at a corner', [40, 50]],
    ['several apart', [20, 40, 60, 78]],
  ])('a failed sample among bright ones takes their mean and is counted: %s', (_, zeros) => {
    expect(withZeros(zeros)).toEqual({ seen: zeros.map(() => 0.5), filled: zeros.length });
  });

  test('a failed sample beside a dead line takes the mean of those that were measured', () => {
    const samples = new Uint16Array(400).fill(30_000).fill(0, 5 * 20, 6 * 20);
    samples[6 * 20 + 9] = 0;
    const result = toTensor(withPlanes(viewOf([channelOf(20, 20)]), [samples]), modelWith({}));
    expect(imageOf(result)[6 * 20 + 9]).toBe(0.5);
    expect('geometry' in result && result.geometry.filled).toBe(21);
  });

  test.each([
    ['a block of two by two', [40, 41, 49, 50], 30_000],
    ['the middle of a line of three', [40, 39, 41], 30_000],
    ['one in a dense place', [40], 900],
    ['one among the next counts', [40], 1],
  ])('the densest object stays: %s', (_, zeros, around) => {
    expect(withZeros(zeros, around).seen[0]).toBe(0);
  });

  test('a zero that is a measurement stays opaque, and its logarithm is finite', () => {
    const scan = oneChannel({}, Uint16Array.of(0, 60_000));
    expect(imageOf(toTensor(scan, modelWith({})))).toEqual([0, 1]);
    expect(imageOf(toTensor(scan, modelWith({ units: 'log' })))[0]).toBeCloseTo(-Math.log(1e-4), 5);
  });

  test('every input is finite whatever the samples hold', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 4, maxLength: 40 }),
        fc.constantFrom('transmission' as const, 'log' as const),
        (samples, units) => {
          const scan = oneChannel({ bitsAllocated: 32, sampleFormat: 'float', openBeam: 1 }, samples);
          const result = toTensor(scan, modelWith({ units }));
          if ('input' in result)
            for (const value of columnsOf(result).data) expect(value).toSatisfy(Number.isFinite);
          else expect(result.notAnalysed).toContain('More than half');
        },
      ),
    );
  });

  test('without a pitch the height of the scanner gives one, marked as assumed; without both nobody guesses', () => {
    const channel = without(channelOf(40, 90), 'pitch');
    const scan = withPlanes(viewOf([channel], { rotate: 90 }), [new Uint16Array(3600).fill(9)]);
    const result = toTensor(scan, modelWith({}), { assumedHeightMm: 4500 });
    if ('notAnalysed' in result) throw new Error(result.notAnalysed);
    expect(result.geometry.pitch).toEqual({ rowMm: 50, columnMm: 50, source: 'assumed' });
    expect(result.geometry.model).toEqual({ rows: 450, columns: 200 });
    expect(toTensor(scan, modelWith({}))).toEqual({ notAnalysed: 'The pixel size is unknown' });
  });

  test.each([
    ['nothing was measured', { invalidValue: 7 }, Uint16Array.of(7, 7), /no measured sample|more than half/i],
    ['most of it was not measured', { invalidValue: 7 }, Uint16Array.of(7, 7, 7, 9), /More than half/],
    ['open beam is zero', { openBeam: 0 }, Uint16Array.of(1, 2), /open beam of 0/],
    ['samples are missing', { columns: 9, bytes: 18 }, Uint16Array.of(1, 2), /fewer samples/],
    [
      'the pitch is absurd',
      { pitch: { rowMm: 1e9, columnMm: 1e9, source: 'file' as const } },
      Uint16Array.of(1),
      /too large/,
    ],
    [
      'nothing says what high means',
      { polarity: 'unknown' as const },
      Uint16Array.of(1),
      /transparent or opaque/,
    ],
  ])('is not made when %s', (_, changes, samples, reason) => {
    const result = toTensor(oneChannel(changes, samples), modelWith({}));
    expect('notAnalysed' in result && result.notAnalysed).toMatch(reason);
  });
});
