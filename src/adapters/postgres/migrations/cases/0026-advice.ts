/** Since when the reader of a case asks for advice, and who looks along. No case of before has any. */
export const advice = `
alter table cases add column advice_since timestamptz, add column advisers text[] not null default '{}';
create index cases_advice_since on cases (administration, advice_since, id) where advice_since is not null;
create index cases_advisers on cases using gin (advisers) where advice_since is not null;
`;
