import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conformanceOf } from '../../../src/core/conformance/conformance.ts';
import { expectations } from '../../../src/core/conformance/expectations.ts';
import { isWarningCode, type WarningCode, warningTable } from '../../../src/core/warnings.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

const example = scanOf([channelOf()]);
const converter = { id: 'x', version: '1.0.0' };
const whole = {
  ...example,
  warnings: [],
  acquired: { utc: '2031-01-01T00:00:00Z', zone: 'stated' as const },
};

function reportOf(scan: typeof example) {
  return conformanceOf({ converter, originals: scan.originals, scan });
}

const warning = (code: WarningCode) => ({ code, message: warningTable[code] });

describe('the verdict', () => {
  test('of a revision that is not converted yet is pending', () => {
    expect(conformanceOf({ converter, originals: [] })).toMatchObject({ verdict: 'pending', fields: [] });
  });

  test('of one that failed is that it does not conform, with code, byte and what is expected', () => {
    const problem = { code: 'NII_TRUNCATED', title: 'Short', detail: 'ends early', offset: 36 } as const;
    const report = conformanceOf({ converter, originals: [], problem });
    expect(report.verdict).toBe('does-not-conform');
    expect(report.items).toEqual([
      expect.objectContaining({ code: 'NII_TRUNCATED', weight: 'defect', offset: 36 }),
    ]);
  });

  test('is that it does not conform exactly where there is a defect or a required field is absent', () => {
    const codes = fc.uniqueArray(fc.constantFrom(...Object.keys(warningTable).filter(isWarningCode)));
    fc.assert(
      fc.property(codes, fc.boolean(), (some, timed) => {
        const acquired = timed ? whole.acquired : { zone: 'unknown' as const };
        const report = reportOf({ ...whole, acquired, warnings: some.map(warning) });
        const bad = !timed || some.some((code) => expectations[code].weight === 'defect');
        expect(report.verdict === 'does-not-conform').toBe(bad);
      }),
    );
  });

  test('is not changed by a note', () => {
    const note = [warning('NII_W_FILE_UNUSED')];
    expect(reportOf({ ...whole, warnings: note }).verdict).toBe(reportOf(whole).verdict);
  });
});

test('defects come first, then remarks, then notes', () => {
  const warnings = ['NII_W_FILE_UNUSED', 'NII_W_TIME_ZONE', 'NII_W_ENERGY_ORDER'] as const;
  const { items } = reportOf({ ...whole, warnings: warnings.map(warning) });
  expect(items.map(({ weight }) => weight)).toEqual(['defect', 'remark', 'note']);
});

test('the share falls by one field when the scanner has no name for its maker', () => {
  const named = reportOf({ ...whole, source: { ...whole.source, manufacturer: 'M' } });
  const { manufacturer: _, ...source } = whole.source;
  const nameless = reportOf({ ...whole, source });
  expect(named.share - nameless.share).toBeCloseTo(1 / named.fields.length, 1);
  expect(nameless.fields).toContainEqual(expect.objectContaining({ field: 'manufacturer', state: 'absent' }));
});

test('a radiation portal is asked for no channels', () => {
  const record = {
    id: 'o-1',
    instrument: { components: [] },
    occupancy: { ended: true },
    detectors: [],
    counts: [],
    spectra: [],
    doseRates: [],
    alarms: [],
    faults: [],
    nuclides: [],
  };
  const report = reportOf({ ...whole, views: [], completeness: 'incomplete', radiation: [record] });
  expect(report.fields.map(({ group }) => group)).not.toContain('channels');
  expect(report.verdict).toBe('conforms-with-remarks');
});
