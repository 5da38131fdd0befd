import { useMemo, useState } from 'react';
import { defined } from '../../../core/defined.ts';
import type { Point } from '../../viewer/geometry.ts';
import type { Shape } from './drawing.ts';
import {
  applyPending,
  type Drawn,
  newId,
  type PendingStep,
  type RejectedStep,
  type VisibleAnnotation,
} from './pending.ts';
import { type Sync, useSync } from './sync.ts';

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

/** The steps of which every change is made; an undo is one of them. */
interface Edits {
  readonly put: (annotation: Drawn) => void;
  readonly remove: (id: string) => void;
  readonly changeText: (id: string, text: string) => void;
}

function editsWith(take: (step: PendingStep) => void): Edits {
  return {
    put: (annotation) => take({ kind: 'add', key: newId(), annotation }),
    remove: (id) => take({ kind: 'remove', key: newId(), id }),
    changeText: (id, text) => take({ kind: 'change', key: newId(), id, text: text === '' ? null : text }),
  };
}

type Undo = (edits: Edits) => void;

/** @param isObserver - shows what the reader draws, as it is drawn */
export function useAnnotations(
  caseId: string,
  revision: number | undefined,
  isHeld: boolean,
  isObserver: boolean,
): Annotations {
  const { saved, stored, state, change, flush } = useSync(caseId, revision, isHeld, isObserver);
  const [writing, setWriting] = useState<Annotations['writing']>();
  const [undos, setUndos] = useState<readonly Undo[]>([]);
  const shown = useMemo(() => applyPending(saved, stored.steps), [saved, stored.steps]);
  return useMemo(() => {
    const edits = editsWith((step) => {
      change((before) => ({ ...before, steps: [...before.steps, step] }));
      void flush().catch(() => undefined);
    });
    const offerUndo = (undo: Undo) => setUndos((before) => [...before, undo]);
    return {
      shown,
      rejected: stored.rejected,
      state,
      writing,
      canUndo: undos.length > 0,
      ...drawingWith(edits, offerUndo, writing, setWriting),
      ...changesOf(shown, edits, offerUndo),
      undo: () => {
        const last = undos.at(-1);
        setUndos(undos.slice(0, -1));
        last?.(edits);
      },
      ...rejectionsOf(change),
      settle: flush,
    };
  }, [shown, stored.rejected, state, writing, undos, change, flush]);
}

type OfferUndo = (undo: Undo) => void;

function drawingWith(
  edits: Edits,
  offerUndo: OfferUndo,
  writing: Annotations['writing'],
  setWriting: (next: Annotations['writing']) => void,
): Pick<Annotations, 'add' | 'write'> {
  const draw = (shape: Shape, view: string, points: readonly Point[], text?: string) => {
    const id = newId();
    edits.put({ id, shape, view, points: [...points], ...defined({ text }) });
    offerUndo(({ remove }) => remove(id));
  };
  return {
    add: (shape, view, points) => {
      if (shape === 'text') setWriting({ view, points: [...points] });
      else draw(shape, view, points);
    },
    write: (text = '') => {
      if (writing !== undefined && text.trim() !== '')
        draw('text', writing.view, writing.points, text.trim());
      setWriting(undefined);
    },
  };
}

function changesOf(
  shown: readonly VisibleAnnotation[],
  edits: Edits,
  offerUndo: OfferUndo,
): Pick<Annotations, 'changeText' | 'remove' | 'removeLast'> {
  const remove = (id: string) => {
    const before = shown.find((one) => one.id === id);
    if (before === undefined) return;
    edits.remove(id);
    const { state: _, ...annotation } = before;
    offerUndo(({ put }) => put({ ...annotation, id: newId() }));
  };
  return {
    changeText: (id, text) => {
      const before = shown.find((one) => one.id === id);
      if (before === undefined || text === (before.text ?? '')) return;
      if (text === '' && before.shape === 'text') return;
      edits.changeText(id, text);
      offerUndo(({ changeText }) => changeText(id, before.text ?? ''));
    },
    remove,
    removeLast: () => {
      const last = shown.at(-1);
      if (last !== undefined) remove(last.id);
    },
  };
}

function rejectionsOf(change: Sync['change']): Pick<Annotations, 'dismiss'> {
  return {
    dismiss: (one) =>
      change((before) => ({ ...before, rejected: before.rejected.filter((other) => other !== one) })),
  };
}
