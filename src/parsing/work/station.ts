import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvLines } from '../../codec/csv.ts';
import { decodeText } from '../../codec/text.ts';
import { localName, parseXml, type XmlNode } from '../../codec/xml/xml.ts';
import { normaliseContainer } from '../../core/check-digits.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import {
  type StationDecision,
  stationLimits,
  stationTime,
  stationWord,
  stationWords,
} from '../../core/scanner/station.ts';
import type { ReadDecisions, StationTask } from '../kinds/station.ts';

/** The columns of a file of decisions; in XML, elements or attributes of each child of the root. */
const names = ['container', 'scan', 'decision', 'at', 'officer'] as const;
type Name = (typeof names)[number];
type Fields = Partial<Readonly<Record<Name, string>>>;

/**
 * Reads every decision of the file, or none.
 * @throws NII_MALFORMED naming the line or the element; NII_LIMIT_ELEMENTS; as `parseXml`
 */
export async function readStationFile({ desk, file, format, limits }: StationTask): Promise<ReadDecisions> {
  const bytes = readFileSync(join(desk.input, file));
  return format === 'csv'
    ? fromCsv(decodeText(bytes).text)
    : fromXml(parseXml(bytes, limits, 'decisions').root);
}

function fromXml(root: XmlNode): ReadDecisions {
  requireFew(root.children.length);
  return root.children.map((element, i) => decisionOf(fieldsOfElement(element, i + 1), `element ${i + 1}`));
}

function fieldsOfElement({ attributes, children }: XmlNode, number: number): Fields {
  const given = [...Object.entries(attributes), ...children.map(({ name, text }) => [name, text] as const)];
  return fieldsOf(
    given.map(([name]) => localName(name)),
    given.map(([, text]) => text),
    `element ${number}`,
  );
}

function fromCsv(text: string): ReadDecisions {
  const [head, ...rest] = csvLines(text);
  if (head === undefined) throw malformed('line 1', 'missing header: use container or scan, decision and at');
  requireFew(rest.length);
  return rest.map(({ cells, number }) =>
    decisionOf(fieldsOf(head.cells, cells, `line ${number}`), `line ${number}`),
  );
}

function fieldsOf(columns: readonly string[], cells: readonly string[], where: string): Fields {
  if (cells.length > columns.length)
    throw malformed(where, `the row has ${cells.length} values, but there are ${columns.length} columns`);
  const given = new Map<Name, string>();
  for (const [i, column] of columns.entries()) {
    const name = names.find((one) => one === column.toLowerCase());
    if (name === undefined)
      throw malformed(where, `unknown column "${column.slice(0, 64)}": use ${names.join(', ')}`);
    const value = cells[i] ?? '';
    if (value !== '') given.set(name, value);
  }
  return Object.fromEntries(given);
}

const longest: Readonly<Record<Name, number>> = {
  container: 64,
  scan: 255,
  decision: 64,
  at: 64,
  officer: 256,
};

function decisionOf(fields: Fields, where: string): StationDecision {
  for (const name of names)
    if ((fields[name] ?? '').length > longest[name])
      throw malformed(where, `${name} is longer than ${longest[name]} characters`);
  const { container, scan, decision: written = '', at = '', officer } = fields;
  const decision = stationWord(written);
  if (decision === undefined)
    throw malformed(where, `invalid decision "${written}": use ${Object.keys(stationWords).join(', ')}`);
  const time = stationTime(at);
  if (time === undefined)
    throw malformed(
      where,
      `invalid at "${at}": use a time such as 2026-01-02T03:04:05Z or 2026-01-02T03:04:05`,
    );
  if (container === undefined && scan === undefined) throw malformed(where, 'neither container nor scan');
  return {
    decision,
    written,
    at: time,
    ...defined({
      container: container === undefined ? undefined : normaliseContainer(container),
      scan,
      officer,
    }),
  };
}

function requireFew(count: number): void {
  if (count <= stationLimits.decisions) return;
  const detail = `${count} decisions; a file can have at most ${stationLimits.decisions}`;
  throw new NiiError('NII_LIMIT_ELEMENTS', detail);
}

function malformed(where: string, what: string): NiiError {
  return new NiiError('NII_MALFORMED', `${where}: ${what}`);
}
