import { neverRetired, reasonsOf } from '../../core/rules/reason-list.ts';
import type { ReasonTerms } from '../../core/rules/reasons.ts';

/** The list of reasons while an administrator changes it. */

type Terms = ReasonTerms;
type Label = Terms['labels'][number];
type Labels = readonly Label[];
export type VerdictKind = NonNullable<Terms['usualFor']>[number];

/** As the interface takes it. */
interface WrittenReason {
  code: string;
  labels: Label[];
  state: Terms['state'];
  usualFor: VerdictKind[];
}

/** Languages of the page; labels in others are kept as they are. */
export const labelLanguages = ['en', 'fr', 'es'] as const;
export type LabelLanguage = (typeof labelLanguages)[number];

export interface EditedReason {
  readonly code: string;
  readonly labels: Readonly<Record<LabelLanguage, string>>;
  /** In other languages. */
  readonly others: Labels;
  readonly usualFor: readonly VerdictKind[];
  readonly isActive: boolean;
  readonly isBuiltIn: boolean;
  /** Not saved yet, so its code can still be written. */
  readonly isNew: boolean;
}

export const canEnd = ({ code }: EditedReason): boolean => !neverRetired.includes(code);

export function editableReasons(own: readonly Terms[]): readonly EditedReason[] {
  return reasonsOf(own).map(({ code, labels, usualFor, state, isBuiltIn }) => ({
    code,
    labels: {
      en: textIn(labels, 'en'),
      fr: textIn(labels, 'fr'),
      es: textIn(labels, 'es'),
    },
    others: labels.filter(({ language }) => !labelLanguages.some((one) => one === language.toLowerCase())),
    usualFor,
    isActive: state === 'active',
    isBuiltIn,
    isNew: false,
  }));
}

export const newReason: EditedReason = {
  code: '',
  labels: { en: '', fr: '', es: '' },
  others: [],
  usualFor: [],
  isActive: true,
  isBuiltIn: false,
  isNew: true,
};

/** What the policy says of them: all that it said before, what was added, and built-in ones that were changed. */
export function termsOf(own: readonly Terms[], edited: readonly EditedReason[]): WrittenReason[] {
  const before = new Map(editableReasons(own).map((one) => [one.code, one]));
  return edited.flatMap((one) => {
    const isSaid = own.some(({ code }) => code === one.code);
    const isSame = JSON.stringify(before.get(one.code)) === JSON.stringify(one);
    if (!isSaid && isSame) return [];
    const labels = labelLanguages.flatMap((language) => {
      const text = one.labels[language].trim();
      return text === '' ? [] : [{ language, text }];
    });
    const state = one.isActive ? 'active' : 'retired';
    return [
      { code: one.code.trim(), labels: [...labels, ...one.others], state, usualFor: [...one.usualFor] },
    ];
  });
}

function textIn(labels: Labels, wanted: LabelLanguage): string {
  return labels.find(({ language }) => language.toLowerCase() === wanted)?.text ?? '';
}
