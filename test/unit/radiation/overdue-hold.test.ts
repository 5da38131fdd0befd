import { describe, expect, it } from 'vitest';
import { NiiError } from '../../../src/core/errors.ts';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import { dueTimeOf, type Hold } from '../../../src/core/radiation/hold.ts';
import { dueAfter, escalateHold } from '../../../src/triage/holds/overdue-hold.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import * as radiation from '../../../src/triage/radiation.ts';
import { declaredVehicle } from '../../support/radiation/declared-vehicle.ts';

const openedAt = '2026-01-02T03:00:00.000Z';
const dueAt = dueAfter(openedAt, defaultPolicy);
const place = { administration: 'xx', site: 'port-a', scanId: 'portal-1', recordId: 'occupancy-1' };
const system = { actor: 'system', at: '2026-01-02T03:31:00.000Z' };
const rita = { actor: 'rita', isLinked: true, at: '2026-01-02T03:40:00.000Z' };
const evidence = (category: 'gamma' | 'neutron', revision = 1) => ({
  revision,
  alarms: [{ category }],
  containers: [],
});
const open = (category: 'gamma' | 'neutron' = 'gamma') =>
  radiation.openHold({ id: 'h1', ...place, openedAt, dueAt }, evidence(category), {
    kind: 'none',
    why: 'no scan',
  });
const source: Adjudication = {
  decision: 'innocent',
  basis: 'declared-source',
  reference: 'L-7',
  identification: { nuclides: ['Cs-137'], by: 'riid', expert: 'the laboratory' },
};
const real: Adjudication = { decision: 'real', authority: 'Nuclear safety' };

describe('an alarm', () => {
  it('is due half an hour after it was opened, unless the policy says otherwise', () => {
    expect(open().dueAt).toBe('2026-01-02T03:30:00.000Z');
    expect(dueAfter(openedAt, { alarmDueMinutes: 5 })).toBe('2026-01-02T03:05:00.000Z');
  });

  it('of before it was kept when it is due is so half an hour after it was opened', () => {
    expect(dueTimeOf({ openedAt })).toBe('2026-01-02T03:30:00.000Z');
  });

  it('that escalates says when it was due, and stays open', () => {
    const escalated = escalateHold(open(), system);
    expect(escalated).toMatchObject({ state: 'open', dueAt, escalatedAt: system.at });
    expect(escalated.history.at(-1)).toMatchObject({ kind: 'escalated', actor: 'system', detail: { dueAt } });
  });

  it('of neutrons escalates while its proposal waits for the second officer', () => {
    const proposed = radiation.adjudicate(open('neutron'), source, rita, declaredVehicle);
    expect(escalateHold(proposed, system)).toMatchObject({ state: 'open', proposal: { officer: 'rita' } });
  });

  it.each([
    ['confirmed', real],
    ['innocent', source],
  ])('that is %s does not escalate', (state, given) => {
    const judged = radiation.adjudicate(open(), given, rita, declaredVehicle);
    expect(judged.state).toBe(state);
    expect(() => escalateHold(judged, system)).toThrow(NiiError);
  });

  it.each<[string, (judged: Hold, again: string) => Hold]>([
    ['by an officer', (judged, again) => radiation.reopenHold(judged, 'the other box', rita, again)],
    [
      'by another alarm in its record',
      (judged, again) => radiation.withRecord(judged, evidence('neutron', 2), rita, again),
    ],
  ])('that is opened again %s is due anew, and may escalate again', (_, reopen) => {
    const judged = radiation.adjudicate(escalateHold(open(), system), source, rita, declaredVehicle);
    expect(judged.escalatedAt, 'it stays said of one that was late').toBe(system.at);
    const again = reopen(judged, dueAfter(rita.at, defaultPolicy));
    expect(again).toMatchObject({ state: 'open', dueAt: '2026-01-02T04:10:00.000Z' });
    expect(again).not.toHaveProperty('escalatedAt');
    expect(escalateHold(again, system).history.filter(({ kind }) => kind === 'escalated')).toHaveLength(2);
  });
});
