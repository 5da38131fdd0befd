/**
 * What each scan tells of its scanner, one row a scan, and what is known of each scanner.
 *
 * The days of a scanner are counted once (docs/decisions/0046-a-million.md). A day without counts has changed since it was
 * counted, and is counted of its observations. The trigger takes the counts away, whoever writes.
 */
export const scanners = `
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

-- senders_allowed are those whom the register lets join; facts is what an administrator says of it; cab, where the cab of
-- a truck lies in its pictures
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
  senders_allowed text[] not null default '{}',
  register_version integer not null default 0,
  zone text,
  clock_offset_seconds integer,
  facts json,
  cab json,
  primary key (administration, site, id)
);

create table scanner_days (
  administration text not null,
  site text not null,
  scanner text collate "C" not null,
  day date not null,
  scans integer,
  containers integer,
  bad_containers integer,
  channel_missing integer,
  incomplete integer,
  failures json,
  clock_seconds double precision,
  primary key (administration, site, scanner, day)
);
create index scanner_days_to_count on scanner_days (administration, site, scanner, day) where scans is null;

create function change_scanner_day() returns trigger language plpgsql as $body$
begin
  insert into scanner_days (administration, site, scanner, day)
    select administration, site, scanner, (received at time zone 'UTC')::date from (
      select old.administration, old.site, old.scanner, old.received where tg_op <> 'INSERT'
      union all
      select new.administration, new.site, new.scanner, new.received where tg_op <> 'DELETE'
    ) as changed group by 1, 2, 3, 4 order by 1, 2, 3, 4
    -- a day without counts is locked, too: who counts it waits until this observation is there
    on conflict (administration, site, scanner, day) do update set scans = null where scanner_days.scans is not null;
  return null;
end
$body$;
create trigger observations_change_day after insert or update or delete on observations
  for each row execute function change_scanner_day();

-- days in UTC that have observations from one time to before another one
create function count_scanner_days(of_administration text, of_site text, of_scanner text, starts timestamptz, ends timestamptz)
returns table (day date, scans integer, containers integer, bad_containers integer, channel_missing integer,
  incomplete integer, failures json, clock_seconds double precision)
language sql stable parallel safe begin atomic
  with seen as (
    select (received at time zone 'UTC')::date as date, observations.* from observations
    where administration = of_administration and site = of_site and scanner = of_scanner
      and received >= starts and received < ends
  ), failed_as as (
    select date, json_object_agg(failed, times) as failures
    from (select date, failed, count(*) as times from seen where failed is not null group by date, failed) as one group by date
  ), counted as (
    select date, count(*)::integer as scans, sum(containers)::integer as containers,
      sum(bad_containers)::integer as bad_containers, (count(*) filter (where channel_missing))::integer as channel_missing,
      (count(*) filter (where incomplete))::integer as incomplete,
      percentile_cont(0.5) within group (order by clock_seconds) as clock_seconds
    from seen group by date
  )
  select date, counted.scans, counted.containers, counted.bad_containers, counted.channel_missing, counted.incomplete,
    coalesce(failed_as.failures, '{}'), counted.clock_seconds
  from counted left join failed_as using (date);
end;
`;
