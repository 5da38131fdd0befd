/** What each scan tells of its scanner, one row a scan, and what is known of each scanner. */
export const scannerHealth = `
create table observations (
  scan_id text collate "C" primary key,
  revision integer not null,
  administration text not null,
  site text not null,
  scanner text collate "C" not null,
  received_at text not null,
  received timestamptz not null,
  containers integer not null,
  bad_containers integer not null,
  channel_missing boolean not null,
  incomplete boolean not null,
  failed text,
  clock_seconds double precision
);
create index observations_scanner on observations (administration, site, scanner, received);

create table scanners (
  administration text not null,
  site text collate "C" not null,
  id text collate "C" not null,
  converter text not null,
  first_seen_at text not null,
  last_seen_at text not null,
  software text,
  structure json not null,
  alarm json,
  primary key (administration, site, id)
);
`;
