/**
 * A second opinion, in SQL and of all rows at once, on what moves and triggers keep row by row
 * (src/triage/measured.ts and the triggers of the schema). Each text is statements that fill emptied rows.
 */

/** Measured cases and readings, of the histories in the bodies of cases. When the lane was told is unknown of them. */
export const measuredOfHistories = `
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
  (body ->> 'openedAt')::timestamptz, (body ->> 'dueAt')::timestamptz, (body ->> 'anomalyPercentile')::float8,
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
`;

/** The scanner of each scan, case and reading, and when a scan was taken, of observations and scans. */
export const scannersAndTimes = `
insert into measured_scans
select id, scans.administration, scans.site, scans.received, seen.scanner
from scans left join observations as seen on seen.scan_id = id where purpose = 'operational';

update measured_cases as own set scanner = known.scanner, taken = known.taken from (
  select each.case_id, seen.scanner, scans.taken from measured_cases as each
  left join observations as seen on seen.scan_id = each.scan_id
  left join scans on scans.id = each.scan_id and scans.acquired_at is not null
) as known where known.case_id = own.case_id;

update measured_readings as own set scanner = seen.scanner from observations as seen where seen.scan_id = own.scan_id;
`;

/** When each open case was opened, of the first entry of its history. */
export const openedOfHistories = `
update cases set opened = (regexp_replace(body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json
  -> 'history' -> 0 ->> 'at')::timestamptz where state <> 'closed';
`;

/** The days of scanners, of all observations. */
export const scannerDays = `
insert into scanner_days
select administration, site, scanner, counted.*
from (select distinct administration, site, scanner from observations) as known
cross join lateral count_scanner_days(administration, site, scanner, '-infinity', 'infinity') as counted;
`;

/** How many scans and cases are in each state, of all rows. */
export const stateCounts = `
insert into state_counts (of_table, state, band, slot, rows)
  select 'scans', state, '', 0, count(*) from scans group by state
  union all select 'cases', state, band, 0, count(*) from cases group by state, band;
`;
