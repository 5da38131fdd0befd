import { Compile } from 'typebox/compile';
import { NiiError } from '../errors.ts';
import { Job, type JobKind, jobKinds } from '../rows/job.ts';
import { inTodaysForm } from './older-forms.ts';

/** A job as the table holds it, whichever version wrote it. */
export interface StoredJob {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
}

const check = Compile(Job);

/**
 * The job that a row of the table is, with the payload of an earlier version brought to today's form.
 * @throws NII_JOB_UNKNOWN for a kind or payload that this version does not know
 */
export function readJob({ id, kind, payload }: StoredJob): Job {
  const job: unknown = { id, kind, payload: isJobKind(kind) ? inTodaysForm(kind, payload) : payload };
  if (check.Check(job)) return job;
  throw new NiiError('NII_JOB_UNKNOWN', { detail: `Job "${id}" of kind "${kind}"`, field: kind });
}

function isJobKind(kind: string): kind is JobKind {
  return jobKinds.some((known) => known === kind);
}
