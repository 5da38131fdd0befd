import type { EvaluationReport } from '../../../evaluate/report/schema.ts';
import { table } from '../../table.ts';

/** The figures that a terminal has room for, and where the others are. */
export function summary(report: EvaluationReport, files: readonly string[]): string {
  const { auroc, levels, queue, freeResponse } = report;
  const line = (what: string, figure: string) => [what, figure];
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const three = (value: number) => value.toFixed(3);
  const withInterval = (
    value: number,
    interval: readonly [number, number] | undefined,
    format: typeof share,
  ) =>
    interval === undefined
      ? format(value)
      : `${format(value)} (${format(interval[0])} to ${format(interval[1])})`;
  const auc = (found: EvaluationReport['auroc']['image']) =>
    'notEnoughData' in found ? found.notEnoughData : withInterval(found.value, found.interval, three);
  const one =
    'notEnoughData' in freeResponse ? undefined : freeResponse.at.find((at) => at.falseMarksPerScan === 1);
  const rows = [
    line('AUROC of scans', auc(auroc.image)),
    ...auroc.byClass.map(({ name, objects, auroc: found }) => line(`  ${name} (${objects})`, auc(found))),
    line('AUROC of pixels', auc(auroc.pixel)),
    line(
      'positives in first 5 % of queue',
      'notEnoughData' in queue
        ? queue.notEnoughData
        : `${withInterval(queue.share, queue.interval, share)}; ${share(queue.byChance)} by chance`,
    ),
    line(
      'objects marked at 1 false mark per scan',
      one === undefined ? 'not enough data' : withInterval(one.detected, one.interval, share),
    ),
    ...(one?.visible === undefined
      ? []
      : [line(`  of ${one.visible.objects} visible ones`, share(one.visible.detected))]),
    ...('notEnoughData' in levels
      ? [line('detection at fixed false alarms', 'not enough data')]
      : levels.map(({ falseAlarmsWanted, detected }) =>
          line(
            `detected at ${share(falseAlarmsWanted)}`,
            withInterval(detected.rate, detected.interval, share),
          ),
        )),
  ];
  const cells = report.grid?.cells ?? [];
  if (cells.length > 0) {
    const plates = cells.reduce((sum, { objects }) => sum + objects, 0);
    rows.push(line('plates by size and thickness', `${plates} in ${cells.length} cells: see the page`));
  }
  const note = 'notEnoughData' in levels ? `Not enough data for rates: ${levels.notEnoughData}.\n` : '';
  return `${table(['figure', 'value (95 %)'], rows)}${note}${files.join('\n')}\n`;
}
