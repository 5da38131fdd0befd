/**
 * The index of DICOM instances that DICOMweb searches. The columns that are searched most come out of the attributes
 * by themselves. An original that belongs to several revisions has one row, under its object.
 *
 * Searches by wildcard (docs/decisions/0046-a-million.md): a value has a key for each three characters of it that follow
 * one another, two marks before its begin and after its end counted. A pattern names keys that each value which matches
 * has. `pg_trgm` would do the same, and is not on every server. Letters and digits of ASCII stand for themselves, in lower
 * case, and every other character for a "_", so that keys are the same in every locale.
 */
export const instances = `
create function wildcard_keys(written text) returns text[] language sql immutable strict parallel safe
begin atomic
  select array(select substr(marked, at, 3) from (
    select repeat(chr(1), 2) || regexp_replace(lower(written collate "C"), '[^a-z0-9]', '_', 'g') || repeat(chr(2), 2) as marked
  ) as one, generate_series(1, length(marked) - 2) as at);
end;
create function wildcard_keys(written text[]) returns text[] language sql immutable strict parallel safe
begin atomic
  select array(select unnest(wildcard_keys(one)) from unnest(written) as one);
end;

-- refers_to names the instances that a report refers to, so that an image that comes after it finds it
create table instances (
  key text collate "C" primary key,
  administration text not null,
  site text not null,
  bytes bigint not null,
  sha256 text not null,
  scan_id text collate "C" not null,
  revision integer not null,
  source text not null check (source in ('original', 'dicos', 'tdr')),
  study_uid text collate "C" not null,
  series_uid text collate "C" not null,
  instance_uid text collate "C" not null,
  sop_class text not null,
  transfer_syntax text not null,
  modality text not null,
  frames integer not null,
  head_bytes bigint not null,
  report text check (report in ('machine', 'person')),
  attributes json not null,
  listed boolean not null default false,
  study_date text collate "C" generated always as (attributes->'00080020'->'Value'->>0) stored,
  patient_id text collate "C" generated always as (attributes->'00100020'->'Value'->>0) stored,
  accession text collate "C" generated always as (attributes->'00080050'->'Value'->>0) stored,
  instance_number text generated always as (attributes->'00200013'->'Value'->>0) stored,
  case_id text,
  refers_to text[] not null default '{}'
);
create index instances_study on instances (administration, study_uid, series_uid, instance_uid);
create index instances_uid on instances (administration, instance_uid);
create index instances_scan on instances (scan_id);
create index instances_refer on instances using gin (refers_to) where refers_to <> '{}';
create index instances_patient on instances (administration, patient_id) where listed;
create index instances_accession on instances (administration, accession) where listed;
create index instances_modality on instances (administration, modality) where listed;
create index instances_newest on instances (administration, study_date desc nulls last, study_uid, series_uid) where listed;
create index instances_newest_of_site on instances
  (administration, site, study_date desc nulls last, study_uid, series_uid) where listed;

create index instances_patient_wildcard on instances
  using gin (wildcard_keys(patient_id) collate "C") with (fastupdate = off) where listed;
create index instances_accession_wildcard on instances
  using gin (wildcard_keys(accession) collate "C") with (fastupdate = off) where listed;
create index scans_container_wildcard on scans
  using gin (wildcard_keys(containers) collate "C") with (fastupdate = off);
`;
