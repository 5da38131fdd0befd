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
import type { Actor, Scope } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import {
  isOpenAt,
  type ServiceHoldAt,
  type StoredServiceHold,
  serviceHoldsAt,
} from '../../core/rules/service-hold.ts';
import { serviceHoldDocument, serviceHoldPath } from '../../stored/document-kinds.ts';
import { placeFor } from '../../stored/rules.ts';
import { serviceHoldsOf } from '../../stored/service-holds.ts';

/** How the people of a site end what the service holds: one proposes it with a reason, and another confirms it. */

export type EndServiceHoldTx = DecideDocumentTx & Tx<'documentsAbout'>;
export type EndServiceHoldDeps = DecideDocumentDeps<EndServiceHoldTx>;

/** @throws NII_NOT_FOUND of another site, or without such a hold; NII_FORBIDDEN, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED */
export function proposeEnd(
  deps: EndServiceHoldDeps,
  command: Command,
  site: string,
  id: string,
  reason: string,
): Promise<ServiceHoldAt> {
  return decide(deps, command, site, id, {
    name: (cause) => `end ${cause} hold: propose`,
    next: ({ opened, standing }, at) => {
      const terms = { isOpen: false, reason };
      return { ...opened, site, ...writtenNext(command, standing.newest, terms, { isLooser: true, at }) };
    },
  });
}

/** Another person's word on a proposal: the hold has ended. @throws as `proposeEnd` */
export function confirmEnd(
  deps: EndServiceHoldDeps,
  command: Command,
  site: string,
  id: string,
): Promise<ServiceHoldAt> {
  return decide(deps, command, site, id, {
    name: (cause) => `end ${cause} hold: confirm`,
    next: ({ opened, standing }, at) => {
      const agreed = confirmedNext(command, standing.newest, at);
      requireCloser(command.actor, opened);
      return agreed;
    },
  });
}

interface Step {
  /** In the audit. */
  readonly name: (cause: StoredServiceHold['cause']) => string;
  readonly next: (hold: ServiceHoldAt, at: string) => StoredServiceHold;
}

async function decide(
  deps: EndServiceHoldDeps,
  command: Command,
  site: string,
  id: string,
  { name, next }: Step,
): Promise<ServiceHoldAt> {
  const place = placeFor(command.actor, site);
  const find = (tx: Tx<'documentsAbout'>) => serviceHoldAt(tx, place, id);
  const { opened } = await deps.records.transaction(find);
  requireRole(command.actor, opened);
  const subject = () => id;
  const document: DecidedDocument<StoredServiceHold> = {
    kind: serviceHoldDocument,
    path: serviceHoldPath({ ...place, id }),
    title: 'The hold of the service',
    site,
    change: { kind: 'service-hold.changed', subject },
    subject,
  };
  const step: DecisionStep<EndServiceHoldTx, StoredServiceHold> = {
    action: name(opened.cause),
    next: (_, standing, at) => {
      const hold = { opened, standing };
      if (!isOpenAt(hold)) throw new NiiError('NII_STATE_CONFLICT', 'This hold has ended at this site');
      const value = next(hold, at);
      return { value, detail: { ...value.terms } };
    },
  };
  return decideDocument(deps, command, document, step, find);
}

/** @throws NII_NOT_FOUND */
export async function serviceHoldAt(
  tx: Tx<'documentsAbout'>,
  { administration, site }: Scope,
  id: string,
): Promise<ServiceHoldAt> {
  const all = serviceHoldsAt(await serviceHoldsOf(tx, administration), site);
  const found = all.find(({ opened }) => opened.id === id);
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', 'Unknown service hold at this site');
  return found;
}

/** That the clock is right is for those to say who run the service. It goes by the key, as below. @throws NII_FORBIDDEN */
function requireRole({ role }: Actor, { cause }: StoredServiceHold): void {
  if (cause === 'clock' && role !== 'administrator')
    throw new NiiError('NII_FORBIDDEN', 'Only an administrator can confirm that the clock is right');
}

/**
 * What is missing since a restore is known to those who oversee the traffic, and not to administrators. It goes by the key that is used:
 * an administrator can link the key of a supervisor to a person of their own. @throws NII_FORBIDDEN
 */
function requireCloser({ role }: Actor, { cause }: StoredServiceHold): void {
  if (cause === 'recovery' && role !== 'supervisor')
    throw new NiiError('NII_FORBIDDEN', 'Only a supervisor can confirm that the gap is closed');
}
