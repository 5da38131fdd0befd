/**
 * Seconds from the scan to each step of a case, as the times of a day count them. To compute them from two times took
 * half of such a count: 52,000 of them for a day of 5,700 cases. PostgreSQL computes them as a row is written, so they
 * are right whoever writes it. The rows of before are written anew.
 */
/** Those of this version: a migration stays as it is, whatever steps come later. */
const steps = [
  'arrived',
  'converted',
  'queued',
  'claimed',
  'decided',
  'instructed',
  'referred',
  'searched',
  'closed',
];

/** When the vehicle was scanned, where the files say it and it is not after they came. */
const scanned = 'case when taken <= arrived then taken end';

const column = (step: string) =>
  `add column to_${step} double precision generated always as (date_part('epoch', ${step} - ${scanned})) stored`;

export const seconds = `alter table measured_cases ${steps.map(column).join(', ')};`;
