import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Annotation, api, bodyOf, Rejected, rejectionText } from '../../api/client.ts';
import { onChange } from '../../api/events.ts';
import type { Point } from '../../viewer/geometry.ts';
import type { Shape } from './drawing.ts';
import {
  applyPending,
  type Drawn,
  idOf,
  newId,
  type PendingStep,
  type RejectedStep,
  readSteps,
  type StoredSteps,
  type VisibleAnnotation,
  writeSteps,
} from './pending.ts';

/** The annotations of the case in hand: drawn here, sent at once, sent again after a lost line, never kept twice. */

export interface Annotations {
  readonly shown: readonly VisibleAnnotation[];
  readonly rejected: readonly RejectedStep[];
  /** Whether all is at the service; `waiting` sends again when the line is back. */
  readonly state: 'saved' | 'saving' | 'waiting';
  /** Where words are to be written, before there is anything to keep. */
  readonly writing: { readonly view: string; readonly points: Point[] } | undefined;
  readonly add: (shape: Shape, view: string, points: readonly Point[]) => void;
  readonly write: (text: string | undefined) => void;
  readonly changeText: (id: string, text: string) => void;
  readonly remove: (id: string) => void;
  readonly removeLast: () => void;
  readonly undo: () => void;
  readonly canUndo: boolean;
  readonly dismiss: (rejected: RejectedStep) => void;
  /** @throws Rejected while something of it is not at the service */
  readonly settle: () => Promise<void>;
}

const RETRY_MS = 3_000;
const ofAdvice = ['advice'] as const;

/** The service did not judge it: the line, the session or the service was away. */
function isAway(error: unknown): boolean {
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

/** In its place; a removed one is gone. */
function withAnswer(before: readonly Annotation[], now: Annotation): readonly Annotation[] {
  if (now.removed !== undefined) return before.filter(({ id }) => id !== now.id);
  if (!before.some(({ id }) => id === now.id)) return [...before, now];
  return before.map((one) => (one.id === now.id ? now : one));
}

/** What takes a step back. */
type Undo = (
  desk: Pick<Annotations, 'remove' | 'changeText'> & { readonly put: (drawn: Drawn) => void },
) => void;

/** @param looksAlong - shows what the reader draws, as it is drawn */
export function useAnnotations(
  caseId: string,
  revision: number | undefined,
  isHeld: boolean,
  looksAlong = false,
): Annotations {
  const [saved, setSaved] = useState<readonly Annotation[]>([]);
  const [kept, setKept] = useState<StoredSteps>(() => readSteps(caseId));
  const [state, setState] = useState<Annotations['state']>('saved');
  const [writing, setWriting] = useState<Annotations['writing']>();
  const [undos, setUndos] = useState<readonly Undo[]>([]);
  const latest = useRef(kept);
  const flushing = useRef<Promise<void>>(undefined);
  const timer = useRef(0);

  const keep = useCallback(
    (change: (before: StoredSteps) => StoredSteps) => {
      latest.current = change(latest.current);
      writeSteps(caseId, latest.current);
      setKept(latest.current);
    },
    [caseId],
  );

  /** One step after the other, so that what is changed is there. @throws the reason why a step could not be sent */
  const sendAll = useCallback(async () => {
    for (;;) {
      const [step] = latest.current.steps;
      if (step === undefined) return;
      setState('saving');
      const rest = ({ steps }: StoredSteps) => steps.filter((one) => one.key !== step.key);
      try {
        const now = await send(caseId, step);
        setSaved((before) => withAnswer(before, now));
        keep((before) => ({ ...before, steps: rest(before) }));
      } catch (error) {
        if (isAway(error)) throw error;
        const why = rejectionText(error);
        keep((before) => ({ steps: rest(before), rejected: [...before.rejected, { step, why }] }));
      }
    }
  }, [caseId, keep]);

  const flush = useCallback((): Promise<void> => {
    window.clearTimeout(timer.current);
    flushing.current ??= sendAll()
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
  }, [sendAll]);

  useEffect(() => {
    if (!(isHeld || looksAlong) || revision === undefined) return undefined;
    let isOver = false;
    const load = async () => {
      try {
        const params = { path: { caseId } };
        const { items } = bodyOf(await api.GET('/v1/cases/{caseId}/annotations', { params }));
        if (isOver) return;
        setSaved(items.filter((one) => one.revision === revision));
        if (isHeld) await flush();
      } catch {
        if (!isOver) timer.current = window.setTimeout(() => void load(), RETRY_MS);
      }
    };
    const onLine = () => void flush().catch(() => undefined);
    if (isHeld) window.addEventListener('online', onLine);
    const leave = looksAlong ? onChange(ofAdvice, () => void load()) : undefined;
    void load();
    return () => {
      isOver = true;
      window.clearTimeout(timer.current);
      window.removeEventListener('online', onLine);
      leave?.();
    };
  }, [caseId, revision, isHeld, looksAlong, flush]);

  const shown = useMemo(() => applyPending(saved, kept.steps), [saved, kept.steps]);

  return useMemo(() => {
    const take = (step: PendingStep) => {
      keep((before) => ({ ...before, steps: [...before.steps, step] }));
      void flush().catch(() => undefined);
    };
    const can = (undo: Undo) => setUndos((before) => [...before, undo]);
    const put = (annotation: Drawn) => take({ kind: 'add', key: newId(), annotation });
    const drawn = (shape: Shape, view: string, points: readonly Point[], text?: string) => {
      const id = newId();
      put({ id, shape, view, points: [...points], ...(text === undefined ? {} : { text }) });
      can((desk) => desk.remove(id));
    };
    const takeAway = (id: string) => take({ kind: 'remove', key: newId(), id });
    const say = (id: string, text: string) =>
      take({ kind: 'change', key: newId(), id, text: text === '' ? null : text });
    const remove = (id: string) => {
      const before = shown.find((one) => one.id === id);
      if (before === undefined) return;
      takeAway(id);
      const { state: _, ...again } = before;
      can((desk) => desk.put({ ...again, id: newId() }));
    };
    return {
      shown,
      rejected: kept.rejected,
      state,
      writing,
      canUndo: undos.length > 0,
      add: (shape, view, points) => {
        if (shape === 'text') setWriting({ view, points: [...points] });
        else drawn(shape, view, points);
      },
      write: (text) => {
        if (writing !== undefined && text !== undefined && text.trim() !== '')
          drawn('text', writing.view, writing.points, text.trim());
        setWriting(undefined);
      },
      changeText: (id, text) => {
        const before = shown.find((one) => one.id === id);
        if (before === undefined || text === (before.text ?? '')) return;
        if (text === '' && before.shape === 'text') return;
        say(id, text);
        can((desk) => desk.changeText(id, before.text ?? ''));
      },
      remove,
      removeLast: () => {
        const last = shown.at(-1);
        if (last !== undefined) remove(last.id);
      },
      undo: () => {
        const last = undos.at(-1);
        setUndos(undos.slice(0, -1));
        last?.({ put, remove: takeAway, changeText: say });
      },
      dismiss: (one) =>
        keep((before) => ({ ...before, rejected: before.rejected.filter((other) => other !== one) })),
      settle: flush,
    };
  }, [shown, kept.rejected, state, writing, undos, keep, flush]);
}
