/** Until when a verdict may be taken back. No verdict of before can be. */
export const secondThoughts = `
alter table cases add column stands_at timestamptz;
create index cases_stands on cases (stands_at) where stands_at is not null;
`;
