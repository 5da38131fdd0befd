import { describe, expect, it } from 'vitest';
import { VerdictKind } from '../../../src/core/case/case.ts';
import { HoldState } from '../../../src/core/radiation/hold-states.ts';
import { Completeness } from '../../../src/core/scan/completeness.ts';
import { ScanState } from '../../../src/core/scan/scan-states.ts';
import { type KnownToReader, outlookOf } from '../../../src/features/verdict-outlook/rules.ts';
import { combineRows, type KnownOfVehicle, rowsOf } from '../../../src/triage/instruction.ts';
import { defaultPolicy, type TriagePolicy } from '../../../src/triage/policy.ts';
import { verdictOf } from './samples.ts';

const never: TriagePolicy = { ...defaultPolicy, secondOpinionOn: [], secondOpinionShare: 0 };
const alone = { hasOtherObjects: false, hasVisit: false };
const plain: KnownToReader = { scan: { state: 'analysed' }, holds: [], near: [], ...alone };
const ofKind = (kind: VerdictKind, known: KnownToReader = plain, policy = never, seconds = 10) =>
  outlookOf(known, policy, seconds).find((one) => one.kind === kind);

describe('what a reader is told that the lane will be told', () => {
  it('is what the lane is told then, where nothing but the image and alarms bears on it', () => {
    let compared = 0;
    for (const state of ScanState.enum)
      for (const completeness of Completeness.enum)
        for (const holds of [[], ...HoldState.enum.map((one) => [{ id: 'h', state: one }])])
          for (const near of [[], [{ id: 'n' }]]) {
            const known = { scan: { state, completeness }, holds, near };
            for (const { kind, instruction } of outlookOf({ ...known, ...alone }, never, 10)) {
              const cases = [{ unitId: 'u', state: 'decided' as const, verdicts: [verdictOf(kind, 1)] }];
              const vehicle: KnownOfVehicle = { ...known, cases };
              expect(instruction).toBe(combineRows(rowsOf(vehicle).map(({ code }) => code)).instruction);
              compared += 1;
            }
          }
    expect(compared).toBeGreaterThan(400);
  });

  it('is a hold at once, and the rest when the verdict stands', () => {
    expect(VerdictKind.enum.map((kind) => [ofKind(kind)?.instruction, ofKind(kind)?.told])).toEqual([
      ['proceed', 'when-it-stands'],
      ['hold', 'at-once'],
      ['hold', 'at-once'],
      ['rescan', 'when-it-stands'],
    ]);
    expect(ofKind('normal', plain, never, 0)?.told).toBe('at-once');
  });

  it('names the rows that hold: of alarms, and of the image', () => {
    const held = { ...plain, holds: [{ id: 'h', state: 'open' as const }], near: [{ id: 'n' }] };
    expect(ofKind('normal', held)).toMatchObject({ reasons: ['alarm-waits', 'alarm-near'], mayHold: [] });
    expect(ofKind('suspect', held)?.reasons).toEqual(['alarm-waits', 'alarm-near', 'suspect']);
    const cut: KnownToReader = { ...plain, scan: { state: 'analysed', completeness: 'incomplete' } };
    expect(ofKind('normal', cut)).toMatchObject({ instruction: 'hold', reasons: ['incomplete'] });
  });

  it('names what the policy requires of the vehicle, and that a second reader may be asked', () => {
    const red = { ...plain, controls: { ofScan: {}, ofCase: { search: true, readers: 2 } as const } };
    expect(ofKind('normal', red)).toMatchObject({ instruction: 'hold', reasons: ['selected-for-search'] });
    const two = { ...plain, controls: { ofScan: {}, ofCase: { readers: 2 } as const } };
    const outlook = outlookOf(two, { ...never, readers: 2 }, 10).find(({ kind }) => kind === 'normal');
    expect(outlook).toMatchObject({ instruction: 'proceed', mayHold: ['second-reading'] });
  });

  it('names what it does not know of, by rule and not by what is there', () => {
    const all = { ...plain, hasOtherObjects: true, hasVisit: true };
    const mayHold = ['second-reading', 'other-objects', 'other-scans'];
    expect(ofKind('normal', all, { ...never, secondOpinionShare: 0.02 })).toMatchObject({
      told: 'when-all-is-read',
      mayHold,
    });
    expect(ofKind('normal', plain, { ...never, secondOpinionOn: ['normal' as const] })?.mayHold).toEqual([
      'second-reading',
    ]);
    expect(ofKind('normal', plain, { ...never, randomSearchShare: 0.01 })).toMatchObject({
      told: 'when-all-is-read',
      mayHold: ['random-search'],
    });
    expect(ofKind('scan-again', all, { ...never, secondOpinionShare: 1 })?.mayHold).toEqual([
      'other-objects',
      'other-scans',
    ]);
  });
});
