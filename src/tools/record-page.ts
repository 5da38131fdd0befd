import type { RecordField } from '../core/disclosure/field-list.ts';

const head = `# The scan record, field by field

For whoever reads, writes or discloses \`scan.json\`. \`npm run schemas\` writes this page from the schema
[schemas/scan-1.2.json](../schemas/scan-1.2.json); a test fails when the two differ.

**Class** says what a field tells: *technical* of the scan, *personal* of a person (or leads to one), *commercial* of a trade.
A release to somebody who may not see personal or commercial fields leaves them out:
\`GET /v1/scans/{id}/revisions/{n}/scan.json?without=personal&without=commercial\`, or \`nii convert --without personal,commercial\`.
An optional field is then absent, a list is empty, a text that the schema asks for is \`masked\`, and files are numbered. What can be
read in the pixels of a picture is not masked.

**WCO** names the class or attribute of the WCO Data Model that a field follows, from its public class names; a field without one
is ours. **Code** names the form that is checked (see [errors.md](errors.md), NII_W_CODE_FORM).

A list is written \`[]\`. Fields in bold are always there.

| Field | Type | Class | WCO | Code | Meaning |
| --- | --- | --- | --- | --- | --- |
`;

/** docs/record.md: a row for each field. */
export function recordPage(fields: readonly RecordField[]): string {
  return `${head}${fields.map(rowOf).join('\n')}\n`;
}

function rowOf({
  path,
  type,
  classes,
  required,
  wco = '',
  code = '',
  description = '',
}: RecordField): string {
  const name = required ? `**${path}**` : path;
  const cells = [name, type, classes.join(', '), wco, code, description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
