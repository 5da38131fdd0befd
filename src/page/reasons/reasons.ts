import type { VerdictKind } from '../../core/case/case.ts';
import { labelOf } from '../../core/rules/reason-list.ts';
import { api, bodyOf, type Reason } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { currentLanguage } from '../words/words.ts';

/** The reasons that verdicts may have, as the administration lists them. */

const about = ['policy'] as const;
/** Several parts of a page ask at the same moment. */
const TOGETHER_MS = 1_000;

let last: { readonly at: number; readonly answer: Promise<readonly Reason[]> } | undefined;

function fetchReasons(): Promise<readonly Reason[]> {
  if (last === undefined || performance.now() - last.at > TOGETHER_MS)
    last = { at: performance.now(), answer: api.GET('/v1/reasons').then((answer) => bodyOf(answer).items) };
  return last.answer;
}

const none: readonly Reason[] = [];

export function useReasons(): readonly Reason[] {
  return useQuery(fetchReasons, about).value ?? none;
}

/** In the language of the page, else as the administration has it. */
export function reasonInWords(reasons: readonly Reason[], code: string): string {
  return labelOf(reasons, code, [currentLanguage()]);
}

export function activeReasons(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(({ state }) => state === 'active');
}

/** The reason that most verdicts of a kind have, so that one key is enough; the reader may change it. */
export function usualReason(reasons: readonly Reason[], kind: VerdictKind | undefined): string | undefined {
  const usual = activeReasons(reasons).find(({ usualFor }) => usualFor.some((one) => one === kind));
  return usual?.code;
}
