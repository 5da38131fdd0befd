import { useCallback, useState } from 'react';
import { rejectionText } from './client.ts';

/** Sends changes to the service, and keeps what a component shows of them. */
export interface Action {
  /** A change is on its way. */
  readonly isBusy: boolean;
  /** Why the latest change was rejected. */
  readonly problem: string | undefined;
  /** @param onRejected - runs after a rejection, before another change can be sent */
  readonly run: (change: () => Promise<void>, onRejected?: OnRejected) => Promise<void>;
  /** Hides the problem. */
  readonly dismiss: () => void;
}

type OnRejected = (error: unknown) => Promise<void> | void;

/** @param textOf - describes a rejection; pass the same function each time */
export function useAction(textOf: (error: unknown) => string = rejectionText): Action {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = useCallback(
    async (change: () => Promise<void>, onRejected?: OnRejected) => {
      setBusy(true);
      setProblem(undefined);
      try {
        await change();
      } catch (error) {
        setProblem(textOf(error));
        await onRejected?.(error);
      } finally {
        setBusy(false);
      }
    },
    [textOf],
  );
  const dismiss = useCallback(() => setProblem(undefined), []);
  return { isBusy, problem, run, dismiss };
}
