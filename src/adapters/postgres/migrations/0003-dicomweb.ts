/**
 * The index of DICOM instances that DICOMweb searches. The columns that are searched most come out of the attributes
 * by themselves; an original that belongs to several revisions has one row, under its object.
 */
export const dicomwebIndex = `
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
  instance_number text generated always as (attributes->'00200013'->'Value'->>0) stored
);
create index instances_study on instances (administration, study_uid, series_uid, instance_uid);
create index instances_uid on instances (administration, instance_uid);
create index instances_scan on instances (scan_id);
create index instances_newest on instances (administration, study_date desc, study_uid) where listed;
create index instances_patient on instances (administration, patient_id) where listed;
create index instances_accession on instances (administration, accession) where listed;
`;
