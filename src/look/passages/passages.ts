import { type Actor, ANY_SITE, type Scope, scopeOf } from '../../core/access.ts';
import type { IssuedLaneInstruction } from '../../core/case/lane.ts';
import type { LanePassage } from '../../core/case/lane-passage.ts';
import { normaliseContainer } from '../../core/numbers/iso6346.ts';
import type { Page } from '../../core/page.ts';
import type { Holds } from '../../core/ports/records/holds.ts';
import type { ReadsOfMany } from '../../core/ports/records/lists/of-many.ts';
import type { PassageFilter, Passages } from '../../core/ports/records/lists/passages.ts';
import type { Policies } from '../../core/ports/records/rules/policies.ts';
import type { Sites } from '../../core/ports/records/rules/sites.ts';
import type { ScannerClocks } from '../../core/ports/records/scanners.ts';
import type { NearbyScans, Scans } from '../../core/ports/records/scans.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { together } from '../../core/together.ts';
import { isInParallel } from '../../stored/rules.ts';
import { scanOfInstruction } from '../../triage/passage.ts';
import {
  issueInstructionFor,
  type LaneInstructionDeps,
  type LaneInstructionTx,
} from '../lane-instruction.ts';
import { type Viewing, viewed } from '../read.ts';
import { gathered } from './of-many.ts';

/** A scan that may be of a vehicle that passed, and what the lane would be told of it now. */
export interface ScanOfPassage {
  readonly scanId: string;
  readonly foundBy: 'scan' | 'visit' | 'container';
  /** None at a site in parallel mode. */
  readonly instruction?: Pick<IssuedLaneInstruction, 'instruction' | 'final'>;
}

export interface PassageView {
  readonly passage: LanePassage;
  readonly scans: readonly ScanOfPassage[];
}

type ScansOfPassageTx = Scans & NearbyScans;
export type ListPassagesTx = Passages & ScansOfPassageTx & LaneInstructionTx & ReadsOfMany;

/** Vehicles that passed without a valid instruction, the one that passed first before the others. */
export function listPassages(
  deps: Viewing<ListPassagesTx> & LaneInstructionDeps,
  actor: Actor,
  filter: PassageFilter,
  limit: number,
  cursor?: string,
): Promise<Page<PassageView>> {
  return viewed(deps, actor, 'passages', '', { ...filter }, async (tx) => {
    const page = await tx.passages(scopeOf(actor), filter, limit, cursor);
    const known = { ...tx, ...rememberedOfSites(tx), ...gathered(tx) };
    const rows = await together(
      page.rows.map(async (passage) => ({ passage, scans: await instructedNow(deps, known, passage) })),
    );
    return { ...page, rows };
  });
}

/** What is the same for every passage of a site, read once. */
function rememberedOfSites(tx: Policies & Sites & ScannerClocks & Holds) {
  const policyAt = onceAtEach(({ administration }) => tx.policyInForce(administration));
  return {
    policyInForce: (administration: string) => policyAt({ administration, site: ANY_SITE }),
    siteInForce: onceAtEach((place) => tx.siteInForce(place)),
    scannerClocks: onceAtEach((place) => tx.scannerClocks(place)),
    unjoinedHolds: onceAtEach((place) => tx.unjoinedHolds(place)),
  };
}

function onceAtEach<Answer>(ask: (place: Scope) => Promise<Answer>): (place: Scope) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return ({ administration, site }) => {
    const place = JSON.stringify([administration, site]);
    const answer = answers.get(place) ?? ask({ administration, site });
    answers.set(place, answer);
    return answer;
  };
}

async function instructedNow(
  deps: LaneInstructionDeps,
  tx: ScansOfPassageTx & LaneInstructionTx,
  { administration, site, report }: LanePassage,
): Promise<readonly ScanOfPassage[]> {
  const place = { administration, site };
  const found = await scansOf(tx, place, report);
  if (found.length === 0) return [];
  const isSilent = await isInParallel(tx, place);
  const scans: ScanOfPassage[] = [];
  for (const { scan, foundBy } of found) {
    const named = { scanId: scan.id, foundBy };
    scans.push(isSilent ? named : { ...named, instruction: await issueInstructionFor(deps, tx, scan) });
  }
  return scans;
}

const DAY_MS = 86_400_000;
/** A vehicle has two containers, and each is scanned once or twice a day. */
const SCANS_SHOWN = 4;

/** The scan that the passage names, then those at the site of its visit and of its containers within a day of it. */
async function scansOf(
  tx: ScansOfPassageTx,
  place: Scope,
  report: LanePassage['report'],
): Promise<readonly { readonly scan: ScanRow; readonly foundBy: ScanOfPassage['foundBy'] }[]> {
  const id = report.scanId ?? scanOfInstruction(report);
  const named = id === undefined ? undefined : await tx.scan(place, id);
  const [from, to] = [moved(report.at, -DAY_MS), moved(report.at, DAY_MS)];
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
  return found.filter((one) => first.get(one.scan.id) === one).slice(0, SCANS_SHOWN);
}

function moved(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
