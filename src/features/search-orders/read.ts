import { type Actor, placeOf, scopeOf } from '../../core/access.ts';
import type { Case } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { Tx } from '../../core/ports/records.ts';
import { labelOf, reasonsOf } from '../../core/rules/reason-list.ts';
import type { PictureMask } from '../../format/cab-mask.ts';
import { renderSearchOrder } from '../../format/search-order/order.ts';
import type { OrderLanguage } from '../../format/search-order/words.ts';
import type { Reader } from '../../parsing/reader.ts';
import { maskOf } from '../../queries/cab-mask.ts';
import { drawMasked, previewMask } from '../../queries/pixels/masked-picture.ts';
import { isOpenTo, type Viewing, viewed } from '../../queries/read.ts';
import { policyOf } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { standingVerdict } from '../../triage/readings.ts';

export { OrderLanguage } from '../../format/search-order/words.ts';

type OrderFactsTx = Tx<'revision' | 'objectsOf' | 'declaration' | 'documentInForce' | 'scanner'>;

export interface SearchOrderDeps extends Viewing<OrderFactsTx & Tx<'case'>> {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
  readonly objects: ObjectReads;
  readonly reader: Reader;
  readonly limits: Limits;
  /** Where people reach the service; the code then leads a phone to the search. */
  readonly publicUrl: string | undefined;
}

/** More declarations are no order to read at a dock. */
const MOST_DECLARATIONS = 8;

/**
 * The order to search, as PDF to print. Every view is in the audit.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT where the case is not in search
 */
export async function searchOrderOf(
  deps: SearchOrderDeps,
  actor: Actor,
  caseId: string,
  language: OrderLanguage,
): Promise<Uint8Array> {
  const {
    preview: stored,
    mask,
    ...facts
  } = await viewed(deps, actor, 'search order', caseId, { language }, async (tx) =>
    factsOf(deps, tx, actor, await requireInSearch(tx, actor, caseId), language),
  );
  const preview = stored && (await previewBytes(deps, actor, stored, mask));
  const isCabMasked = mask.bands.length > 0;
  const code = deps.publicUrl === undefined ? caseId : `${deps.publicUrl}/searches/${caseId}`;
  return renderSearchOrder({ ...facts, ...defined({ preview }), isCabMasked, caseId, code, language });
}

async function requireInSearch(tx: Tx<'case'>, actor: Actor, caseId: string): Promise<Case> {
  const value = await tx.case(placeOf(actor), caseId);
  if (value === undefined || !isOpenTo(actor, value))
    throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
  if (value.state !== 'search')
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `The case is ${value.state}: only a case in search has a search order`,
    );
  return value;
}

/** What the order shows of the case, of its newest verdict and of the scan that the verdict was given on. */
async function factsOf(
  { policy }: Pick<SearchOrderDeps, 'policy'>,
  tx: OrderFactsTx,
  actor: Actor,
  value: Case,
  language: OrderLanguage,
) {
  const verdict = standingVerdict(value);
  const { reasons } = await policyOf(tx, value.administration, policy);
  const wanted = verdict?.revision ?? value.revision;
  const revision = await tx.revision(value.scanId, wanted);
  const scan = revision?.scan;
  const mask = revision === undefined ? [] : await maskOf(tx, value, revision);
  const objects = await tx.objectsOf(value.scanId, wanted);
  return {
    ...referral(value),
    ...defined({
      container: value.container,
      verdict,
      reason: verdict && labelOf(reasonsOf(reasons), verdict.reason, [language]),
    }),
    site: value.site,
    plates: scan?.units.find(({ id }) => id === value.unitId)?.plates ?? [],
    views: scan?.views ?? [],
    declarations: await declarationsOf(tx, actor, value),
    preview: objects.find(({ kind }) => kind === 'preview'),
    mask: previewMask(scan, mask),
  };
}

async function declarationsOf(tx: Tx<'declaration'>, actor: Actor, { declarations = [] }: Case) {
  const found = [];
  for (const ref of declarations.slice(0, MOST_DECLARATIONS)) {
    const declaration = await tx.declaration(scopeOf(actor), ref);
    if (declaration !== undefined) found.push({ ref, body: declaration.body });
  }
  return found;
}

async function previewBytes(
  deps: Pick<SearchOrderDeps, 'objects' | 'reader' | 'limits'>,
  actor: Actor,
  stored: ObjectRow,
  mask: PictureMask,
): Promise<Uint8Array> {
  if (mask.bands.length === 0) return deps.objects.get(stored.key);
  const { file } = await drawMasked(deps, actor, stored, { ...mask, paint: 'neutral' });
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.stream()) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

/** When it was sent to the search, and with which words. */
function referral({ history, openedAt }: Case): { readonly sentAt: string; readonly instructions?: string } {
  const referred = history.findLast(({ kind }) => kind === 'referred');
  // What triage.refer wrote
  const { note } = (referred?.detail ?? {}) as { readonly note?: string };
  return { sentAt: referred?.at ?? openedAt, ...defined({ instructions: note }) };
}
