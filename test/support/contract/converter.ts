import { describe, expect, it } from 'vitest';
import type { ConverterPackage } from '../../../src/recognise/registry.ts';
import { claims, type Tally } from '../../../src/tools/contract/claims.ts';
import { defaultEffort, fixturesOfAll, subjectOf } from '../../../src/tools/contract/contract.ts';
import type { Fixture } from '../../../src/tools/contract/fixtures.ts';
import { searchSize } from '../search-size.ts';
import { installed } from '../staging.ts';

const effort = { ...defaultEffort, ...searchSize.converterInputs };
const uncounted: Tally = { trying: () => {}, tried: () => {} };

const ofInstalled = await fixturesOfAll(installed);

/** The fixtures of an installed package. */
export function fixturesOf({ manifest }: Pick<ConverterPackage, 'manifest'>): readonly Fixture[] {
  return ofInstalled.get(manifest.id) ?? [];
}

/** What every converter package must keep to, however it is installed: the claims of src/kit, one test each. */
export function describeConverter(
  converter: ConverterPackage,
  all: readonly ConverterPackage[],
  fixtures: ReadonlyMap<string, readonly Fixture[]>,
  folder: string,
): void {
  describe(`converter ${converter.manifest.id}`, () => {
    it.each(claims)('$name', async ({ faults }) => {
      const subject = subjectOf({ converter, all, fixtures }, folder);
      expect(await faults(subject, effort, uncounted)).toEqual([]);
    });
  });
}
