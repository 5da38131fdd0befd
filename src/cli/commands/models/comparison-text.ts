import type { ComparisonAnswer, DayAnswer } from '../../../tools/models/ask.ts';
import { table } from '../../table.ts';

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
  return [
    `${scans} scans in shadow, ${both.scans} of them seen by both; they agree on ${percent(agreement)}\n`,
    table(['version', 'analysed', 'alarms', 'p10', 'p50', 'p90', 'p99'], sides),
    table(
      ['alarm of', 'both', 'active only', 'shadow only', 'neither'],
      [['scans', ...[bothAlarm, activeOnly, shadowOnly, neither].map(String)]],
    ),
    table(
      ['', 'scans', 'active alarms', 'shadow alarms'],
      counted.map(([name, one]) => [name, ...[one.scans, one.active, one.shadow].map(String)]),
    ),
    table(
      ['disagreement', 'alarm of', 'active score', 'shadow score', 'verdict', 'outcome'],
      found.disagreements.map((one) => [
        `${one.scanId} revision ${one.revision}`,
        one.alarm,
        score(one.activeScore),
        score(one.shadowScore),
        one.verdict ?? '-',
        one.outcome ?? '-',
      ]),
    ),
  ].join('\n');
}

/** By scanner, day and model. */
export function daysText(days: readonly DayAnswer[]): string {
  if (days.length === 0) return 'no scans in these days\n';
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
