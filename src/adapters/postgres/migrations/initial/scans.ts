/** Scans, their revisions, the objects that these consist of, and what models said of them. */
export const scans = `
-- terms are the plates, seals and numbers of trade by which a scan is found
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
  taken timestamptz not null,
  senders text[] not null default '{}',
  visit text collate "C",
  terms text[] not null default '{}'
);
create index scans_newest on scans (administration, received desc, id desc);
create index scans_group on scans (administration, site, converter, group_key, received desc);
create index scans_container on scans using gin (containers);
create index scans_taken on scans (administration, site, taken);
create index scans_visit on scans (administration, site, visit, taken) where visit is not null;
create index scans_terms on scans using gin (terms) with (fastupdate = off);
create index scans_failed on scans (administration, received desc, id desc) where state = 'failed';
-- The few rows among very many (docs/decisions/0046-a-million.md)
create index scans_unfinished on scans (administration, state, received desc, id desc) where state <> 'analysed';
create index scans_other_purpose on scans (administration, site, purpose, received desc) where purpose <> 'operational';

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

-- facts says what the object is, so that nothing is read out of its key. blocks are the SHA-256 of each MiB
create table objects (
  key text collate "C" primary key,
  scan_id text collate "C" not null,
  revision integer not null,
  kind text not null,
  bytes bigint not null,
  sha256 text not null,
  content_type text not null,
  parent_sha256 text,
  producer text not null,
  facts json,
  blocks text
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

-- Scans that are no analysts' case
create table not_analysed (
  scan_id text collate "C" primary key,
  administration text not null,
  site text not null,
  received timestamptz not null,
  reason text not null
);
create index not_analysed_newest on not_analysed (administration, received desc, scan_id desc);
`;
