/**
 * What is asked for in an order that no index had: the later steps of scans before the first ones of others, and the
 * newest studies, in whose index those without a date came first where the question puts them last
 * (docs/decisions/0043-flat-lists.md).
 */
export const order = `
create index jobs_later_steps on jobs (administration, ready_at) where state <> 'dead' and kind <> 'convert' and attempts = 0;
drop index instances_newest;
create index instances_newest on instances (administration, study_date desc nulls last, study_uid, series_uid) where listed;
`;
