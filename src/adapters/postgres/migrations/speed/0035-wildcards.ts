/**
 * Searches by wildcard (docs/decisions/0046-a-million.md). A value has a key for each three characters of it that follow
 * one another, two marks before its begin and after its end counted. A pattern names keys that each value which matches
 * has. `pg_trgm` would do the same, and is not on every server. Letters and digits of ASCII stand for themselves, in lower
 * case, and every other character for a "_", so that keys are the same in every locale.
 *
 * Wildcards of modalities, of which there are few, and lists of one site among many read two more indexes.
 *
 * The indexes are made while nobody can write to the two tables: about a minute for each million of scans.
 */
export const wildcards = `
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

create index instances_patient_wildcard on instances
  using gin (wildcard_keys(patient_id) collate "C") with (fastupdate = off) where listed;
create index instances_accession_wildcard on instances
  using gin (wildcard_keys(accession) collate "C") with (fastupdate = off) where listed;
create index scans_container_wildcard on scans
  using gin (wildcard_keys(containers) collate "C") with (fastupdate = off);

create index instances_modality on instances (administration, modality) where listed;
create index instances_newest_of_site on instances
  (administration, site, study_date desc nulls last, study_uid, series_uid) where listed;
`;
