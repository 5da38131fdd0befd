import { hostname } from 'node:os';
import type { StoredAuditRow, StoredSeal } from '../../core/ports/records/seals.ts';

/** Of RFC 5424, section 6.2.1: log audit. */
const FACILITY = 13;
const severities = { error: 3, warning: 4, notice: 5 } as const;
type Severity = keyof typeof severities;

/** No message is longer; the bounds of its parts add up to less. */
export const MESSAGE_BYTES = 8192;
/** Bytes of one value, escapes counted. */
const LONG_BYTES = 4096;
const SUBJECT_BYTES = 768;
const SHORT_BYTES = 128;
/** At the end of a value that was longer. */
const CUT = '…(cut)';
/** RFC 5424, section 7.2.2, and RFC 5612: the number that is kept for documentation, until this project has its own. */
const ENTERPRISE = 32473;
const BYTE_ORDER_MARK = '\u{feff}';

/** A row of the audit as a message of RFC 5424. */
export function rowMessage(row: StoredAuditRow): Uint8Array {
  const { seq, at, administration, site, action, subject } = row;
  const { keyId, person, role, address } = actorOf(row);
  const parameters = [
    parameter('seq', String(seq), SHORT_BYTES),
    parameter('administration', administration, SHORT_BYTES),
    parameter('site', site ?? '', SHORT_BYTES),
    parameter('key', keyId, SHORT_BYTES),
    ...(person === '' ? [] : [parameter('person', person, SHORT_BYTES)]),
    parameter('role', role, SHORT_BYTES),
    parameter('address', address, SHORT_BYTES),
    parameter('action', action, SHORT_BYTES),
    parameter('subject', subject, SUBJECT_BYTES),
    parameter('detail', row.detail, LONG_BYTES),
  ];
  return message({
    severity: severityOf(action),
    at,
    kind: action,
    element: `[niiAudit@${ENTERPRISE} ${parameters.join(' ')}]`,
    text: `${visibly(action, SHORT_BYTES)} ${visibly(subject, SUBJECT_BYTES)}`,
  });
}

/** A seal: what somebody who can rewrite the database cannot rewrite here. */
export function sealMessage({ number, sha256, previous, rows, highest, madeAt }: StoredSeal): Uint8Array {
  const values = { number, sha256, previous, rows, highest };
  const parameters = Object.entries(values).map(([name, value]) =>
    parameter(name, String(value), SHORT_BYTES),
  );
  return message({
    severity: 'notice',
    at: madeAt,
    kind: 'seal',
    element: `[niiSeal@${ENTERPRISE} ${parameters.join(' ')}]`,
    text: `audit seal ${number} ${visibly(sha256, SHORT_BYTES)}`,
  });
}

function severityOf(action: string): Severity {
  if (action === 'security: signed in' || action === 'security: signed out') return 'notice';
  if (action === 'security: sign-in failed') return 'warning';
  if (action.startsWith('security')) return 'error';
  return action.startsWith('rejected') ? 'warning' : 'notice';
}

interface Parts {
  readonly severity: Severity;
  readonly at: string;
  readonly kind: string;
  readonly element: string;
  readonly text: string;
}

function message({ severity, at, kind, element, text }: Parts): Uint8Array {
  const priority = FACILITY * 8 + severities[severity];
  const header = `<${priority}>1 ${at} ${name(hostname(), 255)} nii-hub - ${name(kind, 32)}`;
  return Buffer.from(`${header} ${element} ${BYTE_ORDER_MARK}${text}`, 'utf8');
}

/** Printable ASCII without blanks, as the header wants it. */
function name(text: string, characters: number): string {
  const printable = text.replaceAll(/[^!-~]+/g, '-').slice(0, characters);
  return printable === '' ? '-' : printable;
}

function parameter(name: string, value: string, bytes: number): string {
  return `${name}="${bounded(value, bytes, escaped)}"`;
}

function visibly(text: string, bytes: number): string {
  return bounded(text, bytes, visible);
}

/** As many whole characters as fit, each as it is written. */
function bounded(text: string, bytes: number, write: (character: string) => string): string {
  let written = '';
  let left = bytes - Buffer.byteLength(CUT);
  for (const character of text) {
    const piece = write(character);
    left -= Buffer.byteLength(piece);
    if (left < 0) return `${written}${CUT}`;
    written += piece;
  }
  return written;
}

function escaped(character: string): string {
  return '"\\]'.includes(character) ? `\\${character}` : visible(character);
}

/** What ends a line, moves the cursor, turns the direction of writing or is half a character is shown by its number. */
function visible(character: string): string {
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return character;
  const number = character.codePointAt(0) ?? 0;
  return `<U+${number.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** Whatever an owner of the database wrote there. */
function actorOf({ actor }: StoredAuditRow) {
  const parsed: unknown = JSON.parse(actor);
  const found: Record<string, unknown> = typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  const textOf = (key: string) => (typeof found[key] === 'string' ? found[key] : '');
  return {
    keyId: textOf('keyId'),
    person: textOf('person'),
    role: textOf('role'),
    address: textOf('address'),
  };
}
