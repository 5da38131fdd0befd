import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keys, reportOrigin } from '../../../src/core/keys.ts';
import { caseIdOf } from '../../../src/stored/identity.ts';

const id = fc.stringMatching(/^[0-9a-z]{26}$/);
const number = fc.integer({ min: 1, max: 2_000_000 });
const slug = fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+){0,3}$/);

test('the key of a report gives its origin back, whatever the model, the case and the place in its history', () => {
  fc.assert(
    fc.property(id, number, slug, slug, slug, (scan, n, model, version, unit) => {
      const caseId = caseIdOf(scan, unit);
      expect(reportOrigin(keys.machineTdr(scan, n, model, version))).toEqual({ kind: 'machine' });
      expect(reportOrigin(keys.importedTdr(scan, n, n))).toEqual({ kind: 'imported' });
      expect(reportOrigin(keys.caseTdr(scan, n, caseId, n))).toEqual({ kind: 'case', caseId });
    }),
  );
});

test('a name that is none of ours belongs to a case, which is seen by the fewest', () => {
  for (const name of ['', 'report', 'machine', '../machine-1.dcs/x']) {
    expect(reportOrigin(name), name).toMatchObject({ kind: 'case' });
  }
});
