import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNiiError } from '../../../../src/core/errors.ts';
import { jobKinds } from '../../../../src/core/rows/job.ts';
import { readJob } from '../../../../src/core/rows/read-job.ts';
import { jobOf } from '../../../support/contract/sample-records.ts';

describe('a job that is read from the table', () => {
  it.each(jobKinds)('of kind %s that this version wrote is read as it is', (kind) => {
    const job = jobOf(kind);
    expect(readJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
  });

  it('is of a kind and payload that this version knows, or is rejected by code', () => {
    const kinds = fc.oneof(fc.constantFrom(...jobKinds), fc.string());
    const payloads = fc.oneof(
      fc.constantFrom(...jobKinds.map((kind) => jobOf(kind).payload)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.string(), kinds, payloads, (id, kind, payload) => {
        try {
          expect(readJob({ id, kind, payload })).toEqual({ id, kind, payload });
        } catch (error) {
          if (!isNiiError(error, 'NII_JOB_UNKNOWN')) throw error;
          expect(error.field).toBe(kind);
        }
      }),
    );
  });

  it.each([
    ['an unknown kind', 'divine', { scanId: 's' }],
    ['a kind that is a name of every object', 'constructor', {}],
    ['a payload without its scan', 'convert', { revision: 1 }],
    ['a revision that is a text', 'triage', { scanId: 's', revision: '1' }],
    ['no payload', 'notify-lane', null],
  ])('with %s is rejected', (_what, kind, payload) => {
    expect(() => readJob({ id: 'x', kind, payload })).toThrowError(
      expect.objectContaining({ code: 'NII_JOB_UNKNOWN' }),
    );
  });
});
