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
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type SiteTerms, type StoredSite, unsetSite } from '../../core/rules/site.ts';
import type { Standing } from '../../core/rules/version.ts';
import { siteDocument } from '../../stored/document-kinds.ts';
import { joinHoldsAgain } from '../../stored/radiation-store.ts';
import { placeFor, policyOf } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { brokenTerm, loosenedTerms } from '../../triage/site-rules.ts';

/** What is decided for one site: its zone, what holds without an instruction, its mode, and when scans follow portals. */

type ChangeSiteTx = DecideDocumentTx & Tx<'documentInForce' | 'holds' | 'enqueue'>;
export type ChangeSiteDeps = DecideDocumentDeps<ChangeSiteTx>;

export interface DecideSiteDeps extends ChangeSiteDeps {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

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
  return decide(deps, command, site, {
    action: 'change site',
    next: async (tx, { inForce, newest }, at) => {
      const { administration } = command.actor;
      const policy = await policyOf(tx, administration, deps.policy);
      const loosened = loosenedTerms(inForce?.terms ?? unsetSite, terms, policy);
      const next = writtenNext(command, newest, terms, { isLooser: loosened.length > 0, at });
      return { value: { administration, site, ...next }, detail: { loosened, mode: terms.mode } };
    },
  });
}

/** Another person's word on a proposal: it is in force. @throws NII_STATE_CONFLICT; as `putSite` */
export function confirmSite(
  deps: ChangeSiteDeps,
  command: Command,
  site: string,
): Promise<Standing<StoredSite>> {
  return decide(deps, command, site, {
    action: 'change site: confirm',
    next: (_, { newest }, at) => {
      const value = confirmedNext(command, newest, at);
      return { value, detail: { proposedBy: value.proposedBy, mode: value.terms.mode } };
    },
  });
}

function decide(
  deps: ChangeSiteDeps,
  command: Command,
  site: string,
  step: Pick<DecisionStep<ChangeSiteTx, StoredSite>, 'action' | 'next'>,
): Promise<Standing<StoredSite>> {
  const place = placeFor(command.actor, site);
  const subject = () => site;
  const document: DecidedDocument<StoredSite> = {
    kind: siteDocument,
    path: [place.administration, site],
    title: 'The site',
    site,
    change: { kind: 'site.changed', subject },
    subject,
  };
  const after = async (tx: Tx<'holds' | 'enqueue'>, { version, state }: StoredSite) => {
    if (state === 'in-force') await joinHoldsAgain(tx, place, `site-${version}`);
  };
  return decideDocument(deps, command, document, { ...step, after }, (tx) =>
    tx.documentStanding(document.kind, document.path),
  );
}

function rejectBroken(terms: SiteTerms): void {
  const broken = brokenTerm(terms);
  if (broken === undefined) return;
  const { field, detail, row } = broken;
  const because = row === undefined ? '' : ` (row "${row}" of the table of instructions)`;
  throw new NiiError('NII_BAD_REQUEST', { detail: `${detail}${because}`, field });
}
