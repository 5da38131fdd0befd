import { NiiError } from '../../core/errors.ts';
import type { Adjudication, Decision, Identification } from '../../core/radiation/adjudication.ts';
import type { Hold } from '../../core/radiation/hold.ts';
import type { HoldState } from '../../core/radiation/hold-states.ts';
import { isGraveNuclide, isMedical, isNatural } from '../../core/radiation/nuclides.ts';

/**
 * What each decision on an alarm needs, and what it is not allowed for: the table of docs/reference/lane.md, one function a row.
 * All throw NII_BAD_REQUEST naming the field.
 */

export type HoldFacts = Pick<Hold, 'join' | 'containers' | 'notMeasured'> & { readonly isGrave: boolean };

/** Where a hold comes by a decision. */
export const stateOfDecision: Readonly<Record<Decision, HoldState>> = {
  real: 'confirmed',
  innocent: 'innocent',
  false: 'false',
  'test-or-maintenance': 'test',
  'tamper-or-fault': 'measured-again',
};

/** @throws NII_BAD_REQUEST naming what is missing, or what the decision is not allowed for */
export function requireTable(hold: HoldFacts, given: Adjudication): void {
  requireRow(hold, given);
  requireMeasured(hold, given);
  if (hold.isGrave) requireOfGrave(given);
}

function requireRow(hold: HoldFacts, given: Adjudication): void {
  switch (given.decision) {
    case 'real':
      need(given.authority, 'authority', 'A real alarm is referred to an authority: state which');
      break;
    case 'innocent':
      requireBasis(given);
      break;
    case 'false':
      requireBackground(given);
      break;
    case 'test-or-maintenance':
      requireNoVehicle(hold, given);
      break;
    case 'tamper-or-fault':
      requireNewMeasurement(given);
      break;
  }
}

type Decided<Word extends Decision> = Extract<Adjudication, { readonly decision: Word }>;

function requireNewMeasurement({ workOrder, newMeasurement }: Decided<'tamper-or-fault'>): void {
  need(workOrder, 'workOrder', 'A tamper or fault needs a work order: give its number');
  const detail = 'Missing newMeasurement: use "passed-again" or "inspected"';
  need(newMeasurement, 'newMeasurement', detail);
}

function requireBasis(given: Decided<'innocent'>): void {
  switch (given.basis) {
    case 'medical':
      requireNuclides(given, isMedical, 'of medical use');
      need(given.person, 'person', 'A medical alarm comes from a person: state who, or how it was shown');
      break;
    case 'norm':
      requireNuclides(given, isNatural, 'that occurs naturally');
      need(given.goodsHs, 'goodsHs', 'Goods with natural radioactivity are declared: give their HS code');
      break;
    case 'declared-source':
      need(given.reference, 'reference', 'A declared source needs a declaration: give its reference');
      break;
  }
}

/** At least one, and potassium, which is in everything, may stand beside those of patients. */
function requireNuclides(
  { identification }: Decided<'innocent'>,
  isOfKind: (name: string) => boolean,
  kind: string,
): void {
  const nuclides = identification?.nuclides ?? [];
  const strange = nuclides.find((name) => !isOfKind(name) && !isNatural(name));
  if (strange !== undefined)
    throw bad('identification', `Invalid nuclide "${strange}": use nuclides ${kind}`);
  if (!nuclides.some(isOfKind)) throw bad('identification', `Identify at least one nuclide ${kind}`);
}

/** Inspection and identification at background. */
function requireBackground({ identification, secondaryInspection }: Decided<'false'>): void {
  if (secondaryInspection !== 'nothing-found')
    throw bad('secondaryInspection', 'Invalid secondaryInspection for a false alarm: use "nothing-found"');
  if (identification?.by !== 'riid' || identification.nuclides.length > 0)
    throw bad(
      'identification',
      'A false alarm needs an identification by "riid" with no nuclide above background',
    );
}

function requireNoVehicle(
  { join, containers }: HoldFacts,
  { by, source }: Decided<'test-or-maintenance'>,
): void {
  need(by, 'by', 'A test or maintenance has a responsible person: state who');
  need(source, 'source', 'A test or maintenance uses a source: state which, or "none"');
  if (join.kind === 'none' && containers.length === 0) return;
  throw bad(
    'decision',
    'Invalid decision "test-or-maintenance": a scan or a container is joined to the occupancy; use another decision',
  );
}

/** Nobody knows what a vehicle emits that the portal did not measure. */
function requireMeasured({ notMeasured }: HoldFacts, { decision }: Adjudication): void {
  if (notMeasured === undefined || ['real', 'tamper-or-fault'].includes(decision)) return;
  const detail = `The portal did not measure it (${notMeasured.join(', ')}): decide "tamper-or-fault" with a new measurement, or "real"`;
  throw bad('decision', detail);
}

/** What the officer's own instrument found counts like what the portal found. */
export function namesGraveNuclide({ identification }: Pick<Adjudication, 'identification'>): boolean {
  return (identification?.nuclides ?? []).some(isGraveNuclide);
}

/** IAEA-TECDOC-1312: goods of natural radioactivity and patients emit no neutrons, and are no nuclear material. */
function requireOfGrave(given: Adjudication): void {
  if (given.decision === 'real') return;
  const basis = basisOf(given);
  if (basis === 'norm' || basis === 'medical')
    throw bad(
      'basis',
      `Invalid basis "${basis}" for neutrons or nuclear material: goods and patients do not explain them; use another decision`,
    );
  requireIdentified(given.identification);
}

function basisOf(given: Adjudication): string | undefined {
  return given.decision === 'innocent' ? given.basis : undefined;
}

function requireIdentified(identification: Identification | undefined): void {
  if (identification === undefined)
    throw bad(
      'identification',
      'To adjudicate an alarm of neutrons or nuclear material, state what was identified, or that nothing was',
    );
  need(
    identification.expert,
    'identification',
    'Neutrons or nuclear material need an expert: state in "expert" who was consulted',
  );
}

/** Two officers say the same by decision and basis; each words the rest in their own way. */
export function areSame(a: Adjudication, b: Adjudication): boolean {
  return a.decision === b.decision && basisOf(a) === basisOf(b);
}

function need(value: unknown, field: string, detail: string): void {
  if (value === undefined || (typeof value === 'string' && value.trim() === '')) throw bad(field, detail);
}

function bad(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field });
}
