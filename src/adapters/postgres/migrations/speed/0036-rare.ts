/**
 * What few rows are or have among very many (docs/decisions/0046-a-million.md): scans whose work has not ended, cases that
 * wait in the order of their ids, of which a draw takes a sample, and alarms by state. The tables are read once each.
 */
export const rare = `
create index scans_unfinished on scans (administration, state, received desc, id desc) where state <> 'analysed';
drop index cases_draw;
create index cases_draw on cases (administration, band, id) where state = 'queued';
create index cases_draw_at_site on cases (administration, site, band, id) where state = 'queued';
create index holds_by_state on holds (administration, state, opened, id);
`;
