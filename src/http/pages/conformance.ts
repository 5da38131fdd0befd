import type { ConformanceReport } from '../../core/conformance/conformance.ts';
import { escaped, htmlTable, page } from './html.ts';

const verdicts: Readonly<
  Record<ConformanceReport['verdict'], { readonly text: string; readonly tone: string }>
> = {
  pending: { text: 'Not converted yet: reload this page in a moment', tone: '' },
  conforms: { text: 'Conforms', tone: 'good' },
  'conforms-with-remarks': { text: 'Conforms, with remarks', tone: 'some' },
  'does-not-conform': { text: 'Does not conform', tone: 'bad' },
};

/** The report as a page for people, printable. */
export function conformancePage(report: ConformanceReport): string {
  const { recognised, verdict, share } = report;
  const { text, tone } = verdicts[verdict];
  const names = recognised.files.map(({ name }) => name).join(', ');
  return page(
    `Conformance of ${names}`,
    `<h1>Conformance report</h1>
<p><span class="verdict ${tone}">${text}</span></p>
<p>Scan <code>${escaped(report.scanId ?? '')}</code>, revision ${report.revision ?? 1}. Recognised as
<strong>${escaped(recognised.format ?? recognised.converter)}</strong> by the converter ${escaped(recognised.converter)}
${escaped(recognised.version)}${report.completeness === undefined ? '' : `; completeness: ${escaped(report.completeness)}`}.
${report.fields.length === 0 ? '' : `${Math.round(share * 100)} % of the fields that are asked for are there.`}</p>
${itemsSection(report)}${fieldsSection(report)}
<h2>Files</h2>
${htmlTable(
  ['file', 'taken as', 'bytes', 'whole'],
  recognised.files.map(({ name, role, bytes, complete }) => [
    name,
    role,
    String(bytes),
    complete ? 'yes' : 'no: shorter than its header says',
  ]),
)}`,
  );
}

function itemsSection({ items }: ConformanceReport): string {
  if (items.length === 0) return '<h2>Missing or wrong</h2><p>Nothing.</p>';
  const rows = items.map(({ weight, code, field = '', value = '', message, expected, offset }) => [
    weight,
    code,
    offset === undefined ? field : `${field} byte ${offset}`.trim(),
    value,
    message,
    expected,
  ]);
  return `<h2>Missing or wrong</h2>${htmlTable(['weight', 'code', 'field', 'value', 'what', 'expected'], rows)}`;
}

function fieldsSection({ fields }: ConformanceReport): string {
  if (fields.length === 0) return '';
  const rows = fields.map(({ group, field, level, state, expected }) => [
    group,
    field,
    level,
    state,
    state === 'present' ? '' : expected,
  ]);
  return `<h2>The record</h2>${htmlTable(['group', 'field', '', 'state', 'expected'], rows)}`;
}
