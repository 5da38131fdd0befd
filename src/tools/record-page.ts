import type { RecordField } from '../core/disclosure/field-list.ts';

const head = `# The scan record, field by field

This page is for developers who read, write or disclose \`scan.json\`. \`npm run schemas\` writes it from the schema
[schemas/scan-1.2.json](../../schemas/scan-1.2.json), and a test compares the two.

**Class** is the kind of information: *technical* about the scan, *personal* about a person, *commercial* about trade.
To disclose a record without personal or commercial fields, use
\`GET /v1/scans/{id}/revisions/{n}/scan.json?without=personal&without=commercial\`, or \`nii convert --without personal,commercial\`.
Optional fields are then absent and lists are empty. Required texts become \`masked\`, and files get numbers. Information in
the pixels of a picture is not masked.

**WCO** is the class or attribute of the WCO Data Model that a field follows, by its public class names. Fields without one
are our own. **Code** is the checked form (see [errors.md](errors.md), NII_W_CODE_FORM).

\`[]\` marks a list. Fields in bold are required.

| Field | Type | Class | WCO | Code | Meaning |
| --- | --- | --- | --- | --- | --- |
`;

/** Returns docs/reference/record.md, with a row for each field. */
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
