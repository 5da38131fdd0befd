import type { Case, Seen } from '../../api/client.ts';

/** Later it may be in another hand, or of a session that ended. */
const FRESH_MS = 5_000;

let dealt: { readonly seen: Seen<Case>; readonly at: number } | undefined;

/** Keeps a case as it was just dealt, for the page that opens with it. */
export function keepDealt(seen: Seen<Case>): void {
  dealt = { seen, at: performance.now() };
}

/** The case, where it was dealt a moment ago; once. */
export function takeDealt(caseId: string): Seen<Case> | undefined {
  const found = dealt;
  dealt = undefined;
  const isFresh = found !== undefined && performance.now() - found.at < FRESH_MS;
  return isFresh && found.seen.value.id === caseId ? found.seen : undefined;
}
