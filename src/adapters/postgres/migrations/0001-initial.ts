/**
 * The first schema. Once released it is never edited: a change is a new file beside it.
 *
 * Times that a caller gave are kept as the text that came (`*_at`), so that they return unchanged; the columns that
 * queries compare are instants. Bodies are `json`, not `jsonb`: it keeps the text, so numbers, the order of names
 * and the characters that jsonb refuses come back as they went in.
 */
export const initialSchema = `
create table meta (
  one boolean primary key default true check (one),
  schema_version integer not null,
  epoch uuid not null default gen_random_uuid(),
  cluster text not null
);

create table scans (
  id text collate "C" primary key,
  administration text not null,
  site text not null,
  converter text not null,
  group_key text not null,
  state text not null,
  revision integer not null,
  purpose text not null,
  received_at text not null,
  acquired_at text,
  completeness text,
  containers text[] not null,
  received timestamptz not null,
  taken timestamptz not null
);
create index scans_newest on scans (administration, received desc, id desc);
create index scans_group on scans (administration, site, converter, group_key, received desc);
create index scans_container on scans using gin (containers);

create table revisions (
  scan_id text collate "C" not null references scans (id) deferrable initially deferred,
  revision integer not null,
  state text not null,
  content_hash text not null,
  originals json not null,
  received_at text not null,
  uploader text not null,
  meta json not null,
  converter json not null,
  scan json,
  problem json,
  primary key (scan_id, revision)
);
create index revisions_content on revisions (content_hash);

create table objects (
  key text collate "C" primary key,
  scan_id text collate "C" not null,
  revision integer not null,
  kind text not null,
  bytes bigint not null,
  sha256 text not null,
  content_type text not null,
  parent_sha256 text,
  producer text not null
);
create index objects_scan on objects (scan_id, revision, key);

create table analyses (
  scan_id text collate "C" not null,
  revision integer not null,
  model_id text collate "C" not null,
  model_version text collate "C" not null,
  body json not null,
  primary key (scan_id, revision, model_id, model_version)
);

create table cases (
  id text collate "C" primary key,
  administration text not null,
  site text not null,
  scan_id text collate "C" not null,
  state text not null,
  band text not null,
  priority double precision not null,
  container text,
  lease_until timestamptz,
  analysts text[] not null,
  body json not null
);
create index cases_queue on cases (administration, state, priority, id);
create index cases_draw on cases (administration, band) where state = 'queued';
create index cases_lease on cases (lease_until) where state = 'claimed';
create index cases_scan on cases (scan_id, id);
create index cases_container on cases (administration, container);

create table declarations (
  administration text not null,
  ref text collate "C" not null,
  updated_at text not null,
  version integer not null,
  body json not null,
  primary key (administration, ref)
);
create table declaration_containers (
  administration text not null,
  container text not null,
  ref text collate "C" not null,
  primary key (administration, container, ref),
  foreign key (administration, ref) references declarations (administration, ref) on delete cascade
);
create index declaration_containers_ref on declaration_containers (administration, ref);

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
  error text
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index jobs_ready on jobs (ready_at) where state <> 'dead';
create index jobs_state on jobs (state, kind);

create table changes (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz(3) not null default now(),
  administration text not null,
  site text not null,
  kind text not null,
  subject text not null,
  revision integer
);
create index changes_feed on changes (administration, xid, seq);

create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz(3) not null default now(),
  administration text not null,
  actor json not null,
  action text not null,
  subject text not null,
  detail json not null
);
create index audit_trail on audit (administration, seq);

create table keys (
  key_id text collate "C" primary key,
  administration text not null,
  body json not null
);
create index keys_administration on keys (administration, key_id);

create table answers (
  actor text not null,
  key text not null,
  at timestamptz not null default now(),
  request_sha256 text not null,
  status integer not null,
  body json not null,
  primary key (actor, key)
);

create function refuse_rewriting() returns trigger language plpgsql as $body$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$body$;

-- Rebuilding from objects, and moving the database to another server, start the feed anew under a new epoch
create function refuse_rewriting_feed() returns trigger language plpgsql as $body$
begin
  if tg_op <> 'DELETE' and current_setting('nii.new_epoch', true) = 'on' then
    if tg_op = 'UPDATE' then
      return new;
    end if;
    return null;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$body$;

create trigger changes_append_only before update or delete on changes
  for each row execute function refuse_rewriting_feed();
create trigger changes_append_only_whole before truncate on changes
  for each statement execute function refuse_rewriting_feed();
create trigger audit_append_only before update or delete on audit
  for each row execute function refuse_rewriting();
create trigger audit_append_only_whole before truncate on audit
  for each statement execute function refuse_rewriting();
`;
