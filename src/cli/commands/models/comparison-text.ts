import type { ComparisonAnswer, DayAnswer, SeenByBothAnswer } from '../../../tools/models/ask.ts';
import { table } from '../../text.ts';

/** A version in shadow beside the active one, as tables. */
export function comparisonText({ scans, both, verdicts, outcomes, ...found }: ComparisonAnswer): string {
  const sides = (['active', 'shadow'] as const).map((name) => {
    const { analysed, alarmRate, scores } = found[name];
    const { p10, p50, p90, p99 } = scores;
    return [name, String(analysed), percent(alarmRate), ...[p10, p50, p90, p99].map(score)];
  });
  const counted = [
    ...verdicts.map(({ verdict, ...one }) => [`verdict ${verdict}`, one] as const),
    ...outcomes.map(({ outcome, ...one }) => [`outcome ${outcome}`, one] as const),
  ].filter(([, one]) => one.scans > 0);
  const { bothAlarm, activeOnly, shadowOnly, neither, agreement } = both;
  const agreed = agreement === undefined ? '' : `; both or neither raise an alarm on ${percent(agreement)}`;
  const people = counted.map(([name, one]) => [name, ...[one.scans, one.active, one.shadow].map(String)]);
  return [
    `${scans} scans with shadow results, ${both.scans} of them analysed by both versions${agreed}\n`,
    table(['version', 'analysed', 'alarms', 'p10', 'p50', 'p90', 'p99'], sides),
    table(
      ['alarm by', 'both', 'active only', 'shadow only', 'neither'],
      [['scans', ...[bothAlarm, activeOnly, shadowOnly, neither].map(String)]],
    ),
    people.length === 0
      ? 'no verdict or outcome yet\n'
      : table(['found by people', 'scans', 'active alarms', 'shadow alarms'], people),
    seenByBothText('they disagree', found.disagreements),
    seenByBothText('furthest apart', found.furthestApart),
  ].join('\n');
}

/** Scans one by one: what each version said, and what people found. */
function seenByBothText(heading: string, scans: readonly SeenByBothAnswer[]): string {
  if (scans.length === 0) return `${heading}: no scan\n`;
  const columns = [
    'alarm by',
    'active score',
    'percentile',
    'shadow score',
    'percentile',
    'verdict',
    'outcome',
  ];
  const rows = scans.map((one) => [
    `${one.scanId} revision ${one.revision}`,
    one.alarm,
    score(one.activeScore),
    one.activePercentile.toFixed(1),
    score(one.shadowScore),
    one.shadowPercentile.toFixed(1),
    one.verdict ?? '-',
    one.outcome ?? '-',
  ]);
  return table([heading, ...columns], rows);
}

/** By scanner, day and model. */
export function daysText(days: readonly DayAnswer[]): string {
  if (days.length === 0) return 'no scans in this period\n';
  const headings = [
    'site',
    'scanner',
    'day',
    'model',
    'scans',
    'open beam',
    'dark lines',
    'p10',
    'p50',
    'p90',
    'p99',
  ];
  const rows = days.map((one) => [
    one.site,
    one.scanner,
    one.day,
    one.model ?? '-',
    String(one.scans),
    one.openBeam?.toFixed(0) ?? '-',
    `${one.darkLines} (most ${one.darkLinesMost})`,
    ...[0, 1, 2, 3].map((i) => score(one.scores?.[i])),
    percent(one.analysed === 0 ? undefined : one.alarms / one.analysed),
    percent(one.targetRate),
  ]);
  return table([...headings, 'alarms', 'expected'], rows);
}

function percent(share: number | undefined): string {
  return share === undefined ? '-' : `${(100 * share).toFixed(1)} %`;
}

function score(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(4);
}
