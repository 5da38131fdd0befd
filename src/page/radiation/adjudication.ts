import { defined } from '../../core/defined.ts';
import type { HoldEnding } from '../../core/radiation/hold-states.ts';
import { api, type Hold, type Versioned, versionedFrom } from '../api/client.ts';
import { keysOf } from '../case/kinds.ts';

/** What an officer says of an alarm. The service decides what each decision needs. */
export type Adjudication = NonNullable<Hold['adjudication']>['given'];
type Decision = Adjudication['decision'];
type Innocent = Extract<Adjudication, { readonly decision: 'innocent' }>;
type Basis = Exclude<Innocent['basis'], 'other'>;
type Inspection = NonNullable<Adjudication['secondaryInspection']>;
type Instrument = NonNullable<Adjudication['identification']>['by'];

/** The answers of the form; every text as it was typed. */
export interface Answers {
  readonly decision?: Decision;
  readonly basis?: Basis;
  readonly secondaryInspection?: Inspection;
  readonly identifiedBy?: Instrument;
  readonly texts: Readonly<Partial<Record<TextFieldName, string>>>;
}

export type TextFieldName =
  | 'authority'
  | 'person'
  | 'goodsHs'
  | 'reference'
  | 'by'
  | 'source'
  | 'workOrder'
  | 'inspectedBy'
  | 'inspectedWith'
  | 'nuclides'
  | 'expert'
  | 'doseRate'
  | 'note';

const fieldsOfDecision: Readonly<Record<Decision, readonly TextFieldName[]>> = {
  real: ['authority'],
  innocent: [],
  false: [],
  'test-or-maintenance': ['by', 'source'],
  'tamper-or-fault': ['workOrder', 'inspectedBy', 'inspectedWith'],
};
const fieldOfBasis = {
  medical: 'person',
  norm: 'goodsHs',
  'declared-source': 'reference',
} as const satisfies Readonly<Record<Basis, TextFieldName>>;

export const decisions = keysOf(fieldsOfDecision);
export const bases = keysOf(fieldOfBasis);
export const inspections = keysOf<Inspection>({
  'not-done': true,
  'under-way': true,
  'nothing-found': true,
  found: true,
});
export const instruments = keysOf<Instrument>({ riid: true, laboratory: true, other: true });
export const endings = keysOf<HoldEnding>({ released: true, detained: true, returned: true });

/** The text fields that belong to the choices so far, besides those of every decision. */
export function fieldsFor({ decision, basis }: Answers): readonly TextFieldName[] {
  if (decision === undefined) return [];
  const ofBasis = decision === 'innocent' && basis !== undefined ? [fieldOfBasis[basis]] : [];
  return [...fieldsOfDecision[decision], ...ofBasis];
}

/** The text as a property, unless it is blank. */
const optionalText = <Name extends string>(name: Name, text: string | undefined) =>
  text === undefined || text.trim() === '' ? {} : ({ [name]: text.trim() } as Partial<Record<Name, string>>);

function identificationFrom({ identifiedBy, texts }: Answers) {
  if (identifiedBy === undefined) return undefined;
  const nuclides = (texts.nuclides ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return { nuclides, by: identifiedBy, ...optionalText('expert', texts.expert) };
}

function doseRateFrom({ doseRate = '' }: Answers['texts']): number | undefined {
  return doseRate.trim() === '' ? undefined : Number(doseRate.replace(',', '.'));
}

function newMeasurementFrom({ inspectedBy = '', inspectedWith = '' }: Answers['texts']) {
  if (inspectedBy.trim() === '' || inspectedWith.trim() === '') return undefined;
  return { kind: 'inspected' as const, by: inspectedBy.trim(), with: inspectedWith.trim() };
}

/** Undefined until a decision and, for an innocent alarm, its basis are chosen. */
export function adjudicationFrom(answers: Answers): Adjudication | undefined {
  const { decision, basis, secondaryInspection, texts } = answers;
  const recorded = {
    ...optionalText('note', texts.note),
    ...defined({
      identification: identificationFrom(answers),
      secondaryInspection,
      doseRateMicrosievertsPerHour: doseRateFrom(texts),
    }),
  };
  switch (decision) {
    case undefined:
      return undefined;
    case 'real':
      return { decision, ...optionalText('authority', texts.authority), ...recorded };
    case 'innocent': {
      if (basis === undefined) return undefined;
      const field = fieldOfBasis[basis];
      return { decision, basis, ...optionalText(field, texts[field]), ...recorded };
    }
    case 'false':
      return { decision, ...recorded };
    case 'test-or-maintenance': {
      const { by, source } = texts;
      return { decision, ...optionalText('by', by), ...optionalText('source', source), ...recorded };
    }
    case 'tamper-or-fault': {
      const measured = defined({ newMeasurement: newMeasurementFrom(texts) });
      return { decision, ...optionalText('workOrder', texts.workOrder), ...measured, ...recorded };
    }
  }
}

/** @throws Rejected */
export async function sendAdjudication(
  { value, tag }: Versioned<Hold>,
  given: Adjudication,
): Promise<Versioned<Hold>> {
  const params = { path: { holdId: value.id }, header: { 'if-match': tag } };
  return versionedFrom(await api.POST('/v1/holds/{holdId}/adjudication', { params, body: given }));
}

type Ending = NonNullable<Hold['outcome']>;

/** @throws Rejected */
export async function sendEnding({ value, tag }: Versioned<Hold>, ending: Ending): Promise<Versioned<Hold>> {
  const params = { path: { holdId: value.id }, header: { 'if-match': tag } };
  return versionedFrom(await api.POST('/v1/holds/{holdId}/close', { params, body: ending }));
}
