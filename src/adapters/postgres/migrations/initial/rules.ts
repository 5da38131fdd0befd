/**
 * Documents: what people state, kind by kind (docs/decisions/0057-documents.md); the versions of models that were found in
 * the folders (docs/decisions/0050-model-versions.md); and what stations of vendors decided.
 */
export const rules = `
create table documents (
  kind text not null,
  path text collate "C" not null,
  version integer not null,
  administration text not null,
  site text collate "C" not null,
  subject text collate "C" not null,
  state text not null,
  at timestamptz,
  body json not null,
  primary key (kind, path, version)
);
create index documents_about on documents (kind, subject, at, path) where subject <> '';
create index documents_listed on documents (kind, administration, state, at, path) where state <> '';

create table station_decisions (
  administration text not null,
  site text collate "C" not null,
  import_id text collate "C" not null,
  position integer not null,
  decided timestamptz not null,
  body json not null,
  primary key (administration, site, import_id, position)
);
create index station_decisions_decided on station_decisions (administration, site, decided);

create table model_packages (
  id text collate "C" not null,
  version text collate "C" not null,
  sha256 text not null,
  waits boolean not null,
  found timestamptz not null,
  primary key (id, version)
);

create table shadow_analyses (
  scan_id text not null,
  revision integer not null,
  administration text not null,
  model_id text collate "C" not null,
  model_version text collate "C" not null,
  at timestamptz not null,
  body json not null,
  primary key (scan_id, revision, model_id, model_version)
);
create index shadow_analyses_newest on shadow_analyses (administration, model_id, model_version, at desc);
`;
