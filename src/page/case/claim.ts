import { useCallback, useEffect, useRef, useState } from 'react';
import { api, bodyOf, type Case, Rejected, type Seen, seenIn } from '../api/client.ts';

/** A case in hand: its lease is renewed while it is read, and each move names the version that was seen. */

export type VerdictKind = 'normal' | 'suspect' | 'inconclusive' | 'scan-again';

export interface Region {
  readonly view: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Decision {
  readonly kind: VerdictKind;
  readonly reason: NonNullable<Case['verdicts'][number]['reason']>;
  readonly note?: string;
  readonly regions?: Region[];
  readonly reading?: NonNullable<Case['verdicts'][number]['reading']>;
}

export interface HeldCase {
  readonly value: Case | undefined;
  /** Why it is not, or no longer, in this person's hand. */
  readonly lost: string | undefined;
  readonly decide: (decision: Decision) => Promise<Case>;
  readonly handBack: (why: string) => Promise<void>;
}

const SOONEST_RENEWAL_MS = 5_000;
const RETRY_MS = 5_000;

/** When the lease is to be renewed: after a third of what is left of it. */
function renewalIn({ claim }: Case): number {
  const left = claim === undefined ? 0 : Date.parse(claim.until) - Date.now();
  return Math.max(SOONEST_RENEWAL_MS, left / 3);
}

export function useHeldCase(caseId: string): HeldCase {
  const [seen, setSeen] = useState<Seen<Case>>();
  const [lost, setLost] = useState<string>();
  const latest = useRef<Seen<Case>>(undefined);
  /** Moves follow each other, so that each names the version that the one before made. */
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const keep = useCallback((next: Seen<Case>) => {
    latest.current = next;
    setSeen(next);
  }, []);
  const inTurn = useCallback(<T>(move: () => Promise<T>): Promise<T> => {
    const done = last.current.then(move, move);
    last.current = done.catch(() => undefined);
    return done;
  }, []);

  useEffect(() => {
    let timer = 0;
    let isOver = false;
    const plan = (ms: number) => {
      if (!isOver) timer = window.setTimeout(() => void renew(), ms);
    };
    const renew = async () => {
      try {
        await inTurn(async () => {
          const tag = latest.current?.tag ?? '*';
          const params = { path: { caseId }, header: { 'if-match': tag } };
          keep(seenIn(await api.POST('/v1/cases/{caseId}/renewal', { params, body: {} })));
        });
        if (latest.current !== undefined) plan(renewalIn(latest.current.value));
      } catch (error) {
        // Not reached: the lease may still be ours, so it is tried again until the service says otherwise.
        if (error instanceof Rejected && error.status === 0) plan(RETRY_MS);
        else if (!isOver) setLost(error instanceof Error ? error.message : String(error));
      }
    };
    const open = async () => {
      try {
        keep(seenIn(await api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } })));
        if (latest.current !== undefined) plan(renewalIn(latest.current.value));
      } catch (error) {
        if (!isOver) setLost(error instanceof Error ? error.message : String(error));
      }
    };
    void open();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [caseId, inTurn, keep]);

  const decide = useCallback(
    (decision: Decision) =>
      inTurn(async () => {
        const header = { 'if-match': latest.current?.tag ?? '*' };
        const decided = await api.POST('/v1/cases/{caseId}/verdict', {
          params: { path: { caseId }, header },
          body: decision,
        });
        return bodyOf(decided);
      }),
    [caseId, inTurn],
  );
  const handBack = useCallback(
    (why: string) =>
      inTurn(async () => {
        const header = { 'if-match': latest.current?.tag ?? '*' };
        await api.POST('/v1/cases/{caseId}/hand-back', {
          params: { path: { caseId }, header },
          body: { why },
        });
      }),
    [caseId, inTurn],
  );
  return { value: seen?.value, lost, decide, handBack };
}
