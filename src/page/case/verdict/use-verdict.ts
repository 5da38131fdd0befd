import { useCallback, useState } from 'react';
import { defined } from '../../../core/defined.ts';
import { useAction } from '../../api/action.ts';
import { Rejected } from '../../api/client.ts';
import { useReasons, usualReason } from '../../reasons/reasons.ts';
import { goTo } from '../../shell/location.ts';
import type { Annotations } from '../annotations/annotations.ts';
import type { HeldCase } from '../claim.ts';
import { claimNextCase } from '../queue-page.tsx';
import type { ReadingLog } from '../reading/reading-log.ts';
import { type Draft, useDraft } from './draft.ts';
import { offerReferral } from './referral.tsx';
import { rememberSentVerdict } from './undo-window.tsx';

/** The verdict on a case in hand, from its draft to the next case. */
export interface VerdictInHand {
  readonly draft: Draft;
  readonly change: (changes: Partial<Draft>) => void;
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  /** The picture is there: nobody judges what they have not seen. */
  readonly isShown: boolean;
  readonly onShown: () => void;
  readonly send: () => void;
  readonly handBack: (why: string) => void;
}

interface Options {
  readonly caseId: string;
  readonly held: HeldCase;
  readonly isHeld: boolean;
  readonly annotations: Pick<Annotations, 'settle'>;
  readonly log: ReadingLog;
  readonly onSessionLost: () => void;
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

export function useVerdict({
  caseId,
  held,
  isHeld,
  annotations,
  log,
  onSessionLost,
}: Options): VerdictInHand {
  const { draft, change, forget } = useDraft(caseId);
  const { isBusy, problem, run } = useAction(textOf);
  const [isShown, setShown] = useState(false);
  const reasons = useReasons();
  const onShown = useCallback(() => {
    log.shown();
    setShown(true);
  }, [log]);
  const end = (step: () => Promise<void>) =>
    run(
      async () => {
        // the verdict carries the annotations, so the service has all of them first
        await annotations.settle();
        await step();
        forget();
        const next = await claimNextCase();
        goTo(next === undefined ? '/' : `/case/${next.id}`);
      },
      (error) => {
        if (error instanceof Rejected && error.status === 401) onSessionLost();
      },
    );
  const send = () => {
    const { kind, reason = usualReason(reasons, draft.kind), note } = draft;
    if (!isHeld || !isShown || isBusy || kind === undefined || reason === undefined) return;
    const reading = log.read();
    const decision = { kind, reason, reading, ...defined({ note: note.trim() === '' ? undefined : note }) };
    void end(async () => {
      const decided = await held.decide(decision);
      offerReferral(decided);
      rememberSentVerdict(decided, draft);
    });
  };
  const handBack = (why: string) => void end(() => held.handBack(why));
  return { draft, change, isBusy, problem, isShown, onShown, send, handBack };
}
