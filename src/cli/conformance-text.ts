import type { ConformanceReport } from '../core/conformance/conformance.ts';
import { table } from './text.ts';

/** A conformance report for a terminal. */
export function conformanceText(report: ConformanceReport): string {
  const { recognised, verdict, share, items, fields } = report;
  const files = recognised.files.map(({ name }) => name).join(', ');
  const open = fields.filter(({ state }) => state !== 'present');
  return [
    files,
    `  ${verdict.replaceAll('-', ' ')}; recognised as ${recognised.format ?? recognised.converter} (converter ${recognised.converter} ${recognised.version}); ${Math.round(share * 100)} % of the fields`,
    ...section(
      ['weight', 'code', 'field', 'value', 'expected'],
      items.map(({ weight, code, field = '', value = '', expected }) => [
        weight,
        code,
        field,
        value,
        expected,
      ]),
    ),
    ...section(
      ['state', 'level', 'field', 'expected'],
      open.map(({ state, level, field, expected }) => [state, level, field, expected]),
    ),
    '',
    '',
  ].join('\n');
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', table(head, rows).trimEnd()];
}
