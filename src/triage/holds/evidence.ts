import type { Declaration } from '../../core/case/declaration.ts';
import { NiiError } from '../../core/errors.ts';
import { isOther, type Move } from '../../core/person/move.ts';
import type { Adjudication, NewMeasurement } from '../../core/radiation/adjudication.ts';
import { type Hold, isSurelyJoined } from '../../core/radiation/hold.ts';
import { naturallyRadioactive } from '../../core/radiation/natural-goods.ts';
import { isMedical, isNatural, isNoNuclide, isOneOf, isPotassium } from '../../core/radiation/nuclides.ts';
import { holdingAlarms, type RadiationRecord } from '../../core/radiation/radiation.ts';
import { isRadioactive } from '../../core/trade/class-7.ts';

/**
 * Evidence is checked, not typed: what an officer names as evidence is held against what the service knows of the vehicle.
 * One row for each thing that can be missing; the feature looks the facts up.
 */

/** What the service knows of the vehicle, and of what an officer names. */
export interface Evidence {
  /** Declarations of the vehicle's containers that are of the days of the alarm. */
  readonly declarations: readonly Declaration[];
  /** The declaration of the reference, of whichever vehicle. */
  readonly named?: Declaration;
  /** Containers and visits by which the vehicle is surely known, as `kind value`. */
  readonly marks: readonly string[];
  /** What the portal identified, with or without an alarm. */
  readonly portalNuclides: readonly string[];
  /** Where a spectrum is named and was received. */
  readonly spectrum?: SeenSpectrum;
  /** Where a later passage is named and is there. */
  readonly passage?: SeenPassage;
}

export interface SeenSpectrum {
  readonly receivedAt: string;
  /** It is the record that the hold is of: the portal measured it. */
  readonly isOwn: boolean;
  readonly isMeasured: boolean;
  /** What the instrument wrote beside it. */
  readonly nuclides: readonly string[];
}

export interface SeenPassage {
  readonly isOwn: boolean;
  readonly record: RadiationRecord;
  readonly isOperational: boolean;
  readonly from?: string;
  readonly receivedAt: string;
  readonly marks: readonly string[];
}

interface Asked {
  readonly hold: Hold;
  readonly evidence: Evidence;
  readonly move: Move;
}

interface Row<Said> {
  readonly field: string;
  /** @returns what is missing and what to do, or undefined */
  readonly lacks: (said: Said, asked: Asked) => string | undefined;
}

type Innocent = Extract<Adjudication, { readonly decision: 'innocent' }>;
type PassedAgain = Extract<NewMeasurement, { readonly kind: 'passed-again' }>;

/**
 * Whether what is said is shown by more than the officer's word. What rests on their word alone takes another officer.
 * @throws NII_BAD_REQUEST naming the field of the first row that is not fulfilled
 */
export function requireEvidence(given: Adjudication, asked: Asked): boolean {
  if (given.identification?.spectrum !== undefined) requireRows(spectrumRows, given, asked);
  const passedAgain = passedAgainIn(given);
  if (passedAgain !== undefined) requireRows(passageRows, passedAgain, asked);
  if (given.decision !== 'innocent') return given.decision === 'real' || passedAgain !== undefined;
  requireRows(innocentRows[given.basis], given, asked);
  return given.basis !== 'medical' || (asked.evidence.spectrum?.nuclides ?? []).some(isMedical);
}

export function passedAgainIn(given: Adjudication): PassedAgain | undefined {
  if (given.decision !== 'tamper-or-fault' && given.decision !== 'false') return undefined;
  return given.newMeasurement?.kind === 'passed-again' ? given.newMeasurement : undefined;
}

function requireRows<Said>(rows: readonly Row<Said>[], said: Said, asked: Asked): void {
  for (const { field, lacks } of rows) {
    const detail = lacks(said, asked);
    if (detail !== undefined) throw new NiiError('NII_BAD_REQUEST', { detail, field });
  }
}

