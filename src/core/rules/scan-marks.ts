import Type, { type Static } from 'typebox';
import { defined } from '../defined.ts';
import { NiiError } from '../errors.ts';
import type { ScanRow } from '../scan/stored-scan.ts';
import { termOf } from '../trade/terms.ts';
import { marksOfTerms, nameOf } from './check-in.ts';
import { Mark, markOf } from './vehicle-hold.ts';
import { versionProperties } from './version.ts';

/**
 * What people decide that a scan is known by, where its files state it wrongly or not at all: a number that was misread, or a visit
 * that the scanner did not know. The files and the record stay as they are.
 */

const closed = { additionalProperties: false } as const;
/** A train has many containers. */
const MOST_MARKS = 1024;

export const ScanMarksTerms = Type.Object(
  {
    marks: Type.Array(Mark, {
      maxItems: MOST_MARKS,
      description: 'All that the scan is known by; one visit at most',
    }),
    reason: Type.String({ minLength: 1, maxLength: 1024, description: 'How it is known' }),
  },
  closed,
);
export type ScanMarksTerms = Readonly<Static<typeof ScanMarksTerms>>;

const Marks = Type.Immutable(Type.Array(Mark));

/** One version. Kept as an object, so that a rebuilt database knows it. */
export const StoredScanMarks = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    scanId: Type.String(),
    ...versionProperties,
    written: { ...Marks, description: 'What the files stated at that time' },
    counting: {
      ...Marks,
      description: 'What the scan is known by from then on: a proposal changes nothing',
    },
    terms: ScanMarksTerms,
  },
  closed,
);
export type StoredScanMarks = Readonly<Static<typeof StoredScanMarks>>;

type Known = Pick<ScanRow, 'containers' | 'terms' | 'visit'>;

const PLATE = 'plate:';

export function marksOfScan({ containers, terms, visit }: Known): readonly Mark[] {
  const plates = terms.filter((term) => term.startsWith(PLATE)).map((term) => term.slice(PLATE.length));
  return eachOnce(marksOfTerms({ plates, containers, ...defined({ visit }) }));
}

/** The scan as it is known by these marks. Of two visits the later one counts. */
export function withMarks(scan: ScanRow, marks: readonly Mark[]): ScanRow {
  const { visit: _, ...rest } = scan;
  const valuesOf = (kind: Mark['kind']) =>
    marks.filter((mark) => mark.kind === kind).map(({ value }) => value);
  const plates = valuesOf('plate').flatMap((plate) => termOf('plate', plate) ?? []);
  const visit = valuesOf('visit').at(-1);
  return {
    ...rest,
    containers: valuesOf('container'),
    terms: [...plates, ...scan.terms.filter((term) => !term.startsWith(PLATE))],
    ...defined({ visit }),
  };
}

/**
 * What a scan is known by after a decision: what was decided, and what its files have come to state since.
 * @param written - what its files state now
 * @param newest - the newest version of the decision
 */
export function marksAfter(
  written: readonly Mark[],
  newest: Pick<StoredScanMarks, 'written' | 'counting'>,
): readonly Mark[] {
  const seen = new Set(newest.written.map(nameOf));
  return eachOnce([...newest.counting, ...written.filter((mark) => !seen.has(nameOf(mark)))]);
}

/** @throws NII_BAD_REQUEST for two visits, and for a mark without a letter or digit */
export function statedMarks({ marks }: ScanMarksTerms): readonly Mark[] {
  const stated = eachOnce(marks.map(({ kind, value }) => markOf(kind, value)));
  if (stated.some(({ value }) => value === '')) throw bad('Invalid marks: each needs a letter or a digit');
  if (stated.filter(({ kind }) => kind === 'visit').length > 1)
    throw bad('Invalid marks: a scan is of one visit');
  return stated;
}

export function areSameMarks(a: readonly Mark[], b: readonly Mark[]): boolean {
  const [some, others] = [new Set(a.map(nameOf)), new Set(b.map(nameOf))];
  return some.size === others.size && [...some].every((name) => others.has(name));
}

function eachOnce(marks: readonly Mark[]): readonly Mark[] {
  return [...new Map(marks.map((mark) => [nameOf(mark), mark])).values()];
}

function bad(detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field: 'marks' });
}
