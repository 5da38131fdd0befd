import type { NiiScan } from '../scan/scan.ts';

/** What scans are found by beside containers: a kind, and the number without blanks and punctuation. */
export const termKinds = [
  'plate',
  'seal',
  'declaration',
  'ucr',
  'document',
  'imo',
  'locode',
  'customs-office',
] as const;
export type TermKind = (typeof termKinds)[number];

/** Longer texts are no numbers that anybody searches for. */
const LONGEST = 128;
const TERMS_CEILING = 2048;

/** A term as it is stored and compared; undefined for what holds no letter and no digit. */
export function termOf(kind: TermKind, written: string): string | undefined {
  const plain = written.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');
  return plain === '' || plain.length > LONGEST ? undefined : `${kind}:${plain}`;
}

/** Every term of a record, each once. */
export function termsOf(scan: NiiScan): readonly string[] {
  const found = new Set<string>();
  const add = (kind: TermKind, ...values: readonly (string | undefined)[]) => {
    for (const value of values) {
      const term = value === undefined ? undefined : termOf(kind, value);
      if (term !== undefined && found.size < TERMS_CEILING) found.add(term);
    }
  };
  for (const { plates, seals, declarations, plateDetails = [], sealDetails = [] } of scan.units) {
    add('plate', ...plates, ...plateDetails.map(({ number }) => number));
    add('seal', ...seals, ...sealDetails.map(({ number }) => number));
    add('declaration', ...declarations);
  }
  for (const { mrn, ucr, transportDocuments = [], means = [], route = [] } of scan.consignments ?? []) {
    add('declaration', mrn);
    add('ucr', ucr);
    add('document', ...transportDocuments.map(({ number }) => number));
    add('imo', ...means.map(({ imo }) => imo));
    add('plate', ...means.map(({ registration }) => registration));
    add('locode', ...route.map(({ locode }) => locode));
    add('customs-office', ...route.map(({ customsOffice }) => customsOffice));
  }
  add('locode', scan.source.place?.locode);
  add('customs-office', scan.source.place?.customsOffice);
  return [...found];
}
