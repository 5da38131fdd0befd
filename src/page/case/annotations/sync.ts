import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { type Annotation, api, bodyOf, Rejected, rejectionText } from '../../api/client.ts';
import { onChange } from '../../api/events.ts';
import { idOf, type PendingStep, readSteps, type StoredSteps, writeSteps } from './pending.ts';

/** Sends the steps of a case one after the other, and again after the line was lost; no step is done twice. */

const RETRY_MS = 3_000;
const adviceTopics = ['advice'] as const;

/** The service has not judged the step: it was unreachable or busy, or the session had ended. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Rejected)) return true;
  const { status } = error;
  return status === 0 || status === 401 || status === 429 || status >= 500;
}

async function send(caseId: string, step: PendingStep): Promise<Annotation> {
  const header = { 'idempotency-key': step.key };
  const path = { caseId, annotationId: idOf(step) };
  switch (step.kind) {
    case 'add': {
      const params = { path: { caseId }, header };
      return bodyOf(await api.POST('/v1/cases/{caseId}/annotations', { params, body: step.annotation }));
    }
    case 'change': {
      const body = { text: step.text };
      const url = '/v1/cases/{caseId}/annotations/{annotationId}';
      return bodyOf(await api.PATCH(url, { params: { path, header }, body }));
    }
    case 'remove':
      return bodyOf(
        await api.DELETE('/v1/cases/{caseId}/annotations/{annotationId}', { params: { path, header } }),
      );
  }
}

/** The list with an annotation as the service has it now. */
function withSaved(before: readonly Annotation[], now: Annotation): readonly Annotation[] {
  if (now.removed !== undefined) return before.filter(({ id }) => id !== now.id);
  if (!before.some(({ id }) => id === now.id)) return [...before, now];
  return before.map((one) => (one.id === now.id ? now : one));
}

interface Steps {
  readonly stored: StoredSteps;
  /** Up to date before the next rendering, too. */
  readonly latest: RefObject<StoredSteps>;
  readonly change: (next: (before: StoredSteps) => StoredSteps) => void;
}

/** The steps that this browser keeps. */
function useSteps(caseId: string): Steps {
  const [stored, setStored] = useState<StoredSteps>(() => readSteps(caseId));
  const latest = useRef(stored);
  const change = useCallback(
    (next: (before: StoredSteps) => StoredSteps) => {
      latest.current = next(latest.current);
      writeSteps(caseId, latest.current);
      setStored(latest.current);
    },
    [caseId],
  );
  return { stored, latest, change };
}

/** One step after the other, so that what a step changes is there. @throws the reason why a step could not be sent */
async function sendAll(
  caseId: string,
  { latest, change }: Pick<Steps, 'latest' | 'change'>,
  onSaved: (now: Annotation) => void,
): Promise<void> {
  for (;;) {
    const [step] = latest.current.steps;
    if (step === undefined) return;
    const rest = ({ steps }: StoredSteps) => steps.filter((one) => one.key !== step.key);
    try {
      onSaved(await send(caseId, step));
      change((before) => ({ ...before, steps: rest(before) }));
    } catch (error) {
      if (isPassing(error)) throw error;
      const why = rejectionText(error);
      change((before) => ({ steps: rest(before), rejected: [...before.rejected, { step, why }] }));
    }
  }
}

export interface Sync extends Pick<Steps, 'stored' | 'change'> {
  /** Annotations that the service has. */
  readonly saved: readonly Annotation[];
  /** Whether the service has everything; `waiting` sends again when the line is back. */
  readonly state: 'saved' | 'saving' | 'waiting';
  /** @throws the reason why a step could not be sent */
  readonly flush: () => Promise<void>;
}

/** @param isObserver - loads what the reader draws, as it is drawn, and sends nothing */
export function useSync(
  caseId: string,
  revision: number | undefined,
  isHeld: boolean,
  isObserver: boolean,
): Sync {
  const [saved, setSaved] = useState<readonly Annotation[]>([]);
  const { stored, latest, change } = useSteps(caseId);
  const timer = useRef(0);
  const sendSteps = useCallback(
    () => sendAll(caseId, { latest, change }, (now) => setSaved((before) => withSaved(before, now))),
    [caseId, latest, change],
  );
  const { state, flush } = useFlush(latest, sendSteps, timer);
  useEffect(() => {
    if (!(isHeld || isObserver) || revision === undefined) return undefined;
    const onLoaded = (items: readonly Annotation[]) =>
      setSaved(items.filter((one) => one.revision === revision));
    return keepLoaded(caseId, isObserver, onLoaded, isHeld ? flush : undefined, timer);
  }, [caseId, revision, isHeld, isObserver, flush]);
  return { saved, stored, state, change, flush };
}

/**
 * Loads the annotations until the service answers, and for an observer again with each change.
 * @param flush - called after a load and when the line is back; undefined for an observer
 * @returns a function that stops it
 */
function keepLoaded(
  caseId: string,
  isObserver: boolean,
  onLoaded: (items: readonly Annotation[]) => void,
  flush: (() => Promise<void>) | undefined,
  timer: RefObject<number>,
): () => void {
  let isOver = false;
  const load = async () => {
    try {
      const params = { path: { caseId } };
      const { items } = bodyOf(await api.GET('/v1/cases/{caseId}/annotations', { params }));
      if (isOver) return;
      onLoaded(items);
      await flush?.();
    } catch {
      if (!isOver) timer.current = window.setTimeout(() => void load(), RETRY_MS);
    }
  };
  const flushNow = () => void flush?.().catch(() => undefined);
  window.addEventListener('online', flushNow);
  const leave = isObserver ? onChange(adviceTopics, () => void load()) : undefined;
  void load();
  return () => {
    isOver = true;
    window.clearTimeout(timer.current);
    window.removeEventListener('online', flushNow);
    leave?.();
  };
}

/** Sends the steps when it is called, and retries until they are sent. */
function useFlush(
  latest: RefObject<StoredSteps>,
  sendSteps: () => Promise<void>,
  timer: RefObject<number>,
): Pick<Sync, 'state' | 'flush'> {
  const [state, setState] = useState<Sync['state']>('saved');
  const flushing = useRef<Promise<void>>(undefined);
  const flush = useCallback((): Promise<void> => {
    window.clearTimeout(timer.current);
    if (latest.current.steps.length > 0) setState('saving');
    flushing.current ??= sendSteps()
      .then(() => setState('saved'))
      .catch((error: unknown) => {
        setState('waiting');
        timer.current = window.setTimeout(() => void flush().catch(() => undefined), RETRY_MS);
        throw error;
      })
      .finally(() => {
        flushing.current = undefined;
      });
    return flushing.current;
  }, [latest, sendSteps, timer]);
  return { state, flush };
}
