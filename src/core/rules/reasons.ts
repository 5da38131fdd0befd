import Type, { type Static } from 'typebox';
import { ReasonCode, VerdictKind } from '../case/case.ts';

const closed = { additionalProperties: false } as const;

/** A language tag (BCP 47): a language, and what follows it in parts of 2 to 8 letters and digits. */
export const LanguageTag = Type.String({
  pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$',
  maxLength: 35,
  description: 'Language tag (BCP 47), such as en, fr, es or pt-BR',
});

const Label = Type.Object(
  { language: LanguageTag, text: Type.String({ minLength: 1, maxLength: 120 }) },
  closed,
);

const ReasonState = Type.Enum(['active', 'retired'], {
  description: 'retired: earlier verdicts keep it, and new verdicts cannot use it',
});

/** A reason of verdicts, as an administration writes it. */
export const ReasonTerms = Type.Object(
  {
    code: ReasonCode,
    labels: Type.Immutable(Type.Array(Label, { maxItems: 64, description: 'One label for each language' })),
    state: ReasonState,
    usualFor: Type.Optional(
      Type.Immutable(
        Type.Array(VerdictKind, {
          maxItems: VerdictKind.enum.length,
          uniqueItems: true,
          description: 'Verdicts for which the page suggests it',
        }),
      ),
    ),
  },
  closed,
);
export type ReasonTerms = Readonly<Static<typeof ReasonTerms>>;

export const ReasonList = Type.Immutable(
  Type.Array(ReasonTerms, {
    maxItems: 200,
    description:
      'Reasons of verdicts: codes of the administration, and built-in codes that it names or retires. Built-in codes that are not here are active',
  }),
);
