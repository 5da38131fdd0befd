import type { Keeping } from './bytes-answer.ts';

/** A revision as an address names it. */
export function revisionNumber(n: string): number | 'latest' {
  return n === 'latest' ? n : Number(n);
}

export function keepingOf(n: string): Keeping {
  return n === 'latest' ? 'ask-again' : 'for-ever';
}
