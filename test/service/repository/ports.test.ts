import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conditionalSpreads } from '../../../scripts/house/functions.ts';
import { type TakenPorts, takenPorts } from '../../../scripts/house/ports.ts';
import { ownFiles, pageSources, programOf } from '../../../scripts/house/sources.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** The compiler reads all of src/ for it, on build servers that share their cores. */
const COMPILE_MS = 600_000;

/** More is a list of everything. What starts all routes or all steps hands on what they take together. */
const WIDTH_CEILING = 14;
const startsEverything = /^src\/(http\/app|http\/routes\/index|steps\/worker)\.ts:/;

describe('the functions of src/', () => {
  let taken: readonly TakenPorts[] = [];
  let spreads: readonly string[] = [];
  beforeAll(() => {
    const program = programOf(repositoryRoot);
    taken = takenPorts(program, repositoryRoot);
    const files = [...ownFiles(program, repositoryRoot), ...pageSources(repositoryRoot)];
    spreads = files.flatMap(([name, file]) => conditionalSpreads(file).map((line) => `${name}:${line}`));
  }, COMPILE_MS);

  test('take no port, and no method of a transaction, that they do not use', () => {
    expect(taken.length).toBeGreaterThan(250);
    expect(taken.filter(({ unused }) => unused.length > 0)).toEqual([]);
  });

  test('spread no object that may be empty', () => expect(spreads).toEqual([]));

  test(`take at most ${WIDTH_CEILING} ports, but for those that start all routes or all steps`, () => {
    const wide = taken.filter(({ width }) => width > WIDTH_CEILING).map(({ where }) => where);
    expect(wide.filter((where) => !startsEverything.test(where))).toEqual([]);
  });
});

test('a property that is there or not is left out by `defined`, not by spreading an empty object', () => {
  const file = (text: string) => ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
  expect(conditionalSpreads(file('export const a = {\n  ...(b ? {} : { c }),\n};'))).toEqual([2]);
  expect(conditionalSpreads(file('export const a = { ...defined({ c }), ...(b ? d : e) };'))).toEqual([]);
});

const ports = `
export interface Scans { scan(id: string): Promise<string>; scans(): Promise<string> }
export interface Cases { lockCase(id: string): Promise<string> }
export interface Audit { audit(entry: string): Promise<void> }
export interface Transactions<Tx> { transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> }
export interface Locks { exclusively<T>(name: string, work: () => Promise<T>): Promise<T> }
export interface Clock { now(): Date }
export interface Row { readonly id: string }
export type Tx<Method extends keyof (Scans & Cases & Audit)> = Pick<Scans & Cases & Audit, Method>;
`;

