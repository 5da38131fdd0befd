/**
 * What the measures count of each case, and each verdict (docs/decisions/0036-measures.md). Rows of before: from the
 * histories of the cases, in the words of triage/measures/measured.ts; when the lane was told is unknown of them.
 */
export const measures = `
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
  outcome text
);
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
  primary key (case_id, seq)
);

create index changes_converted on changes (subject, at) where kind in ('scan.converted', 'case.opened');

with readable as (
  select regexp_replace(body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json as body from cases
), known as (
  select body, body ->> 'state' in ('queued', 'claimed') as is_blind, body ->> 'state' as state,
    body -> 'outcome' ->> 'kind' as outcome,
    array(select verdict ->> 'kind' from json_array_elements(body -> 'verdicts') with ordinality as given (verdict, place)
      where verdict ->> 'settles' is null order by place) as readings,
    array(select verdict ->> 'kind' from json_array_elements(body -> 'verdicts') with ordinality as given (verdict, place)
      order by place) as kinds,
    body -> 'verdicts' -> -1 as last,
    (select min(place) from json_array_elements(body -> 'verdicts') with ordinality as given (verdict, place)
      where verdict ->> 'kind' <> 'inconclusive') as told
  from readable
), standing as (
  select *, case
    when cardinality(kinds) = 0 then null
    when last ->> 'settles' = 'true' or told is null then last
    when told = cardinality(kinds) then last
    when told = cardinality(kinds) - 1 then case when kinds[told] = last ->> 'kind' then last end
    when last ->> 'kind' = any(kinds[told:cardinality(kinds) - 1]) then last
  end as verdict
  from known
), timed as (
  select *,
    (select event from json_array_elements(body -> 'history') with ordinality as h (event, place)
      where event ->> 'kind' = 'referred' order by place limit 1) as referral,
    (select (event ->> 'at')::timestamptz from json_array_elements(body -> 'history') with ordinality as h (event, place)
      where event ->> 'kind' = 'claimed' order by place limit 1) as claimed,
    (select (event ->> 'at')::timestamptz from json_array_elements(body -> 'history') with ordinality as h (event, place)
      where event ->> 'kind' = 'decided' order by place limit 1) as decided,
    (select (event ->> 'at')::timestamptz from json_array_elements(body -> 'history') with ordinality as h (event, place)
      where event ->> 'kind' = 'outcome' order by place desc limit 1) as searched,
    case when state = 'closed' then (
      select (event ->> 'at')::timestamptz from json_array_elements(body -> 'history') with ordinality as h (event, place)
      where event ->> 'kind' in ('closed', 'outcome', 'accepted') order by place desc limit 1) end as closed
  from standing
)
insert into measured_cases (case_id, scan_id, administration, site, arrived, due, percentile, converted, queued, claimed, decided, settled,
  is_instruction_unknown, referred, searched, closed, first_verdict, second_verdict, final_verdict, drawn_share, outcome)
select body ->> 'id', body ->> 'scanId', body ->> 'administration', body ->> 'site',
  (body ->> 'openedAt')::timestamptz, (body ->> 'dueAt')::timestamptz, (body ->> 'percentile')::float8,
  (select min(at) from changes where subject = body ->> 'scanId' and kind = 'scan.converted'),
  (select min(at) from changes where subject = body ->> 'id' and kind = 'case.opened'),
  case when not is_blind then claimed end,
  case when not is_blind then decided end,
  case when is_blind then null
    when verdict ->> 'kind' = 'normal' and outcome is null and state in ('decided', 'closed')
      then (verdict ->> 'at')::timestamptz
    else closed end,
  decided is not null,
  case when not is_blind then (referral ->> 'at')::timestamptz end,
  case when not is_blind and outcome <> 'unsearched' then searched end,
  case when not is_blind then closed end,
  case when not is_blind then readings[1] end,
  case when not is_blind then readings[2] end,
  case when not is_blind then verdict ->> 'kind' end,
  case when not is_blind then (referral -> 'detail' ->> 'drawnShare')::float8 end,
  case when not is_blind then outcome end
from timed
where body ->> 'scanId' is not null and body ->> 'openedAt' is not null and body ->> 'dueAt' is not null;

insert into measured_readings
select cases.id, (event ->> 'seq')::int, cases.scan_id, cases.administration, cases.site, (event ->> 'at')::timestamptz,
  event ->> 'actor', event -> 'detail' ->> 'kind', event ->> 'kind' = 'settled'
from cases cross join lateral json_array_elements(
  regexp_replace(cases.body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json -> 'history') as event
where event ->> 'kind' in ('decided', 'settled') and event -> 'detail' ->> 'kind' is not null and event ->> 'seq' is not null;

create index measured_cases_arrived on measured_cases (administration, arrived);
create index measured_cases_due on measured_cases (administration, due);
create index measured_cases_scan on measured_cases (scan_id);
create index measured_cases_unsettled on measured_cases (administration, due) where settled is null;
create index measured_readings_at on measured_readings (administration, at);

-- the names of people in figures that leave the service
alter table meta add column pseudonym_key text not null
  default gen_random_uuid()::text || gen_random_uuid()::text;
`;
