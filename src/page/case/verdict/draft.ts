import { useCallback, useState } from 'react';
import type { Decision } from '../claim.ts';

/** The draft of a verdict. It stays in this browser until it is sent, and survives a reload and a lost session. */
export interface Draft {
  readonly kind?: Decision['kind'];
  /** Undefined: the usual one of the verdict. */
  readonly reason?: Decision['reason'] | undefined;
  readonly note: string;
}

const empty: Draft = { note: '' };
const keyOf = (caseId: string) => `nii-draft-${caseId}`;

function storedDraft(caseId: string): Draft {
  const text = window.localStorage.getItem(keyOf(caseId));
  if (text === null) return empty;
  try {
    return { ...empty, ...(JSON.parse(text) as Partial<Draft>) };
  } catch {
    return empty;
  }
}

/** Puts back what was written of a case. */
export function storeDraft(caseId: string, draft: Draft): void {
  window.localStorage.setItem(keyOf(caseId), JSON.stringify(draft));
}

export function useDraft(caseId: string) {
  const [draft, setDraft] = useState(() => storedDraft(caseId));
  const change = useCallback(
    (changes: Partial<Draft>) =>
      setDraft((before) => {
        const next = { ...before, ...changes };
        storeDraft(caseId, next);
        return next;
      }),
    [caseId],
  );
  const forget = useCallback(() => window.localStorage.removeItem(keyOf(caseId)), [caseId]);
  return { draft, change, forget };
}
