import { ANY_SITE } from '../access.ts';
import { defined } from '../defined.ts';
import { type AdjudicationOfBefore, inTodaysWords, isOfBefore } from '../radiation/adjudication.ts';
import type { JobKind } from '../rows/job.ts';
import { whatOfBefore } from './object-of-before.ts';

/** Kinds of JSON that outlive the version that wrote them: stored objects, and what jobs are about. */
export type StoredKind =
  | 'received'
  | 'converted'
  | 'analysed'
  | 'scan'
  | 'case'
  | 'hold'
  | 'declaration'
  | 'acknowledgement'
  | 'register'
  | 'person'
  | 'policy'
  | 'model-choice'
  | 'site'
  | 'station'
  | 'passage'
  | 'annotation'
  | 'photograph'
  | JobKind;

type JsonObject = Readonly<Record<string, unknown>>;

/** A form that is no longer written: how it is told from those after it, and the same in the next form. */
interface OlderForm {
  readonly isOf: (value: JsonObject) => boolean;
  readonly toNext: (value: JsonObject) => JsonObject;
}

/** The objects of a manifest were told apart by their keys. */
const objectsWithoutWhat: OlderForm = {
  isOf: ({ objects }) =>
    listOf(objects).some((row) => Object.keys(whatOfRow(row)).some((name) => !(name in row))),
  toNext: (manifest) => ({
    ...manifest,
    objects: listOf(manifest.objects).map((row) => ({ ...row, ...whatOfRow(row) })),
  }),
};

/** Adjudications and proposals of holds had other words; the history keeps what was said. */
const adjudicationInWordsOfBefore: OlderForm = {
  isOf: ({ adjudication, proposal }) => [adjudication, proposal].some(isInWordsOfBefore),
  toNext: ({ adjudication, proposal, ...hold }) => ({
    ...hold,
    ...defined({ adjudication: saidInTodaysWords(adjudication), proposal: saidInTodaysWords(proposal) }),
  }),
};

function isInWordsOfBefore(said: unknown): boolean {
  return isObject(said) && isObject(said.given) && isOfBefore(said.given as AdjudicationOfBefore);
}

function saidInTodaysWords(said: unknown): unknown {
  if (!isObject(said) || !isInWordsOfBefore(said)) return said;
  // What it is was just told by its words; the schema of holds checks the rest afterwards
  return { ...said, given: inTodaysWords(said.given as AdjudicationOfBefore) };
}

/** Alarms were not due at any time. */
const policyWithoutAlarmDue: OlderForm = {
  isOf: ({ terms }) => isObject(terms) && !('alarmDueMinutes' in terms),
  toNext: ({ terms, ...policy }) => ({ ...policy, terms: { ...Object(terms), alarmDueMinutes: 30 } }),
};

function whatOfRow({ kind, key, producer }: JsonObject): JsonObject {
  return { ...whatOfBefore(String(kind), String(key), String(producer)) };
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * The older forms of each kind, oldest first. What is stored is never rewritten, so none may ever be removed. A kind
 * whose list is empty has been written in one form since the first release.
 */
const olderForms: Readonly<Record<StoredKind, readonly OlderForm[]>> = {
  received: [],
  converted: [objectsWithoutWhat],
  analysed: [objectsWithoutWhat],
  scan: [],
  case: [],
  hold: [adjudicationInWordsOfBefore],
  declaration: [
    {
      // Declarations were the whole administration's
      isOf: ({ site }) => site === undefined,
      toNext: (declaration) => ({ ...declaration, site: ANY_SITE }),
    },
  ],
  acknowledgement: [],
  register: [],
  person: [],
  policy: [policyWithoutAlarmDue],
  'model-choice': [],
  site: [],
  station: [],
  passage: [],
  annotation: [],
  photograph: [],
  convert: [],
  analyse: [],
  shadow: [],
  triage: [],
  'join-radiation': [],
  'notify-lane': [],
  'rejoin-declaration': [
    {
      // The containers were one text, separated by commas
      isOf: ({ containers }) => typeof containers === 'string',
      toNext: (payload) => ({
        ...payload,
        containers: String(payload.containers)
          .split(',')
          .filter((number) => number !== ''),
      }),
    },
  ],
};

/** The value in today's form; whether it is whole, the schema of its kind says afterwards. */
export function inTodaysForm(kind: StoredKind, value: unknown): unknown {
  if (!isObject(value)) return value;
  return olderForms[kind].reduce((form, { isOf, toNext }) => (isOf(form) ? toNext(form) : form), value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
