import { Compile } from 'typebox/compile';
import { csvLines } from '../../codec/csv.ts';
import { CHECK_INS_AT_ONCE, CheckInReport } from '../../core/rules/check-in.ts';
import type { SentCheckIn } from './take.ts';
import { invalid } from './terms.ts';

/** A file of expected vehicles: a header, then a line for each. Several values in a cell are separated by `|`. */

export const columns = [
  'id',
  'plates',
  'containers',
  'visit',
  'reference',
  'expectedAt',
  'controls',
  'cancelled',
] as const;
type Column = (typeof columns)[number];

const lists: ReadonlySet<Column> = new Set(['plates', 'containers', 'controls']);
const schema = Compile(CheckInReport);

/** @throws NII_BAD_REQUEST or NII_MALFORMED, naming the line */
export function checkInsOfCsv(text: string): readonly SentCheckIn[] {
  const [head, ...rows] = csvLines(text);
  if (head === undefined || rows.length === 0)
    throw invalid('line 1', 'use a header and a line for each vehicle');
  if (rows.length > CHECK_INS_AT_ONCE)
    throw invalid('file', `${rows.length} vehicles: send at most ${CHECK_INS_AT_ONCE} at once`);
  const names = head.cells.map((name) => columnOf(name, `line ${head.number}`));
  return rows.map(({ cells, number }) => ({
    report: reportOf(names, cells, `line ${number}`),
    where: `line ${number}`,
  }));
}

function columnOf(written: string, where: string): Column {
  const name = columns.find((one) => one.toLowerCase() === written.toLowerCase());
  if (name !== undefined) return name;
  throw invalid(where, `unknown column "${written.slice(0, 64)}": use ${columns.join(', ')}`);
}

function reportOf(names: readonly Column[], cells: readonly string[], where: string): CheckInReport {
  if (cells.length > names.length)
    throw invalid(where, `${cells.length} values, but there are ${names.length} columns`);
  const given = names.flatMap((name, i) => {
    const cell = cells[i] ?? '';
    return cell === '' ? [] : [[name, valueIn(name, cell)] as const];
  });
  const report: unknown = Object.fromEntries(given);
  if (schema.Check(report)) return report;
  throw invalid(where, faultOf(report));
}

function valueIn(name: Column, cell: string): unknown {
  if (lists.has(name)) return cell.split('|').map((one) => one.trim());
  return name === 'cancelled' ? (booleans.get(cell.toLowerCase()) ?? cell) : cell;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** The first that is wrong, as `invalid expectedAt "soon": must match format "date-time"`. */
function faultOf(report: unknown): string {
  const [fault] = schema.Errors(report);
  if (fault === undefined) return 'invalid values';
  if (fault.keyword === 'required') return `missing ${fault.params.requiredProperties.join(', ')}`;
  const name = fault.instancePath.split('/')[1] ?? '';
  const value = Object.entries(Object(report)).find(([key]) => key === name)?.[1];
  return `invalid ${name} "${String(value).slice(0, 64)}": ${fault.message}`;
}
