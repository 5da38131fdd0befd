import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keys } from '../../../../src/core/keys.ts';
import { whatOfBefore } from '../../../../src/core/upgrade/object-of-before.ts';
import { inTodaysForm } from '../../../../src/core/upgrade/older-forms.ts';
import { caseIdOf } from '../../../../src/stored/identity.ts';

const id = fc.stringMatching(/^[0-9a-z]{26}$/);
const number = fc.integer({ min: 1, max: 2_000_000 });
const slug = fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+){0,3}$/);
const version = fc.stringMatching(/^[0-9]+\.[0-9]+$/);

test('the key and the producer of a report of before give its origin, whatever model, case and place', () => {
  fc.assert(
    fc.property(id, number, slug, version, slug, (scan, n, model, release, unit) => {
      const caseId = caseIdOf(scan, unit);
      const producer = `analyse:${model}@${release}`;
      const machine = keys.machineTdr(scan, n, model, release);
      expect(whatOfBefore('tdr', machine, producer)).toEqual({
        kind: 'tdr',
        origin: { kind: 'machine', model: `${model}@${release}` },
      });
      expect(whatOfBefore('tdr', keys.importedTdr(scan, n, n), 'convert:a@1')).toEqual({
        kind: 'tdr',
        origin: { kind: 'imported', number: n },
      });
      expect(whatOfBefore('tdr', keys.caseTdr(scan, n, caseId, n), 'triage')).toEqual({
        kind: 'tdr',
        origin: { kind: 'case', caseId, seq: n },
      });
      expect(whatOfBefore('map', keys.map(scan, n, model, release), producer)).toEqual({
        kind: 'map',
        model: `${model}@${release}`,
      });
    }),
  );
});

test('a manifest of before names its objects as todays does, and one of today stays as it is', () => {
  const owner = { scanId: 's', revision: 1, bytes: 3, sha256: 'ab', contentType: 'application/dicom' };
  const plain = { ...owner, key: 'scans/s/r1/scan.json', kind: 'scan-json', producer: 'convert:a@1' };
  const dicos = { ...owner, key: 'scans/s/r1/dicos/side-low-s2.dcs', kind: 'dicos', producer: 'convert:a@1' };
  const today = { part: 'converted', objects: [plain, { ...dicos, instance: 'side-low-s2' }] };
  expect(inTodaysForm('converted', { part: 'converted', objects: [plain, dicos] })).toEqual(today);
  expect(inTodaysForm('converted', today)).toBe(today);
});
