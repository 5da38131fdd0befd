-- A database as version 0.1.0 left it: its schema, and a row of each kind. Never edited after the release.

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

-- end of the schema
insert into meta (schema_version, epoch, cluster) values (1, '11111111-2222-3333-4444-555555555555', 'a cluster of then');
insert into scans values ('s1', 'ZZ-customs', 'north', 'fake', 'g1', 'analysed', 1, 'operational', '2026-01-02T03:04:05.678Z', null, 'full', '{MSCU1234565}', '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z');
insert into revisions values ('s1', 1, 'analysed', 'abc', '[]', '2026-01-02T03:04:05.678Z', 'key-1', '{"lane":"3"}', '{"id":"fake","version":"1.0.0"}', null, null);
insert into objects values ('scans/s1/r1/a', 's1', 1, 'original', 5, 'ab', 'application/octet-stream', null, 'upload');
insert into analyses values ('s1', 1, 'm', '1', '{"model":{"id":"m","version":"1","sha256":"ab"},"status":"analysed","units":[],"findings":[],"milliseconds":5}');
insert into cases values ('c1', 'ZZ-customs', 'north', 's1', 'queued', 'high', 12.5, 'MSCU1234565', null, '{}', '{"id":"c1","administration":"ZZ-customs","site":"north","history":[]}');
insert into declarations values ('ZZ-customs', 'r1', '2026-01-02T03:04:05.678Z', 1, '{"containers":["MSCU1234565"]}');
insert into declaration_containers values ('ZZ-customs', 'MSCU1234565', 'r1');
insert into jobs (id, kind, payload, state, ready_at) values ('convert:s2', 'convert', '{"scan":"s2"}', 'waiting', '2026-01-02T03:04:05.678Z');
insert into changes (administration, site, kind, subject, revision) values ('ZZ-customs', 'north', 'scan.received', 's1', 1), ('ZZ-customs', 'north', 'scan.analysed', 's1', 1);
insert into audit (administration, actor, action, subject, detail) values ('ZZ-customs', '{"keyId":"k","role":"lane","administration":"ZZ-customs","site":"*"}', 'view scan', 's1', '{}');
insert into keys values ('k', 'ZZ-customs', '{"keyId":"k","role":"lane","administration":"ZZ-customs","site":"*","name":"n","secretSha256":"ab","createdAt":"2026-01-02T03:04:05.678Z"}');
insert into answers values ('k', 'idem', now(), 'ab', 202, '{}');
