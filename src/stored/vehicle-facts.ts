import type { Scope } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import type { LanePassage, OpenFact, PassageReport } from '../core/case/lane-passage.ts';
import { scanOfInstruction } from '../core/case/lane-passage.ts';
import { normaliseContainer } from '../core/check-digits.ts';
import { defined } from '../core/defined.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { marksOfTerms } from '../core/rules/check-in.ts';
import { VEHICLE_DAYS } from '../core/rules/policy.ts';
import { realMarks } from '../core/rules/site.ts';
import type { StoredVehicleHold } from '../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { type Applied, laneRows, rowOfHold, rowsOf } from '../triage/instruction.ts';
import type { Asked } from '../triage/lane.ts';
import { holdInWords } from '../triage/radiation.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import {
  heldSince,
  isAdverse,
  isOfImage,
  keyOfFact,
  openSince,
  wasHolding,
} from '../triage/vehicle-facts.ts';
import { handHoldsOf, type KnownDeps, type KnownTx, knownOf } from './lane-instruction.ts';
import { rulesAt } from './rules.ts';
import { daysOfHold, placesOf } from './vehicle-scans.ts';

/** What is open against a vehicle that passed a lane. */

const DAY_MS = 86_400_000;
/** More scans than a vehicle has. */
const SCANS_OF_VEHICLE = 16;

export type ScansOfPassageTx = Tx<'scan' | 'scansByContainer' | 'scansOfVisit'>;

export interface FoundScan {
  readonly scan: ScanRow;
  readonly foundBy: 'scan' | 'visit' | 'container';
}

/** The scan that the passage names, then those at the site of its visit and of its containers within these days of it. */
export async function scansOfPassage(
  tx: ScansOfPassageTx,
  place: Scope,
  report: PassageReport,
  days: number,
): Promise<readonly FoundScan[]> {
  const id = report.scanId ?? scanOfInstruction(report);
  const named = id === undefined ? undefined : await tx.scan(place, id);
  const [from, to] = [moved(report.at, -days), moved(report.at, days)];
  const containers = (report.containers ?? []).map(normaliseContainer).filter((number) => number !== '');
  const ofVisit = report.visit === undefined ? [] : await tx.scansOfVisit(place, report.visit, from, to);
  const ofContainers = await tx.scansByContainer(place.administration, containers, from, to);
  const found = [
    ...(named === undefined ? [] : [{ scan: named, foundBy: 'scan' as const }]),
    ...ofVisit.map((scan) => ({ scan, foundBy: 'visit' as const })),
    ...ofContainers
      .filter(({ site }) => site === place.site)
      .map((scan) => ({ scan, foundBy: 'container' as const })),
  ];
  const first = new Map(found.toReversed().map((one) => [one.scan.id, one]));
  return found.filter((one) => first.get(one.scan.id) === one).slice(0, SCANS_OF_VEHICLE);
}

function moved(time: string, days: number): string {
  return new Date(Date.parse(time) + days * DAY_MS).toISOString();
}

