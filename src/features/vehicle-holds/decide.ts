import type { Command } from '../../commands/command.ts';
import {
  confirmedNext,
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecidedDocument,
  type DecisionStep,
  decideDocument,
  writtenNext,
} from '../../commands/decide-document.ts';
import type { Scope } from '../../core/access.ts';
import type { Tx } from '../../core/ports/records.ts';
import { EVER } from '../../core/rules/clock.ts';
import { VEHICLE_DAYS } from '../../core/rules/policy.ts';
import {
  isLooser,
  type Mark,
  type MarkKind,
  noVehicleHold,
  type StoredVehicleHold,
  type VehicleHoldTerms,
} from '../../core/rules/vehicle-hold.ts';
import type { Standing } from '../../core/rules/version.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { linkedMarks } from '../../stored/check-ins.ts';
import { vehicleHoldDocument, vehicleHoldPath } from '../../stored/document-kinds.ts';
import { jobs } from '../../stored/job-ids.ts';
import { type InForce, placeFor, policyOf, sitesOfVehicle } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';

/** Holds by hand: one person holds a vehicle at once, and two let it go. */

type NotifyTx = ScansNamingTx & Tx<'enqueue'>;
export type HoldVehicleTx = DecideDocumentTx & NotifyTx;
export interface HoldVehicleDeps extends DecideDocumentDeps<HoldVehicleTx> {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/** @throws NII_NOT_FOUND for the key of another site; NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED */
export function putVehicleHold(
  deps: HoldVehicleDeps,
  command: Command,
  site: string,
  mark: Mark,
  terms: VehicleHoldTerms,
): Promise<Standing<StoredVehicleHold>> {
  return decide(deps, command, site, mark, {
    action: 'hold vehicle',
    next: (_, { inForce, newest }, at) => {
      const isLess = isLooser(inForce?.terms ?? noVehicleHold, terms, new Date(at));
      const next = writtenNext(command, newest, terms, { isLooser: isLess, at });
      const { administration } = command.actor;
      return { value: { administration, site, mark, ...next }, detail: { ...terms } };
    },
  });
}

/** Another person's word on a proposal: it is in force. @throws NII_STATE_CONFLICT; as `putVehicleHold` */
export function confirmVehicleHold(
  deps: HoldVehicleDeps,
  command: Command,
  site: string,
  mark: Mark,
): Promise<Standing<StoredVehicleHold>> {
  return decide(deps, command, site, mark, {
    action: 'hold vehicle: confirm',
    next: (_, { newest }, at) => {
      const value = confirmedNext(command, newest, at);
      return { value, detail: { proposedBy: value.proposedBy, ...value.terms } };
    },
  });
}

function decide(
  deps: HoldVehicleDeps,
  command: Command,
  site: string,
  mark: Mark,
  step: Pick<DecisionStep<HoldVehicleTx, StoredVehicleHold>, 'action' | 'next'>,
): Promise<Standing<StoredVehicleHold>> {
  const place = placeFor(command.actor, site);
  const subject = () => `${mark.kind} ${mark.value}`;
  const document: DecidedDocument<StoredVehicleHold> = {
    kind: vehicleHoldDocument,
    path: vehicleHoldPath({ ...place, mark }),
    title: 'The hold of the vehicle',
    site,
    change: { kind: 'vehicle-hold.changed', subject },
    subject,
  };
  const after = async (tx: NotifyTx, { version }: StoredVehicleHold) => {
    for (const { id } of await scansNaming(deps, tx, place, mark))
      await tx.enqueue(jobs.notifyLaneOfMark(id, subject(), version));
  };
  return decideDocument(deps, command, document, { ...step, after }, (tx) =>
    tx.documentStanding(document.kind, document.path),
  );
}

type ScansNamingTx = InForce &
  Tx<'documentsInForce' | 'checkInsNaming' | 'scansByContainer' | 'scansOfVisit' | 'scans'>;

/** More scans of one plate than a lane waits for. */
const MOST_SCANS = 200;

/** The scans whose lane is told: those with the mark, or with one that a check-in states beside it. */
async function scansNaming(
  { clock, policy }: Pick<HoldVehicleDeps, 'clock' | 'policy'>,
  tx: ScansNamingTx,
  place: Scope,
  mark: Mark,
): Promise<readonly ScanRow[]> {
  const { administration } = place;
  const { vehicleDays: days = VEHICLE_DAYS } = await policyOf(tx, administration, policy);
  const places = { administration, sites: await sitesOfVehicle(tx, place) };
  const linked = await linkedMarks(tx, places, [mark], [clock.now().getTime()], days);
  const marks = [mark, ...linked];
  const found = [...(await tx.scansByContainer(administration, valuesOf(marks, 'container'), ...EVER))];
  const terms = mark.kind === 'plate' ? [`plate:${mark.value}`] : [];
  for (const site of places.sites) {
    for (const visit of valuesOf(marks, 'visit'))
      found.push(...(await tx.scansOfVisit({ administration, site }, visit, ...EVER)));
    if (terms.length > 0)
      found.push(...(await tx.scans({ administration, site }, { terms }, MOST_SCANS)).rows);
  }
  const own = found.filter(({ site }) => places.sites.includes(site));
  return [...new Map(own.map((scan) => [scan.id, scan])).values()];
}

function valuesOf(marks: readonly Mark[], wanted: MarkKind): readonly string[] {
  return marks.filter(({ kind }) => kind === wanted).map(({ value }) => value);
}
