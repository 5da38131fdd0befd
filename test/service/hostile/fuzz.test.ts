import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputOf } from '../../../lab/fuzz/generate.ts';
import { fuzzTarget } from '../../../lab/fuzz/guarded.ts';
import { loadSources } from '../../../lab/fuzz/load-sources.ts';
import { judge } from '../../../lab/fuzz/oracle.ts';
import { ARCHIVES, CODECS, DICOM_SYNTAXES } from '../../../lab/fuzz/seeds.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { searchSeed, searchSize } from '../../support/search-size.ts';
import { installed, temporaryFolder } from '../../support/staging.ts';

/** A short look at each target; `npm run fuzz` and the part fuzz of `npm run long` continue. */
const MILLISECONDS_EACH = searchSize.fuzzMs;
const SEED = searchSeed;

const folder = temporaryFolder();
const targets = [...installed.map(({ manifest }) => manifest.id), ARCHIVES, DICOM_SYNTAXES];

test.each(targets)('changed inputs of %s end in a scan or a code of the table', async (target) => {
  const { all, sources } = await loadSources({ target });
  const oracle = { all, folder: mkdtempSync(join(folder, 'f-')) };
  const words = new Map<string, number>();
  const ends = Date.now() + MILLISECONDS_EACH;
  let inputs = 0;
  for (; Date.now() < ends; inputs++) {
    const { what, files } = inputOf(sources, target, SEED, inputs);
    const verdict = await judge(oracle, files);
    for (const word of verdict.words) words.set(word, (words.get(word) ?? 0) + 1);
    expect(verdict.faults, `${target}, seed ${SEED}, input ${inputs}: ${what}`).toEqual([]);
  }
  const seen = [...words].map(([word, count]) => `${word} ${count}`).join(', ');
  console.log(`${target}: ${inputs} inputs, 0 crashes, seed ${SEED}: ${seen}`);
  expect(inputs).toBeGreaterThan(0);
});

test.each(CODECS)(
  'inputs of %s reach the decoder: only the frame of a good file is damaged',
  async (target) => {
    const { sources } = await loadSources({ target });
    expect(sources.own.length).toBeGreaterThan(0);
    for (let index = 0; index < 50; index += 1) {
      const [file] = inputOf(sources, target, SEED, index).files;
      if (file === undefined) throw new Error('no file');
      const read = readDicom(file.bytes, file.name, defaultLimits);
      expect(read.isEncapsulated).toBe(true);
      expect(read.geometry().rows).toBeGreaterThan(0);
    }
  },
);

test('a decoder that never ends is a hang, and a slow input a fault with its number and its time', async () => {
  const options = { target: 'codec-rle', seed: SEED, inputs: 5, keep: mkdtempSync(join(folder, 'k-')) };
  const { inputs, faults, slowestMs, slowestIndex } = await fuzzTarget({
    ...options,
    hangSeconds: 60,
    slowSeconds: 0,
  });
  expect(inputs).toBe(5);
  expect(faults.map(({ kind }) => kind)).toEqual(Array(5).fill('slow'));
  expect(slowestMs).toBeGreaterThan(0);
  expect(slowestIndex).toBeLessThan(5);
});
