import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { VerdictKind } from '../../core/case/case.ts';
import { api, bodyOf, type Case, Rejected, type Versioned, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { dealt } from './loading/record.ts';

/** A case in hand: its lease is renewed while it is read, and each change names the version that was seen. */

type Verdict = Case['verdicts'][number];

export interface Decision {
  readonly kind: VerdictKind;
  readonly reason: NonNullable<Verdict['reason']>;
  readonly note?: string;
  readonly reading?: NonNullable<Verdict['reading']>;
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

async function fetchCase(caseId: string): Promise<Versioned<Case>> {
  return versionedFrom(await api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } }));
}

/** A case to look at, which stays in nobody's hand. */
export function useCase(caseId: string) {
  return useQuery(useCallback(() => fetchCase(caseId), [caseId]));
}

const paramsOf = (caseId: string, tag: string) => ({ path: { caseId }, header: { 'if-match': tag } });

/** @param person - who looks; only their own claim is renewed */
export function useHeldCase(caseId: string, person: string | undefined): HeldCase {
  const versions = useVersions(caseId);
  const lost = useLease(caseId, person, versions);
  const { seen, change } = versions;
  const decide = (decision: Decision) =>
    change(async (tag) =>
      bodyOf(await api.POST('/v1/cases/{caseId}/verdict', { params: paramsOf(caseId, tag), body: decision })),
    );
  const handBack = (why: string) =>
    change(async (tag) => {
      await api.POST('/v1/cases/{caseId}/hand-back', { params: paramsOf(caseId, tag), body: { why } });
    });
  return { value: seen?.value, lost, decide, handBack };
}

interface Versions {
  readonly seen: Versioned<Case> | undefined;
  readonly latest: RefObject<Versioned<Case> | undefined>;
  readonly keep: (next: Versioned<Case>) => void;
  /**
   * Sends a change after those before it, with the version that they made. What others add meanwhile (an alarm, advice)
   * makes a new version and leaves the claim as it was: then the change is sent again, once.
   */
  readonly change: <T>(send: (tag: string) => Promise<T>) => Promise<T>;
}

function useVersions(caseId: string): Versions {
  const [seen, setSeen] = useState<Versioned<Case>>();
  const latest = useRef<Versioned<Case>>(undefined);
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const keep = useCallback((next: Versioned<Case>) => {
    latest.current = next;
    setSeen(next);
  }, []);
  const change = useCallback(
    <T>(send: (tag: string) => Promise<T>): Promise<T> => {
      const sendNow = async () => {
        const before = latest.current;
        try {
          return await send(before?.tag ?? '*');
        } catch (error) {
          const now = await fetchIfStillClaimed(caseId, before?.value, error);
          keep(now);
          return send(now.tag);
        }
      };
      const done = last.current.then(sendNow, sendNow);
      last.current = done.catch(() => undefined);
      return done;
    },
    [caseId, keep],
  );
  return { seen, latest, keep, change };
}

/** @throws the error, unless the case has a newer version with the same claim */
async function fetchIfStillClaimed(
  caseId: string,
  before: Case | undefined,
  error: unknown,
): Promise<Versioned<Case>> {
  if (!(error instanceof Rejected) || error.status !== 412) throw error;
  const now = await fetchCase(caseId);
  if (!isSameClaim(before, now.value)) throw error;
  return now;
}

/** The same revision in the same hand. */
function isSameClaim(before: Case | undefined, now: Case): boolean {
  const [one, other] = [before?.claim, now.claim];
  return one !== undefined && one.analyst === other?.analyst && one.revision === other.revision;
}

/** Opens the case and renews its lease while the page is open. @returns why the claim is lost */
function useLease(
  caseId: string,
  person: string | undefined,
  { latest, keep, change }: Versions,
): string | undefined {
  const [lost, setLost] = useState<string>();
  useEffect(
    () => keepLease(caseId, person, { latest, keep, change }, setLost),
    [caseId, person, latest, keep, change],
  );
  return lost;
}

/** @returns a function that stops the renewals, after which a loss is no longer reported */
function keepLease(
  caseId: string,
  person: string | undefined,
  { latest, keep, change }: Pick<Versions, 'latest' | 'keep' | 'change'>,
  onLost: (why: string) => void,
): () => void {
  let timer = 0;
  let isOver = false;
  const plan = (ms: number) => {
    if (!isOver) timer = window.setTimeout(() => void renew(), ms);
  };
  const lose = (error: unknown) => {
    if (!isOver) onLost(error instanceof Error ? error.message : String(error));
  };
  const renew = async () => {
    try {
      await change(async (tag) => {
        const params = paramsOf(caseId, tag);
        keep(versionedFrom(await api.POST('/v1/cases/{caseId}/renewal', { params, body: {} })));
      });
      if (latest.current !== undefined) plan(renewalIn(latest.current.value));
    } catch (error) {
      // Unreachable: the lease may still be valid, so it is retried until the service answers.
      if (error instanceof Rejected && error.status === 0) plan(RETRY_MS);
      else lose(error);
    }
  };
  const open = async () => {
    const opened = dealt.take(caseId) ?? (await fetchCase(caseId));
    keep(opened);
    if (opened.value.claim?.analyst === person) plan(renewalIn(opened.value));
  };
  open().catch(lose);
  return () => {
    isOver = true;
    window.clearTimeout(timer);
  };
}

/** When the lease is to be renewed: after a third of what is left of it. */
function renewalIn({ claim }: Case): number {
  const left = claim === undefined ? 0 : Date.parse(claim.until) - Date.now();
  return Math.max(SOONEST_RENEWAL_MS, left / 3);
}
