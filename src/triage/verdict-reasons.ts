import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { labelOf, neverRetired, reasonsOf } from '../core/rules/reason-list.ts';
import type { ReasonTerms } from '../core/rules/reasons.ts';
import type { Decision } from './case.ts';

/** Reasons of verdicts: which lists an administration may write, and which reason a verdict may have. */

type Own = readonly ReasonTerms[] | undefined;

/** What is wrong with a list, in words. @param before - the list in force: what verdicts may have stays readable */
export function brokenReasons(before: Own = [], after: Own = []): string | undefined {
  const codes = after.map(({ code }) => code);
  const twice = codes.find((code, i) => codes.indexOf(code) !== i);
  if (twice !== undefined) return `The reason "${twice}" is listed twice: list each code once`;
  const gone = before.find(({ code }) => !codes.includes(code));
  if (gone !== undefined)
    return `The reason "${gone.code}" is missing: verdicts may use it, so keep it and retire it`;
  for (const { code, labels, state } of after) {
    if (state === 'retired' && neverRetired.includes(code))
      return `The reason "${code}" cannot be retired: ${neverRetired.join(' and ')} stay active`;
    const tags = labels.map(({ language }) => language.toLowerCase());
    const tag = tags.find((one, i) => tags.indexOf(one) !== i);
    if (tag !== undefined)
      return `The reason "${code}" has two labels in "${tag}": use one label for each language`;
    const isBuiltIn = reasonsOf().some((one) => one.code === code);
    if (labels.length === 0 && !isBuiltIn) return `The reason "${code}" has no label: give at least one`;
  }
  return undefined;
}

/** @throws NII_BAD_REQUEST for a reason that is not in the list, or is retired */
export function requireOffered(own: Own, reason: string): void {
  const all = reasonsOf(own);
  const found = all.find(({ code }) => code === reason);
  if (found?.state === 'active') return;
  const offered = all.filter(({ state }) => state === 'active').map(({ code }) => code);
  const what = found === undefined ? 'Invalid' : 'Retired';
  const detail = `${what} reason "${reason}": use ${offered.join(', ')}`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'reason' });
}

/** The decision with what its reason is called now, where the administration or the site has decided that. */
export function withLabel(decision: Decision, own: Own, language: string | undefined): Decision {
  const isDecided = language !== undefined || (own ?? []).some(({ code }) => code === decision.reason);
  if (!isDecided) return decision;
  return { ...decision, ...defined({ reasonLabel: labelOf(reasonsOf(own), decision.reason, [language]) }) };
}
