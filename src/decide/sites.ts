import type { Actor } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { JobQueue } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { Holds } from '../core/ports/records/holds.ts';
import type { ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { Policies } from '../core/ports/records/rules/policies.ts';
import type { SiteVersions, SiteWrites } from '../core/ports/records/rules/sites.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type SiteTerms, type StoredSite, unsetSite } from '../core/rules/site.ts';
import type { Standing } from '../core/rules/version.ts';
import { storeDerived } from '../stored/case-store.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { joinHoldsAgain } from '../stored/radiation-store.ts';
import { NO_SCAN, placeFor, policyOf, siteObject } from '../stored/rules.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { brokenTerm, loosenedTerms } from '../triage/site-rules.ts';
import { type Command, earlierAnswer, keepAnswer } from './command.ts';
import { confirmedNext, requireNewest, writtenNext } from './versions.ts';

/** What is decided for one site: its zone, what holds without an instruction, its mode, and when scans follow portals. */

export interface ChangeSiteDeps {
  readonly records: Transactions<ChangeSiteTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

export interface DecideSiteDeps extends ChangeSiteDeps {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

export type ChangeSiteTx = StoreSiteTx & SiteVersions & Policies & Answers;

/**
 * Puts terms in force, or proposes them where they let more pass: a site that goes live, or a live one whose alarms hold
 * fewer scans.
 * @throws NII_BAD_REQUEST, NII_NOT_FOUND for the key of another site; NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED
 */
export function putSite(
  deps: DecideSiteDeps,
  command: Command,
  site: string,
  terms: SiteTerms,
): Promise<Standing<StoredSite>> {
  rejectBroken(terms);
  return change(deps, command, site, 'change site', async (tx, { inForce }, newest, at) => {
    const { administration } = command.actor;
    const policy = await policyOf(tx, administration, deps.policy);
    const loosened = loosenedTerms(inForce?.terms ?? unsetSite, terms, policy);
    const next = writtenNext(command, newest, terms, { isLooser: loosened.length > 0, at });
    return { value: { administration, site, ...next }, detail: { loosened, mode: terms.mode } };
  });
}

/** Another person's word on a proposal: it is in force. @throws NII_STATE_CONFLICT; as `putSite` */
export function confirmSite(
  deps: ChangeSiteDeps,
  command: Command,
  site: string,
): Promise<Standing<StoredSite>> {
  return change(deps, command, site, 'change site: confirm', async (_, { newest }, __, at) => {
    const value = confirmedNext(command, newest, at);
    return { value, detail: { proposedBy: value.proposedBy, mode: value.terms.mode } };
  });
}

interface Change {
  readonly value: StoredSite;
  readonly detail: Readonly<Record<string, unknown>>;
}

type Next = (tx: Policies, standing: Standing<StoredSite>, newest: number, at: string) => Promise<Change>;

function change(
  deps: ChangeSiteDeps,
  command: Command,
  site: string,
  action: string,
  next: Next,
): Promise<Standing<StoredSite>> {
  const place = placeFor(command.actor, site);
  const write = () =>
    deps.records.transaction(async (tx) => {
      const earlier = await earlierAnswer(tx, command);
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return earlier as Standing<StoredSite>;
      const standing = await tx.siteVersions(place);
      const newest = standing.newest?.version ?? 0;
      requireNewest(command, newest, 'The site');
      const { value, detail } = await next(tx, standing, newest, deps.clock.now().toISOString());
      await storeSite(deps, tx, command.actor, action, value, detail);
      const changed = await tx.siteVersions(place);
      await keepAnswer(tx, command, changed);
      return changed;
    });
  return deps.records.exclusively(`site:${place.administration}:${site}`, write, OBJECTS_LOCK);
}

export type StoreSiteTx = SiteWrites & ObjectRowWrites & ChangeWrites & Audit & Holds & JobQueue;

async function storeSite(
  deps: { readonly objects: ObjectWrites },
  tx: StoreSiteTx,
  actor: Actor,
  action: string,
  value: StoredSite,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { administration, site, version, state } = value;
  await storeDerived(deps, tx, NO_SCAN, siteObject(value));
  await tx.putSite(value);
  if (state === 'in-force') await joinHoldsAgain(tx, { administration, site }, `site-${version}`);
  await tx.appendChange({ administration, site, kind: 'site.changed', subject: site });
  await tx.audit({ actor, action, subject: site, detail: { version, state, ...detail }, site });
}

function rejectBroken(terms: SiteTerms): void {
  const broken = brokenTerm(terms);
  if (broken === undefined) return;
  const { field, detail, row } = broken;
  const because = row === undefined ? '' : ` (row "${row}" of the table of instructions)`;
  throw new NiiError('NII_BAD_REQUEST', { detail: `${detail}${because}`, field });
}
