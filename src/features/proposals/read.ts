import { type Actor, mayAdminister, type Role, scopeOf } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import type { ListedDocumentKind } from '../../core/documents.ts';
import { isOther, moveOf } from '../../core/person/move.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import { marksWithout, type StoredScanMarks } from '../../core/rules/scan-marks.ts';
import { notSetAside } from '../../core/rules/set-aside.ts';
import { unsetSite } from '../../core/rules/site.ts';
import { noVehicleHold } from '../../core/rules/vehicle-hold.ts';
import type { Version } from '../../core/rules/version.ts';
import { emptyRegister } from '../../core/scanner/register.ts';
import { type Right, rolesWho } from '../../http/routes/rights.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import {
  modelChoiceDocument,
  policyDocument,
  registerDocument,
  scanMarksDocument,
  setAsideDocument,
  siteDocument,
  vehicleHoldDocument,
} from '../../stored/document-kinds.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { changesBetween, type FieldChange } from './changes.ts';

/** What one person has proposed and another is to confirm. */

const MOST_OF_A_KIND = 100;
const MOST_CHANGES = 100;

export interface Proposal {
  readonly kind: ProposedKind;
  readonly site?: string;
  /** Of the scanner, model or vehicle. */
  readonly subject?: string;
  readonly version: number;
  readonly at: string;
  readonly by: string;
  /** The caller is surely another person. */
  readonly mayConfirm: boolean;
  /** Where it is confirmed: a POST with If-Match. */
  readonly confirmation: string;
  readonly changes: readonly FieldChange[];
  /** There are more changes than these. */
  readonly isCut?: true;
}

export const proposedKinds = [
  'policy',
  'site',
  'register',
  'model-choice',
  'vehicle-hold',
  'set-aside',
  'scan-marks',
] as const;
export type ProposedKind = (typeof proposedKinds)[number];

type ProposedValue = Version<unknown> & { readonly administration: string; readonly site?: string };

interface Entry<Value> {
  readonly document: ListedDocumentKind<Value> & { readonly kind: ProposedKind };
  /** Of those who confirm it. */
  readonly right: Right;
  readonly subjectOf?: (value: Value) => string;
  /** The parts of the address of its confirmation, after /v1. */
  readonly addressOf: (value: Value) => readonly string[];
  /** What counts where nothing was decided. */
  readonly unless: unknown;
  /** Unless given, what differs between the terms in force and those proposed. */
  readonly changesOf?: (value: Value) => readonly FieldChange[];
}

type ProposalsTx = Tx<'proposedDocuments' | 'documentStanding'>;
export interface ListProposalsDeps extends Viewing<ProposalsTx> {
  readonly clock: Clock;
  readonly policy: TriagePolicy;
}

interface Viewer {
  readonly actor: Actor;
  readonly roles: readonly Role[];
  readonly now: Date;
}

/** What waits for somebody with one of these roles, oldest first, with what the caller proposed. */
export function listProposals(
  deps: ListProposalsDeps,
  actor: Actor,
  roles: readonly Role[],
): Promise<readonly Proposal[]> {
  const viewer = { actor, roles, now: deps.clock.now() };
  return viewed(deps, actor, 'proposals', '', {}, async (tx) => {
    const found = [
      ...(await proposedOf(tx, viewer, policyEntry(deps.policy))),
      ...(await proposedOf(tx, viewer, siteEntry)),
      ...(await proposedOf(tx, viewer, registerEntry)),
      ...(await proposedOf(tx, viewer, modelEntry)),
      ...(await proposedOf(tx, viewer, vehicleHoldEntry)),
      ...(await proposedOf(tx, viewer, setAsideEntry)),
      ...(await proposedOf(tx, viewer, scanMarksEntry)),
    ];
    return found.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  });
}

async function proposedOf<Value extends ProposedValue>(
  tx: ProposalsTx,
  { actor, roles, now }: Viewer,
  { document, right, subjectOf, addressOf, unless, changesOf }: Entry<Value>,
): Promise<readonly Proposal[]> {
  if (!roles.some((role) => rolesWho(right).includes(role))) return [];
  const values = await tx.proposedDocuments(document, scopeOf(actor), MOST_OF_A_KIND);
  const proposals: Proposal[] = [];
  for (const value of values.filter((one) => mayAdminister(actor, one))) {
    const { inForce } = await tx.documentStanding(document, document.pathOf(value));
    const { version, at, by, terms, site } = value;
    const changes = changesOf?.(value) ?? changesBetween(inForce?.terms ?? unless, terms);
    proposals.push({
      kind: document.kind,
      ...defined({ site, subject: subjectOf?.(value) }),
      version,
      at,
      by,
      mayConfirm: isOther(moveOf(actor, now), by),
      confirmation: `/v1/${addressOf(value).map(encodeURIComponent).join('/')}/confirmation`,
      changes: changes.slice(0, MOST_CHANGES),
      ...defined({ isCut: changes.length > MOST_CHANGES ? (true as const) : undefined }),
    });
  }
  return proposals;
}

function entry<Value extends ProposedValue>(stated: Entry<Value>): Entry<Value> {
  return stated;
}

const policyEntry = (policy: TriagePolicy) =>
  entry({
    document: { ...policyDocument, kind: 'policy' },
    right: 'decide rules',
    addressOf: () => ['policy'],
    unless: policy,
  });

const siteEntry = entry({
  document: { ...siteDocument, kind: 'site' },
  right: 'decide rules',
  addressOf: ({ site }) => ['sites', site],
  unless: unsetSite,
});

const registerEntry = entry({
  document: { ...registerDocument, kind: 'register' },
  right: 'register scanners',
  subjectOf: ({ id }) => id,
  addressOf: ({ site, id }) => ['scanners', site, id],
  unless: emptyRegister,
});

const modelEntry = entry({
  document: { ...modelChoiceDocument, kind: 'model-choice' },
  right: 'decide models',
  subjectOf: ({ model }) => model,
  addressOf: ({ model }) => ['models', model],
  unless: {},
});

const setAsideEntry = entry({
  document: { ...setAsideDocument, kind: 'set-aside' },
  right: 'set scans aside',
  subjectOf: ({ scanId }) => scanId,
  addressOf: ({ scanId }) => ['scans', scanId, 'set-aside'],
  unless: notSetAside,
});

/** By what they are, not by their place in a list: what is taken off comes first. */
function changesOfMarks({ before, terms: { marks, reason } }: StoredScanMarks): readonly FieldChange[] {
  return [
    ...marksWithout(before, marks).map(({ kind, value }) => ({ field: kind, before: value })),
    ...marksWithout(marks, before).map(({ kind, value }) => ({ field: kind, after: value })),
    { field: 'reason', after: reason },
  ];
}

const scanMarksEntry = entry({
  document: { ...scanMarksDocument, kind: 'scan-marks' },
  right: 'correct marks',
  subjectOf: ({ scanId }) => scanId,
  addressOf: ({ scanId }) => ['scans', scanId, 'marks'],
  unless: {},
  changesOf: changesOfMarks,
});

const vehicleHoldEntry = entry({
  document: { ...vehicleHoldDocument, kind: 'vehicle-hold' },
  right: 'hold vehicles',
  subjectOf: ({ mark }) => mark.value,
  addressOf: ({ site, mark }) => ['sites', site, 'vehicle-holds', mark.kind, mark.value],
  unless: noVehicleHold,
});
