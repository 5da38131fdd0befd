import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaneReason } from '../../../src/core/case/lane.ts';
import { PolicyTerms } from '../../../src/core/rules/policy.ts';
import { brokenBound, defaultPolicy, loosenedFields, type TriagePolicy } from '../../../src/triage/policy.ts';

const looser: Partial<Record<keyof PolicyTerms, Partial<TriagePolicy>>> = {
  dueMinutes: { dueMinutes: 61 },
  instructionMinutes: { instructionMinutes: 6 },
  highPercentile: { highPercentile: 96 },
  raisedPercentile: { raisedPercentile: 81 },
  highRisk: { highRisk: 81 },
  raisedRisk: { raisedRisk: 51 },
  secondOpinionOn: { secondOpinionOn: ['suspect'] },
  secondOpinionShare: { secondOpinionShare: 0.01 },
  disagreement: { disagreement: 'third-reader' },
  queuedPurposes: { queuedPurposes: [] },
  radiationWindowSeconds: { radiationWindowSeconds: 121 },
  alarmWindowMinutes: { alarmWindowMinutes: 44 },
};

describe('a change of the policy', () => {
  it.each(Object.entries(looser))(
    'of %s in one direction loosens, and in the other does not',
    (name, change) => {
      const changed = { ...defaultPolicy, ...change };
      expect(loosenedFields(defaultPolicy, changed)).toEqual([name]);
      expect(loosenedFields(changed, defaultPolicy)).toEqual(name === 'secondOpinionOn' ? [name] : []);
    },
  );

  it('that draws fewer random searches loosens, also where it draws none; more of them do not', () => {
    const share = (randomSearchShare?: number) =>
      randomSearchShare === undefined ? defaultPolicy : { ...defaultPolicy, randomSearchShare };
    expect(loosenedFields(share(0.05), share(0.04))).toEqual(['randomSearchShare']);
    expect(loosenedFields(share(0.05), share())).toEqual(['randomSearchShare']);
    const needs = (photographs: number) => ({ ...defaultPolicy, fullSearchNeeds: { photographs } });
    expect(loosenedFields(needs(2), needs(1))).toEqual(['fullSearchNeeds']);
    expect(loosenedFields(needs(2), defaultPolicy)).toEqual(['fullSearchNeeds']);
    expect(loosenedFields(defaultPolicy, needs(2))).toEqual([]);
    expect(loosenedFields(share(0.04), share(0.05))).toEqual([]);
    expect(loosenedFields(share(), share(0))).toEqual([]);
  });

  it('that shows more of single persons loosens: for another purpose, more roles or more days', () => {
    const terms = { purpose: 'training', roles: ['supervisor'], days: 30 } as const;
    const shows = (personFigures: PolicyTerms['personFigures']) =>
      personFigures === undefined ? defaultPolicy : { ...defaultPolicy, personFigures };
    const more: readonly PolicyTerms['personFigures'][] = [
      { ...terms, purpose: 'pay' },
      { ...terms, days: 31 },
      { ...terms, roles: ['supervisor', 'auditor'] },
      { ...terms, roles: ['auditor'] },
    ];
    expect(loosenedFields(shows(undefined), shows(terms))).toEqual(['personFigures']);
    for (const one of more)
      expect([one, loosenedFields(shows(terms), shows(one))]).toEqual([one, ['personFigures']]);
    expect(loosenedFields(shows(terms), shows(undefined))).toEqual([]);
    expect(loosenedFields(shows({ ...terms, days: 31 }), shows(terms))).toEqual([]);
    expect(loosenedFields(shows({ ...terms, roles: ['supervisor', 'auditor'] }), shows(terms))).toEqual([]);
  });

  it('that masks cabs or shows them loosens, in both directions: it takes two persons', () => {
    const cab = (value?: PolicyTerms['cab']) =>
      value === undefined ? defaultPolicy : { ...defaultPolicy, cab: value };
    const values = [undefined, 'masked', 'masked-and-left-out'] as const;
    for (const before of values)
      for (const after of values)
        expect([before, after, loosenedFields(cab(before), cab(after))]).toEqual([
          before,
          after,
          before === after ? [] : ['cab'],
        ]);
    expect(loosenedFields(cab(), cab('shown'))).toEqual([]);
  });

  it('to the same terms loosens nothing', () => {
    expect(loosenedFields(defaultPolicy, { ...defaultPolicy })).toEqual([]);
  });
});

describe('the bounds of the table of instructions', () => {
  it('are kept by the defaults, and each names a row of the table and a field', () => {
    expect(brokenBound(defaultPolicy)).toBeUndefined();
  });

  it('are kept by no terms that let an instruction outlive a new alarm, or an alarm be near nothing', () => {
    const numbers = fc.record({
      instructionMinutes: fc.integer({ min: 0, max: 1440 }),
      alarmWindowMinutes: fc.integer({ min: 0, max: 1440 }),
      radiationWindowSeconds: fc.integer({ min: 0, max: 86_400 }),
    });
    fc.assert(
      fc.property(numbers, (some) => {
        const { instructionMinutes: minutes, alarmWindowMinutes: alarm, radiationWindowSeconds: join } = some;
        const isSafe = minutes > 0 && minutes <= 15 && alarm >= 5 && join <= alarm * 60;
        const broken = brokenBound({ ...defaultPolicy, ...some });
        expect(broken === undefined).toBe(isSafe);
        if (broken === undefined) return;
        expect(LaneReason.enum).toContain(broken.row);
        expect(Object.keys(PolicyTerms.properties)).toContain(broken.field);
      }),
    );
  });
});
