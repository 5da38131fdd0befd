import type { JobEnds } from '../core/ports/jobs.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import { type NoteFactsDeps, noteFactsOfScan } from '../stored/passages.ts';

export interface WatchPassagesDeps extends NoteFactsDeps {
  readonly jobs: JobEnds<unknown>;
}

/** Notes what became known of a vehicle, in case it has left. */
export async function watchPassages(deps: WatchPassagesDeps, job: ClaimedJob, scanId: string): Promise<void> {
  await noteFactsOfScan(deps, scanId);
  await deps.jobs.complete(job, async () => {});
}
