import { NiiError } from '../../core/errors.ts';
import type { Adjudication, Decision, Identification } from '../../core/radiation/adjudication.ts';
import type { Hold } from '../../core/radiation/hold.ts';
import type { HoldState } from '../../core/radiation/hold-states.ts';

/**
 * Nuclides that explain an alarm without a threat. The lists are those of ANSI N42.34 and IAEA practice: what patients
 * are given, and what is in soil, stone, fertiliser and potassium salts, with what it decays to.
 */

const medical =
  'F-18 P-32 Cr-51 Co-57 Cu-64 Cu-67 Ga-67 Ga-68 Rb-82 Sr-89 Y-90 Zr-89 Tc-99m Mo-99 Pd-103 In-111 I-123 I-124 I-125 I-131 Xe-133 Sm-153 Ho-166 Lu-177 Lu-177m Re-186 Re-188 Tl-201 Ra-223 Ac-225';
const natural =
  'K-40 Rb-87 La-138 Lu-176 Tl-208 Bi-212 Pb-212 Bi-214 Pb-214 Po-210 Pb-210 Rn-220 Rn-222 Ra-224 Ra-226 Ra-228 Ac-228 Th-228 Th-230 Th-232 Pa-234m Th-234 U-238';

const inForm = (name: string) => name.toLowerCase().replaceAll(/[\s-]/g, '');
const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' ').map(inForm));
const medicalNuclides = setOf(medical);
const naturalNuclides = setOf(natural);

/** `Tc-99m`, `Tc99m` and `TC 99M` are one. */
function isMedical(name: string): boolean {
  return medicalNuclides.has(inForm(name));
}

function isNatural(name: string): boolean {
  return naturalNuclides.has(inForm(name));
}

/**
 * What each decision on an alarm needs, and what it is not allowed for: the table of docs/reference/lane.md, one function a row.
 * All throw NII_BAD_REQUEST naming the field.
 */

export type HoldFacts = Pick<Hold, 'join' | 'containers' | 'notMeasured'> & { readonly hasNeutrons: boolean };

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
  if (hold.hasNeutrons) requireOfNeutrons(given);
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
      need(given.reference, 'reference', 'A declared source needs a declaration or licence: give its number');
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

/** IAEA-TECDOC-1312: goods of natural radioactivity and patients emit no neutrons. */
function requireOfNeutrons(given: Adjudication): void {
  if (given.decision === 'real') return;
  const basis = basisOf(given);
  if (basis === 'norm' || basis === 'medical')
    throw bad(
      'basis',
      `Invalid basis "${basis}" for a neutron alarm: goods and patients emit no neutrons; use another decision`,
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
      'To adjudicate a neutron alarm, state what was identified, or that nothing was',
    );
  need(
    identification.expert,
    'identification',
    'A neutron alarm needs an expert: state in "expert" who was consulted',
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
