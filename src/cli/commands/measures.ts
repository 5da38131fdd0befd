import { defined } from '../../core/defined.ts';
import { measures as all, type Measure } from '../../core/measures/figures.ts';
import { measureCsv } from '../../features/measures/csv.ts';
import { type AskedMeasure, getMeasure, type MeasureView } from '../../features/measures/measures.ts';
import type { FigureRow } from '../../features/measures/rows.ts';
import { atCommandLine } from '../../features/persons/keys.ts';
import {
  type Command,
  exitCode,
  invalidOperands,
  requiredText,
  textOf,
  type Values,
  WrongUse,
} from '../command.ts';
import { json, table } from '../text.ts';
import { withService } from './maintenance.ts';

const parts = ['hour', 'day', 'week'] as const;

type View = readonly [Measure, MeasureView];

export const measures: Command = {
  name: 'measures',
  summary: 'show performance figures for a period',
  operands: `[${all.join(' | ')}]...`,
  options: {
    administration: { type: 'string', help: '<NAME> the administration' },
    site: { type: 'string', help: '<NAME> only this site (all sites)' },
    scanner: { type: 'string', help: '<NAME> only this scanner' },
    from: { type: 'string', help: '<TIME> start (30 days before the end)' },
    to: { type: 'string', help: '<TIME> end, exclusive (now)' },
    by: { type: 'string', help: '<PART> hour, day or week (day)' },
    zone: { type: 'string', help: '<ZONE> time zone of the days, such as Europe/Amsterdam (UTC)' },
    csv: { type: 'boolean', help: 'write all figures as CSV, including the breakdown by time and scanner' },
  },
  notes: [
    'Without an operand, the command shows all five measures. The table has the figures for the whole period. --json and',
    '--csv also break them down by time and scanner. Every use is recorded in the audit log. docs/decisions/0036-measures.md',
    'defines the figures.',
  ],
  async run(context, values, operands) {
    if (values.csv === true && values.json === true) throw new WrongUse('--csv cannot be used with --json');
    const wanted = wantedOf(operands);
    const actor = atCommandLine(requiredText(values, 'administration'));
    const asked = askedOf(values);
    return withService(context, async ({ deps }) => {
      const views: View[] = [];
      for (const measure of wanted) views.push([measure, await getMeasure(deps, actor, measure, asked)]);
      context.terminal.out(written(views, values));
      return exitCode.done;
    });
  },
};

function wantedOf(operands: readonly string[]): readonly Measure[] {
  if (operands.length === 0) return all;
  const wanted = all.filter((one) => operands.includes(one));
  if (wanted.length !== operands.length) throw new WrongUse(invalidOperands(operands, [...all]));
  return wanted;
}

function askedOf(values: Values): AskedMeasure {
  const text = textOf(values, 'by');
  const by = parts.find((one) => one === text);
  if (text !== undefined && by === undefined)
    throw new WrongUse(`Invalid --by "${text}": use hour, day or week`);
  const [site, scanner, from, to, zone] = ['site', 'scanner', 'from', 'to', 'zone'].map((name) =>
    textOf(values, name),
  );
  return defined({ site, scanner, from, to, by, zone });
}

function written(views: readonly View[], values: Values): string {
  if (values.json === true) return json(views.map(([measure, view]) => ({ measure, ...view })));
  if (values.csv === true) return measureCsv(views.map(([measure, { rows }]) => [measure, rows]));
  return table(
    ['measure', 'figure', 'value', '95 % from', 'to', 'unit', 'count', 'of'],
    views.flatMap(([measure, { rows }]) =>
      rows.filter(({ kind }) => kind === 'whole').map((row) => lineOf(measure, row)),
    ),
  );
}

/** Unknown is never nought. */
function lineOf(
  measure: Measure,
  { figure, value, low, high, unit, count, of }: FigureRow,
): readonly string[] {
  const number = (one: number | null | undefined) =>
    one === null || one === undefined ? '-' : one.toFixed(3);
  const shown = value === null ? 'unknown' : number(value);
  return [
    measure,
    figure,
    shown,
    number(low),
    number(high),
    unit,
    String(count),
    of === undefined ? '-' : String(of),
  ];
}
