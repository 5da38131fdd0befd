/** Marks identify a vehicle. They are compared in one spelling, whatever the sender wrote (principle 1). */
import type { Named } from '../history.ts';

export type Marks = ReadonlySet<string>;

/** Returns the mark in upper case, without blanks, dashes and other separators. */
const normalise = (mark: string): string =>
  mark
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const ofKind = (kind: string, written: readonly string[]): string[] =>
  written
    .map(normalise)
    .filter((mark) => mark !== '')
    .map((mark) => `${kind} ${mark}`);

/** Returns the strong marks, each with its kind: a plate never matches a container. */
export const toMarks = ({ containers, plates, visit }: Named): Marks =>
  new Set([
    ...ofKind('container', containers),
    ...ofKind('plate', plates),
    ...ofKind('visit', visit === undefined ? [] : [visit]),
  ]);

export const shareMark = (some: Marks, others: Marks): boolean => [...some].some((mark) => others.has(mark));

export const union = (some: Marks, others: Marks): Marks => new Set([...some, ...others]);

export const intersection = (some: Marks, others: Marks): Marks =>
  new Set([...some].filter((mark) => others.has(mark)));

/** A hold names a mark without its kind. */
export function includesBareMark(marks: Marks, written: string): boolean {
  const mark = normalise(written);
  return mark !== '' && ['container', 'plate', 'visit'].some((kind) => marks.has(`${kind} ${mark}`));
}
