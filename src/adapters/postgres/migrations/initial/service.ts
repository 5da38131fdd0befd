/**
 * What the service keeps of itself: one row of facts about the database, the jobs that wait, and answers to requests
 * with an idempotency key.
 */
export const service = `
create table meta (
  one boolean primary key default true check (one),
  epoch uuid not null default gen_random_uuid(),
  cluster text not null,
  -- the names of people in figures that leave the service
  pseudonym_key text not null default gen_random_uuid()::text || gen_random_uuid()::text
);
-- "none" is no cluster: the feed begins with this one
insert into meta (cluster) values ('none');

create table jobs (
  id text collate "C" primary key,
  kind text not null,
  payload json not null,
  state text not null check (state in ('waiting', 'running', 'dead')),
  ready_at timestamptz not null,
  queued_at timestamptz not null default now(),
  attempts integer not null default 0,
  token uuid,
  worker text,
  error text,
  administration text not null default ''
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index jobs_ready on jobs (administration, ready_at) where state <> 'dead';
create index jobs_state on jobs (state, kind);
-- Later steps of scans come before the first ones of others
create index jobs_later_steps on jobs (administration, ready_at) where state <> 'dead' and kind <> 'convert' and attempts = 0;

-- When a worker last served each administration: the one that was served longest ago is next
create table job_turns (
  administration text primary key,
  served timestamptz not null
);

create table answers (
  actor text not null,
  key text not null,
  at timestamptz not null default now(),
  request_sha256 text not null,
  status integer not null,
  body json not null,
  primary key (actor, key)
);
`;
