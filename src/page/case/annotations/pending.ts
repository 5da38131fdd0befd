import { defined } from '../../../core/defined.ts';
import type { Point } from '../../viewer/geometry.ts';
import type { Shape } from './drawing.ts';

/** What was drawn and is not at the service yet. It lies in this browser until it is. */

export interface Drawn {
  readonly id: string;
  readonly shape: Shape;
  readonly view: string;
  readonly points: Point[];
  readonly text?: string;
}

/** `key` is the same each time that the step is sent, so that it is done once. */
export type PendingStep =
  | { readonly kind: 'add'; readonly key: string; readonly annotation: Drawn }
  | { readonly kind: 'change'; readonly key: string; readonly id: string; readonly text: string | null }
  | { readonly kind: 'remove'; readonly key: string; readonly id: string };

/** A step that the service rejected, and why. */
export interface RejectedStep {
  readonly step: PendingStep;
  readonly why: string;
}

export interface VisibleAnnotation extends Drawn {
  readonly state: 'saved' | 'pending';
}

/** 128 random bits, as the service wants them. */
export function newId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

export function idOf(step: PendingStep): string {
  return step.kind === 'add' ? step.annotation.id : step.id;
}

/** What is seen: what the service has, with the steps that it has not. */
export function applyPending(
  saved: readonly Drawn[],
  steps: readonly PendingStep[],
): readonly VisibleAnnotation[] {
  const shown = new Map<string, VisibleAnnotation>(
    saved.map(({ id, shape, view, points, text }) => [
      id,
      { id, shape, view, points, ...defined({ text }), state: 'saved' },
    ]),
  );
  for (const step of steps) {
    const id = idOf(step);
    const before = shown.get(id);
    if (step.kind === 'add') {
      if (before === undefined) shown.set(id, { ...step.annotation, state: 'pending' });
    } else if (step.kind === 'remove') shown.delete(id);
    else if (before !== undefined) {
      const { text: _, ...rest } = before;
      shown.set(id, { ...rest, ...defined({ text: step.text ?? undefined }), state: 'pending' });
    }
  }
  return [...shown.values()];
}

export interface StoredSteps {
  readonly steps: readonly PendingStep[];
  readonly rejected: readonly RejectedStep[];
}

const nothing: StoredSteps = { steps: [], rejected: [] };
const keyOf = (caseId: string) => `nii-annotations-${caseId}`;

/** What this browser kept of a case through a reload. */
export function readSteps(caseId: string): StoredSteps {
  const text = window.localStorage.getItem(keyOf(caseId));
  if (text === null) return nothing;
  try {
    return { ...nothing, ...(JSON.parse(text) as Partial<StoredSteps>) };
  } catch {
    return nothing;
  }
}

export function writeSteps(caseId: string, kept: StoredSteps): void {
  if (kept.steps.length === 0 && kept.rejected.length === 0) window.localStorage.removeItem(keyOf(caseId));
  else window.localStorage.setItem(keyOf(caseId), JSON.stringify(kept));
}
