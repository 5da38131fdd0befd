/** Where the cab of a truck lies in the pictures of a scanner. */
export const cab = `
alter table scanners add column cab json;
`;
