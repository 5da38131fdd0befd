import { isDeepStrictEqual } from 'node:util';
import { atPointer } from '../core/json-pointer.ts';
import { channelsOf, type ScanWithPlanes } from '../core/scan.ts';
import type { Expected } from './expected.ts';
import { type Outcome, sha256 } from './subject.ts';

/** One thing that was stated, and what was found. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: unknown;
  readonly found: unknown;
}

function check(name: string, expected: unknown, found: unknown): Check {
  return { name, ok: isDeepStrictEqual(expected, found), expected, found };
}

/** Holds what became of a fixture against its `expected.json`, statement by statement. */
export function compareWith(
  expected: Expected,
  outcome: Outcome,
  converter: { readonly id: string; readonly version: string },
): readonly Check[] {
  if (outcome.kind === 'several') {
    return [check('scans', 1, outcome.parts.filter((part) => part.kind === 'scan').length)];
  }
  const verdict = outcome.kind === 'scan' ? 'scan' : outcome.code;
  const checks = [
    check('verdict', expected.refused ?? 'scan', verdict),
    ...groupChecks(expected, outcome, converter),
  ];
  if (outcome.kind !== 'scan' || expected.refused !== undefined) return checks;
  return [...checks, ...recordChecks(expected, outcome.result)];
}

function groupChecks(
  expected: Expected,
  { group }: Exclude<Outcome, { kind: 'several' }>,
  converter: { readonly id: string; readonly version: string },
): readonly Check[] {
  if (group === undefined) return [check('converter', converter.id, undefined)];
  const { id, version } = group.converter;
  const roles = Object.fromEntries(group.files.map(({ name, role }) => [name, role]));
  const incomplete = group.files.filter(({ complete }) => !complete).map(({ name }) => name);
  return [
    check('converter', `${converter.id} ${converter.version}`, `${id} ${version}`),
    check('group key', expected.groupKey, group.groupKey),
    check('incomplete files', (expected.incomplete ?? []).toSorted(), incomplete.toSorted()),
    ...(expected.roles === undefined ? [] : [check('roles', expected.roles, roles)]),
  ];
}

function recordChecks(expected: Expected, result: ScanWithPlanes): readonly Check[] {
  const { scan } = result;
  const asJson: unknown = JSON.parse(JSON.stringify(scan));
  const numbers = scan.units.flatMap(({ containers }) =>
    containers.map(({ value, state }) => [value, state]),
  );
  const warnings = new Set(scan.warnings.map(({ code }) => code));
  return [
    ...channelChecks(expected, result),
    check('completeness', expected.completeness, scan.completeness),
    check('warnings', inOrder(new Set(expected.warnings)), inOrder(warnings)),
    check('containers', expected.containers ?? [], numbers),
    check('units', expected.units ?? Math.max(1, numbers.length), scan.units.length),
    ...given('acquired', expected.acquired, scan.acquired.utc),
    ...given('description', expected.description, scan.units[0]?.description),
    ...given('plates', expected.plates, scan.units[0]?.plates),
    ...Object.entries(expected.record ?? {}).map(([at, value]) => check(at, value, atPointer(asJson, at))),
  ];
}

function inOrder(texts: Iterable<string>): readonly string[] {
  return [...texts].toSorted((a, b) => (a < b ? -1 : 1));
}

function given(name: string, expected: unknown, found: unknown): readonly Check[] {
  return expected === undefined ? [] : [check(name, expected, found)];
}

function channelChecks(expected: Expected, { scan, planes }: ScanWithPlanes): readonly Check[] {
  const stated = expected.channels ?? {};
  const found = channelsOf(scan).map(({ key, channel }) => {
    const { rows, columns, bitsAllocated: bits, kind } = channel;
    const hash = sha256(planes.get(key) ?? new Uint8Array());
    return {
      key,
      measured: { rows, columns, bits, kind, sha256: stated[key]?.sha256 === null ? null : hash },
    };
  });
  return [
    check('channels', inOrder(Object.keys(stated)), inOrder(found.map(({ key }) => key))),
    ...found.map(({ key, measured }) => check(`samples of ${key}`, stated[key], measured)),
  ];
}

/** A fault in one line. */
export function faultOf({ name, expected, found }: Check): string {
  return `${name}: expected ${shown(expected)}, found ${shown(found)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 400 ? text : `${text.slice(0, 400)}…`;
}
