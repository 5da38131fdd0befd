import type { RecordField } from '../core/disclosure/field-list.ts';

const head = `# The scan record, field by field

This page is for developers who read, write or disclose \`scan.json\`. \`npm run schemas\` writes it from the schema
[schemas/scan-1.2.json](../../schemas/scan-1.2.json), and a test compares the two.

**Class** is the kind of information: *technical* (about the scan), *personal* (about a person) or *commercial* (about trade).
To disclose a record without personal or commercial fields, use
\`GET /v1/scans/{id}/revisions/{n}/scan.json?without=personal&without=commercial\`, or \`nii convert --without personal,commercial\`.
Optional fields of these classes are then omitted, and lists are empty. Required texts become \`masked\`, and file names become
numbers. Information in the pixels of an image is not masked.

**WCO** is the class or attribute of the WCO Data Model that the field follows, with its public name. Fields without one
are our own. **Code** is the form that the service checks (see NII_W_CODE_FORM in [errors.md](errors.md)).

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
