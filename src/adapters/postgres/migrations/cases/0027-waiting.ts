/**
 * What the page asks of cases that are not closed, where most are: the queue in its order, its counts, the load, and
 * the draw of an urgent one. Without them each reads and sorts all that wait (docs/decisions/0036-measures.md).
 */
export const waiting = `
create index cases_waiting on cases (administration, site, priority, id) where state in ('queued', 'claimed');
create index cases_waiting_anywhere on cases (administration, priority, id) where state in ('queued', 'claimed');
create index cases_open on cases (administration, site, state, band, due) where state <> 'closed';
`;
