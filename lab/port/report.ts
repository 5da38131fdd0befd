/** A campaign in words, and as JSON. */
import type { FoundFault, Report } from './campaign.ts';

const STORY_CEILING = 60;

function percentile(counts: readonly number[], share: number): number {
  const sorted = counts.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function actsPerSecond({ acts, playedMs }: Report): number {
  return Math.round((acts * 10_000) / Math.max(1, playedMs)) / 10;
}

export const progressLine = (report: Report): string =>
  `${report.histories} histories, ${report.acts} acts, ${actsPerSecond(report)} acts a second, ${report.faults.size} kinds of fault`;

const never = ({ operations }: Report): readonly string[] =>
  [...operations].flatMap(([id, { accepted }]) => (accepted === 0 ? [id] : []));

function faultLines({ kind, seed, act, count, detail, story, open }: FoundFault): string {
  const known = open === undefined ? 'NEW' : `known: ${open}`;
  const lines = story.slice(0, STORY_CEILING).map((line) => `    ${line}`);
  return [`${count} × ${kind} (${known}; seed ${seed}, act ${act})`, `  ${detail}`, ...lines].join('\n');
}

export function formatReport(report: Report): string {
  const { operations, faults, held, seed } = report;
  const reached = [...operations].filter(([, { accepted }]) => accepted > 0);
  return [
    `Seed ${seed}: ${progressLine(report)}`,
    `Vehicles held by an alarm: median ${percentile(held, 0.5)}, p95 ${percentile(held, 0.95)}, of ${held.length} alarms`,
    `Operations reached: ${reached.length} of ${operations.size}`,
    ...[...operations].map(([id, { sent, accepted }]) => `  ${id} ${sent} → ${accepted}`),
    `Never: ${never(report).join(', ') || 'none'}`,
    ...[...faults.values()].map(faultLines),
  ].join('\n');
}

const heldFigures = ({ held }: Report) => ({
  median: percentile(held, 0.5),
  p95: percentile(held, 0.95),
  alarms: held.length,
});

/** For the ledger: a claim of safety names what was tried, and what was never reached. */
export const toFigures = (report: Report): object => ({
  histories: report.histories,
  actsPerSecond: actsPerSecond(report),
  never: never(report),
  held: heldFigures(report),
  known: [...report.faults.values()].filter(({ open }) => open !== undefined).length,
});

export const toJson = (report: Report): object => ({
  ...report,
  actsPerSecond: actsPerSecond(report),
  operations: Object.fromEntries(report.operations),
  never: never(report),
  faults: [...report.faults.values()],
  held: heldFigures(report),
});
