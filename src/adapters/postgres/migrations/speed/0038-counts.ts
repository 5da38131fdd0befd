/**
 * The metrics count all cases by state and band at each visit, and read every case for it
 * (docs/decisions/0046-a-million.md). The table is read once.
 */
export const counts = `
create index cases_counts on cases (state, band);
`;
