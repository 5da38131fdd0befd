import type { Case } from '../core/case/case.ts';
import { table } from './table.ts';

/** One case of the queue, as the demo shows it. */
export interface DemoRow {
  readonly rank: number;
  readonly scanId: string;
  readonly caseId: string;
  readonly converter: string;
  readonly layout: string | null;
  readonly container: string | null;
  /** Percent of the reference scans with a lower anomaly score; null where no model looked. */
  readonly anomalyPercentile: number | null;
  /** The former name of anomalyPercentile; goes with version 0.3. */
  readonly percentile: number | null;
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
    anomalyPercentile: value.percentile ?? null,
    percentile: value.percentile ?? null,
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

/** Of all pairs of a scan with something hidden and one without, how many have the former first; undefined without pairs. */
export function pairsInOrder(
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
