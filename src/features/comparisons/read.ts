import Type, { type Static } from 'typebox';
import { type Actor, placeOf, scopeOf } from '../../core/access.ts';
import { type Case, OutcomeKind, VerdictKind } from '../../core/case/case.ts';
import type { Declaration } from '../../core/case/declaration.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { isOpenTo, type Viewing, viewed } from '../../queries/read.ts';
import { standingVerdict } from '../../triage/readings.ts';

const closed = { additionalProperties: false } as const;

/** A picture to look at beside that of a case. */
export const ComparisonPicture = Type.Object(
  {
    kind: Type.Enum(['view', 'earlier', 'reference'], {
      description:
        'view: of the same scan; earlier: of the same container; reference: decided normal and released, of the same layout',
    }),
    scanId: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    view: Type.Optional(Type.String({ description: 'Id of the view. Default: the first' })),
    receivedAt: Type.String({ format: 'date-time' }),
    because: Type.Enum(['other-view', 'same-container', 'declared-empty', 'same-chapter']),
    chapter: Type.Optional(Type.String({ description: 'HS chapter that both declare' })),
    why: Type.String({ description: 'The same in words' }),
    result: Type.Optional(
      Type.Object(
        { verdict: VerdictKind, outcome: Type.Optional(OutcomeKind) },
        {
          ...closed,
          description: 'Result of an earlier visit if all its cases are closed; absent for other visits',
        },
      ),
    ),
  },
  closed,
);
export type ComparisonPicture = Static<typeof ComparisonPicture>;

const MOST = { pictures: 12, earlier: 5, references: 5 } as const;
/** Scans of one visit come within this time of each other. */
const VISIT_MS = 86_400_000;

export type ComparisonsTx = Tx<
  'case' | 'casesOfScan' | 'scan' | 'scans' | 'revision' | 'declaration' | 'references' | 'offerScans'
>;

/**
 * What may be looked at beside the picture of a case, the nearest first. Whoever has the case in hand may open those
 * scans from then on, until it leaves the hand.
 * @throws NII_NOT_FOUND
 */
export function comparisonsOf(
  deps: Viewing<ComparisonsTx>,
  actor: Actor,
  caseId: string,
): Promise<readonly ComparisonPicture[]> {
  return viewed(deps, actor, 'comparisons', caseId, {}, async (tx) => {
    const value = await tx.case(placeOf(actor), caseId);
    const own = value === undefined ? undefined : await tx.scan(scopeOf(actor), value.scanId);
    if (value === undefined || own === undefined || !isOpenTo(actor, value))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
    const views = await otherViews(tx, value, own);
    const earlier = await earlierScans(tx, actor, value, own);
    const references = await referencePictures(tx, actor, value, own);
    const pictures = [...views, ...earlier, ...references].slice(0, MOST.pictures);
    if (value.state === 'claimed')
      await tx.offerScans(
        caseId,
        pictures.map(({ scanId }) => scanId),
      );
    return pictures;
  });
}

async function otherViews(
  tx: Tx<'revision'>,
  value: Case,
  own: ScanRow,
): Promise<readonly ComparisonPicture[]> {
  const revision = value.claim?.revision ?? value.revision;
  const views = (await tx.revision(own.id, revision))?.scan?.views ?? [];
  return views.slice(1).map(({ id, name }) => ({
    kind: 'view',
    ...pictureOf({ ...own, revision }),
    view: id,
    because: 'other-view',
    why: `Another view of the same scan: ${name ?? id}`,
  }));
}

const pictureOf = ({ id, revision, receivedAt }: Pick<ScanRow, 'id' | 'revision' | 'receivedAt'>) => ({
  scanId: id,
  revision,
  receivedAt,
});

