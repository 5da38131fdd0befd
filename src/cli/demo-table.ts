import type { Case } from '../core/case/case.ts';
import { bootstrap } from '../evaluate/statistics/bootstrap.ts';
import { table } from './text.ts';

/** One case of the queue, as the demo shows it. */
export interface DemoRow {
  readonly rank: number;
  readonly scanId: string;
  readonly caseId: string;
  readonly converter: string;
  readonly layout: string | null;
  readonly container: string | null;
  /** Percent of the reference scans with a lower anomaly score; null if no model analysed the scan. */
  readonly anomalyPercentile: number | null;
  readonly band: Case['band'];
  readonly reason: string;
  readonly declaredRisk: number | null;
  readonly completeness: string | null;
  readonly link: string;
  /** What the simulator hid there; null for a scan that the demo did not bring. */
  readonly simulatedAnomaly: boolean | null;
}

export interface Origin {
  readonly converter: string;
  readonly completeness: string | null;
  readonly layout: string | null;
  readonly simulatedAnomaly: boolean | null;
}

export function rowOf(value: Case, rank: number, address: string, origin: Origin): DemoRow {
  return {
    rank,
    scanId: value.scanId,
    caseId: value.id,
    converter: origin.converter,
    layout: origin.layout,
    container: value.container ?? null,
    anomalyPercentile: value.anomalyPercentile ?? null,
    band: value.band,
    reason: value.reasons.map(({ text }) => text).join('; '),
    declaredRisk: value.declaredRisk ?? null,
    completeness: origin.completeness,
    link: `${address}/v1/cases/${value.id}`,
    simulatedAnomaly: origin.simulatedAnomaly,
  };
}

export function tableOf(rows: readonly DemoRow[]): string {
  return table(
    ['rank', 'anomaly percentile', 'container', 'scanner', 'completeness', 'hidden?', 'why', 'link'],
    rows.map((row) => [
      String(row.rank),
      row.anomalyPercentile === null ? 'not scored' : `> ${Math.floor(row.anomalyPercentile * 10) / 10} %`,
      row.container ?? '-',
      row.layout === null || row.layout === row.converter
        ? row.converter
        : `${row.converter} (${row.layout})`,
      row.completeness ?? '-',
      row.simulatedAnomaly === null ? '' : row.simulatedAnomaly ? 'yes' : 'no',
      row.reason,
      row.link,
    ]),
  );
}

/**
 * What the few scans of the demo show of the ranking, and what they cannot. Pairs share their scans, so the interval
 * draws containers, not pairs.
 * @returns no line without pairs
 */
export function rankingText(rows: readonly DemoRow[]): readonly string[] {
  const pairs = pairsInOrder(rows);
  if (pairs === undefined) return [];
  const known = rows.filter(({ simulatedAnomaly }) => simulatedAnomaly !== null);
  const hidden = known.filter(({ simulatedAnomaly }) => simulatedAnomaly === true).length;
  const interval = bootstrap(known, (drawn) => {
    const found = pairsInOrder(drawn);
    return found && found.right / found.all;
  });
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  // drawing from containers that all agree says nothing of those that are not there
  const allAgree = pairs.right === 0 || pairs.right === pairs.all;
  const within =
    interval === undefined || allAgree
      ? 'There are too few containers to calculate a 95 % interval.'
      : `The 95 % interval, from containers drawn at random, is ${percent(interval[0])} to ${percent(interval[1])}.`;
  return [
    `${hidden} containers with a hidden object and ${known.length - hidden} without one make ${pairs.all} pairs.`,
    `In ${pairs.right} pairs (${percent(pairs.right / pairs.all)}) the container with a hidden object comes first. ${within}`,
    'This shows that scans are read, scored and ranked. It does not show how good the ranking is.',
    'All scans are simulated, including those that the model was trained on. Declared risk also affects the order.',
    'To judge a ranking, use hundreds of scans and measure the share of positives in the first 5 % of the queue:',
    '  npx --no-install nii evaluate models/cargo-anomaly/2 --normals sim:development:1500 --threats sim --objects 600 --out report',
  ];
}

/** Of all pairs of a scan with something hidden and one without, how many have the former first; undefined without pairs. */
function pairsInOrder(
  rows: readonly DemoRow[],
): { readonly right: number; readonly all: number } | undefined {
  const hidden = rows.filter((row) => row.simulatedAnomaly === true);
  const clean = rows.filter((row) => row.simulatedAnomaly === false);
  const all = hidden.length * clean.length;
  if (all === 0) return undefined;
  const right = hidden.reduce(
    (total, row) => total + clean.filter((other) => row.rank < other.rank).length,
    0,
  );
  return { right, all };
}
