import { useCallback, useEffect, useRef, useState } from 'react';
import { api, bodyOf, type Case, Rejected, type Versioned, versionedFrom } from '../api/client.ts';
import { dealt } from './loading/record.ts';

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

/** The same picture in the same hand. */
function isSameClaim(before: Case | undefined, now: Case): boolean {
  const [one, other] = [before?.claim, now.claim];
  return one !== undefined && one.analyst === other?.analyst && one.revision === other.revision;
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

/** @param person - who looks; only her own claim is renewed */
export function useHeldCase(caseId: string, person: string | undefined): HeldCase {
  const [seen, setSeen] = useState<Versioned<Case>>();
  const [lost, setLost] = useState<string>();
  const latest = useRef<Versioned<Case>>(undefined);
  /** Moves follow each other, so that each names the version that the one before made. */
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const keep = useCallback((next: Versioned<Case>) => {
    latest.current = next;
    setSeen(next);
  }, []);
  const inTurn = useCallback(<T>(move: () => Promise<T>): Promise<T> => {
    const done = last.current.then(move, move);
    last.current = done.catch(() => undefined);
    return done;
  }, []);

  /**
   * A move of the case in hand. What others add to it meanwhile (an alarm, advice) makes a new version and leaves the claim
   * as it was: then the move names the new version, once.
   */
  const moveHeld = useCallback(
    async <T>(move: (tag: string) => Promise<T>): Promise<T> => {
      const before = latest.current;
      try {
        return await move(before?.tag ?? '*');
      } catch (error) {
        if (!(error instanceof Rejected) || error.status !== 412) throw error;
        const now = versionedFrom(await api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } }));
        if (!isSameClaim(before?.value, now.value)) throw error;
        keep(now);
        return move(now.tag);
      }
    },
    [caseId, keep],
  );

  useEffect(() => {
    let timer = 0;
    let isOver = false;
    const plan = (ms: number) => {
      if (!isOver) timer = window.setTimeout(() => void renew(), ms);
    };
    const renew = async () => {
      try {
        await inTurn(async () => {
          const renewed = await moveHeld((tag) => {
            const params = { path: { caseId }, header: { 'if-match': tag } };
            return api.POST('/v1/cases/{caseId}/renewal', { params, body: {} });
          });
          keep(versionedFrom(renewed));
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
        const params = { path: { caseId } };
        keep(dealt.take(caseId) ?? versionedFrom(await api.GET('/v1/cases/{caseId}', { params })));
        const claim = latest.current?.value.claim;
        if (latest.current !== undefined && claim?.analyst === person) plan(renewalIn(latest.current.value));
      } catch (error) {
        if (!isOver) setLost(error instanceof Error ? error.message : String(error));
      }
    };
    void open();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [caseId, person, inTurn, keep, moveHeld]);

  const decide = useCallback(
    (decision: Decision) =>
      inTurn(async () => {
        const decided = await moveHeld((tag) =>
          api.POST('/v1/cases/{caseId}/verdict', {
            params: { path: { caseId }, header: { 'if-match': tag } },
            body: decision,
          }),
        );
        return bodyOf(decided);
      }),
    [caseId, inTurn, moveHeld],
  );
  const handBack = useCallback(
    (why: string) =>
      inTurn(async () => {
        await moveHeld((tag) =>
          api.POST('/v1/cases/{caseId}/hand-back', {
            params: { path: { caseId }, header: { 'if-match': tag } },
            body: { why },
          }),
        );
      }),
    [caseId, inTurn, moveHeld],
  );
  return { value: seen?.value, lost, decide, handBack };
}
