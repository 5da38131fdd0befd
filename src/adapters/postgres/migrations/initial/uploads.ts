/**
 * Resumable uploads: what is open, the objects that hold what arrived, and how uploads and their sets ended.
 * `acceptances` is how often a process has begun to take in a whole upload, and died of it or has not ended yet.
 */
export const uploads = `
create table resumable_uploads (
  id text collate "C" primary key,
  key_id text collate "C" not null,
  bytes bigint not null,
  offset_bytes bigint not null check (offset_bytes between 0 and bytes),
  created_at text not null,
  metadata json not null,
  sha256 text,
  copy json,
  acceptances integer not null default 0
);
create index resumable_uploads_key on resumable_uploads (key_id);

create table resumable_chunks (
  upload_id text collate "C" not null references resumable_uploads (id) on delete cascade,
  first_byte bigint not null,
  bytes bigint not null,
  object_key text not null,
  primary key (upload_id, first_byte)
);

create table resumable_outcomes (
  id text collate "C" primary key,
  ended timestamptz not null,
  body json not null
);
create index resumable_outcomes_ended on resumable_outcomes (ended);

create table resumable_decided (
  set_key text not null,
  name_json text not null,
  bytes bigint not null,
  sha256 text not null,
  decided timestamptz not null,
  rejected boolean not null,
  body json not null,
  primary key (set_key, name_json, bytes, sha256)
);
create index resumable_decided_when on resumable_decided (decided);
`;
