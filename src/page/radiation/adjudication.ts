import { api, type Hold, type Versioned, versionedFrom } from '../api/client.ts';

/** What an officer says of an alarm; what each decision needs is the service's to say. */
export type Adjudication = NonNullable<Hold['adjudication']>['given'];
type Decision = Adjudication['decision'];

export const decisions: readonly Decision[] = [
  'real',
  'innocent',
  'false',
  'test-or-maintenance',
  'tamper-or-fault',
];

/** What the form asks for, all of it as text. */
export interface Answers {
  readonly decision?: Decision;
  readonly basis?: 'medical' | 'norm' | 'declared-source';
  readonly secondaryInspection?: 'not-done' | 'under-way' | 'nothing-found' | 'found';
  readonly identifiedBy?: 'riid' | 'laboratory' | 'other';
  readonly texts: Readonly<Partial<Record<TextField, string>>>;
}

export type TextField =
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

const fieldsOfDecision: Readonly<Record<Decision, readonly TextField[]>> = {
  real: ['authority'],
  innocent: [],
  false: [],
  'test-or-maintenance': ['by', 'source'],
  'tamper-or-fault': ['workOrder', 'inspectedBy', 'inspectedWith'],
};
const fieldsOfBasis = {
  medical: ['person'],
  norm: ['goodsHs'],
  'declared-source': ['reference'],
} as const satisfies Readonly<Record<string, readonly TextField[]>>;

/** What is to be written for what was chosen so far, besides what every decision may have. */
export function fieldsFor({ decision, basis }: Answers): readonly TextField[] {
  if (decision === undefined) return [];
  const more = decision === 'innocent' && basis !== undefined ? fieldsOfBasis[basis] : [];
  return [...fieldsOfDecision[decision], ...more];
}

const optionalText = <Name extends string>(name: Name, text: string | undefined) =>
  text === undefined || text.trim() === '' ? {} : ({ [name]: text.trim() } as Partial<Record<Name, string>>);

function identificationIn({ identifiedBy, texts }: Answers) {
  if (identifiedBy === undefined) return {};
  const nuclides = (texts.nuclides ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return { identification: { nuclides, by: identifiedBy, ...optionalText('expert', texts.expert) } };
}

/** Undefined where no decision, or no basis of an innocent one, was chosen. */
export function adjudicationFrom(answers: Answers): Adjudication | undefined {
  const { decision, basis, secondaryInspection, texts } = answers;
  const recorded = {
    ...identificationIn(answers),
    ...optionalText('note', texts.note),
    ...(secondaryInspection === undefined ? {} : { secondaryInspection }),
    ...((texts.doseRate ?? '').trim() === ''
      ? {}
      : { doseRateMicrosievertsPerHour: Number(texts.doseRate?.replace(',', '.')) }),
  };
  switch (decision) {
    case undefined:
      return undefined;
    case 'real':
      return { decision, ...optionalText('authority', texts.authority), ...recorded };
    case 'innocent':
      if (basis === undefined) return undefined;
      return {
        decision,
        basis,
        ...(basis === 'medical' ? optionalText('person', texts.person) : {}),
        ...(basis === 'norm' ? optionalText('goodsHs', texts.goodsHs) : {}),
        ...(basis === 'declared-source' ? optionalText('reference', texts.reference) : {}),
        ...recorded,
      };
    case 'false':
      return { decision, ...recorded };
    case 'test-or-maintenance':
      return {
        decision,
        ...optionalText('by', texts.by),
        ...optionalText('source', texts.source),
        ...recorded,
      };
    case 'tamper-or-fault': {
      const { inspectedBy = '', inspectedWith = '' } = texts;
      const isInspected = inspectedBy.trim() !== '' && inspectedWith.trim() !== '';
      const how = { kind: 'inspected' as const, by: inspectedBy.trim(), with: inspectedWith.trim() };
      return {
        decision,
        ...optionalText('workOrder', texts.workOrder),
        ...(isInspected ? { newMeasurement: how } : {}),
        ...recorded,
      };
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

export type Ending = NonNullable<Hold['outcome']>;

/** @throws Rejected */
export async function sendEnding({ value, tag }: Versioned<Hold>, ending: Ending): Promise<Versioned<Hold>> {
  const params = { path: { holdId: value.id }, header: { 'if-match': tag } };
  return versionedFrom(await api.POST('/v1/holds/{holdId}/close', { params, body: ending }));
}
