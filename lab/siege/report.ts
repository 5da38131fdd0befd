import type { SiegeReport } from './long-siege.ts';

const heads = ['of others', 'count', 'calm p50', 'calm p99', 'siege p50', 'siege p99', 'p99 siege / calm'];

/** The report for people; all times in milliseconds. */
export function textOf(report: SiegeReport): string {
  const rows = report.compared.map((one) => [
    one.measure,
    ...[one.count, one.calmP50Ms, one.calmP99Ms, one.siegeP50Ms, one.siegeP99Ms, one.times].map(String),
  ]);
  const table = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [
    ...table,
    '',
    `${report.acknowledged} scans acknowledged, ${report.attacks} attacks, ${report.workersKilled} workers killed, ` +
      `others were told to come back ${report.retries} times`,
    `most memory: API ${report.peakApiMiB} MiB, with its workers and their children ${report.peakAllMiB} MiB`,
    ...(report.faults.length === 0
      ? ['0 lost, 0 doubled, no fault']
      : report.faults.map((fault) => `fault: ${fault}`)),
  ].join('\n');
}