const spectrumRows: readonly Row<Adjudication>[] = [
  {
    field: 'identification',
    lacks: ({ identification }, { evidence: { spectrum } }) => {
      const { scanId, sha256 } = identification?.spectrum ?? {};
      return spectrum === undefined
        ? `Scan "${scanId}" has no original ${sha256}: send the N42 document first`
        : undefined;
    },
  },
  {
    field: 'identification',
    lacks: ({ identification }, { evidence: { spectrum } }) => {
      const said = identification?.nuclides ?? [];
      const unsaid = strangeIn(spectrum?.nuclides ?? [], isNatural).find((name) => !isOneOf(name, said));
      return unsaid === undefined
        ? undefined
        : `The instrument identified "${unsaid}" in this spectrum: add it to the nuclides`;
    },
  },
];

const passageRows: readonly Row<PassedAgain>[] = [
  passageRow(
    ({ evidence: { passage } }) =>
      passage !== undefined && !passage.isOwn && passage.record.notMeasured === undefined,
    ({ scanId, recordId }) =>
      `Scan "${scanId}" has no other occupancy "${recordId}" that the portal measured`,
  ),
  passageRow(
    ({ evidence: { passage } }) => passage?.record.occupancy?.ended !== false,
    () => 'The later passage had not ended when this was written: send the log again now that it has',
  ),
  passageRow(
    ({ evidence: { passage } }) => passage?.isOperational === true,
    () => 'The later passage is not operational: send the vehicle through the portal as it is in operation',
  ),
  passageRow(
    ({ hold, evidence: { passage } }) => passage !== undefined && isLater(hold, passage),
    () => 'This passage was not after the alarm: use the passage in which the vehicle was measured again',
  ),
  passageRow(
    ({ evidence: { passage, marks } }) => passage?.marks.some((mark) => marks.includes(mark)) === true,
    () =>
      'This passage shares no container or visit with the vehicle of the alarm: send it with the visit, or have two officers join the alarm to its scan, or decide on an inspection',
  ),
  passageRow(
    ({ evidence: { passage } }) => passage !== undefined && holdingAlarms(passage.record).length === 0,
    () => 'The later passage has an alarm, too: adjudicate what was found',
  ),
];

function passageRow(
  holds: (asked: Asked) => boolean,
  detail: (said: PassedAgain) => string,
): Row<PassedAgain> {
  return {
    field: 'newMeasurement',
    lacks: (said, asked) => (holds(asked) ? undefined : detail(said)),
  };
}

/** By both written times where there are two, and never received before. */
function isLater({ passage, openedAt }: Hold, later: SeenPassage): boolean {
  const received = passage?.receivedAt ?? openedAt;
  const [before, after] = [passage?.from, later.from];
  if (before === undefined || after === undefined) return later.receivedAt > received;
  return Date.parse(after) > Date.parse(before) && later.receivedAt >= received;
}

const portalRow = (isOfKind: (name: string) => boolean, kind: string): Row<Innocent> => ({
  field: 'basis',
  lacks: (_, { evidence: { portalNuclides } }) => {
    const [strange] = strangeIn(portalNuclides, (name) => isOfKind(name) || isNatural(name));
    return strange === undefined
      ? undefined
      : `The portal identified "${strange}", which is not ${kind}: use another basis or decision`;
  },
});

const declaredSourceRows: readonly Row<Innocent>[] = [
  {
    field: 'reference',
    lacks: ({ reference }, { evidence: { named } }) =>
      named === undefined
        ? `Unknown declaration "${reference}": use the reference of a declaration of this vehicle`
        : undefined,
  },
  {
    field: 'reference',
    lacks: ({ reference }, { evidence: { declarations } }) =>
      declarations.some(({ ref }) => ref === reference)
        ? undefined
        : `Declaration "${reference}" names no container of this vehicle, or is of other days. ${declaredFor(declarations)}`,
  },
  {
    field: 'reference',
    lacks: ({ reference }, { evidence: { named } }) =>
      nuclidesIn(named).length > 0
        ? undefined
        : `Declaration "${reference}" has no radioactive source: its dangerousGoods need a UN number of class 7 and nuclides`,
  },
  {
    field: 'reference',
    lacks: ({ reference }, { evidence: { named }, move }) =>
      named !== undefined && isOfOthers(named, move)
        ? undefined
        : `Declaration "${reference}" was stated or changed by you, or you are not a linked person: another officer must adjudicate by it`,
  },
  {
    field: 'identification',
    lacks: ({ identification }) =>
      (identification?.nuclides ?? []).some((name) => !isNoNuclide(name))
        ? undefined
        : 'Identify at least one nuclide of the declared source',
  },
  {
    field: 'identification',
    lacks: ({ reference, identification }, { evidence: { named, portalNuclides } }) => {
      const declared = nuclidesIn(named);
      const found = [...(identification?.nuclides ?? []), ...portalNuclides];
      const [strange] = strangeIn(found, (name) => isOneOf(name, declared) || isPotassium(name));
      return strange === undefined
        ? undefined
        : `Nuclide "${strange}" is not in declaration "${reference}", which has ${declared.join(', ')}: use another decision`;
    },
  },
];

