import Type, { type Static } from 'typebox';
import { defined } from '../defined.ts';
import { NiiError } from '../errors.ts';
import type { ScanRow } from '../scan/stored-scan.ts';
import { termOf } from '../trade/terms.ts';
import { marksOfTerms, nameOf } from './check-in.ts';
import { isNoMark, type SiteTerms } from './site.ts';
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

/** One version. Kept as an object, so that a rebuilt database knows it. */
export const StoredScanMarks = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    scanId: Type.String(),
    content: Type.String({ description: 'SHA-256 of the files for which it was proposed' }),
    written: Type.Immutable(
      Type.Array(Mark, {
        description: 'What these files state. What later files state beside it counts as well',
      }),
    ),
    ...versionProperties,
    before: Type.Immutable(
      Type.Array(Mark, { description: 'What the scan was known by when it was proposed' }),
    ),
    terms: ScanMarksTerms,
  },
  closed,
);
export type StoredScanMarks = Readonly<Static<typeof StoredScanMarks>>;

type Known = Pick<ScanRow, 'containers' | 'terms' | 'visit'>;

/** What files state of a scan. Those of two revisions may state two visits. */
export interface Written extends Pick<ScanRow, 'containers' | 'terms'> {
  readonly visits: readonly string[];
}

const PLATE = 'plate:';

export function marksOfScan({ visit, ...known }: Known): readonly Mark[] {
  return marksWritten({ ...known, visits: visit === undefined ? [] : [visit] });
}

export function marksWritten({ containers, terms, visits }: Written): readonly Mark[] {
  const plates = terms.filter(isPlate).map((term) => term.slice(PLATE.length));
  const ofVisits = visits.map((visit) => markOf('visit', visit));
  return eachOnce([...marksOfTerms({ plates, containers }), ...ofVisits]);
}

export function isPlate(term: string): boolean {
  return term.startsWith(PLATE);
}

/** Of several visits the first that stands for one at the site; a scan is of one visit. */
export function visitOf(site: Pick<SiteTerms, 'noMarks'>, visits: readonly string[]): string | undefined {
  return visits.find((visit) => !isNoMark(site, visit)) ?? visits[0];
}

/** The scan as it is known by these marks; a visit that it had keeps its spelling. */
export function withMarks(scan: ScanRow, marks: readonly Mark[], site: Pick<SiteTerms, 'noMarks'>): ScanRow {
  const { visit: before, ...rest } = scan;
  const valuesOf = (kind: Mark['kind']) =>
    marks.filter((mark) => mark.kind === kind).map(({ value }) => value);
  const plates = valuesOf('plate').flatMap((plate) => termOf('plate', plate) ?? []);
  const counting = visitOf(site, valuesOf('visit'));
  const isKept = before !== undefined && markOf('visit', before).value === counting;
  const visit = isKept ? before : counting;
  return {
    ...rest,
    containers: valuesOf('container'),
    terms: [...plates, ...scan.terms.filter((term) => !isPlate(term))],
    ...defined({ visit }),
  };
}

/**
 * What a scan is known by after a decision: first what was decided, then what its files have come to state since.
 * @param written - what its files state now
 */
export function marksAfter(
  written: readonly Mark[],
  decided: Pick<StoredScanMarks, 'written' | 'terms'>,
): readonly Mark[] {
  return [...decided.terms.marks, ...marksWithout(written, [...decided.written, ...decided.terms.marks])];
}

/** Those that are not among the others. */
export function marksWithout(marks: readonly Mark[], others: readonly Mark[]): readonly Mark[] {
  const left = new Set(others.map(nameOf));
  return marks.filter((mark) => !left.has(nameOf(mark)));
}

/** As long as what people look a vehicle up by. */
const LONGEST = 64;

function isReadable({ value }: Mark): boolean {
  return value.length <= LONGEST && /[\p{L}\p{N}]/u.test(value) && !/\p{Cc}/u.test(value);
}

/** @throws NII_BAD_REQUEST for two visits, and for a mark without a letter or digit */
export function statedMarks({ marks }: ScanMarksTerms): readonly Mark[] {
  const stated = eachOnce(marks.map(({ kind, value }) => markOf(kind, value)));
  if (!stated.every(isReadable))
    throw bad(`Invalid marks: each needs a letter or a digit, and has at most ${LONGEST} characters`);
  if (stated.filter(({ kind }) => kind === 'visit').length > 1)
    throw bad('Invalid marks: a scan is of one visit');
  return stated;
}

function eachOnce(marks: readonly Mark[]): readonly Mark[] {
  return [...new Map(marks.map((mark) => [nameOf(mark), mark])).values()];
}

function bad(detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field: 'marks' });
}
