/**
 * Which closed cases show goods that are as they ought to be, and which of their scans a reader may open beside the one
 * in hand. Cases that were closed before are no references until they are written again, as a reindex does.
 */
export const comparisons = `
alter table cases add column reference_since timestamptz;
create index cases_reference on cases (administration, site, reference_since desc) where reference_since is not null;
create table offered_scans (
  case_id text collate "C" not null,
  scan_id text collate "C" not null,
  primary key (case_id, scan_id)
);
`;
