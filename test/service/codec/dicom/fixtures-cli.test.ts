import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInProcess } from '../../../../src/convert/run.ts';
import { convertToRaw } from '../../../support/inputs/converted-raw.ts';
import {
  type DicomFixture,
  dicomFixture,
  dicomFixtureFolder,
  dicomFixtures,
  largestDifference,
} from '../../../support/inputs/dicom-fixtures.ts';
import { openWorld, type World } from '../../../support/world.ts';

/** What must be seen from outside, in the words of what was seen. */
function expected({ outcome }: DicomFixture): unknown {
  switch (outcome.kind) {
    case 'exact':
      return { code: 0, sha256: outcome.sha256 };
    case 'near':
      return { code: 0, within: outcome.tolerance };
    case 'no-samples':
      return { code: 4 };
    case 'rejected':
      return { code: 3, refusal: outcome.code };
  }
}

describe('nii convert --format raw of a DICOM fixture of our own', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  async function seen(fixture: DicomFixture, { nii }: Pick<World, 'nii'>): Promise<unknown> {
    const path = dicomFixtureFolder + fixture.file;
    const { raw, sha256, ...how } = await convertToRaw({ nii }, path, world.dir);
    if (raw === undefined) return how;
    const { outcome, bitsAllocated = 8 } = fixture;
    if (outcome.kind !== 'near') return { ...how, sha256 };
    const theirs = Buffer.from(outcome.samples, 'base64');
    const apart = largestDifference(readFileSync(raw), theirs, bitsAllocated);
    return { ...how, within: Math.max(apart, outcome.tolerance) };
  }

  // one reader process for all; those of the next test have the real ones
  test.each(dicomFixtures)('gives what the index says of $file', async (fixture) => {
    expect(await seen(fixture, world.at('data', runInProcess))).toEqual(expected(fixture));
  });

  test.each([
    'lost-head',
    'report-two-compressed',
    'damaged-codestream',
    'truncated-pixels',
    'htj2k-201-i16',
  ])('gives the same of %s in a process of its own', async (name) => {
    const fixture = dicomFixture(name);
    expect(await seen(fixture, world)).toEqual(expected(fixture));
  });
});
