import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPython } from '../../support/dicom-tools.ts';

/** The simulator that no training uses, and what tells from its scans how well a model carries over. */

const training = fileURLToPath(new URL('../../../lab/training/', import.meta.url));
const model = fileURLToPath(new URL('../../../models/cargo-anomaly/2/model.onnx', import.meta.url));
const OPEN_BEAM = 50_000;
const HEADER = 128; // of a NumPy array of so few dimensions

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly cargo: readonly string[];
  /** First row, end row, first column, end column. */
  readonly hold: readonly [number, number, number, number];
  /** Mean change of -ln T by what is hidden. */
  readonly contrast: number | null;
}

function python(script: string, ...args: readonly string[]): string {
  // Debian's onnxruntime complains of each operator that it registers twice
  return execFileSync('/usr/bin/python3', [join(training, script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function listed(folder: string, first: number): readonly Listed[] {
  const text = readFileSync(join(folder, `index-${first}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Of a NumPy array of numbers of two bytes. */
function samplesOf(path: string): { readonly shape: readonly number[]; readonly values: Uint16Array } {
  const bytes = readFileSync(path);
  const shape = /'shape': \(([0-9, ]+)\)/
    .exec(bytes.toString('latin1', 0, HEADER))?.[1]
    ?.split(',')
    .map(Number);
  return { shape: shape ?? [], values: new Uint16Array(new Uint8Array(bytes.subarray(HEADER)).buffer) };
}

describe.runIf(hasPython('numpy', 'onnxruntime'))('the simulator that no training uses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nii-unseen-'));
  const normal = join(folder, 'normal');
  const anomalous = join(folder, 'anomalous');
  beforeAll(() => {
    python('unseen/make_scans.py', normal, '7', '2', 'normal');
    python('unseen/make_scans.py', anomalous, '100007', '2', 'anomalous');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('makes the same scan of a seed each time', () => {
    const again = join(folder, 'again');
    python('unseen/make_scans.py', again, '100008', '1', 'anomalous');
    for (const file of ['100008.npy', '100008.mask.npy'])
      expect(readFileSync(join(again, file)).equals(readFileSync(join(anomalous, file))), file).toBe(true);
  });

  test('shows air as the open beam, goods darker than it, and names the hold', () => {
    for (const [place, first] of [
      [normal, 7],
      [anomalous, 100_007],
    ] as const) {
      for (const { name, hold, cargo } of listed(place, first)) {
        const { shape, values } = samplesOf(join(place, `${name}.npy`));
        const [energies = 0, rows = 0, columns = 0] = shape;
        expect([energies, values.length]).toEqual([2, 2 * rows * columns]);
        const air = values.subarray(0, columns).toSorted()[columns >> 1] ?? 0;
        expect(Math.abs(air / OPEN_BEAM - 1)).toBeLessThan(0.03);
        const [top, bottom, left, right] = hold;
        expect([
          top > 0,
          bottom > top,
          bottom <= rows,
          left >= 0,
          right > left,
          right <= columns,
        ]).not.toContain(false);
        const inside = values[((top + bottom) >> 1) * columns + ((left + right) >> 1)] ?? OPEN_BEAM;
        expect(inside, cargo.join()).toBeLessThan(0.98 * OPEN_BEAM);
      }
    }
  });

  test('hides one kind in each anomalous scan, and says where', () => {
    expect(listed(normal, 7).map(({ contrast }) => contrast)).toEqual([null, null]);
    const kinds = listed(anomalous, 100_007).map(
      ({ name, kind, hold: [top, bottom, left, right], contrast }) => {
        expect(contrast).toBeGreaterThan(0.01);
        const bytes = readFileSync(join(anomalous, `${name}.mask.npy`)).subarray(HEADER);
        const { shape } = samplesOf(join(anomalous, `${name}.npy`));
        const columns = shape[2] ?? 1;
        const marked = [...bytes.keys()].filter((at) => bytes[at] !== 0);
        const inHold = marked.filter((at) => {
          const [row, column] = [Math.floor(at / columns), at % columns];
          return row >= top - 20 && row < bottom + 20 && column >= left && column < right;
        });
        expect(marked.length).toBeGreaterThan(20);
        expect(inHold.length).toBe(marked.length);
        return kind;
      },
    );
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds).not.toContain('none');
  });

  test('gives figures of a model, over all and by kind', () => {
    const figures = JSON.parse(python('carry_over.py', normal, anomalous, model, '--json'));
    expect(figures).toMatchObject({ normal: 2, anomalous: 2 });
    for (const [value, low, high] of [figures.auroc, ...Object.values(figures.kinds)]) {
      expect([low >= 0, low <= value, value <= high, high <= 1]).not.toContain(false);
    }
    expect(Object.keys(figures.kinds)).toHaveLength(2);
    // an observer who knows the place is right at least as often as not
    const observers: readonly number[] = Object.values(figures.observer);
    expect(observers).toHaveLength(3);
    for (const observer of observers) expect([observer > 0.5, observer <= 1]).not.toContain(false);
    const mixed = [normal, anomalous].map((place, i) =>
      listed(place, [7, 100_007][i] ?? 0).map(({ cargo }) => cargo.length > 1),
    );
    expect(Object.keys(figures.goods)).toEqual([
      ...(mixed.every((flags) => flags.includes(false)) ? ['one kind'] : []),
      ...(mixed.every((flags) => flags.includes(true)) ? ['several kinds'] : []),
    ]);
    expect(python('carry_over.py', normal, anomalous, model)).toMatch(/^2 ordinary scans, 2 in which/);
  });

  test.each([
    ['a folder without scans', folder, 'make some with unseen/make_scans.py'],
    ['no model', normal, 'name the model.onnx of a package'],
  ])('%s is told with what to do', (_what, scans, advice) => {
    const script = join(training, 'carry_over.py');
    const { status, stderr } = spawnSync(
      '/usr/bin/python3',
      [script, scans, scans, join(folder, 'none.onnx')],
      {
        encoding: 'utf8',
      },
    );
    expect(status).toBe(2);
    expect(stderr).toContain(advice);
  });
});