/** What is open against the vehicle now, or was when it passed; each once, the oldest first. */
export async function factsOfPassage(
  deps: KnownDeps,
  tx: ScansOfPassageTx & KnownTx,
  { administration, site, report }: Pick<LanePassage, 'administration' | 'site' | 'report'>,
): Promise<readonly OpenFact[]> {
  const place = { administration, site };
  const rules = await rulesAt(tx, place, deps.policy);
  const scans = await scansOfPassage(tx, place, report, rules.policy.vehicleDays ?? VEHICLE_DAYS);
  const found = await settleAll([
    ...scans.map(({ scan }) => factsOfScan(deps, tx, scan, rules, report.at)),
    factsOfMarks(deps, tx, rules, place, report),
  ]);
  const facts = new Map(found.flat().map((fact) => [keyOfFact(fact), fact]));
  return [...facts.values()].toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

async function factsOfScan(
  deps: Pick<KnownDeps, 'clock'>,
  tx: KnownTx,
  scan: ScanRow,
  rules: SiteRules,
  passedAt: string,
): Promise<readonly OpenFact[]> {
  const known = await knownOf(tx, scan, rules, deps.clock.now());
  const rows = rowsOf(known);
  const facts = await settleAll([
    ...rows.filter(({ unitId }) => unitId !== undefined).map((row) => factOfCase(tx, scan, row, passedAt)),
    ...rows.filter(({ holdId }) => holdId !== undefined).map((row) => factOfHold(tx, scan, known, row)),
  ]);
  return [
    ...facts.filter((fact) => fact !== undefined),
    ...factsOfHand(known.byHand),
    ...endedSince(known.holds, rows, passedAt),
  ];
}

async function factOfCase(
  tx: Tx<'casesOfScan'>,
  scan: ScanRow,
  { code, scanId = scan.id, unitId }: Applied,
  passedAt: string,
): Promise<OpenFact | undefined> {
  const found = (await tx.casesOfScan(scanId)).find((one) => one.unitId === unitId);
  if (found === undefined || !counts(code, found, passedAt)) return undefined;
  return { ...factOf(code, openSince(found)), scanId, ...defined({ unitId }) };
}

/** Another scan that came after the vehicle left says nothing of it before somebody has decided. */
function counts(code: Applied['code'], { openedAt }: Case, passedAt: string): boolean {
  return isAdverse(code) || (isOfImage(code) && Date.parse(openedAt) <= Date.parse(passedAt));
}

async function factOfHold(
  tx: Tx<'holdsOn' | 'unjoinedHolds'>,
  scan: ScanRow,
  { holds, near }: Pick<Asked, 'holds' | 'near'>,
  { code, scanId, holdId }: Applied,
): Promise<OpenFact | undefined> {
  if (!isAdverse(code)) return undefined;
  const isIt = ({ id }: Hold) => id === holdId;
  const elsewhere = async () => [...(await tx.holdsOn(scanId ?? scan.id)), ...(await tx.unjoinedHolds(scan))];
  const hold = [...holds, ...near].find(isIt) ?? (await elsewhere()).find(isIt);
  if (hold === undefined) return undefined;
  return { ...factOf(code, heldSince(hold)), text: holdInWords(hold), ...defined({ holdId }) };
}

/** Somebody holds it by a mark that the lane reports, also where no scan shows it. */
async function factsOfMarks(
  { clock }: Pick<KnownDeps, 'clock'>,
  tx: Tx<'documentInForce' | 'holdsOfMarks'>,
  rules: SiteRules,
  place: Scope,
  report: PassageReport,
): Promise<readonly OpenFact[]> {
  const { plates = [], containers = [], visit } = report;
  const marks = marksOfTerms({ plates, ...realMarks(rules.site, { containers, visit }) });
  const held = { ...placesOf(place, rules), marks, received: [report.at] };
  const alarms = (await tx.holdsOfMarks(held, held.marks)).filter((hold) => {
    const [from, to] = daysOfHold(hold, rules).map((time) => Date.parse(time));
    return Date.parse(report.at) >= Number(from) && Date.parse(report.at) <= Number(to);
  });
  return [...factsOfHand(await handHoldsOf(tx, held, rules, clock.now())), ...factsOfAlarms(alarms)];
}

/** Of a vehicle that officers have named, and that has perhaps no scan. */
function factsOfAlarms(alarms: readonly Hold[]): readonly OpenFact[] {
  return alarms
    .map((hold) => ({ code: rowOfHold(hold, alarms), hold }))
    .filter(({ code }) => isAdverse(code))
    .map(({ code, hold }) => ({
      ...factOf(code, heldSince(hold)),
      text: holdInWords(hold),
      holdId: hold.id,
    }));
}

function factsOfHand(holds: readonly StoredVehicleHold[]): readonly OpenFact[] {
  const [since] = holds.map(({ at }) => at).toSorted();
  return since === undefined ? [] : [factOf('held-by-hand', since)];
}

/** Alarms that have ended, and held the vehicle when it passed: a report may be late. */
function endedSince(holds: readonly Hold[], rows: readonly Applied[], passedAt: string): readonly OpenFact[] {
  const isOpen = ({ id }: Hold) => rows.some(({ code, holdId }) => holdId === id && isAdverse(code));
  return holds
    .filter((hold) => !isOpen(hold) && wasHolding(hold, passedAt))
    .map((hold) => ({ ...factOf('alarm-waits', hold.openedAt), holdId: hold.id }));
}

function factOf(code: Applied['code'], since: string): OpenFact {
  return { code, text: laneRows[code].inWords, since };
}
