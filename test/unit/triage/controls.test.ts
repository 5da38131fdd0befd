import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeclarationBody } from '../../../src/core/case/declaration.ts';
import { defined } from '../../../src/core/defined.ts';
import type { Control, ControlTerms, ControlWhen } from '../../../src/core/rules/controls.ts';
import { type ControlledVehicle, controlsFor, controlsThatApply } from '../../../src/triage/controls.ts';
import { defaultPolicy, loosenedFields } from '../../../src/triage/policy.ts';

const sites = ['north', 'south'] as const;
const lanes = ['1', 'lane-2', 'bus'] as const;
const codes = ['24', '2402', '8471'] as const;
const traders = ['NL1', 'NL2'] as const;
const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

const when: fc.Arbitrary<ControlWhen> = fc
  .record({
    site: maybe(sites),
    lane: maybe(lanes),
    riskFrom: maybe([0, 50, 90]),
    goodsHs: maybe(codes),
    trader: maybe(traders),
  })
  .map(defined);
const terms: fc.Arbitrary<ControlTerms> = fc
  .record({
    search: maybe([true as const]),
    readers: maybe([2 as const]),
    instructionMinutes: maybe([2, 5]),
    visitRequired: maybe([true as const]),
    minimumLookSeconds: maybe([5, 20]),
    portalOnlyMayGo: maybe([true, false]),
  })
  .map(defined);
const control: fc.Arbitrary<Control> = fc.record({ when, terms });
const controls = fc.array(control, { maxLength: 3 });
const body: fc.Arbitrary<DeclarationBody> = fc
  .record({ score: maybe([0, 60, 100]), hs: maybe(['240220', '847130']), trader: maybe(['nl 1', 'NL2']) })
  .map(({ score, hs, trader }) => ({
    containers: [],
    ...defined({
      selectivity: score === undefined ? undefined : { score },
      hsCodes: hs === undefined ? undefined : [hs],
      consignment:
        trader === undefined ? undefined : { parties: [{ role: 'consignee' as const, id: trader }] },
    }),
  }));
const vehicle: fc.Arbitrary<ControlledVehicle> = fc
  .record({
    site: fc.constantFrom(...sites),
    lane: maybe(['1', 'Lane 02', 'bus', 'other']),
    declared: fc.array(body, { maxLength: 2 }),
  })
  .map(({ lane, ...rest }) => ({ ...rest, ...defined({ lane }) }));

/** Nothing that one requires of a vehicle the other lacks. */
function isAtLeast(strict: ControlTerms, of: ControlTerms): boolean {
  const { search, readers, visitRequired, instructionMinutes = 99, minimumLookSeconds = 0 } = of;
  return (
    (search === undefined || strict.search === true) &&
    (readers === undefined || strict.readers === 2) &&
    (visitRequired === undefined || strict.visitRequired === true) &&
    (strict.instructionMinutes ?? 99) <= instructionMinutes &&
    (strict.minimumLookSeconds ?? 0) >= minimumLookSeconds &&
    (strict.portalOnlyMayGo !== true || of.portalOnlyMayGo === true)
  );
}

const loosens = (before: readonly Control[], after: readonly Control[]) =>
  loosenedFields({ ...defaultPolicy, controls: before }, { ...defaultPolicy, controls: after }).includes(
    'controls',
  );

describe('the controls of a policy', () => {
  it('are as strict as each that applies, in whatever order', () => {
    fc.assert(
      fc.property(controls, vehicle, (all, of) => {
        const asked = controlsFor({ controls: all }, of);
        for (const one of controlsThatApply({ controls: all }, of))
          expect(isAtLeast(asked, { ...one.terms, portalOnlyMayGo: true })).toBe(true);
        expect(controlsFor({ controls: all.toReversed() }, of)).toEqual(asked);
      }),
    );
  });

  it('that do not loosen require no less of any vehicle, and let none more go', () => {
    fc.assert(
      fc.property(controls, controls, vehicle, (before, after, of) => {
        fc.pre(!loosens(before, after));
        const [now, then] = [after, before].map((all) => controlsFor({ controls: all }, of));
        expect(isAtLeast(now ?? {}, then ?? {})).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('do not loosen where one is added that permits nothing, and loosen where one that requires is dropped', () => {
    const requires = control.filter(({ terms: { portalOnlyMayGo, ...of } }) => {
      return portalOnlyMayGo === false || Object.keys(of).length > 0;
    });
    fc.assert(
      fc.property(controls, control, (all, one) => {
        const isPermission = one.terms.portalOnlyMayGo === true;
        if (!isPermission) expect(loosens(all, [...all, one])).toBe(false);
        expect(loosens(all, all)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(requires, (one) => {
        expect(loosens([one], [])).toBe(true);
      }),
    );
  });

  it('keep a vehicle that they applied to, whatever is declared of it later', () => {
    fc.assert(
      fc.property(controls, vehicle, fc.array(body, { maxLength: 2 }), (all, of, declared) => {
        const before = controlsThatApply({ controls: all }, of).map((one) => one.when);
        const later = controlsFor({ controls: all }, { ...of, declared, before });
        expect(isAtLeast(later, { ...controlsFor({ controls: all }, of), portalOnlyMayGo: true })).toBe(true);
      }),
    );
  });

  it('of a lane are also of vehicles whose lane is unknown, but let go only those that are surely in it', () => {
    const all: readonly Control[] = [
      { when: { lane: 'bus-2' }, terms: { portalOnlyMayGo: true, visitRequired: true } },
    ];
    const of = (lane?: string) =>
      controlsFor({ controls: all }, { site: 'north', declared: [], ...defined({ lane }) });
    expect(of('Bus 02')).toEqual({ visitRequired: true, portalOnlyMayGo: true });
    expect(of()).toEqual({ visitRequired: true });
    expect(of('2'), 'it may be the lane, and may be another').toEqual({ visitRequired: true });
    expect(of('bus-3')).toEqual({});
  });
});
