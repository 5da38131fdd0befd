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
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import { toUtc } from '../../core/rules/clock.ts';
import {
  holdsAt,
  isLooser,
  type Mark,
  noVehicleHold,
  type StoredVehicleHold,
  type VehicleHoldTerms,
} from '../../core/rules/vehicle-hold.ts';
import type { Standing } from '../../core/rules/version.ts';
import { vehicleHoldDocument, vehicleHoldPath } from '../../stored/document-kinds.ts';
import { jobs } from '../../stored/job-ids.ts';
import { placeFor, type RulesTx, rulesAt } from '../../stored/rules.ts';
import { scansOfMark } from '../../stored/vehicle-scans.ts';
import type { TriagePolicy } from '../../triage/policy.ts';

/** Holds by hand: one person holds a vehicle at once, and two let it go. */

type NotifyTx = Parameters<typeof scansOfMark>[0] & RulesTx & Tx<'enqueue'>;
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
  rejectUnreadable(terms);
  return decide(deps, command, site, mark, {
    action: 'hold vehicle',
    next: (_, { inForce, newest }, at) => {
      const isLess = isLooser(inForce?.terms ?? noVehicleHold, terms, new Date(at));
      const next = writtenNext(command, newest, terms, { isLooser: isLess, at });
      const { administration } = command.actor;
      const isUnbroken = inForce !== undefined && holdsAt(inForce.terms, new Date(at));
      const since = isUnbroken ? (inForce.since ?? inForce.at) : undefined;
      return { value: { administration, site, mark, ...next, ...defined({ since }) }, detail: { ...terms } };
    },
  });
}

/** @throws NII_BAD_REQUEST for a time with a leap second or a suffix, which the form allows and no clock here has */
function rejectUnreadable({ until }: VehicleHoldTerms): void {
  if (until === undefined || toUtc(until) !== undefined) return;
  const detail = `Invalid until "${until}": use a time such as 2030-12-31T23:59:59Z`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'until' });
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
  const path = vehicleHoldPath({ ...place, mark });
  const [, , id = ''] = path;
  const document: DecidedDocument<StoredVehicleHold> = {
    kind: vehicleHoldDocument,
    path,
    title: 'The hold of the vehicle',
    site,
    // a plate is of a person, and more people read the feed than may hold vehicles
    change: { kind: 'vehicle-hold.changed', subject: () => id },
    subject,
  };
  const after = async (tx: NotifyTx, { version }: StoredVehicleHold) => {
    const rules = await rulesAt(tx, place, deps.policy);
    for (const { id } of await scansOfMark(tx, place, mark, rules, deps.clock.now())) {
      await tx.enqueue(jobs.notifyLaneOfMark(id, subject(), version));
      await tx.enqueue(jobs.watchPassages(id, `${subject()}:${version}`));
    }
  };
  return decideDocument(deps, command, document, { ...step, after }, (tx) =>
    tx.documentStanding(document.kind, document.path),
  );
}