/** Each function with what it takes and does not use; none where it uses everything. */
const planted: readonly (readonly [claim: string, source: string, unused: readonly string[]])[] = [
  ['a member that is read', 'export function f(deps: { clock: Clock }) { return deps.clock.now(); }', []],
  [
    'a member that is not read',
    'export function f(deps: { clock: Clock; limit: number }) { return deps.clock.now(); }',
    ['limit'],
  ],
  [
    'a member that is taken apart and left lying',
    'export function f({ clock }: { clock: Clock; records: Locks }) { return clock.now(); }',
    ['records', 'records/Locks'],
  ],
  [
    'a port of a transaction that is called',
    `export function f({ records }: { records: Transactions<Scans & Cases> }) {
      return records.transaction(async (tx) => (await tx.scan('a')) + (await tx.lockCase('a')));
    }`,
    [],
  ],
  [
    'a port of a transaction that is not called',
    `export function f({ records }: { records: Transactions<Scans & Cases> }) {
      return records.transaction((tx) => tx.scan('a'));
    }`,
    ['records/Cases'],
  ],
  [
    'a port beside the transactions',
    `export function f({ records }: { records: Transactions<Scans> & Locks }) {
      return records.transaction((tx) => tx.scan('a'));
    }`,
    ['records/Locks'],
  ],
  [
    'a method of a part of a transaction that is not called, though another of its port is',
    `export function f({ records }: { records: Transactions<Tx<'scan' | 'scans' | 'audit'>> }) {
      return records.transaction((tx) => tx.scan('a'));
    }`,
    ['records/scans', 'records/audit'],
  ],
  [
    'a part that is handed on to a function that takes less',
    `function g(tx: Tx<'scan'>) { return tx.scan('a'); }
     export function f(tx: Tx<'scan' | 'scans'>) { return g(tx); }`,
    ['/scans'],
  ],
  [
    'a part of which another names a member',
    `function g(deps: { records: Transactions<Tx<'scan'>> }, work: (tx: Tx<'lockCase'>) => Promise<string>) {
       return deps.records.transaction((tx) => tx.scan('a'));
     }
     export function f(deps: { records: Transactions<Tx<'scan' | 'scans' | 'lockCase'>> }) { return g(deps, (tx) => tx.lockCase('a')); }`,
    ['records/scans'],
  ],
  ['a transaction itself', "export function f(tx: Scans & Cases) { return tx.scan('a'); }", ['/Cases']],
  [
    'what is handed on to a function that uses it',
    `function g(tx: Scans & Cases) { return tx.scan('a').then(() => tx.lockCase('a')); }
     export function f(tx: Scans & Cases) { return g(tx); }`,
    [],
  ],
  [
    'what is handed on to a function that uses less',
    `function g(tx: Scans) { return tx.scan('a'); }
     export function f(tx: Scans & Cases) { return g(tx); }`,
    ['/Cases'],
  ],
  [
    'what goes round between two functions and is used by neither',
    `export function f(deps: { clock: Clock; limit: number }, n: number): Date { return n > 0 ? g(deps, n - 1) : deps.clock.now(); }
     function g(deps: { clock: Clock; limit: number }, n: number): Date { return f(deps, n); }`,
    ['limit'],
  ],
  [
    'what a generic function opens for the function beside it',
    `function viewed<Tx extends Audit, T>({ records }: { records: Transactions<Tx> }, read: (tx: Tx) => Promise<T>) {
       return records.transaction(async (tx) => { await tx.audit('seen'); return read(tx); });
     }
     export function f(deps: { records: Transactions<Scans & Cases & Audit> }) { return viewed(deps, (tx) => tx.scan('a')); }`,
    ['records/Cases'],
  ],
  [
    'what a generic function opens as a member for the function beside it',
    `function moved<Tx extends Audit, T>({ records }: { records: Transactions<Tx> }, read: (at: { tx: Tx; row: Row }) => Promise<T>) {
       return records.transaction(async (tx) => { await tx.audit('seen'); return read({ tx, row: { id: 'a' } }); });
     }
     export function f(deps: { records: Transactions<Scans & Cases & Audit> }) { return moved(deps, ({ tx }) => tx.scan('a')); }`,
    ['records/Cases'],
  ],
  [
    'what is spread into something that names less',
    `function g(deps: { clock: Clock; name: string }) { return deps.name + deps.clock.now(); }
     export function f(deps: { clock: Clock; limit: number }) { return g({ ...deps, name: 'a' }); }`,
    ['limit'],
  ],
  [
    'what is spread into a value with a name of its own',
    `export function f(deps: { records: Transactions<Tx<'scan' | 'scans'>>; clock: Clock }) {
       const own = { ...deps, limit: 1 };
       return own.records.transaction((tx) => tx.scan('a'));
     }`,
    ['clock', 'clock/Clock', 'records/scans'],
  ],
  [
    'what a class keeps and calls later',
    `export class Later {
       readonly #deps: { clock: Clock; limit: number };
       constructor(deps: { clock: Clock; limit: number }) { this.#deps = deps; }
       now() { return this.#deps.clock.now(); }
     }`,
    ['limit'],
  ],
  ['no port at all', 'export function f(row: Row, many: readonly Row[]) { return 1; }', []],
];

describe('a function that takes what it does not use is found', () => {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'nii-ports-')));
  let found: readonly TakenPorts[] = [];
  beforeAll(() => {
    const write = (name: string, text: string) => writeFileSync(path.join(root, name), text);
    mkdirSync(path.join(root, 'src/core/ports'), { recursive: true });
    write(
      'tsconfig.json',
      '{ "compilerOptions": { "strict": true, "target": "ES2023", "allowImportingTsExtensions": true, "noEmit": true, "types": [] } }',
    );
    write('src/core/ports/ports.ts', ports);
    const names = 'Scans, Cases, Audit, Transactions, Locks, Clock, Row, Tx';
    for (const [i, [, source]] of planted.entries()) {
      write(`src/planted${i}.ts`, `import type { ${names} } from './core/ports/ports.ts';\n${source}\n`);
    }
    found = takenPorts(programOf(root), root);
  }, COMPILE_MS);
  afterAll(() => rmSync(root, { recursive: true }));

  test.each(planted.map(([claim, , unused], i) => [claim, i, unused] as const))('%s', (_, i, unused) => {
    const here = found.filter(({ where }) => where.startsWith(`src/planted${i}.ts:`));
    expect(new Set(here.flatMap((one) => one.unused))).toEqual(new Set(unused));
  });

  test('with its place and its name', () => {
    expect(found.map(({ where }) => where)).toContain('src/planted1.ts:2 f');
  });
});
