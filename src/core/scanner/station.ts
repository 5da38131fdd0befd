import Type, { type Static } from 'typebox';
import { VerdictKind } from '../case/case.ts';
import { Acquired } from '../scan/circumstances.ts';

/**
 * What the vendor's own station of a site decided, while its lanes go by that. It is compared with what is decided here,
 * and is never taken for a verdict.
 */

const closed = { additionalProperties: false } as const;

export const StationDecision = Type.Object(
  {
    container: Type.Optional(Type.String({ maxLength: 64, description: 'Capitals, no blanks' })),
    scan: Type.Optional(
      Type.String({
        maxLength: 255,
        description: 'Id of the scan in nii-hub, or the common part of its file names',
      }),
    ),
    decision: VerdictKind,
    written: Type.String({ maxLength: 64, description: 'The decision in the words of the station' }),
    at: Acquired,
    officer: Type.Optional(
      Type.String({
        maxLength: 256,
        description: 'Name of the person who decided, as written by the station',
      }),
    ),
  },
  closed,
);
export type StationDecision = Readonly<Static<typeof StationDecision>>;

export const stationLimits = { decisions: 10_000 } as const;

/** One file of decisions. Kept as an object, so that a rebuilt database knows them. */
export const StoredDecisions = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    id: Type.String({ description: 'SHA-256 of the file: the same file is counted once' }),
    receivedAt: Type.String({ format: 'date-time' }),
    by: Type.String({ description: 'Key id' }),
    decisions: Type.Immutable(Type.Array(StationDecision, { maxItems: stationLimits.decisions })),
  },
  closed,
);
export type StoredDecisions = Readonly<Static<typeof StoredDecisions>>;

/** Words that stations use, in lower case, and what they are here. */
export const stationWords: Readonly<Record<string, VerdictKind>> = {
  normal: 'normal',
  clear: 'normal',
  'no-alarm': 'normal',
  suspect: 'suspect',
  alarm: 'suspect',
  inconclusive: 'inconclusive',
  unknown: 'inconclusive',
  'scan-again': 'scan-again',
  rescan: 'scan-again',
};

/** What a word of a station means here, however it is written; undefined where nobody knows. */
export function stationWord(text: string): VerdictKind | undefined {
  const word = text.trim().toLowerCase().replaceAll(/[ _]/g, '-');
  return Object.hasOwn(stationWords, word) ? stationWords[word] : undefined;
}

const written = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(Z|[+-]\d\d:?\d\d)?$/i;

/** A time as a station writes it: ISO 8601, with or without a zone; undefined for any other. */
export function stationTime(text: string): Acquired | undefined {
  const [, day, time, zone] = written.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const instant = Date.parse(`${day}T${time}${zone ?? 'Z'}`);
  if (Number.isNaN(instant)) return undefined;
  const utc = new Date(instant).toISOString();
  return { written: text, utc, zone: zone === undefined ? 'assumed-utc' : 'stated' };
}
