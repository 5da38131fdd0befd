const stepsOfCase = [
  'arrived',
  'converted',
  'queued',
  'claimed',
  'decided',
  'instructed',
  'referred',
  'searched',
  'closed',
];

/**
 * Seconds from the scan to a step of the case. Their computation took half of the time in which a day was counted;
 * PostgreSQL computes them as a row is written, so they are right whoever writes it. The scan was when the files say it,
 * unless that is after they came.
 */
function secondsTo(step: string): string {
  const scanned = 'case when taken <= arrived then taken end';
  return `to_${step} double precision generated always as (date_part('epoch', ${step} - ${scanned})) stored`;
}

/**
 * What the measures count of each case and each verdict (docs/decisions/0036-measures.md), and what they join with it
 * (docs/decisions/0046-a-million.md): the scanner of each scan, and when it was taken where the files say it. Scans that
 * are counted have narrow rows of their own: the rows of `scans` have very many index entries, which one more change of
 * each row would write anew.
 *
 * Triggers keep all that, whoever writes and in whatever order. Who adds a row locks what its columns come from until it
 * is there: a change at the same time would see no row to be changed.
 */
export const measures = `
create table measured_scans (
  scan_id text collate "C" primary key,
  administration text not null,
  site text not null,
  received timestamptz not null,
  scanner text collate "C"
);
create index measured_scans_received on measured_scans (administration, received) include (site, scanner);

create table measured_cases (
  case_id text collate "C" primary key,
  scan_id text collate "C" not null,
  administration text not null,
  site text not null,
  arrived timestamptz not null,
  due timestamptz not null,
  percentile double precision,
  converted timestamptz,
  queued timestamptz,
  claimed timestamptz,
  decided timestamptz,
  settled timestamptz,
  instructed timestamptz,
  is_instruction_unknown boolean not null default false,
  referred timestamptz,
  searched timestamptz,
  closed timestamptz,
  first_verdict text,
  second_verdict text,
  final_verdict text,
  drawn_share double precision,
  outcome text,
  scanner text collate "C",
  taken timestamptz,
  ${stepsOfCase.map(secondsTo).join(',\n  ')}
);
create index measured_cases_arrived on measured_cases (administration, arrived);
create index measured_cases_due on measured_cases (administration, due);
create index measured_cases_scan on measured_cases (scan_id);
create index measured_cases_unsettled on measured_cases (administration, due) where settled is null;

create table measured_readings (
  case_id text collate "C" not null,
  seq integer not null,
  scan_id text collate "C" not null,
  administration text not null,
  site text not null,
  at timestamptz not null,
  person text not null,
  verdict text not null,
  is_settlement boolean not null,
  scanner text collate "C",
  primary key (case_id, seq)
);
create index measured_readings_at on measured_readings (administration, at);
create index measured_readings_person on measured_readings (administration, person, at desc, case_id desc);

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
