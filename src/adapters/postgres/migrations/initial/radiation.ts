/**
 * Occupancies of radiation portals with the scans that each is or may be of, and the holds that their alarms opened.
 * `bears_on` names every scan whose lane instruction a hold bears on.
 */
export const radiation = `
create table radiation (
  scan_id text collate "C" not null,
  record_id text collate "C" not null,
  administration text not null,
  site text not null,
  starts timestamptz,
  ends timestamptz,
  containers text[] not null,
  joined text[] not null,
  body json not null,
  content text collate "C",
  hold_id text collate "C",
  visit text collate "C",
  primary key (scan_id, record_id)
);
create index radiation_near on radiation (administration, site, starts);
-- All others that touch a time began within the hour before it
create index radiation_long on radiation (administration, site, starts) where ends - starts > interval '1 hour';
create index radiation_joined on radiation using gin (joined);
create index radiation_containers on radiation using gin (containers) with (fastupdate = off);
create index radiation_hold on radiation (hold_id) where hold_id is not null;
create index radiation_visit on radiation (administration, site, visit) where visit is not null;

-- identity and content say which occupancy a hold is of, so that a log that is sent again finds it. due is when an officer
-- is to adjudicate it; is_near, whether it holds every scan near it; vehicles_held, how many it held when it stopped
create table holds (
  id text collate "C" primary key,
  administration text not null,
  site text not null,
  scan_id text collate "C" not null,
  state text not null,
  opened timestamptz not null,
  bears_on text[] not null,
  body json not null,
  identity text collate "C",
  content text collate "C",
  due timestamptz,
  escalated_at timestamptz,
  is_near boolean not null default false,
  vehicles_held integer[] not null default '{}'
);
create index holds_list on holds (administration, opened, id);
create index holds_by_state on holds (administration, state, opened, id);
create index holds_state on holds (administration, site, state, opened);
create index holds_scan on holds (scan_id, id);
create index holds_bears_on on holds using gin (bears_on);
create index holds_identity on holds (administration, site, identity) where identity is not null;
create index holds_content on holds (administration, site, content, opened) where content is not null;
create index holds_near on holds (id) where is_near;
create index holds_due on holds (due) where due is not null;
create index holds_escalated on holds (administration, escalated_at) where escalated_at is not null and state = 'open';
`;
