import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModelReason } from '../../../src/core/case/reason-text.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import { type RankInput, rank } from '../../../src/triage/priority.ts';

const base: RankInput = { dueAt: '2026-01-02T04:00:00.000Z', declarationReasons: [], secondOpinion: false };
const percentage = fc.double({ min: 0, max: 100, noNaN: true });

describe('the place in the queue', () => {
  it('is further ahead for a higher percentile, with everything else the same', () => {
    fc.assert(
      fc.property(percentage, percentage, (a, b) => {
        fc.pre(Math.abs(a - b) > 0.5);
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(rank({ ...base, percentile: high }, defaultPolicy).priority).toBeLessThanOrEqual(
          rank({ ...base, percentile: low }, defaultPolicy).priority,
        );
      }),
    );
  });

  it('is further ahead for a higher declared risk, with everything else the same', () => {
    fc.assert(
      fc.property(percentage, percentage, (a, b) => {
        fc.pre(Math.abs(a - b) > 0.01);
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(rank({ ...base, declaredRisk: high }, defaultPolicy).priority).toBeLessThan(
          rank({ ...base, declaredRisk: low }, defaultPolicy).priority,
        );
      }),
    );
  });

  it('never starves anyone: a case that waits longer than all head starts together is ahead of every new one', () => {
    const most = rank(
      { ...base, percentile: 100, declaredRisk: 100, completeness: 'incomplete', secondOpinion: true },
      defaultPolicy,
    );
    const headStart = Date.parse(base.dueAt) / 1000 - most.priority;
    const old = { ...base, dueAt: new Date(Date.parse(base.dueAt) - (headStart + 1) * 1000).toISOString() };
    expect(rank(old, defaultPolicy).priority).toBeLessThan(most.priority);
  });

  it('puts a case without an analysis at the average place of scored ones', () => {
    const all = Array.from({ length: 1000 }, (_, i) => {
      const { reasons } = rank({ ...base, percentile: (i + 0.5) / 10 }, defaultPolicy);
      return reasons[0]!.headStartMinutes;
    });
    const { reasons } = rank({ ...base, notAnalysed: 'channels unknown' }, defaultPolicy);
    expect(reasons[0]!.headStartMinutes).toBeCloseTo(all.reduce((sum, one) => sum + one) / all.length, 1);
  });

  it('puts a case without an analysis before an ordinary one and after a very unusual one', () => {
    const unseen = rank({ ...base, notAnalysed: 'channels unknown' }, defaultPolicy);
    expect(unseen.priority).toBeLessThan(rank({ ...base, percentile: 50 }, defaultPolicy).priority);
    expect(unseen.priority).toBeGreaterThan(rank({ ...base, percentile: 99 }, defaultPolicy).priority);
    expect(unseen.band).toBe('raised');
    expect(unseen.reasons[0]?.text).toBe('not analysed by a model: channels unknown');
  });

  it('says that a score is of the whole picture, where nothing places the unit in it', () => {
    const { reasons } = rank({ ...base, percentile: 97, isOfWholePicture: true }, defaultPolicy);
    expect(reasons[0]?.text).toMatch(/of comparable scans \(score of the whole picture\)$/);
  });

  it('names the model with the percentile if there are several, and moves the case as that model alone would', () => {
    const alone = rank({ ...base, percentile: 97 }, defaultPolicy);
    const highest = rank(
      { ...base, percentile: 97, highestOf: { model: 'threats@2', models: 3 } },
      defaultPolicy,
    );
    expect(highest.reasons[0]?.text).toBe(`${alone.reasons[0]?.text} [threats@2, highest of 3 models]`);
    expect([highest.priority, highest.band]).toEqual([alone.priority, alone.band]);
  });

  it('writes facts into the text that a page reads back', () => {
    const facts = {
      load: 'homogeneous',
      loadPercentile: 88.25,
      isOfWholePicture: true,
      highestOf: { model: 'threats@2', models: 3 },
    } as const;
    const { reasons } = rank({ ...base, percentile: 97, ...facts }, defaultPolicy);
    expect(parseModelReason(reasons[0]?.text ?? '')).toEqual({
      alike: { load: 'homogeneous', percentile: 88.2 },
      isOfWholePicture: true,
      highestOf: { model: 'threats@2', models: 3 },
    });
    const [plain] = rank({ ...base, percentile: 97 }, defaultPolicy).reasons;
    expect(parseModelReason(plain?.text ?? '')).toEqual({ isOfWholePicture: false });
  });

  it('says why in words, and never calls a percentile a probability or rounds it up to 100', () => {
    const { reasons } = rank(
      { ...base, percentile: 99.99, declaredRisk: 85, declarationReasons: ['first import'] },
      defaultPolicy,
    );
    expect(reasons.map((reason) => reason.text)).toEqual([
      'more unusual than 99.9 % of comparable scans',
      'declared risk 85 of 100 (first import)',
    ]);
  });

  it('does not depend on when it is computed', () => {
    expect(rank({ ...base, percentile: 90 }, defaultPolicy)).toEqual(
      rank({ ...base, percentile: 90 }, defaultPolicy),
    );
  });
});
