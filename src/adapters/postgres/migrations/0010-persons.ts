/**
 * Persons, and whose each key is (docs/decisions/0019-persons.md). A key of people from before belongs to a person with
 * the id of the key, who is unlinked: what was kept under the id of the key is then kept under that of the person.
 */
export const persons = `
create table persons (
  id text collate "C" primary key,
  administration text not null,
  version integer not null,
  body json not null
);
create index persons_administration on persons (administration, id);

alter table keys add column person text collate "C", add column last_used timestamptz;
create index keys_person on keys (person);

insert into persons (id, administration, version, body)
  select key_id, administration, 0, json_build_object(
    'id', key_id, 'administration', administration, 'name', body ->> 'name', 'status', 'unlinked',
    'keys', json_build_array(key_id), 'formerIds', json_build_array(), 'conflicts', json_build_array(), 'version', 0)
  from keys where body ->> 'role' not in ('scanner', 'lane', 'peer');

update keys set
  person = (select id from persons where id = key_id),
  body = ((body::jsonb - 'role') || jsonb_build_object('roles', jsonb_build_array(body ->> 'role'))
    || case when exists (select from persons where id = key_id) then jsonb_build_object('person', key_id) else '{}'::jsonb end)::json;

-- who holds a claimed case, and when each is due
alter table cases add column claimant text, add column due timestamptz,
  add column is_read boolean not null default false, add column declarations text[] not null default '{}',
  add column due_told boolean not null default false, add column escalated_at timestamptz;
with readable as (
  select id, regexp_replace(body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json as body from cases
)
update cases set claimant = readable.body -> 'claim' ->> 'analyst', due = coalesce((readable.body ->> 'dueAt')::timestamptz, now()),
  is_read = coalesce(json_array_length(readable.body -> 'verdicts') > 0, false), due_told = cases.state = 'closed',
  declarations = coalesce((select array_agg(ref) from json_array_elements_text(readable.body -> 'declarations') as ref), '{}')
  from readable where readable.id = cases.id;
alter table cases alter column due set not null;
create index cases_claimant on cases (claimant) where state = 'claimed';
create index cases_due on cases (due) where not due_told;
create index cases_escalated on cases (administration, escalated_at) where escalated_at is not null and state <> 'closed';

-- cases that somebody gave back, or let lapse, from their histories
create table hand_backs (
  case_id text collate "C" not null,
  seq integer not null,
  administration text not null,
  person text not null,
  at timestamptz not null,
  kind text not null,
  why text,
  primary key (case_id, seq)
);
create index hand_backs_person on hand_backs (administration, person, at desc);
`;