async function earlierScans(
  tx: Tx<'casesOfScan' | 'scans'>,
  actor: Actor,
  { container }: Case,
  own: ScanRow,
): Promise<readonly ComparisonPicture[]> {
  if (container === undefined) return [];
  const { rows } = await tx.scans(
    scopeOf(actor),
    { container, receivedTo: own.receivedAt },
    MOST.earlier + 1,
  );
  const others = rows.filter(({ id }) => id !== own.id).slice(0, MOST.earlier);
  const pictures: ComparisonPicture[] = [];
  for (const scan of others) {
    const result = isOfOneVisit(scan, own)
      ? undefined
      : finalResult(await tx.casesOfScan(scan.id), container);
    pictures.push({
      kind: 'earlier',
      ...pictureOf(scan),
      because: 'same-container',
      why: `An earlier scan of ${container}, received ${scan.receivedAt.slice(0, 10)}`,
      ...defined({ result }),
    });
  }
  return pictures;
}

/** By its id, or by time where one of the two has none: then more is hidden than has to be. */
function isOfOneVisit(a: ScanRow, b: ScanRow): boolean {
  if (a.visit !== undefined && a.visit === b.visit) return true;
  return Math.abs(Date.parse(a.receivedAt) - Date.parse(b.receivedAt)) < VISIT_MS;
}

/** What was said of the container in the end; undefined while anything in the picture is open. */
function finalResult(cases: readonly Case[], container: string): ComparisonPicture['result'] {
  if (cases.some(({ state }) => state !== 'closed')) return undefined;
  const of = cases.find((one) => one.container === container);
  const verdict = of === undefined ? undefined : standingVerdict(of);
  return verdict === undefined
    ? undefined
    : { verdict: verdict.kind, ...defined({ outcome: of?.outcome?.kind }) };
}

async function referencePictures(
  tx: Tx<'declaration' | 'references' | 'scan'>,
  actor: Actor,
  { declarations = [] }: Case,
  own: ScanRow,
): Promise<readonly ComparisonPicture[]> {
  const stated = await declarationsOf(tx, actor, declarations);
  const isEmpty = stated.some(({ body }) => body.declaredEmpty === true);
  const chapters = chaptersOf(stated);
  const wish = { scanId: own.id, converter: own.converter, chapters, isEmpty };
  const found = await tx.references(placeOf(actor), wish, MOST.references);
  const pictures: ComparisonPicture[] = [];
  for (const reference of found) {
    const scan = await tx.scan(placeOf(actor), reference.scanId);
    const isKnown = pictures.some(({ scanId }) => scanId === scan?.id);
    if (scan === undefined || isKnown || isOfSameGoods(scan, own)) continue;
    const both = chaptersOf(await declarationsOf(tx, actor, reference.declarations ?? []));
    const chapter = isEmpty ? undefined : both.find((one) => chapters.includes(one));
    pictures.push({
      kind: 'reference',
      ...pictureOf({ ...scan, revision: reference.revision }),
      because: isEmpty ? 'declared-empty' : 'same-chapter',
      why: isEmpty
        ? 'A container that was declared empty, decided normal and released'
        : `Goods of HS chapter ${chapter ?? chapters.join(', ')}, decided normal and released`,
      ...defined({ chapter }),
    });
  }
  return pictures;
}

/** That it is a reference says that it was normal, which nobody is told of the vehicle in hand. */
function isOfSameGoods(scan: ScanRow, own: ScanRow): boolean {
  const isOfVisit = scan.visit !== undefined && scan.visit === own.visit;
  return isOfVisit || scan.containers.some((container) => own.containers.includes(container));
}

async function declarationsOf(
  tx: Tx<'declaration'>,
  actor: Actor,
  refs: readonly string[],
): Promise<readonly Declaration[]> {
  const found: Declaration[] = [];
  for (const ref of refs.slice(0, MOST.pictures)) {
    const one = await tx.declaration(placeOf(actor), ref);
    if (one !== undefined) found.push(one);
  }
  return found;
}

function chaptersOf(stated: readonly Declaration[]): readonly string[] {
  return [...new Set(stated.flatMap(({ body }) => body.hsCodes ?? []).map((code) => code.slice(0, 2)))];
}
