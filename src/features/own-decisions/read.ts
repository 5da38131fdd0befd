import { type Actor, idsOf, placeOf } from '../../core/access.ts';
import type { Case, Verdict } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Page } from '../../core/page.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { previewedChannel } from '../../core/scan/channel-kinds.ts';
import type { View } from '../../core/scan/scan.ts';
import type { PictureMask } from '../../format/cab-mask.ts';
import type { Reader } from '../../parsing/reader.ts';
import { type CabTx, maskOf } from '../../queries/cab-mask.ts';
import { drawMasked, previewMask, type ShownPicture } from '../../queries/pixels/masked-picture.ts';
import { isOpenTo, redactFor, type Viewing, viewed } from '../../queries/read.ts';
import { type Became, lastDecisionOf, resultOf } from './rules.ts';

/** What a reader decided herself, and what became of it. Nobody sees the list of another person. */

export interface OwnDecision {
  readonly value: Case;
  readonly decidedAt: string;
  readonly verdict: Pick<Verdict, 'kind' | 'reason' | 'reasonLabel'>;
  readonly became: Became;
  /** It can be looked at: the verdict still counts, and nobody may still read the image. */
  readonly canBeOpened: boolean;
}

/** The newest first. */
export function listOwnDecisions(
  deps: Viewing<Tx<'decidedBy'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<OwnDecision>> {
  return viewed(deps, actor, 'own decisions', '', {}, async (tx) => {
    const page = await tx.decidedBy(placeOf(actor), idsOf(actor), limit, cursor);
    return { ...page, rows: page.rows.flatMap((value) => decisionOf(actor, value) ?? []) };
  });
}

/** What the picture of a decision was drawn from: regions are placed by it. */
export interface ShownView {
  readonly view: string;
  /** Of the stored samples. */
  readonly rows: number;
  readonly columns: number;
  readonly display: View['display'];
}

export interface OpenedDecision extends OwnDecision {
  readonly shown?: ShownView;
  /** The picture is flat where the cab of the truck is. */
  readonly isCabMasked: boolean;
}

/** @throws NII_NOT_FOUND for what is not a decision of the caller that can be opened */
export function getOwnDecision(
  deps: Viewing<Tx<'case' | 'revision'> & CabTx>,
  actor: Actor,
  caseId: string,
): Promise<OpenedDecision> {
  return viewed(deps, actor, 'own decision', caseId, {}, async (tx) => {
    const decision = await openedOf(tx, actor, caseId);
    const { revision } = lastDecisionOf(decision.value, idsOf(actor)) ?? {};
    const scan =
      revision === undefined ? undefined : (await tx.revision(decision.value.scanId, revision))?.scan;
    const drawn = scan && previewedChannel(scan.views);
    const shown = drawn && {
      view: drawn.view.id,
      rows: drawn.channel.rows,
      columns: drawn.channel.columns,
      display: drawn.view.display,
    };
    const mask = await previewMaskOf(tx, decision.value, revision);
    return { ...decision, ...defined({ shown }), isCabMasked: mask.bands.length > 0 };
  });
}

export interface OwnPreviewDeps {
  readonly records: Transactions<Tx<'case' | 'objectsOf' | 'revision' | 'audit'> & CabTx>;
  readonly objects: ObjectReads;
  readonly reader: Reader;
  readonly limits: Limits;
}

async function previewMaskOf(
  tx: Tx<'revision'> & CabTx,
  value: Case,
  number: number | undefined,
): Promise<PictureMask> {
  const revision = number === undefined ? undefined : await tx.revision(value.scanId, number);
  return previewMask(revision?.scan, revision === undefined ? [] : await maskOf(tx, value, revision));
}

/** The preview of the scan as the decision saw it, masked as the policy says now. @throws NII_NOT_FOUND */
export async function openOwnPreview(
  deps: OwnPreviewDeps,
  actor: Actor,
  caseId: string,
): Promise<ShownPicture> {
  const { row, mask } = await viewed(deps, actor, 'own decision: preview', caseId, {}, async (tx) => {
    const { value } = await openedOf(tx, actor, caseId);
    const { revision } = lastDecisionOf(value, idsOf(actor)) ?? {};
    const objects = await tx.objectsOf(value.scanId, revision);
    const found = objects.find(({ kind }) => kind === 'preview');
    if (found === undefined) throw new NiiError('NII_NOT_FOUND', 'This scan has no preview');
    return { row: found, mask: await previewMaskOf(tx, value, revision) };
  });
  if (mask.bands.length > 0)
    return { kind: 'drawn', drawn: await drawMasked(deps, actor, row, { ...mask, paint: 'neutral' }) };
  return { kind: 'stored', opened: { row, stream: (range) => deps.objects.stream(row.key, range) } };
}

async function openedOf(tx: Tx<'case'>, actor: Actor, caseId: string): Promise<OwnDecision> {
  const value = await tx.case(placeOf(actor), caseId);
  const decision = value && decisionOf(actor, value);
  if (decision?.canBeOpened !== true)
    throw new NiiError('NII_NOT_FOUND', `Case "${caseId}" is not one of your decisions, or cannot be opened`);
  return decision;
}

/** Undefined where it was taken back, or is in hand again. */
function decisionOf(actor: Actor, value: Case): OwnDecision | undefined {
  const own = idsOf(actor);
  const decision = lastDecisionOf(value, own);
  if (decision === undefined) return undefined;
  const { at, kind, reason, reasonLabel } = decision;
  const counts = value.verdicts.some(({ analyst }) => own.includes(analyst));
  const isSeen = redactFor(actor, value) === value && isOpenTo(actor, value);
  return {
    value,
    decidedAt: at,
    verdict: { kind, reason, ...defined({ reasonLabel }) },
    became: resultOf(value, own),
    canBeOpened: counts && isSeen,
  };
}
