/** Alarms of persons in danger that nobody has acknowledged, and when they escalate. No case of before has one. */
export const dangers = `
alter table cases add column danger_since timestamptz, add column danger_due timestamptz;
create index cases_danger_since on cases (administration, danger_since, id) where danger_since is not null;
create index cases_danger_due on cases (danger_due) where danger_due is not null;
`;
