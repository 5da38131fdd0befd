import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPython } from '../../support/dicom-tools.ts';

/** The simulator in Python that makes pairs for training. */

const training = fileURLToPath(new URL('../../../lab/training/', import.meta.url));
const script = join(training, 'second/make_pairs.py');
const FIRST = 20_000_001;
const COUNT = 4;

/** Of each pair, read as training reads it: change of -ln T where something is marked and elsewhere, and the air. */
const LOOK = `
import json, sys
import numpy as np
import data
found = []
for record in data.records(sys.argv[1]):
    scan = data.Scan(sys.argv[1], record)
    plain, changed, mask = scan.plain(), scan.changed(), scan.mask()
    depth = [-np.log(np.maximum(image[0].astype(float), 1) / data.SCALE) for image in (plain, changed)]
    difference = np.abs(depth[1] - depth[0])
    clear = (depth[0] < 4) & (depth[1] < 4)
    found.append({
        'shapes': [list(plain.shape), list(changed.shape), [2, *mask.shape]],
        'kinds': sorted(int(kind) for kind in set(mask[mask > 0].tolist())),
        'names': len(set(record['kind'].split('+'))), 'cargo': len(record['cargo']), 'hides': scan.hides,
        'marked': float(difference[mask > 0].mean()), 'elsewhere': float(difference[(mask == 0) & clear].mean()),
        'air': float(np.median(plain[0][:4]) / data.SCALE),
    })
print(json.dumps(found))
`;

interface Look {
  readonly shapes: readonly (readonly number[])[];
  readonly kinds: readonly number[];
  readonly names: number;
  readonly cargo: number;
  readonly hides: boolean;
  readonly marked: number;
  readonly elsewhere: number;
  readonly air: number;
}

const makePairs = (...args: readonly string[]) =>
  spawnSync('/usr/bin/python3', [script, ...args], { encoding: 'utf8' });

describe.runIf(hasPython('numpy'))('the second simulator for training', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nii-second-'));
  const pairs = join(folder, 'pairs');
  let looks: readonly Look[];

  beforeAll(() => {
    const { status, stderr } = makePairs(pairs, String(FIRST), String(COUNT));
    expect(status, stderr).toBe(0);
    const text = execFileSync('/usr/bin/python3', ['-c', LOOK, pairs], { cwd: training, encoding: 'utf8' });
    looks = JSON.parse(text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('makes the same pair of a seed each time', () => {
    const again = join(folder, 'again');
    makePairs(again, String(FIRST + 1), '1');
    for (const file of ['npy', 'with.npy', 'mask.npy'].map((end) => `${FIRST + 1}.${end}`))
      expect(readFileSync(join(again, file)).equals(readFileSync(join(pairs, file))), file).toBe(true);
  });

  test('passes over a seed that is there', () => {
    const before = readFileSync(join(pairs, `index-${FIRST}.jsonl`), 'utf8');
    expect(makePairs(pairs, String(FIRST), '2').status).toBe(0);
    expect(readFileSync(join(pairs, `index-${FIRST}.jsonl`), 'utf8')).toBe(before);
  });

  test('makes scans of containers that training can read, each with something hidden in its second half', () => {
    expect(looks).toHaveLength(COUNT);
    for (const { shapes, kinds, names, hides, air, cargo } of looks) {
      expect(shapes).toEqual([shapes[0], shapes[0], shapes[0]]);
      expect(hides).toBe(true);
      expect(Math.abs(air - 1)).toBeLessThan(0.08);
      expect(cargo).toBeGreaterThan(0);
      expect(kinds.length).toBeGreaterThan(0);
      expect(kinds.length).toBeLessThanOrEqual(names);
      expect(kinds.every((kind) => kind >= 1 && kind <= 6)).toBe(true);
    }
  });

  test('changes what it marks far more than what it does not', () => {
    const ratios = looks.map(({ marked, elsewhere }) => marked / elsewhere);
    expect(Math.min(...ratios)).toBeGreaterThan(2);
  });

  test('is read once where two runs have made it at the same moment', () => {
    const index = join(pairs, `index-${FIRST}.jsonl`);
    appendFileSync(index, readFileSync(index));
    const count = 'import sys, data; print(len(data.records(sys.argv[1])))';
    const found = execFileSync('/usr/bin/python3', ['-c', count, pairs], { cwd: training, encoding: 'utf8' });
    expect(found.trim()).toBe(String(COUNT));
  });

  test.each([
    ['where numbers are missing', [pairs, 'x'], 1, 'usage: python3'],
    ['where the folder is a file', [script, '1', '1'], 1, 'name a folder that can be written'],
    ['when it is asked', ['--help'], 0, 'FIRST_SEED COUNT'],
  ] as const)('says how it is used %s', (_when, args, expected, advice) => {
    const { status, stdout, stderr } = makePairs(...args);
    expect([status, stdout + stderr]).toEqual([expected, expect.stringContaining(advice)]);
    expect(stderr).not.toContain('Traceback');
  });
});
