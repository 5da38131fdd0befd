/**
 * Which occupancy a hold is of, so that a log that is sent again finds it, and which record told of it again.
 *
 * Rows of before: the join step computes what a hold is of from the record, so it runs once more for every record that
 * has one. Occupancies that last longer than an hour have an index of their own: all others that touch a time began
 * within the hour before it.
 */
export const occupancies = `
alter table holds add column identity text collate "C";
alter table holds add column content text collate "C";
create index holds_identity on holds (administration, site, identity) where identity is not null;
create index holds_content on holds (administration, site, content, opened) where content is not null;
create index holds_state on holds (administration, site, state, opened);

alter table radiation add column content text collate "C";
alter table radiation add column hold_id text collate "C";
create index radiation_hold on radiation (hold_id) where hold_id is not null;
create index radiation_containers on radiation using gin (containers) with (fastupdate = off);
create index radiation_long on radiation (administration, site, starts) where ends - starts > interval '1 hour';

insert into jobs (id, administration, kind, payload, state, ready_at)
  select 'join-radiation:' || scan_id || ':occupancies', administration, 'join-radiation',
    json_build_object('scanId', scan_id, 'administration', administration, 'site', site), 'waiting', now()
  from (select distinct scan_id, administration, site from holds) as held
  on conflict (id) do nothing;
`;
