import { isDeepStrictEqual } from 'node:util';
import { sha256Hex } from '../../codec/sha256.ts';
import { atPointer } from '../../core/json-pointer.ts';
import { channelsOf, type ScanWithPlanes } from '../../core/scan/scan.ts';
import type { Expected } from './expected.ts';
import { type Outcome, wordsOf } from './subject.ts';

/** One thing that was stated, and what was found. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: unknown;
  readonly found: unknown;
}

type Converter = { readonly id: string; readonly version: string };
type Group = NonNullable<Extract<Outcome, { kind: 'scan' }>['group']>;

/** What is stated of one thing, and where to look for it. */
export type Statement<T> = readonly [name: string, expected: unknown, found: (of: T) => unknown];

/**
 * Every statement held against the thing. Where there is no such thing each of them fails, so that a share of checks
 * counts what was lost in full.
 */
export function checksOf<T>(statements: readonly Statement<T>[], of: T | undefined): readonly Check[] {
  return statements.map(([name, expected, found]) => {
    if (of === undefined) return { name, ok: false, expected, found: undefined };
    const value = found(of);
    return { name, ok: isDeepStrictEqual(expected, value), expected, found: value };
  });
}

/** Holds what became of a fixture against its `expected.json`, statement by statement: it is one scan, or rejected. */
export function compareWith(expected: Expected, outcome: Outcome, converter: Converter): readonly Check[] {
  const { refused } = expected;
  const verdict: Statement<Outcome> = ['verdict', refused ?? 'scan', (one) => wordsOf(one).join(', ')];
  const group = outcome.kind === 'several' ? undefined : outcome.group;
  const result = outcome.kind === 'scan' ? outcome.result : undefined;
  return [
    ...checksOf([verdict], outcome),
    ...checksOf(groupStatements(expected, converter), group),
    ...(refused === undefined ? checksOf(recordStatements(expected), result) : []),
  ];
}

function groupStatements(expected: Expected, { id, version }: Converter): readonly Statement<Group>[] {
  const { groupKey, incomplete = [], roles } = expected;
  return [
    ['converter', `${id} ${version}`, ({ converter }) => `${converter.id} ${converter.version}`],
    ['group key', groupKey, (group) => group.groupKey],
    ['incomplete files', incomplete.toSorted(), incompleteOf],
    ...given<Group>('roles', roles, ({ files }) =>
      Object.fromEntries(files.map(({ name, role }) => [name, role])),
    ),
  ];
}

function incompleteOf({ files }: Group): readonly string[] {
  return files
    .filter(({ complete }) => !complete)
    .map(({ name }) => name)
    .toSorted();
}

function recordStatements(expected: Expected): readonly Statement<ScanWithPlanes>[] {
  const { completeness, containers = [], units, acquired, description, plates, record = {} } = expected;
  return [
    ...channelStatements(expected),
    ['completeness', completeness, ({ scan }) => scan.completeness],
    ['warnings', inOrder(expected.warnings ?? []), warningsOf],
    ['containers', containers, ({ scan }) => numbersOf(scan)],
    ['units', units ?? Math.max(1, containers.length), ({ scan }) => scan.units.length],
    ...given<ScanWithPlanes>('acquired', acquired, ({ scan }) => scan.acquired.utc),
    ...given<ScanWithPlanes>('description', description, ({ scan }) => scan.units[0]?.description),
    ...given<ScanWithPlanes>('plates', plates, ({ scan }) => scan.units[0]?.plates),
    ...Object.entries(record).map(
      ([at, value]): Statement<ScanWithPlanes> => [at, value, ({ scan }) => atPointer(asJson(scan), at)],
    ),
  ];
}

function warningsOf({ scan }: ScanWithPlanes): readonly string[] {
  return inOrder(scan.warnings.map(({ code }) => code));
}

function numbersOf({ units }: ScanWithPlanes['scan']): readonly (readonly string[])[] {
  return units.flatMap(({ containers }) => containers.map(({ value, state }) => [value, state]));
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Each once, in rising order. */
function inOrder(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1));
}

function given<T>(name: string, expected: unknown, found: (of: T) => unknown): readonly Statement<T>[] {
  return expected === undefined ? [] : [[name, expected, found]];
}

function channelStatements({ channels = {} }: Expected): readonly Statement<ScanWithPlanes>[] {
  return [
    [
      'channels',
      inOrder(Object.keys(channels)),
      ({ scan }) => inOrder(channelsOf(scan).map(({ key }) => key)),
    ],
    ...Object.entries(channels).map(
      ([key, stated]): Statement<ScanWithPlanes> => [
        `samples of ${key}`,
        stated,
        (result) => measured(key, stated.sha256 === null, result),
      ],
    ),
  ];
}

/** @param hasAnySamples - decoders may differ by rounding, so that no hash is told */
function measured(key: string, hasAnySamples: boolean, { scan, planes }: ScanWithPlanes): unknown {
  const channel = channelsOf(scan).find((one) => one.key === key)?.channel;
  if (channel === undefined) return undefined;
  const { rows, columns, bitsAllocated: bits, kind } = channel;
  const hash = sha256Hex(planes.get(key) ?? new Uint8Array());
  return { rows, columns, bits, kind, sha256: hasAnySamples ? null : hash };
}

/** A fault in one line. */
export function faultOf({ name, expected, found }: Check): string {
  return `${name}: expected ${shown(expected)}, found ${shown(found)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 400 ? text : `${text.slice(0, 400)}…`;
}
