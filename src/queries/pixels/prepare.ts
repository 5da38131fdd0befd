import type { Actor } from '../../core/access.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { maskedLines } from '../../core/scan/cab.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { storedParts } from '../../stored/parts.ts';
import { type RevisionTx, revisionOf } from '../read.ts';
import type { PlaneFiles } from './plane-files.ts';

export interface PrepareSamplesDeps {
  readonly records: Transactions<RevisionTx>;
  readonly planes: PlaneFiles;
}

/** A larger channel is looked at in part, and takes long to be made ready. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Makes the samples ready that a workstation asks for first, as a case is dealt: transmission of the first view, the
 * highest energy before the lowest. Nothing is shown, so nothing is in the audit. What fails is told to whoever asks for
 * the samples.
 */
export async function prepareSamples(
  deps: PrepareSamplesDeps,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
): Promise<void> {
  const found = await deps.records.transaction((tx) => revisionOf(tx, actor, scanId, revision));
  const [view] = found.revision.scan?.views ?? [];
  if (view === undefined) return;
  for (const channel of readFirst(view.channels)) {
    const parts = storedParts(found.revision, found.objects, view.id, channel);
    const masked = maskedLines(found.mask, view.id, channel);
    await deps.planes.pathOf(channel, parts, actor.keyId, masked);
  }
}

function readFirst(channels: readonly Channel[]): readonly Channel[] {
  const rank = ({ energy }: Channel) => (energy === 'low' ? 1 : 0);
  return channels
    .filter(({ kind, bytes }) => kind === 'transmission' && bytes <= MOST_BYTES)
    .toSorted((a, b) => rank(a) - rank(b));
}
