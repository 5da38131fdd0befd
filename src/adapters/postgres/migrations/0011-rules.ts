/**
 * What administrations decide, for all and for each site, one row a version, and what stations of vendors decided. Nobody has
 * decided anything before.
 */
export const rules = `
create table policies (
  administration text not null,
  version integer not null,
  in_force boolean not null,
  body json not null,
  primary key (administration, version)
);

create table sites (
  administration text not null,
  site text collate "C" not null,
  version integer not null,
  in_force boolean not null,
  body json not null,
  primary key (administration, site, version)
);

create table station_decisions (
  administration text not null,
  site text collate "C" not null,
  import_id text collate "C" not null,
  position integer not null,
  decided timestamptz not null,
  body json not null,
  primary key (administration, site, import_id, position)
);
create index station_decisions_decided on station_decisions (administration, site, decided);

alter table scanners add column zone text;
alter table scanners add column clock_offset_seconds integer;
`;
