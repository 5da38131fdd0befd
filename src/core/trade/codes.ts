import Type from 'typebox';
import { isImoNumber, normaliseImo } from '../check-digits.ts';

/** Codes of others that the record holds. An administration may load the list of those that exist. */
export const codeKinds = [
  'country',
  'locode',
  'customs-office',
  'hs',
  'imo',
  'size-type',
  'un-number',
  'package',
  'transport-mode',
] as const;
export type CodeKind = (typeof codeKinds)[number];

/** Keyword of our schemas: the field holds a code of this kind. */
export const CODE_KEYWORD = 'x-nii-code';

interface CodeFacts {
  readonly pattern: string;
  /** What is allowed, for messages. */
  readonly form: string;
  /** What the form alone does not tell. */
  readonly fits?: (code: string) => boolean;
}

/** Codes that exist, of the kinds for which an administration has loaded a list. */
export type CodeLists = ReadonlyMap<CodeKind, ReadonlySet<string>>;

/** Form of each; whether a code exists is for a list. */
export const codeFacts: Readonly<Record<CodeKind, CodeFacts>> = {
  country: { pattern: '^[A-Z]{2}$', form: 'two capital letters, ISO 3166-1 alpha-2' },
  locode: {
    pattern: '^[A-Z]{2}[A-Z2-9]{3}$',
    form: 'UN/LOCODE: two letters for the country and three characters from A to Z and 2 to 9',
  },
  'customs-office': { pattern: '^[A-Z0-9]{2,17}$', form: '2 to 17 capital letters and digits' },
  hs: { pattern: '^[0-9]{4,10}$', form: '4 to 10 digits, without dots' },
  imo: { pattern: '^[0-9]{7}$', form: 'seven digits including the IMO check digit', fits: isImoNumber },
  'size-type': {
    pattern: '^[1-9A-Z][0-9A-Z][A-Z][0-9A-Z]$',
    form: 'four characters of ISO 6346, such as 22G1',
  },
  'un-number': { pattern: '^[0-9]{4}$', form: 'four digits of the UN dangerous goods list' },
  package: { pattern: '^[A-Z0-9]{2}$', form: 'two characters from UN/ECE Recommendation 21' },
  'transport-mode': { pattern: '^[0-9]$', form: 'one digit of UN/ECE Recommendation 19' },
};

/** A text with the form of a code. */
export function Code<const Kind extends CodeKind>(
  kind: Kind,
  options: Readonly<Record<string, unknown>> = {},
) {
  const { pattern, form } = codeFacts[kind];
  return Type.String({ pattern, description: form, ...options, [CODE_KEYWORD]: kind });
}

/** Whether a text has the form, and the check digit where there is one. */
export function isCode(kind: CodeKind, code: string): boolean {
  const { pattern, fits } = codeFacts[kind];
  return new RegExp(pattern).test(code) && (fits === undefined || fits(code));
}

/** A code as people and other systems write it, in the form of its kind: capitals, without blanks, dots and hyphens. */
export function normaliseCode(kind: CodeKind, written: string): string {
  return kind === 'imo' ? normaliseImo(written) : written.toUpperCase().replace(/[\s.-]/g, '');
}