const normRows: readonly Row<Innocent>[] = [
  {
    field: 'goodsHs',
    lacks: ({ goodsHs = '' }) =>
      naturallyRadioactive(goodsHs) === undefined
        ? `Goods of HS ${goodsHs} are not known to be naturally radioactive: use the code of goods that are, such as 6907 for tiles, or another decision`
        : undefined,
  },
  {
    field: 'goodsHs',
    lacks: ({ goodsHs = '' }, { evidence: { declarations } }) =>
      declarations.some((one) => declares(one, goodsHs))
        ? undefined
        : `HS ${goodsHs} is not declared for this vehicle. ${declaredFor(declarations)}`,
  },
  {
    field: 'goodsHs',
    lacks: ({ goodsHs = '' }, { evidence: { declarations }, move }) =>
      declarations.some((one) => declares(one, goodsHs) && isOfOthers(one, move))
        ? undefined
        : `HS ${goodsHs} was declared by you, or you are not a linked person: another officer must adjudicate by it`,
  },
  portalRow(isNatural, 'in natural goods'),
];

const medicalRows: readonly Row<Innocent>[] = [
  {
    field: 'identification',
    lacks: (_, { evidence: { spectrum } }) =>
      spectrum === undefined
        ? 'Missing identification.spectrum: send the N42 document of the hand-held instrument first'
        : undefined,
  },
  {
    field: 'identification',
    lacks: (_, { evidence: { spectrum } }) =>
      spectrum?.isMeasured === true
        ? undefined
        : 'The file of identification.spectrum has no spectrum and no nuclide: use that of the hand-held instrument',
  },
  {
    field: 'identification',
    lacks: (_, { hold, evidence: { spectrum } }) =>
      spectrum?.isOwn === true || (spectrum?.receivedAt ?? '') >= hold.openedAt
        ? undefined
        : 'The spectrum was received before the alarm: measure the person after it',
  },
  portalRow(isMedical, 'of medical use'),
];

const innocentRows: Readonly<Record<Innocent['basis'], readonly Row<Innocent>[]>> = {
  medical: medicalRows,
  norm: normRows,
  'declared-source': declaredSourceRows,
};

function declaredFor(declarations: readonly Declaration[]): string {
  if (declarations.length === 0)
    return 'No declaration names a container of this vehicle: have it stated, or have two officers join the alarm to its scan';
  const goods = [...new Set(declarations.flatMap(({ body }) => body.hsCodes ?? []))].slice(0, 8);
  const refs = declarations.map(({ ref }) => ref).slice(0, 8);
  return `Its declarations are ${refs.join(', ')}${goods.length === 0 ? '' : ` with HS ${goods.join(', ')}`}`;
}

/** One of the two codes begins with the other: traders declare six digits or more. */
function declares({ body }: Declaration, hs: string): boolean {
  return (body.hsCodes ?? []).some((one) => one.startsWith(hs) || hs.startsWith(one));
}

function nuclidesIn(declaration: Declaration | undefined): readonly string[] {
  const sources = (declaration?.body.dangerousGoods ?? []).filter(({ unNumber }) => isRadioactive(unNumber));
  return sources.flatMap(({ nuclides = [] }) => nuclides);
}

function strangeIn(names: readonly string[], isKnown: (name: string) => boolean): readonly string[] {
  return names.filter((name) => !isNoNuclide(name) && !isKnown(name));
}

/** Surely nobody who stated or changed it is the officer. */
function isOfOthers({ statedBy = [] }: Declaration, move: Move): boolean {
  return statedBy.every((id) => isOther(move, id));
}

/** The scan whose containers and visit are surely those of the vehicle. */
export function scanOfVehicle(hold: Pick<Hold, 'join' | 'passage'>): string | undefined {
  return hold.join.kind === 'joined' && isSurelyJoined(hold) ? hold.join.scanId : undefined;
}
