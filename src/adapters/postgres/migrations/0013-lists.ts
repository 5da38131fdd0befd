/**
 * Work lists: since when a case is in search, releases while something was open that nobody has reviewed, and scans
 * that are no analysts' case. Rows of before: a search began with the last referral; a release of before raised no
 * alarm; every scan of before has its case.
 */
export const workLists = `
alter table cases add column searched_since timestamptz;
alter table cases add column release_alarm timestamptz;
update cases set searched_since = (
  select max((event ->> 'at')::timestamptz)
  from json_array_elements(
    regexp_replace(body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json -> 'history') as event
  where event ->> 'kind' = 'referred')
where state = 'search';
create index cases_searched on cases (administration, searched_since, id) where searched_since is not null;
create index cases_release_alarm on cases (administration, release_alarm, id) where release_alarm is not null;

create table not_analysed (
  scan_id text collate "C" primary key,
  administration text not null,
  site text not null,
  received timestamptz not null,
  reason text not null
);
create index not_analysed_newest on not_analysed (administration, received desc, scan_id desc);
create index scans_failed on scans (administration, received desc, id desc) where state = 'failed';
`;
