/**
 * Until when an officer is to adjudicate an alarm, whether it holds every scan near it, and how many it held when it
 * stopped. Rows of before: an open hold is due half an hour after it was opened; how many scans one held is unknown.
 */
export const alarmDue = `
alter table holds add column due timestamptz, add column escalated_at timestamptz,
  add column is_near boolean not null default false, add column vehicles_held integer[] not null default '{}';
update holds set due = opened + interval '30 minutes' where state = 'open';
with readable as (
  select id, regexp_replace(body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json as body
  from holds where state in ('open', 'confirmed')
)
update holds set is_near = not (
    readable.body -> 'join' ->> 'kind' = 'joined' and (
      readable.body -> 'join' ->> 'by' <> 'time' or (
        readable.body -> 'passage' is not null and readable.body -> 'join' ->> 'timeFrom' = 'file'
        and readable.body -> 'join' -> 'isZoneAssumed' is null)))
  from readable where readable.id = holds.id;
create index holds_near on holds (id) where is_near;
create index holds_due on holds (due) where due is not null;
create index holds_escalated on holds (administration, escalated_at) where escalated_at is not null and state = 'open';
`;
