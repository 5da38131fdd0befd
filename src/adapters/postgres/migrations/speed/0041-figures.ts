/**
 * What the figures join, beside what they count (docs/decisions/0046-a-million.md): the scanner of each scan, and when it
 * was taken where the files say it. PostgreSQL read all of `observations` and `scans` for the figures of one day. Scans
 * that are counted have narrow rows of their own: the rows of `scans` have very many index entries, which one more change
 * of each row would write anew.
 *
 * Triggers keep all that, whoever writes and in whatever order. Who adds a row locks what its columns come from until it
 * is there: a change at the same time would see no row to be changed.
 *
 * Rows of before are read once; those of cases and readings are written anew.
 */
export const figures = `
create table measured_scans (
  scan_id text collate "C" primary key,
  administration text not null,
  site text not null,
  received timestamptz not null,
  scanner text collate "C"
);
alter table measured_cases add column scanner text collate "C", add column taken timestamptz;
alter table measured_readings add column scanner text collate "C";

insert into measured_scans
select id, scans.administration, scans.site, scans.received, seen.scanner
from scans left join observations as seen on seen.scan_id = id where purpose = 'operational';

update measured_cases as own set scanner = known.scanner, taken = known.taken from (
  select each.case_id, seen.scanner, scans.taken from measured_cases as each
  left join observations as seen on seen.scan_id = each.scan_id
  left join scans on scans.id = each.scan_id and scans.acquired_at is not null
) as known where known.case_id = own.case_id;

update measured_readings as own set scanner = seen.scanner from observations as seen where seen.scan_id = own.scan_id;

create index measured_scans_received on measured_scans (administration, received) include (site, scanner);

create function keep_scanner() returns trigger language plpgsql as $body$
begin
  update measured_scans set scanner = new.scanner where scan_id = new.scan_id and scanner is distinct from new.scanner;
  update measured_cases set scanner = new.scanner where scan_id = new.scan_id and scanner is distinct from new.scanner;
  update measured_readings set scanner = new.scanner
    where case_id in (select case_id from measured_cases where scan_id = new.scan_id) and scanner is distinct from new.scanner;
  return null;
end
$body$;
create trigger observations_keep_scanner after insert or update of scanner on observations
  for each row execute function keep_scanner();

create function keep_scan() returns trigger language plpgsql as $body$
declare
  known timestamptz := case when new.acquired_at is not null then new.taken end;
begin
  if new.purpose <> 'operational' then
    delete from measured_scans where scan_id = new.id;
  elsif not exists (select from measured_scans where scan_id = new.id) then
    insert into measured_scans values (new.id, new.administration, new.site, new.received,
      (select scanner from observations where scan_id = new.id for share));
  end if;
  update measured_cases set taken = known where scan_id = new.id and taken is distinct from known;
  return null;
end
$body$;
create trigger scans_keep after insert or update of purpose, acquired_at, taken on scans
  for each row execute function keep_scan();

create function find_scan_of_case() returns trigger language plpgsql as $body$
begin
  if not exists (select from measured_cases where case_id = new.case_id) then
    new.taken := (select case when acquired_at is not null then taken end from scans where id = new.scan_id for share);
    new.scanner := (select scanner from observations where scan_id = new.scan_id for share);
  end if;
  return new;
end
$body$;
create trigger measured_cases_find_scan before insert on measured_cases for each row execute function find_scan_of_case();

create function find_scanner_of_reading() returns trigger language plpgsql as $body$
begin
  if not exists (select from measured_readings where case_id = new.case_id and seq = new.seq) then
    new.scanner := (select scanner from observations where scan_id = new.scan_id for share);
  end if;
  return new;
end
$body$;
create trigger measured_readings_find_scanner before insert on measured_readings
  for each row execute function find_scanner_of_reading();
`;
