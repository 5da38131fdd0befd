import { stepsOf } from '../../codec/xml/path.ts';
import { NiiError } from '../../core/errors.ts';
import { datePattern } from './date-pattern.ts';
import type { Layout } from './layout.ts';
import type { MappedLayout } from './mapped.ts';

/**
 * What no schema can say of a layout: fields and blocks that are named exist, expressions and paths can be read.
 * @throws NII_CONFIG naming the first that is wrong
 */
export function checkLayout(layout: Layout, where: string): void {
  if (layout.kind !== 'mapped') return;
  for (const problem of problemsOf(layout)) throw new NiiError('NII_CONFIG', `${where}: layout: ${problem}`);
}

function* problemsOf(layout: MappedLayout): Generator<string> {
  for (const { key, value } of leavesOf(layout)) {
    if (key === 'field' && !Object.hasOwn(layout.fields ?? {}, value)) yield `there is no field ${value}`;
    if (key === 'in' && !Object.hasOwn(layout.blocks ?? {}, value)) yield `there is no block ${value}`;
    if (key === 'xml' && !readable(() => stepsOf(value))) yield `${value} is not a path`;
  }
  for (const [name, { pattern }] of Object.entries(layout.fields ?? {})) {
    if (pattern !== undefined && !readable(() => new RegExp(pattern, 'u')))
      yield `the pattern of ${name} is not a regular expression`;
  }
  for (const pattern of datePatternsOf(layout.record))
    if (!readable(() => datePattern(pattern))) yield `the date pattern ${pattern} has a part twice`;
  const usesChunks = Object.values(layout.blocks ?? {}).some((block) => 'chunk' in block);
  if (usesChunks && layout.chunks === undefined) yield 'a block is a chunk, and `chunks` is not there';
}

/** The patterns of points in time: only they stand beside a field. */
function datePatternsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(datePatternsOf);
  const { field, pattern } = value as { readonly field?: unknown; readonly pattern?: unknown };
  return typeof field === 'string' && typeof pattern === 'string' ? [pattern, ...inner] : inner;
}

interface Leaf {
  readonly key: string;
  readonly value: string;
}

/** Every text in the layout with the key it stands under. A schema has checked how deep it is. */
function leavesOf(value: unknown): readonly Leaf[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' ? [{ key, value: inner }] : leavesOf(inner),
  );
}

function readable(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false; // said by the caller, with the name of what it is
  }
}
