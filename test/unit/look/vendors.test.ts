import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VendorScan } from '../../../src/core/ports/records/models.ts';
import { vendorFigures } from '../../../src/features/models/vendors.ts';

/** How an algorithm of a vendor does beside a model of ours. */

type Decision = VendorScan['reports'][number]['decision'];
type Found = Pick<VendorScan, 'verdict' | 'outcome'>;

let scans = 0;
function scan(decisions: readonly Decision[], ours: boolean | undefined, found: Found = {}): VendorScan {
  scans += 1;
  return {
    scanId: `s${scans}`,
    reports: decisions.map((decision) => ({ type: 'MACHINE', decision, by: 'ATR 1' })),
    models: ours === undefined ? [] : [{ model: 'm@1', alarm: ours }],
    ...found,
  };
}
const only = (some: readonly VendorScan[]) => {
  const [one, ...more] = vendorFigures(some);
  if (one === undefined || more.length > 0) throw new Error('not one algorithm');
  return one;
};

describe('an algorithm of a vendor', () => {
  test('is counted by its alarms, and by those of the model on the same scans', () => {
    const found = only([
      scan(['ALARM'], true),
      scan(['ALARM'], true),
      scan(['ALARM'], false),
      scan(['CLEAR'], true),
      scan(['CLEAR'], false),
      scan(['CLEAR'], undefined),
    ]);
    expect(found).toMatchObject({ algorithm: 'ATR 1', scans: 6, undecided: 0, alarms: { count: 3, of: 6 } });
    expect(found.models).toMatchObject([
      {
        model: 'm@1',
        bothAlarm: 2,
        vendorOnly: 1,
        modelOnly: 1,
        neither: 1,
        agreement: { count: 3, of: 5, value: 0.6 },
      },
    ]);
  });

  test('that did not decide counts in no share: no word is no clear scan', () => {
    const found = only([scan(['UNKNOWN'], true), scan(['CLEAR', 'UNKNOWN'], true), scan(['ALARM'], true)]);
    expect([found.scans, found.undecided, found.alarms.of]).toEqual([3, 2, 1]);
    expect(found.models[0]?.agreement).toMatchObject({ count: 1, of: 1 });
  });

  test('with several reports on a scan raised an alarm where any did', () => {
    expect(
      only([scan(['CLEAR', 'ALARM'], undefined), scan(['CLEAR', 'CLEAR'], undefined)]).alarms,
    ).toMatchObject({ count: 1, of: 2 });
  });

  test('is beside verdicts and outcomes, with intervals of 95 %', () => {
    const suspect = Array.from({ length: 10 }, (_, i) =>
      scan([i < 3 ? 'ALARM' : 'CLEAR'], i < 8, { verdict: 'suspect', outcome: 'found' }),
    );
    const found = only([...suspect, scan(['ALARM'], false, { verdict: 'normal' })]);
    // Wilson's interval of 3 of 10, as R's prop.test without correction gives it
    const threeOfTen = {
      count: 3,
      of: 10,
      value: 0.3,
      low: expect.closeTo(0.1078, 4),
      high: expect.closeTo(0.6032, 4),
    };
    expect(found.verdicts).toEqual([
      { verdict: 'suspect', alarms: threeOfTen },
      { verdict: 'normal', alarms: expect.objectContaining({ count: 1, of: 1 }) },
    ]);
    expect(found.outcomes).toEqual([
      { outcome: 'found', alarms: threeOfTen },
      { outcome: 'nothing-found', alarms: { count: 0, of: 0 } },
    ]);
    expect(found.models[0]?.outcomes[0]).toEqual({
      outcome: 'found',
      vendor: threeOfTen,
      model: expect.objectContaining({ count: 8, of: 10 }),
    });
  });

  test('is listed among the hundred with the most scans, however many names files bring', () => {
    const named = Array.from({ length: 20_000 }, (_, i) => ({
      ...scan(['ALARM'], true),
      reports: [{ type: 'MACHINE' as const, decision: 'ALARM' as const, by: `name ${i % 15_000}` }],
    }));
    const began = performance.now();
    const found = vendorFigures(named);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect([found.length, found[0]?.scans, found[99]?.scans]).toEqual([100, 2, 2]);
  });

  test('is no person: what operators said is another comparison', () => {
    const said = { ...scan([], true), reports: [{ type: 'OPERATOR' as const, decision: 'ALARM' as const }] };
    expect(vendorFigures([said])).toEqual([]);
  });
});

test('every scan is in exactly one place of each table', () => {
  const anyScan = fc.tuple(
    fc.array(fc.constantFrom<Decision>('ALARM', 'CLEAR', 'UNKNOWN'), { minLength: 1, maxLength: 3 }),
    fc.option(fc.boolean(), { nil: undefined }),
  );
  fc.assert(
    fc.property(fc.array(anyScan, { minLength: 1, maxLength: 40 }), (some) => {
      const one = only(some.map(([decisions, ours]) => scan(decisions, ours)));
      expect(one.scans).toBe(some.length);
      expect(one.undecided + one.alarms.of).toBe(one.scans);
      for (const { bothAlarm, vendorOnly, modelOnly, neither, agreement } of one.models) {
        expect(bothAlarm + vendorOnly + modelOnly + neither).toBe(agreement.of);
        expect(agreement.of).toBeLessThanOrEqual(one.alarms.of);
      }
    }),
  );
});
