/**
 * Occupancies of radiation portals with the scans that each is or may be of, and the holds that their alarms opened.
 * `bears_on` names every scan whose lane answer a hold bears on.
 */
export const radiationHolds = `
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
  primary key (scan_id, record_id)
);
create index radiation_near on radiation (administration, site, starts);
create index radiation_joined on radiation using gin (joined);

create table holds (
  id text collate "C" primary key,
  administration text not null,
  site text not null,
  scan_id text collate "C" not null,
  state text not null,
  opened timestamptz not null,
  bears_on text[] not null,
  body json not null
);
create index holds_list on holds (administration, opened, id);
create index holds_scan on holds (scan_id, id);
create index holds_bears_on on holds using gin (bears_on);

create index scans_taken on scans (administration, site, taken);
`;
