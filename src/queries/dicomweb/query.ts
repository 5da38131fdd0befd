import { type Attribute, attributeOf } from '../../codec/dicom/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { AttributeMatch, InstancePath } from '../../core/ports/records/instances.ts';

/** A search as PS3.18 8.3.4 describes it. */
export interface Search {
  readonly matches: readonly AttributeMatch[];
  readonly limit: number;
  readonly offset: number;
  /** Tags beyond those of the level; `all` for everything that the index holds. */
  readonly include: ReadonlySet<string> | 'all';
  /** What of the query was not done, for the Warning header. */
  readonly ignored: readonly string[];
}

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;
const KEYS_CEILING = 64;
const own: ReadonlySet<string> = new Set(['limit', 'offset', 'fuzzymatching', 'includefield', 'accept']);
/** Counted or made by the service, so that no stored value can match. */
const made: ReadonlySet<string> = new Set([
  '00201206',
  '00201208',
  '00201209',
  '00080056',
  '00081190',
  '00080062',
]);

type Query = Readonly<Record<string, unknown>>;

/** @throws NII_BAD_REQUEST for a key that is no attribute, or a value that its VR does not allow */
export function searchOf(query: Query, path: Partial<InstancePath>): Search {
  const keys = Object.entries(query).filter(([name]) => !own.has(name));
  if (keys.length > KEYS_CEILING) throw invalidParameter('', `At most ${KEYS_CEILING} keys`);
  const ignored =
    query.fuzzymatching === undefined || query.fuzzymatching === 'false' ? [] : ['fuzzymatching'];
  const matches: AttributeMatch[] = pathMatches(path);
  for (const [name, value] of keys) {
    const attribute = name.includes('.') ? undefined : attributeOf(name);
    if (attribute === undefined && !name.includes('.'))
      throw invalidParameter(name, `${name} is not a DICOM attribute`);
    if (attribute === undefined || attribute.vr === 'SQ' || made.has(attribute.tag)) ignored.push(name);
    else matches.push(...matchOf(name, attribute, textOf(name, value)));
  }
  return {
    matches,
    limit: Math.min(count(query.limit, 'limit', DEFAULT_LIMIT), LARGEST_LIMIT),
    offset: count(query.offset, 'offset', 0),
    include: includedOf(query.includefield),
    ignored,
  };
}

function pathMatches({ studyUid, seriesUid }: Partial<InstancePath>): AttributeMatch[] {
  return [
    ...(studyUid === undefined ? [] : [{ tag: '0020000D', oneOf: [studyUid] }]),
    ...(seriesUid === undefined ? [] : [{ tag: '0020000E', oneOf: [seriesUid] }]),
  ];
}

/** A key that comes twice is a list, as for UIDs. */
function textOf(name: string, value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
  if (text.length > 4096 || text.includes('\0')) throw invalidParameter(name, 'is too long');
  return text.trim();
}

/** An empty value matches everything (PS3.4 C.2.2.2.3). */
function matchOf(name: string, { tag, vr }: Attribute, text: string): readonly AttributeMatch[] {
  if (text === '' || text === '*') return [];
  switch (vr) {
    case 'UI':
      return [{ tag, oneOf: uids(name, text) }];
    case 'DA':
      return [rangeOf(name, tag, text, /^[0-9]{8}$/)];
    case 'TM':
      return [rangeOf(name, tag, text, /^[0-9]{2,6}(\.[0-9]{1,6})?$/)];
    case 'DT':
      return [rangeOf(name, tag, text, /^[0-9]{4,14}(\.[0-9]{1,6})?$/)];
    default:
      return [/[*?]/.test(text) || vr === 'PN' ? { tag, like: text } : { tag, oneOf: [text] }];
  }
}

function uids(name: string, text: string): readonly string[] {
  const all = text.split(/[,\\]/).map((uid) => uid.trim());
  if (all.every((uid) => /^[0-9.]{1,64}$/.test(uid))) return all;
  throw invalidParameter(name, 'is a UID, or several with commas between');
}

/** One value, or a range with a hyphen; either end may be left out (PS3.4 C.2.2.2.5). */
function rangeOf(name: string, tag: string, text: string, form: RegExp): AttributeMatch {
  const [from = '', to] = text.split('-');
  const ends = [from, to ?? from].filter((end) => end !== '');
  if (ends.length === 0 || text.split('-').length > 2 || !ends.every((end) => form.test(end))) {
    throw invalidParameter(name, 'is a value like 20261124, or a range like 20261101-20261130');
  }
  if (to === undefined) return { tag, oneOf: [from] };
  return {
    tag,
    ...defined({ from: from === '' ? undefined : from, to: to === '' ? undefined : lastOf(to) }),
  };
}

/** A time of 10:30 covers every second and fraction of it. */
function lastOf(to: string): string {
  return to.length === 8 && /^[0-9]{8}$/.test(to) ? to : `${to}~`;
}

function count(value: unknown, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (/^[0-9]{1,9}$/.test(String(value)) && (number > 0 || name === 'offset')) return number;
  throw invalidParameter(name, 'is a whole number');
}

function includedOf(value: unknown): Search['include'] {
  if (value === undefined) return new Set();
  const names = [value].flat().flatMap((one) => String(one).split(','));
  if (names.includes('all')) return 'all';
  return new Set(names.map((name) => attributeOf(name.trim())?.tag ?? unknownField(name)));
}

function unknownField(name: string): never {
  throw invalidParameter('includefield', `${name} is not a DICOM attribute`);
}

function invalidParameter(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail: `${field} ${detail}`.trim(), field });
}
