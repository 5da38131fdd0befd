import type { Case } from '../core/case/case.ts';
import type { Declaration } from '../core/case/declaration.ts';
import { defined } from '../core/defined.ts';
import type { Tx } from '../core/ports/records.ts';
import type { ControlTerms } from '../core/rules/controls.ts';
import { type PolicyTerms, VEHICLE_DAYS } from '../core/rules/policy.ts';
import type { InspectionUnit, NiiScan } from '../core/scan/scan.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import {
  type ControlledVehicle,
  controlsFor,
  controlsThatApply,
  type KnownControls,
} from '../triage/controls.ts';
import { isOfTime } from '../triage/declared.ts';
import type { CasePolicy, TriagePolicy } from '../triage/policy.ts';
import { selectedOf } from '../triage/selected.ts';

/** What the policy requires of vehicles by what is declared of them now: a declaration counts from its acknowledgement. */

type WithControls = Pick<PolicyTerms, 'controls'>;
export type ControlsTx = Tx<'declarationsByContainer'>;

/** A scan as it is read with its newest record. */
interface ReadScan {
  readonly scan: ScanRow;
  readonly record?: NiiScan | undefined;
}

type Unit = Pick<Case, 'unitId' | 'controls'>;

/**
 * Of a scan and its cases; undefined where the policy has no controls, and nothing is read.
 * @param hidden - containers of its vehicle that no image names: each object of inspection may be one of them
 */
export async function controlsOf(
  tx: ControlsTx,
  read: ReadScan & { readonly cases: readonly Case[] },
  policy: WithControls,
  hidden: readonly string[] = [],
): Promise<KnownControls | undefined> {
  if (isWithout(policy)) return undefined;
  const { scan } = read;
  const declared = await declaredOf(tx, { ...scan, containers: [...scan.containers, ...hidden] });
  const ofUnit = (unit: Unit) =>
    [unit.unitId, controlsFor(policy, vehicleOf(read, declared, unit, hidden))] as const;
  return {
    ofScan: controlsFor(policy, { ...placeOf(read), declared: declared.map(({ body }) => body) }),
    ofUnits: Object.fromEntries(read.cases.map(ofUnit)),
  };
}

/** Conditions of the controls that apply to one object of inspection, to be kept with its case. */
export async function conditionsOf(
  tx: ControlsTx,
  read: ReadScan,
  unit: Unit,
  policy: WithControls,
): Promise<Case['controls']> {
  if (isWithout(policy)) return undefined;
  const vehicle = vehicleOf(read, await declaredOf(tx, read.scan), unit);
  const found = controlsThatApply(policy, vehicle).map(({ when }) => when);
  return found.length === 0 ? undefined : found;
}

export type CasePolicyTx = ControlsTx &
  Tx<'scanById' | 'newestConverted' | 'scansByContainer' | 'casesOfScan'>;

/** The policy with what its controls require of one case. */
export async function casePolicyOf(
  tx: CasePolicyTx,
  current: Case,
  policy: TriagePolicy,
): Promise<CasePolicy> {
  const scan = isWithout(policy) ? undefined : await tx.scanById(current.scanId);
  if (scan === undefined) return policy;
  const read = { scan, record: (await tx.newestConverted(scan.id))?.scan };
  const vehicle = vehicleOf(read, await declaredOf(tx, scan), current);
  const terms = controlsFor(policy, vehicle);
  const { readers, minimumLookSeconds } = terms;
  const isSelected = await isToBeSearched(tx, scan, current, terms, policy);
  return {
    ...policy,
    ...defined({ readers, minimumLookSeconds }),
    ...(isSelected && { search: true as const }),
  };
}

/** It is selected, and was not searched by another scan of its container. */
async function isToBeSearched(
  tx: Tx<'scansByContainer' | 'casesOfScan'>,
  scan: ScanRow,
  current: Case,
  terms: ControlTerms,
  { vehicleDays = VEHICLE_DAYS }: Pick<PolicyTerms, 'vehicleDays'>,
): Promise<boolean> {
  if (terms.search !== true) return false;
  const containers = current.container === undefined ? [] : [current.container];
  const [from, to] = [-vehicleDays, vehicleDays].map((days) => moved(scan.receivedAt, days * DAY_MS));
  const found = await tx.scansByContainer(scan.administration, containers, String(from), String(to));
  const scans = found.filter(({ id, site }) => site === scan.site && id !== scan.id);
  const read = await settleAll(
    scans.map(async (one) => ({ scanId: one.id, scan: one, cases: await tx.casesOfScan(one.id) })),
  );
  const isOfVisit = (one: ScanRow) => scan.visit !== undefined && one.visit === scan.visit;
  const known = {
    scan,
    cases: [current],
    controls: { ofScan: terms, ofUnits: { [current.unitId]: terms } },
    others: read.filter((one) => isOfVisit(one.scan)),
    sameMark: read.filter((one) => !isOfVisit(one.scan)),
  };
  return selectedOf(known).length > 0;
}

const DAY_MS = 86_400_000;

function moved(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}

function isWithout({ controls = [] }: WithControls): boolean {
  return controls.length === 0;
}

async function declaredOf(tx: ControlsTx, scan: ScanRow): Promise<readonly Declaration[]> {
  const { administration, site, containers } = scan;
  const declared = await tx.declarationsByContainer({ administration, site }, containers);
  return declared.filter((one) => isOfTime(one, scan));
}

function placeOf({ scan, record }: ReadScan) {
  const lane = record?.source.lane ?? record?.radiation?.[0]?.lane;
  return { site: scan.site, ...defined({ lane }) };
}

/** What has no number may be any container of the scan, and a number that people have added may be that of any object. */
function vehicleOf(
  read: ReadScan,
  declared: readonly Declaration[],
  { unitId, controls }: Unit,
  hidden: readonly string[] = [],
): ControlledVehicle {
  const unit = read.record?.units.find(({ id }) => id === unitId);
  const numbersOf = (units: readonly InspectionUnit[]) =>
    units.flatMap(({ containers }) => containers.map(({ value }) => value));
  const numbers = numbersOf(unit === undefined ? [] : [unit]);
  const written = numbersOf(read.record?.units ?? []);
  const added = read.scan.containers.filter((number) => !written.includes(number));
  const isOf = (number: string) =>
    numbers.length === 0 || numbers.includes(number) || [...hidden, ...added].includes(number);
  const own = declared.filter(({ body }) => body.containers.some(isOf));
  return { ...placeOf(read), declared: own.map(({ body }) => body), ...defined({ before: controls }) };
}
