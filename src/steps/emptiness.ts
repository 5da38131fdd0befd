import type { Emptiness } from '../core/case/emptiness.ts';
import { isTransient, problemOf } from '../core/errors.ts';
import type { Log } from '../core/ports/process.ts';
import type { Channel, NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { chooseChannel, type EmptinessOptions, emptinessSteps } from '../infer/empty/emptiness.ts';
import { inTurns } from '../infer/turns.ts';
import { type PlaneCache, type WithPlanesDeps, withPlanes } from './stored-planes.ts';

export interface CheckEmptinessDeps extends WithPlanesDeps {
  readonly atHand: PlaneCache;
  readonly log: Log;
}

/**
 * Whether the holds of a revision look empty, whichever models there are. Where its samples cannot be read nothing is
 * said, and the model, which reads them too, says why.
 * @throws what may succeed when the job is retried
 */
export async function checkEmptiness(
  deps: CheckEmptinessDeps,
  row: RevisionRow,
  scan: NiiScan,
  options: EmptinessOptions,
): Promise<Emptiness | undefined> {
  const chosen = chooseChannel(scan)?.channel;
  const wanted = {
    isWanted: (channel: Channel) => channel === chosen,
    // the model takes it afterwards
    atHand: (channel: Channel) => deps.atHand.look(channel),
  };
  try {
    return await withPlanes(deps, row, scan, wanted, async (planes) =>
      inTurns(emptinessSteps({ scan, planes: await planes() }, options)),
    );
  } catch (error) {
    if (isTransient(error)) throw error;
    const { scanId, revision } = row;
    deps.log.error({ scanId, revision, err: error, code: problemOf(error).code }, 'hold not checked');
    return undefined;
  }
}
