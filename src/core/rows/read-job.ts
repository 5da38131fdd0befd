import { Compile } from 'typebox/compile';
import { NiiError } from '../errors.ts';
import { Job } from './job.ts';

/** A job as the table holds it, whichever version wrote it. */
export interface StoredJob {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
}

const check = Compile(Job);

/**
 * The job that a row of the table is.
 * @throws NII_JOB_UNKNOWN for a kind or payload that this version does not know
 */
export function readJob({ id, kind, payload }: StoredJob): Job {
  const job: unknown = { id, kind, payload };
  if (check.Check(job)) return job;
  throw new NiiError('NII_JOB_UNKNOWN', { detail: `Job "${id}" of kind "${kind}"`, field: kind });
}
