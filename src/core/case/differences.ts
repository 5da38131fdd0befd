import { containerState, normaliseContainer } from '../check-digits.ts';
import type { InspectionUnit } from '../scan/scan.ts';
import type { DeclarationBody } from './declaration.ts';
import type { Emptiness } from './emptiness.ts';

/**
 * Where what was declared and what the scan says do not agree. Of the picture only whether a hold looks empty, by the
 * check without a model (emptiness.ts): what else it shows is for the reader.
 */
export type Difference =
  | { readonly code: 'checkDigit'; readonly container: string }
  | { readonly code: 'notInScan'; readonly container: string }
  | { readonly code: 'seals'; readonly declared: string; readonly seen: string }
  | { readonly code: 'weighed'; readonly declared: number; readonly weighed: number }
  | { readonly code: 'items'; readonly declared: number; readonly items: number }
  | { readonly code: 'emptyWithGoods'; readonly mass: number }
  | { readonly code: 'emptyLooksLoaded' | 'emptyLooksLoadedInPicture'; readonly area: number }
  | { readonly code: 'loadedLooksEmpty' | 'loadedLooksEmptyInPicture' };

type Unit = Pick<InspectionUnit, 'containers' | 'seals' | 'verifiedGrossMassKg' | 'tareKg'> &
  Partial<Pick<InspectionUnit, 'id'>>;
type Body = DeclarationBody;

/** Scales and pallets differ by so much without a reason. */
const MASS_SHARE = 0.05;
const MASS_KG = 500;
/** Sums of rounded lines differ by so much. */
const SUM_SHARE = 0.01;
/** A container that is declared empty may hold dunnage. */
const EMPTY_KG = 100;

const plainSeal = (seal: string) => seal.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

/** @param emptiness - of the newest analysis of the scan */
export function differencesOf(
  units: readonly Unit[],
  bodies: readonly Body[],
  emptiness?: Emptiness,
): readonly Difference[] {
  const seen = new Set(units.flatMap(({ containers }) => containers.map(({ value }) => value)));
  return [
    ...[...seen]
      .filter((container) => containerState(container) === 'wrong-check-digit')
      .map((container) => ({ code: 'checkDigit' as const, container })),
    ...bodies.flatMap((body) => [
      ...containersOf(body, seen),
      ...sealsOf(body, units),
      ...weighedOf(body, units),
      ...itemsOf(body),
      ...emptyOf(body),
      ...(emptiness === undefined ? [] : looksOf(body, units, emptiness)),
    ]),
  ];
}

/** A scan that names no container says nothing of those that are declared. */
function containersOf({ containers }: Body, seen: ReadonlySet<string>): readonly Difference[] {
  if (seen.size === 0) return [];
  const missing = containers.map(normaliseContainer).filter((container) => !seen.has(container));
  return missing.map((container) => ({ code: 'notInScan', container }));
}

function sealsOf({ seals: declared = [] }: Body, units: readonly Unit[]): readonly Difference[] {
  const seen = units.flatMap(({ seals }) => seals);
  if (declared.length === 0 || seen.length === 0) return [];
  const known = new Set(declared.map(plainSeal));
  if (seen.every((seal) => known.has(plainSeal(seal)))) return [];
  return [{ code: 'seals', declared: declared.join(', '), seen: seen.join(', ') }];
}

/** Of a declaration of one container in a picture of one: which share of it is where, nobody says. */
function weighedOf({ grossMassKg, containers }: Body, units: readonly Unit[]): readonly Difference[] {
  const [unit, ...more] = units;
  if (grossMassKg === undefined || containers.length !== 1 || unit === undefined || more.length > 0)
    return [];
  const { verifiedGrossMassKg, tareKg } = unit;
  if (verifiedGrossMassKg === undefined || tareKg === undefined) return [];
  const weighed = verifiedGrossMassKg - tareKg;
  if (Math.abs(weighed - grossMassKg) <= Math.max(MASS_KG, MASS_SHARE * grossMassKg)) return [];
  return [{ code: 'weighed', declared: grossMassKg, weighed }];
}

function itemsOf({ grossMassKg, consignment }: Body): readonly Difference[] {
  const masses = consignment?.items?.map((item) => item.grossMassKg) ?? [];
  const known = masses.filter((mass) => mass !== undefined);
  if (grossMassKg === undefined || known.length === 0 || known.length < masses.length) return [];
  const items = sum(known);
  if (Math.abs(items - grossMassKg) <= SUM_SHARE * grossMassKg) return [];
  return [{ code: 'items', declared: grossMassKg, items }];
}

function emptyOf({ declaredEmpty, grossMassKg = 0 }: Body): readonly Difference[] {
  return declaredEmpty === true && grossMassKg > EMPTY_KG
    ? [{ code: 'emptyWithGoods', mass: grossMassKg }]
    : [];
}

/** What the hold looks like against what is declared of it; of a declaration whose container is surely the one. */
function looksOf(body: Body, units: readonly Unit[], { basis, units: checked }: Emptiness) {
  const named = new Set(body.containers.map(normaliseContainer));
  const own = units.filter(
    ({ containers }) => units.length === 1 || containers.some(({ value }) => named.has(value)),
  );
  const isPicture = basis === 'picture';
  return own.flatMap(({ id }): readonly Difference[] => {
    const found = checked.find(({ unitId }) => unitId === id);
    if (body.declaredEmpty === true && found?.looks === 'loaded') {
      const area = Math.round((found.largest?.areaMm2 ?? 0) / 1e4) / 100;
      return [{ code: isPicture ? 'emptyLooksLoadedInPicture' : 'emptyLooksLoaded', area }];
    }
    if (body.declaredEmpty !== true && namesGoods(body) && found?.looks === 'empty')
      return [{ code: isPicture ? 'loadedLooksEmptyInPicture' : 'loadedLooksEmpty' }];
    return [];
  });
}

function namesGoods({
  grossMassKg = 0,
  description,
  hsCodes = [],
  packages = 0,
  consignment,
}: Body): boolean {
  const items = consignment?.items ?? [];
  const isNamed = description?.trim() || hsCodes.length > 0 || items.length > 0;
  return grossMassKg > EMPTY_KG || packages > 0 || Boolean(isNamed);
}
