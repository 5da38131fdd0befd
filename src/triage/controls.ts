import type { DeclarationBody } from '../core/case/declaration.ts';
import { defined } from '../core/defined.ts';
import type { Control, ControlTerms, ControlWhen } from '../core/rules/controls.ts';
import type { PolicyTerms } from '../core/rules/policy.ts';
import { areOtherLanes, isSameLane } from './alarm-near.ts';

/** Which controls of the policy apply to a vehicle, and what they come to. */

/** A scan, or one object of inspection in it. */
export interface ControlledVehicle {
  readonly site: string;
  /** Undefined: unknown, so it may be any. */
  readonly lane?: string;
  readonly declared: readonly DeclarationBody[];
  /** Conditions that were true of it before. */
  readonly before?: readonly ControlWhen[];
}

/** What the policy requires of a scan, and of each object of inspection in it by its id. */
export interface KnownControls {
  readonly ofScan: ControlTerms;
  readonly ofUnits: Readonly<Record<string, ControlTerms>>;
}

/**
 * The controls that apply: those whose conditions are true now, and those as wide as conditions that were true before. Nobody
 * takes a vehicle out of them by another declaration.
 */
export function controlsThatApply(
  { controls = [] }: Pick<PolicyTerms, 'controls'>,
  vehicle: ControlledVehicle,
): readonly Control[] {
  const { before = [] } = vehicle;
  return controls.filter(
    ({ when }) => isTrueOf(when, vehicle) || before.some((earlier) => isAsWide(when, earlier)),
  );
}

/** What the policy requires of the vehicle: of each term the strictest. */
export function controlsFor(policy: Pick<PolicyTerms, 'controls'>, vehicle: ControlledVehicle): ControlTerms {
  return strictest(
    controlsThatApply(policy, vehicle).map(({ when, terms }) =>
      isSureOfLane(when, vehicle) ? terms : withoutPermission(terms),
    ),
  );
}

function isTrueOf({ site, lane, ...ofGoods }: ControlWhen, vehicle: ControlledVehicle): boolean {
  if (site !== undefined && site !== vehicle.site) return false;
  if (lane !== undefined && vehicle.lane !== undefined && areOtherLanes(lane, vehicle.lane)) return false;
  return Object.keys(ofGoods).length === 0 || vehicle.declared.some((body) => isTrueOfGoods(ofGoods, body));
}

function isTrueOfGoods(
  { riskFrom, goodsHs, trader }: Omit<ControlWhen, 'site' | 'lane'>,
  { selectivity, hsCodes = [], consignment }: DeclarationBody,
): boolean {
  const parties = consignment?.parties ?? [];
  return (
    (riskFrom === undefined || (selectivity !== undefined && selectivity.score >= riskFrom)) &&
    (goodsHs === undefined || hsCodes.some((code) => code.startsWith(goodsHs))) &&
    (trader === undefined || parties.some(({ id }) => id !== undefined && idOf(id) === idOf(trader)))
  );
}

/** Written with blanks or in small letters it is the same. */
function idOf(written: string): string {
  return written.replace(/\s/g, '').toUpperCase();
}

/** What lets a vehicle go is not for one whose lane may be another. */
function isSureOfLane({ lane }: ControlWhen, vehicle: ControlledVehicle): boolean {
  return lane === undefined || (vehicle.lane !== undefined && isSameLane(lane, vehicle.lane));
}

function withoutPermission({ portalOnlyMayGo, ...terms }: ControlTerms): ControlTerms {
  return portalOnlyMayGo === false ? { ...terms, portalOnlyMayGo } : terms;
}

function strictest(all: readonly ControlTerms[]): ControlTerms {
  const given = <Name extends keyof ControlTerms>(name: Name) =>
    all.flatMap(({ [name]: value }) => (value === undefined ? [] : [value]));
  const [search] = given('search');
  const [readers] = given('readers');
  const [visitRequired] = given('visitRequired');
  const [minutes, seconds, portal] = [
    given('instructionMinutes'),
    given('minimumLookSeconds'),
    given('portalOnlyMayGo'),
  ];
  return defined({
    search,
    readers,
    visitRequired,
    instructionMinutes: minutes.length === 0 ? undefined : Math.min(...minutes),
    minimumLookSeconds: seconds.length === 0 ? undefined : Math.max(...seconds),
    portalOnlyMayGo: portal.length === 0 ? undefined : portal.every((may) => may),
  });
}

/** Whether something that was required of a vehicle is not any more, or one may go that must not have. */
export function loosensControls(before: readonly Control[] = [], after: readonly Control[] = []): boolean {
  const isKept = ({ when, terms }: Control) =>
    partsOf(terms).every((part) =>
      after.some((other) => isAsWide(other.when, when) && isAsStrict(other.terms, part)),
    );
  const isAllowedBefore = ({ when }: Control) =>
    before.some((other) => other.terms.portalOnlyMayGo === true && isAsWide(other.when, when));
  const permissions = after.filter(({ terms }) => terms.portalOnlyMayGo === true);
  return !before.every(isKept) || !permissions.every(isAllowedBefore);
}

/** Each requirement by itself: another control may keep it. */
function partsOf({ portalOnlyMayGo, ...terms }: ControlTerms): readonly ControlTerms[] {
  const parts = Object.entries(terms).map(([name, value]): ControlTerms => ({ [name]: value }));
  return portalOnlyMayGo === false ? [...parts, { portalOnlyMayGo }] : parts;
}

/** Has the term of the other, and adding the other to it makes it no stricter. */
function isAsStrict(terms: ControlTerms, part: ControlTerms): boolean {
  const hasAll = Object.keys(part).every((name) => name in terms);
  return hasAll && JSON.stringify(strictest([terms, part])) === JSON.stringify(strictest([terms]));
}

/** Whatever the narrow conditions are true of, the wide ones are, too. */
function isAsWide(wide: ControlWhen, narrow: ControlWhen): boolean {
  const isSame = (name: 'site' | 'lane' | 'trader') =>
    wide[name] === undefined || wide[name] === narrow[name];
  return (
    isSame('site') &&
    isSame('lane') &&
    isSame('trader') &&
    (wide.riskFrom === undefined || (narrow.riskFrom !== undefined && wide.riskFrom <= narrow.riskFrom)) &&
    (wide.goodsHs === undefined || narrow.goodsHs?.startsWith(wide.goodsHs) === true)
  );
}
